/*
 * The exporter as it runs: scrapes of a good service and of bad ones, and clients that are hostile.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/def.h"
#include "base/testrun.h"
#include "base/time.h"
#include "exporter/testpower.h"

#define GET "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

enum { PATIENCE_MS = 20000, RESPONSE_MAX = 64 * 1024 };

/* ---- the exporter, and clients ---- */

static void start(const struct testroot *t, const char *more)
{
	_cleanup_free_ char *text = NULL;

	assert_true(asprintf(&text, "[http]\nlisten = /run/exporter\n%s", more) > 0);
	testroot_write(t, "etc/leonhard/power-exporter.conf", text);
	testroot_write(t, "run/.keep", "");
	testrun_launch_ready(t);
}

static int visit(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX, .sun_path = "run/exporter"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* All that comes until the other side closes. */
static const char *hear(int fd)
{
	static char text[RESPONSE_MAX];
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < sizeof(text) - 1) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		n = read(fd, text + len, sizeof(text) - 1 - len);
		len += n > 0 ? n : 0;
	}
	text[len] = '\0';
	return text;
}

static const char *ask(const char *request)
{
	_cleanup_close_ int fd = visit();

	say(fd, request);
	return hear(fd);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		print_error("%s\n", text);
	assert_non_null(strstr(text, part));
}

static int teardown(void **state)
{
	power_stop();
	return testrun_teardown(state);
}

/* ---- scrapes ---- */

