/*
 * Running a daemon under a service manager that a test plays; see testrun.h.
 */
#include "base/testrun.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"

enum { ARGS_MAX = 8 };

static const char *program;
static int manager = -1;
static pid_t running;

int testrun_setup_group(void **state)
{
	struct timeval patience = {.tv_sec = 20};
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	char name[64];
	int len;

	program = getenv("TEST_DAEMON");
	if (!program || testroot_setup(state) < 0)
		return -1;
	len = snprintf(name, sizeof(name), "@testrun/%d", (int)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	memcpy(sa.sun_path + 1, name + 1, len - 1);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(manager, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return bind(manager, (void *)&sa, offsetof(struct sockaddr_un, sun_path) + len);
}

int testrun_teardown(void **state)
{
	if (running > 0) {
		kill(running, SIGKILL);
		waitpid(running, NULL, 0);
	}
	running = 0;
	testrun_drain();
	testroot_clear(*state);
	return 0;
}

static void exec_daemon(const struct testroot *t, const char *const args[])
{
	const char *argv[ARGS_MAX + 3] = {"daemon"};
	_cleanup_free_ char *root = NULL;
	int out = open("out", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600), n = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (asprintf(&root, "--root=%s", t->path) < 0)
		_exit(126);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	if (!args)
		argv[n++] = root;
	for (; args && *args && n < ARGS_MAX; args++)
		argv[n++] = *args;
	execv(program, (char **)argv);
	_exit(127);
}

pid_t testrun_launch(const struct testroot *t, const char *const args[])
{
	running = fork();
	if (running == 0)
		exec_daemon(t, args);
	assert_true(running > 0);
	return running;
}

pid_t testrun_launch_ready(const struct testroot *t)
{
	testrun_launch(t, NULL);
	assert_string_equal(testrun_told(), "READY=1");
	return running;
}

void testrun_signal(int number)
{
	assert_int_equal(kill(running, number), 0);
}

int testrun_finish(void)
{
	int result;

	assert_int_equal(waitpid(running, &result, 0), running);
	running = 0;
	return WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
}

void testrun_stop(int number)
{
	testrun_signal(number);
	assert_string_equal(testrun_told(), "STOPPING=1");
	assert_int_equal(testrun_finish(), 0);
}

const char *testrun_told(void)
{
	static char buf[256];
	ssize_t n = recv(manager, buf, sizeof(buf) - 1, 0);

	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

void testrun_silent(void)
{
	char c;

	assert_int_equal(recv(manager, &c, 1, MSG_DONTWAIT), -1);
}

void testrun_drain(void)
{
	char c;

	while (recv(manager, &c, 1, MSG_DONTWAIT) >= 0)
		;
}

static char *output(void)
{
	char *text = NULL;

	assert_int_equal(io_read_file(AT_FDCWD, "out", 65536, &text, NULL), 0);
	return text;
}

void testrun_says(const char *part)
{
	_cleanup_free_ char *text = output();

	if (!strstr(text, part))
		fail_msg("it does not say \"%s\" but: %s", part, text);
}

void testrun_said(const char *expected)
{
	_cleanup_free_ char *text = output();

	assert_string_equal(text, expected);
}
