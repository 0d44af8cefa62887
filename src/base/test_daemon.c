/*
 * Tests of daemon.c: the daemon of testdaemon.c under a service manager that this test plays.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "base/testrun.h"

#define CONF "etc/leonhard/demo.conf"

static void nap_ms(long ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void reload(void)
{
	const char *text;

	testrun_signal(SIGHUP);
	text = testrun_told();
	assert_true(str_starts(text, "RELOADING=1\nMONOTONIC_USEC="));
	assert_true(strtoull(text + strlen("RELOADING=1\nMONOTONIC_USEC="), NULL, 10) > 0);
	assert_string_equal(testrun_told(), "READY=1");
}

static void test_life(void **state)
{
	testrun_launch_ready(*state);
	testrun_stop(SIGTERM);
	testrun_says("leonhard-demo: started with nobody and root /tmp/testroot.");
	testrun_says("leonhard-demo: stopped\n");
	testrun_launch_ready(*state);
	testrun_stop(SIGINT);
	testrun_silent();
}

static void test_reload(void **state)
{
	testroot_write(*state, CONF, "[main]\nnumber = 3\nname = somebody\n");
	testrun_launch_ready(*state);
	testrun_says("started with somebody");
	testroot_write(*state, CONF, "[main]\nnumber = 4\n");
	reload();
	testrun_says("number 3 is 4\nleonhard-demo: the configuration is reloaded\n");

	testroot_write(*state, CONF, "[main]\nnumber = 5\nname = x\nnumber = 11\n");
	reload();
	testrun_says("leonhard-demo: the configuration stays as it was: "
		     "/etc/leonhard/demo.conf:4: number: the value is above 10\n");
	testroot_write(*state, CONF ".d/a.conf", "[main]\nnumber = 6\n");
	testroot_write(*state, CONF, "");
	reload();
	testrun_says("number 4 is 6\n");
	testrun_stop(SIGTERM);
}

static void test_reload_only_validates(void **state)
{
	setenv("DEMO_NO_RELOAD", "1", 1);
	testrun_launch_ready(*state);
	unsetenv("DEMO_NO_RELOAD");
	testroot_write(*state, CONF, "[main]\nname = x\n");
	reload();
	testrun_says("the configuration is valid, and takes effect with a restart\n");
	testroot_write(*state, CONF, "[mian]\n");
	reload();
	testrun_says("stays as it was: /etc/leonhard/demo.conf:1: unknown section [mian]\n");
	testrun_stop(SIGTERM);
}

/* It ends its loop by itself. */
static void test_exit(void **state)
{
	testroot_write(*state, CONF, "[main]\nfail = leave\n");
	testrun_launch(*state, NULL);
	assert_string_equal(testrun_told(), "STOPPING=1");
	assert_int_equal(testrun_finish(), 0);
	testrun_silent();

	testroot_write(*state, CONF, "");
	testrun_launch_ready(*state);
	testroot_write(*state, CONF, "[main]\nfail = reload\n");
	testrun_signal(SIGHUP);
	assert_true(str_starts(testrun_told(), "RELOADING=1"));
	assert_string_equal(testrun_told(), "STOPPING=1");
	assert_int_equal(testrun_finish(), 1);
	testrun_silent();
}

static void test_start_fails(void **state)
{
	testroot_write(*state, CONF, "[main]\nfail = start\n");
	testrun_launch(*state, NULL);
	assert_string_equal(testrun_told(), "STOPPING=1");
	assert_int_equal(testrun_finish(), 1);
	testrun_says("stopped\n");
	testrun_silent();

	testroot_write(*state, CONF, "nonsense\n");
	testrun_launch(*state, NULL);
	assert_int_equal(testrun_finish(), 1);
	testrun_said("leonhard-demo: /etc/leonhard/demo.conf:1: the line is neither a "
		     "section nor key = value\n");
	testrun_silent();
}

/* A stop that hangs is ended by the second signal. */
static void test_lingers(void **state)
{
	pid_t pid;
	siginfo_t info = {};

	testroot_write(*state, CONF, "[main]\nfail = linger\n");
	pid = testrun_launch_ready(*state);
	testrun_signal(SIGTERM);
	assert_string_equal(testrun_told(), "STOPPING=1");
	/* It takes a moment until the signal is nobody's. */
	while (info.si_pid == 0) {
		testrun_signal(SIGTERM);
		nap_ms(10);
		assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
	}
	assert_int_equal(testrun_finish(), 128 + SIGTERM);
}

static void test_watchdog(void **state)
{
	pid_t pid;

	setenv("WATCHDOG_USEC", "100000", 1);
	pid = testrun_launch_ready(*state);
	unsetenv("WATCHDOG_USEC");
	for (int i = 0; i < 4; i++)
		assert_string_equal(testrun_told(), "WATCHDOG=1");
	/* A process that is stopped is one that hangs. */
	testrun_signal(SIGSTOP);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	testrun_drain();
	nap_ms(300);
	testrun_silent();
	testrun_signal(SIGCONT);
	assert_string_equal(testrun_told(), "WATCHDOG=1");
	testrun_signal(SIGTERM);
	assert_int_equal(testrun_finish(), 0);
}

/* How often the main thread of the daemon was woken up so far. */
static unsigned long wake_ups(pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	char path[64];
	const char *line;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	assert_int_equal(io_read_file(AT_FDCWD, path, 65536, &text, NULL), 0);
	line = strstr(text, "\nvoluntary_ctxt_switches:");
	assert_non_null(line);
	return strtoul(strchr(line, ':') + 1, NULL, 10);
}