static void test_scrape(void **state)
{
	const char *text;

	power_start(*state, POWER_GOOD);
	start(*state, "");
	text = ask(GET);
	assert_has(text, "HTTP/1.1 200 OK\r\n");
	assert_has(text, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
	assert_has(text, "leonhard_power_up 1\n");
	assert_has(text, "{part=\"board\",level=\"simulated plant\"} 142\n");
	assert_has(text, "leonhard_temperature_celsius{zone=\"acpitz\"} 40\n");
	assert_has(ask("GET / HTTP/1.0\r\n\r\n"), "metrics are at /metrics");
	text = ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	assert_has(text, "200 OK");
	assert_null(strstr(text, "leonhard_power_up"));
	testrun_stop(SIGTERM);
	testrun_said("");
}

static void test_service_not_there(void **state)
{
	start(*state, "");
	for (int i = 1; i <= 3; i++) {
		const char *text = ask(GET);

		assert_has(text, "HTTP/1.1 200 OK\r\n");
		assert_has(text, "leonhard_power_up 0\n");
		assert_null(strstr(text, "_watts"));
	}
	power_start(*state, POWER_GOOD);
	assert_has(ask(GET), "leonhard_power_up 1\n");
	assert_has(ask(GET), "leonhard_power_scrape_errors_total 3\n");
	testrun_stop(SIGTERM);
	/* Not at every scrape. */
	testrun_said("leonhard-power-exporter: the power service has not answered: "
		     "No such file or directory\n");
}

static void bad_service(void **state, enum power_mood mood, const char *told)
{
	const char *text;

	power_start(*state, mood);
	start(*state, "[service]\ntimeout = 300ms\n");
	text = ask(GET);
	assert_has(text, "leonhard_power_up 0\n");
	assert_has(text, "leonhard_power_scrape_errors_total 1\n");
	assert_null(strstr(text, "_watts"));
	testrun_says(told);
	testrun_stop(SIGTERM);
}

static void test_denied(void **state)
{
	bad_service(state, POWER_DENIES, "its class is not observe");
}

static void test_silent(void **state)
{
	bad_service(state, POWER_SILENT, "timed out");
}

static void test_leaves(void **state)
{
	bad_service(state, POWER_LEAVES, "has not answered");
}

static void test_babbles(void **state)
{
	bad_service(state, POWER_BABBLES, "has not answered");
}

/* What is too much for one reply does not hide the rest. */
static void test_half(void **state)
{
	const char *text;

	power_start(*state, POWER_HALF);
	start(*state, "");
	text = ask(GET);
	assert_has(text, "leonhard_power_up 1\n");
	assert_has(text, "leonhard_power_scrape_errors_total 1\n");
	assert_has(text, "} 142\n");
	testrun_stop(SIGTERM);
}

/* A connection stays for the next scrape. */
static void test_kept(void **state)
{
	_cleanup_close_ int fd = -1;

	power_start(*state, POWER_GOOD);
	start(*state, "");
	fd = visit();
	for (int i = 0; i < 5; i++) {
		char text[4096] = "";

		say(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_true(read(fd, text, sizeof(text) - 1) > 0);
		assert_has(text, " 200 OK");
		assert_null(strstr(text, "close"));
	}
	say(fd, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" GET);
	assert_has(strstr(hear(fd), "} 142\n") + 1, "} 142\n");
	testrun_stop(SIGTERM);
}

/* However many ask at once, the service is asked once. */
static void test_shared(void **state)
{
	int fds[8];

	power_start(*state, POWER_SLOW);
	start(*state, "");
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = visit();
		say(fds[i], GET);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		assert_has(hear(fds[i]), "} 142\n");
		close(fds[i]);
	}
	assert_int_equal(power_connections(), 1);
	testrun_stop(SIGTERM);
}

/* It ends in order while somebody waits, and while the service has not answered. */
static void test_end_meanwhile(void **state)
{
	_cleanup_close_ int fd = -1;

	power_start(*state, POWER_SILENT);
	start(*state, "");
	fd = visit();
	say(fd, GET);
	while (power_connections() == 0)
		usleep(1000);
	testrun_stop(SIGTERM);
}

/* Who leaves while the service is asked is no trouble, and takes nobody along. */
static void test_leave_meanwhile(void **state)
{
	power_start(*state, POWER_SLOW);
	start(*state, "");
	for (int i = 0; i < 4; i++) {
		int fd = visit();

		say(fd, GET);
		close(fd);
	}
	assert_has(ask(GET), "} 142\n");
	testrun_stop(SIGTERM);
}

/* ---- sockets ---- */

static int listen_somewhere(int *ret_port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(sa);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*ret_port = ntohs(sa.sin_port);
	return fd;
}

static void scrape_port(int port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	say(fd, GET);
	assert_has(hear(fd), "} 142\n");
}

static void test_network(void **state)
{
	_cleanup_free_ char *text = NULL;
	int port, fd = listen_somewhere(&port);

	close(fd);
	power_start(*state, POWER_GOOD);
	assert_true(asprintf(&text, "listen = 127.0.0.1:%d\n", port) > 0);
	start(*state, text);
	scrape_port(port);
	testrun_stop(SIGTERM);
}

/* A socket of the service manager is taken instead of the setting's. */
static void test_passed(void **state)
{
	const struct testroot *t = *state;
	int port, fd = listen_somewhere(&port), status;
	pid_t pid;

	assert_int_equal(listen(fd, 8), 0);
	power_start(t, POWER_GOOD);
	pid = fork();
	if (pid == 0) {
		char root[64], self[16];

		snprintf(root, sizeof(root), "--root=%s", t->path);
		snprintf(self, sizeof(self), "%d", getpid());
		setenv("LISTEN_PID", self, 1);
		setenv("LISTEN_FDS", "1", 1);
		dup2(fd, 3);
		execl(getenv("TEST_DAEMON"), "exporter", root, NULL);
		_exit(127);
	}
	close(fd);
	assert_string_equal(testrun_told(), "READY=1");
	scrape_port(port);
	kill(pid, SIGTERM);
	assert_string_equal(testrun_told(), "STOPPING=1");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_settings(void **state)
{
	const struct testroot *t = *state;
	_cleanup_free_ char *root = NULL;
	const char *args[] = {NULL, "--check", NULL};

	assert_true(asprintf(&root, "--root=%s", t->path) > 0);
	args[0] = root;
	testroot_write(t, "etc/leonhard/power-exporter.conf", "[http]\nlisten = somewhere\n");
	testrun_launch(t, args);
	assert_int_equal(testrun_finish(), 1);
	testrun_says("is neither ADDRESS:PORT nor the path of a socket");
}

/* ---- hostile clients ---- */

static void test_requests(void **state)
{
	static const struct {
		const char *request, *answer;
	} cases[] = {
		{"GET /other HTTP/1.0\r\n\r\n", " 404 "},
		{"GET /metrics/../../etc/passwd HTTP/1.0\r\n\r\n", " 404 "},
		{"GET //metrics HTTP/1.0\r\n\r\n", " 404 "},
		{"GET /metrics?x=1 HTTP/1.0\r\n\r\n", " 200 "},
		{"POST /metrics HTTP/1.0\r\n\r\n", " 405 "},
		{"DELETE / HTTP/1.0\r\n\r\n", " 405 "},
		{"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", " 413 "},
		{"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", " 413 "},
		{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", " 413 "},
		{"GET /metrics HTTP/1.1\r\n\r\n", " 400 "},
		{"\r\n\r\nnothing of this is HTTP\r\n\r\n", ""},
		{"GET /metrics HTTP/9.9\r\n\r\n", ""},
	};

	power_start(*state, POWER_GOOD);
	start(*state, "request_timeout = 2s\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_has(ask(cases[i].request), cases[i].answer);
	assert_has(ask(GET), "} 142\n");
	testrun_stop(SIGTERM);
}

static void test_long_headers(void **state)
{
	_cleanup_close_ int fd = -1;
	char junk[1024];

	memset(junk, 'x', sizeof(junk));
	power_start(*state, POWER_GOOD);
	start(*state, "");
	fd = visit();
	say(fd, "GET /metrics HTTP/1.1\r\nHost: x\r\nX: ");
	for (int i = 0; i < 64; i++)
		if (send(fd, junk, sizeof(junk), MSG_NOSIGNAL) < 0)
			break;
	hear(fd);
	assert_has(ask(GET), "} 142\n");
	testrun_stop(SIGTERM);
}

/* A byte now and then gains nothing: the time of a whole request counts. */
static void test_slow(void **state)
{
	uint64_t begun_ns = time_now_ns(CLOCK_MONOTONIC), took_ns;
	_cleanup_close_ int fd = -1;

	power_start(*state, POWER_GOOD);
	start(*state, "request_timeout = 500ms\n");
	fd = visit();
	for (const char *byte = GET; *byte; byte++) {
		if (send(fd, byte, 1, MSG_NOSIGNAL) < 0)
			break;
		usleep(50000);
	}
	took_ns = time_now_ns(CLOCK_MONOTONIC) - begun_ns;
	assert_true(took_ns < 5 * NS_PER_S);
	assert_null(strstr(hear(fd), "200"));
	assert_has(ask(GET), "} 142\n");
	testrun_stop(SIGTERM);
}

/* Who does nothing makes room for who does, however many they are. */
static void test_many(void **state)
{
	int fds[200];

	power_start(*state, POWER_GOOD);
	start(*state, "connections = 4\n");
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = visit();
		if (i % 2)
			say(fds[i], "GET /met");
		if (i % 20 == 0)
			assert_has(ask(GET), "} 142\n");
	}
	assert_has(ask(GET), "} 142\n");
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	assert_has(ask(GET), "} 142\n");
	testrun_stop(SIGTERM);
}

/* One that never reads its response is cut, and holds nobody up. */
static void test_never_reads(void **state)
{
	_cleanup_close_ int fd = -1;

	power_start(*state, POWER_GOOD);
	start(*state, "request_timeout = 500ms\nconnections = 2\n");
	fd = visit();
	for (int i = 0; i < 2000; i++)
		if (send(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27, MSG_NOSIGNAL | MSG_DONTWAIT) <
		    0)
			break;
	for (int i = 0; i < 20; i++)
		assert_has(ask(GET), "} 142\n");
	testrun_stop(SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_scrape, teardown),
		cmocka_unit_test_teardown(test_service_not_there, teardown),
		cmocka_unit_test_teardown(test_denied, teardown),
		cmocka_unit_test_teardown(test_silent, teardown),
		cmocka_unit_test_teardown(test_leaves, teardown),
		cmocka_unit_test_teardown(test_babbles, teardown),
		cmocka_unit_test_teardown(test_half, teardown),
		cmocka_unit_test_teardown(test_kept, teardown),
		cmocka_unit_test_teardown(test_shared, teardown),
		cmocka_unit_test_teardown(test_end_meanwhile, teardown),
		cmocka_unit_test_teardown(test_leave_meanwhile, teardown),
		cmocka_unit_test_teardown(test_network, teardown),
		cmocka_unit_test_teardown(test_passed, teardown),
		cmocka_unit_test_teardown(test_settings, teardown),
		cmocka_unit_test_teardown(test_requests, teardown),
		cmocka_unit_test_teardown(test_long_headers, teardown),
		cmocka_unit_test_teardown(test_slow, teardown),
		cmocka_unit_test_teardown(test_many, teardown),
		cmocka_unit_test_teardown(test_never_reads, teardown),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, testrun_setup_group, testroot_teardown);
}
