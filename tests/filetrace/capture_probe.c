/*
 * capture-probe: proves in a guest that the source "lsm" sees everything, once, and by whom.
 *
 *	capture-probe DIR...		all checks, with files in each of these directories
 *
 * One line for each check, in the form of TAP; the exit status is 0 when all are good. Needs root,
 * /proc, /sys with bpf and securityfs; the directories have to be of its own.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/def.h"
#include "probe.h"

static int checks_count, bad_count;

bool check(bool good, const char *format, ...)
{
	va_list args;

	checks_count++;
	bad_count += !good;
	fputs(good ? "ok - " : "not ok - ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return good;
}

bool check_call(int result, const char *what)
{
	if (result < 0)
		return check(false, "%s: %s", what, strerror(-result));
	return check(true, "%s", what);
}

void must_fail(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: %s: %s\n", file, line, condition, strerror(errno));
	_exit(99);
}

int run_child(void (*fn)(void), pid_t *ret_pid)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		fn();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -errno;
	*ret_pid = pid;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		check_operations(argv[i]);
	printf("1..%d\n", checks_count);
	return bad_count || !checks_count ? 1 : 0;
}