static void test_idle(void **state)
{
	unsigned long before = ULONG_MAX;
	pid_t pid = testrun_launch_ready(*state);

	/* It may be on its way into the loop yet. */
	for (int tries = 0; tries < 50 && wake_ups(pid) != before; tries++) {
		before = wake_ups(pid);
		nap_ms(300);
	}
	nap_ms(1000);
	assert_int_equal(wake_ups(pid), before);
	testrun_silent();
	testrun_stop(SIGTERM);
}

/* Without a manager, and with one that is gone. */
static void test_no_manager(void **state)
{
	const char *address = strdupa(getenv("NOTIFY_SOCKET"));
	const char *const argv[] = {"--root=.", NULL};

	setenv("NOTIFY_SOCKET", "@nobody/listens/here", 1);
	testroot_write(*state, CONF, "[main]\nfail = leave\n");
	testrun_launch(*state, argv);
	assert_int_equal(testrun_finish(), 0);
	testrun_says("cannot notify the service manager: Connection refused\n");
	unsetenv("NOTIFY_SOCKET");
	testrun_launch(*state, argv);
	assert_int_equal(testrun_finish(), 0);
	setenv("NOTIFY_SOCKET", address, 1);
	testrun_said("leonhard-demo: started with nobody and root .\n"
		     "leonhard-demo: stopped\n");
}

/* What stands where a standard stream should be. */
static void assert_stream(pid_t pid, int fd, const char *expected)
{
	char path[64], target[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
	assert_true(readlink(path, target, sizeof(target) - 1) > 0);
	assert_string_equal(target, expected);
}

/* Without standard streams, messages must not go to the first files of the daemon's own. */
static void test_no_streams(void **state)
{
	pid_t pid = fork();
	int result;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
			close(fd);
		execl(getenv("TEST_DAEMON"), "daemon", "--root=.", NULL);
		_exit(127);
	}
	assert_string_equal(testrun_told(), "READY=1");
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		assert_stream(pid, fd, "/dev/null");
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_string_equal(testrun_told(), "STOPPING=1");
	assert_int_equal(waitpid(pid, &result, 0), pid);
	assert_int_equal(result, 0);
}

static int run(const struct testroot *t, const char *first, const char *second)
{
	testrun_launch(t, (const char *const[]){first, second, NULL});
	return testrun_finish();
}

static void test_check(void **state)
{
	assert_int_equal(run(*state, "--root=.", "--check"), 0);
	testrun_said("configuration is valid\n");
	testroot_write(*state, CONF, "[main]\nname = x\n");
	testroot_write(*state, CONF ".d/1.conf", "[main]\nnumber = 0\n");
	assert_int_equal(run(*state, "--check", "--root=."), 1);
	testrun_said("leonhard-demo: /etc/leonhard/demo.conf.d/1.conf:2: number: the value"
		     " is below 1\n");
	assert_int_equal(run(*state, "--root", "./nothing"), 1);
	testrun_said("leonhard-demo: cannot open the root ./nothing: No such file or "
		     "directory\n");
	testrun_silent();
}

static void test_usage(void **state)
{
	static const struct {
		const char *first, *second, *message;
	} cases[] = {
		{"--nonsense", NULL, "wrong option '--nonsense'"},
		{"--check=x", NULL, "wrong option '--check=x'"},
		{"--check", "-x", "wrong option '-x'"},
		{"-xyz", NULL, "wrong option '-xyz'"},
		{"--root", NULL, "--root wants a folder"},
		{"--root=", NULL, "--root wants a folder, not ''"},
		{"--log-level=loud", NULL,
		 "--log-level wants error, warning, notice, info or debug, not 'loud'"},
		{"--print-conf", "pdf", "--print-conf wants man or example, not 'pdf'"},
		{"--check", "file", "'file' is not an option"},
		{"file", "--check", "'file' is not an option"},
		{"--", "--check", "'--check' is not an option"},
		{"--a\nb", NULL, "wrong option '--a\\x0ab'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char expected[256];

		assert_int_equal(run(*state, cases[i].first, cases[i].second), 2);
		snprintf(expected, sizeof(expected),
			 "leonhard-demo: %s; see leonhard-demo --help\n", cases[i].message);
		testrun_said(expected);
	}
}

static void test_information(void **state)
{
	assert_int_equal(run(*state, "--help", NULL), 0);
	testrun_says("Usage: leonhard-demo [--root=DIR]");
	testrun_says("\n\nDoes nothing, for tests.\n\n");
	testrun_says("\n  leonhard-demo --check\n");
	assert_int_equal(run(*state, "--version", NULL), 0);
	testrun_says("leonhard-demo ");
	assert_int_equal(run(*state, "--print-conf=man", NULL), 0);
	testrun_says(".SS [main]\n.TP\n.B number\n");
	assert_int_equal(run(*state, "--print-conf=example", NULL), 0);
	testrun_says("\n#number = 1\n");
	testrun_silent();
	testroot_write(*state, CONF, "[main]\nfail = leave\n");
	assert_int_equal(run(*state, "--root=.", "--log-level=notice"), 0);
	testrun_said("");
}

#define TEST(name) cmocka_unit_test_teardown(name, testrun_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_life),       TEST(test_reload),      TEST(test_reload_only_validates),
		TEST(test_exit),       TEST(test_start_fails), TEST(test_lingers),
		TEST(test_watchdog),   TEST(test_idle),	       TEST(test_no_manager),
		TEST(test_check),      TEST(test_usage),       TEST(test_information),
		TEST(test_no_streams),
	};

	return cmocka_run_group_tests(tests, testrun_setup_group, testroot_teardown);
}
