/*
 * bpf-probe: proves that a kernel runs every kind of BPF program the services need.
 *
 * Each group loads its programs, makes real events happen, looks at what the programs saw, and
 * unloads them. One line for each check, in the form of TAP; the exit status is 0 when all are
 * good. Needs root, /proc, /sys with tracefs and securityfs, a writable folder and a loopback
 * interface that is up. `bpf-probe GROUP...` runs these groups only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/def.h"
#include "probe.h"

static int checks_count, bad_count;

static const struct group {
	const char *name;
	void (*run)(void);
} groups[] = {
	{"lsm", check_lsm},	   {"trace", check_trace},   {"struct_ops", check_cc},
	{"sched_ext", check_fifo}, {"events", check_events},
};

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

int probe_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

void probe_pause(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
}

/* Runs the group @name, or all when NULL; whether there was one. */
static bool run_groups(const char *name)
{
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (name && strcmp(groups[i].name, name))
			continue;
		groups[i].run();
		found = true;
	}
	return found;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		run_groups(NULL);
	for (int i = 1; i < argc; i++)
		if (!run_groups(argv[i]))
			check(false, "there is no group '%s'", argv[i]);
	printf("1..%d\n", checks_count);
	return bad_count ? 1 : 0;
}
