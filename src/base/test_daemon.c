/*
 * Tests of daemon.c: a real daemon under a service manager that this test plays.
 *
 * $DEMO_DAEMON is the program of testdaemon.c. It runs with --root in a folder of ours, tells its
 * state to a socket of ours and writes its messages to the file "out".
 */
#include <errno.h>
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
#include <time.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/testroot.h"

enum { ARGS_MAX = 8 };

#define CONF "etc/leonhard/demo.conf"

static const char *program;
static int manager = -1;
static pid_t running;

static int setup_group(void **state)
{
	struct timeval patience = {.tv_sec = 20};
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	char name[64];
	int len;

	program = getenv("DEMO_DAEMON");
	if (!program || testroot_setup(state) < 0)
		return -1;
	len = snprintf(name, sizeof(name), "@test_daemon/%d", (int)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	memcpy(sa.sun_path + 1, name + 1, len - 1);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(manager, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return bind(manager, (void *)&sa, offsetof(struct sockaddr_un, sun_path) + len);
}

/* What the daemon tells next, or "" after twenty seconds. */
static const char *told(void)
{
	static char buf[256];
	ssize_t n = recv(manager, buf, sizeof(buf) - 1, 0);

	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

static void assert_silent(void)
{
	char c;

	assert_int_equal(recv(manager, &c, 1, MSG_DONTWAIT), -1);
}

static void exec_daemon(const struct testroot *t, const char *const args[])
{
	const char *argv[ARGS_MAX + 3] = {"demo"};
	_cleanup_free_ char *root = NULL;
	int out = open("out", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600), n = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (asprintf(&root, "--root=%s", t->path) < 0)
		_exit(126);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	if (!args)
		argv[n++] = root;
	for (; args && *args; args++)
		argv[n++] = *args;
	execv(program, (char **)argv);
	_exit(127);
}

/* Starts the daemon; @args NULL: with its root only. */
static void launch(const struct testroot *t, const char *const args[])
{
	running = fork();
	if (running == 0)
		exec_daemon(t, args);
	assert_true(running > 0);
}

/* Starts it and waits until it is ready. */
static void launch_ready(const struct testroot *t)
{
	launch(t, NULL);
	assert_string_equal(told(), "READY=1");
}

static int finish(void)
{
	int result;

	assert_int_equal(waitpid(running, &result, 0), running);
	running = 0;
	return WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
}

static void stop(int number)
{
	assert_int_equal(kill(running, number), 0);
	assert_string_equal(told(), "STOPPING=1");
	assert_int_equal(finish(), 0);
}

static int teardown(void **state)
{
	char c;

	if (running > 0) {
		kill(running, SIGKILL);
		waitpid(running, NULL, 0);
	}
	running = 0;
	while (recv(manager, &c, 1, MSG_DONTWAIT) >= 0)
		;
	unsetenv("WATCHDOG_USEC");
	unsetenv("DEMO_NO_RELOAD");
	testroot_clear(*state);
	return 0;
}

static char *output(const struct testroot *t)
{
	char *text = NULL;

	assert_int_equal(fs_read(t->fd, "/out", 65536, &text, NULL), 0);
	return text;
}

static void assert_says(const struct testroot *t, const char *part)
{
	_cleanup_free_ char *text = output(t);

	if (!strstr(text, part))
		fail_msg("it does not say \"%s\" but: %s", part, text);
}

static void assert_output(const struct testroot *t, const char *expected)
{
	_cleanup_free_ char *text = output(t);

	assert_string_equal(text, expected);
}

static void reload(void)
{
	const char *text;

	assert_int_equal(kill(running, SIGHUP), 0);
	text = told();
	assert_true(str_starts(text, "RELOADING=1\nMONOTONIC_USEC="));
	assert_true(strtoull(text + strlen("RELOADING=1\nMONOTONIC_USEC="), NULL, 10) > 0);
	assert_string_equal(told(), "READY=1");
}

static void test_life(void **state)
{
	launch_ready(*state);
	stop(SIGTERM);
	assert_says(*state, "leonhard-demo: started with nobody and root /tmp/testroot.");
	assert_says(*state, "leonhard-demo: stopped\n");
	launch_ready(*state);
	stop(SIGINT);
	assert_silent();
}

static void test_reload(void **state)
{
	testroot_write(*state, CONF, "[main]\nnumber = 3\nname = somebody\n");
	launch_ready(*state);
	assert_says(*state, "started with somebody");
	testroot_write(*state, CONF, "[main]\nnumber = 4\n");
	reload();
	assert_says(*state, "number 3 is 4\nleonhard-demo: the configuration is reloaded\n");

	testroot_write(*state, CONF, "[main]\nnumber = 5\nname = x\nnumber = 11\n");
	reload();
	assert_says(*state, "leonhard-demo: the configuration stays as it was: "
			    "/etc/leonhard/demo.conf:4: number: the value is above 10\n");
	testroot_write(*state, CONF ".d/a.conf", "[main]\nnumber = 6\n");
	testroot_write(*state, CONF, "");
	reload();
	assert_says(*state, "number 4 is 6\n");
	stop(SIGTERM);
}

static void test_reload_only_validates(void **state)
{
	setenv("DEMO_NO_RELOAD", "1", 1);
	launch_ready(*state);
	testroot_write(*state, CONF, "[main]\nname = x\n");
	reload();
	assert_says(*state, "the configuration is valid, and takes effect with a restart\n");
	testroot_write(*state, CONF, "[mian]\n");
	reload();
	assert_says(*state, "stays as it was: /etc/leonhard/demo.conf:1: unknown section [mian]\n");
	stop(SIGTERM);
}

/* The daemon ends its loop by itself: in its start, or in a reload. */
static void test_exit(void **state)
{
	testroot_write(*state, CONF, "[main]\nfail = leave\n");
	launch(*state, NULL);
	assert_string_equal(told(), "STOPPING=1");
	assert_int_equal(finish(), 0);
	assert_silent();

	testroot_write(*state, CONF, "");
	launch_ready(*state);
	testroot_write(*state, CONF, "[main]\nfail = reload\n");
	assert_int_equal(kill(running, SIGHUP), 0);
	assert_true(str_starts(told(), "RELOADING=1"));
	assert_string_equal(told(), "STOPPING=1");
	assert_int_equal(finish(), 1);
	assert_silent();
}

static void test_start_fails(void **state)
{
	testroot_write(*state, CONF, "[main]\nfail = start\n");
	launch(*state, NULL);
	assert_string_equal(told(), "STOPPING=1");
	assert_int_equal(finish(), 1);
	assert_says(*state, "stopped\n");
	assert_silent();

	testroot_write(*state, CONF, "nonsense\n");
	launch(*state, NULL);
	assert_int_equal(finish(), 1);
	assert_output(*state, "leonhard-demo: /etc/leonhard/demo.conf:1: the line is neither a "
			      "section nor key = value\n");
	assert_silent();
}

/* A stop that hangs is ended by the second signal. */
static void test_lingers(void **state)
{
	testroot_write(*state, CONF, "[main]\nfail = linger\n");
	launch_ready(*state);
	assert_int_equal(kill(running, SIGTERM), 0);
	assert_string_equal(told(), "STOPPING=1");
	while (kill(running, SIGTERM) == 0 && waitpid(running, NULL, WNOHANG) == 0)
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	running = 0;
	assert_says(*state, "stopped\n");
}

static void test_watchdog(void **state)
{
	setenv("WATCHDOG_USEC", "100000", 1);
	launch_ready(*state);
	for (int i = 0; i < 4; i++)
		assert_string_equal(told(), "WATCHDOG=1");
	/* A process that is stopped is one that hangs. */
	assert_int_equal(kill(running, SIGSTOP), 0);
	while (recv(manager, &(char){0}, 1, MSG_DONTWAIT) >= 0)
		;
	nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
	assert_silent();
	assert_int_equal(kill(running, SIGCONT), 0);
	assert_string_equal(told(), "WATCHDOG=1");
	assert_int_equal(kill(running, SIGTERM), 0);
	assert_int_equal(finish(), 0);
}

/* How often the main thread of the daemon was woken up so far. */
static unsigned long wake_ups(void)
{
	_cleanup_free_ char *text = NULL;
	char path[64];
	const char *line;
	int root;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)running);
	assert_int_equal(fs_open_root(NULL, &root), 0);
	assert_int_equal(fs_read(root, path, 65536, &text, NULL), 0);
	close(root);
	line = strstr(text, "\nvoluntary_ctxt_switches:");
	assert_non_null(line);
	return strtoul(strchr(line, ':') + 1, NULL, 10);
}

static void test_idle(void **state)
{
	unsigned long before;

	launch_ready(*state);
	/* It may be on its way into the loop yet. */
	nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
	before = wake_ups();
	nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
	assert_int_equal(wake_ups(), before);
	assert_silent();
	stop(SIGTERM);
}

/* Without a manager, and with one that is gone. */
static void test_no_manager(void **state)
{
	const char *address = strdupa(getenv("NOTIFY_SOCKET"));
	const char *const argv[] = {"--root=.", NULL};

	setenv("NOTIFY_SOCKET", "@nobody/listens/here", 1);
	testroot_write(*state, CONF, "[main]\nfail = leave\n");
	launch(*state, argv);
	assert_int_equal(finish(), 0);
	assert_says(*state, "cannot notify the service manager: Connection refused\n");
	unsetenv("NOTIFY_SOCKET");
	launch(*state, argv);
	assert_int_equal(finish(), 0);
	setenv("NOTIFY_SOCKET", address, 1);
	assert_output(*state, "leonhard-demo: started with nobody and root .\n"
			      "leonhard-demo: stopped\n");
}

static int run(const struct testroot *t, const char *first, const char *second)
{
	launch(t, (const char *const[]){first, second, NULL});
	return finish();
}

static void test_check(void **state)
{
	assert_int_equal(run(*state, "--root=.", "--check"), 0);
	assert_output(*state, "configuration is valid\n");
	testroot_write(*state, CONF, "[main]\nname = x\n");
	testroot_write(*state, CONF ".d/1.conf", "[main]\nnumber = 0\n");
	assert_int_equal(run(*state, "--check", "--root=."), 1);
	assert_output(*state, "leonhard-demo: /etc/leonhard/demo.conf.d/1.conf:2: number: the value"
			      " is below 1\n");
	assert_int_equal(run(*state, "--root", "./nothing"), 1);
	assert_output(*state, "leonhard-demo: cannot open the root ./nothing: No such file or "
			      "directory\n");
	assert_silent();
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
		assert_output(*state, expected);
	}
}

static void test_information(void **state)
{
	assert_int_equal(run(*state, "--help", NULL), 0);
	assert_says(*state, "Usage: leonhard-demo [--root=DIR]");
	assert_says(*state, "\n\nDoes nothing, for tests.\n\n");
	assert_says(*state, "\n  leonhard-demo --check\n");
	assert_int_equal(run(*state, "--version", NULL), 0);
	assert_says(*state, "leonhard-demo ");
	assert_int_equal(run(*state, "--print-conf=man", NULL), 0);
	assert_says(*state, ".SS [main]\n.TP\n.B number\n");
	assert_int_equal(run(*state, "--print-conf=example", NULL), 0);
	assert_says(*state, "\n#number = 1\n");
	assert_silent();
}

static void test_level(void **state)
{
	testroot_write(*state, CONF, "[main]\nfail = leave\n");
	assert_int_equal(run(*state, "--root=.", "--log-level=notice"), 0);
	assert_output(*state, "");
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_life),     TEST(test_reload),	     TEST(test_reload_only_validates),
		TEST(test_exit),     TEST(test_start_fails), TEST(test_lingers),
		TEST(test_watchdog), TEST(test_idle),	     TEST(test_no_manager),
		TEST(test_check),    TEST(test_usage),	     TEST(test_information),
		TEST(test_level),
	};

	return cmocka_run_group_tests(tests, setup_group, testroot_teardown);
}
