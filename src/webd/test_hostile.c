/*
 * Tests of the daemon with clients that mean no good: slow ones, many, half requests, requests that
 * two readers could end in two places, bytes that are no TLS and no HTTP.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "webd/testwebd.h"

#define JSON "Content-Type: application/json\r\n"
#define HOST "Host: node\r\n"

enum { SLOW_CLIENTS = 500 };

static int start(void **state)
{
	testwebd_setup(state);
	testwebd_start("request_timeout = 2s\nidle_timeout = 3s\n");
	return 0;
}

static void expect_alive(void)
{
	expect_status(ask_get("/", ""), 200);
}

/* ---- where a request ends ---- */

static void test_smuggling(void **state)
{
	static const char *const requests[] = {
		"POST /api/login HTTP/1.1\r\n" HOST JSON
		"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST /api/login HTTP/1.1\r\n" HOST JSON
		"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
		"POST /api/login HTTP/1.1\r\n" HOST JSON
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"POST /api/login HTTP/1.1\r\n" HOST JSON
		"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"POST /api/login HTTP/1.1\r\n" HOST JSON "Content-Length: +2\r\n\r\n{}",
		"POST /api/login HTTP/1.1\r\n" HOST JSON "Content-Length: 2 2\r\n\r\n{}",
		"GET / HTTP/1.1\r\n" HOST "Host: other\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		_cleanup_free_ char *text = NULL, *response = NULL;

		/* A second request behind it must not be answered as one. */
		assert_true(asprintf(&text, "%sGET /app/list.js HTTP/1.1\r\n" HOST "\r\n",
				     requests[i]) > 0);
		response = ask_raw(text);
		if (status_of(response) != 400)
			fail_msg("case %zu: %s", i, response);
		assert_null(strstr(response, "export const a"));
	}
	expect_alive();
}

static void test_pipelining(void **state)
{
	_cleanup_free_ char *response =
		ask_raw("GET /index.html HTTP/1.1\r\n" HOST "\r\n"
			"GET /app/list.js HTTP/1.1\r\n" HOST "\r\n"
			"GET /api/session HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
	const char *first = strstr(response, "hello"), *second = strstr(response, "export"),
		   *third = strstr(response, "401 Unauthorized");

	assert_non_null(first);
	assert_true(second > first);
	assert_true(third > second);
}

static void test_nonsense(void **state)
{
	static const char *const requests[] = {
		"\r\n\r\n\r\n",
		"NONSENSE\r\n\r\n",
		"GET\r\n\r\n",
		"GET / HTTP/9.9\r\n" HOST "\r\n",
		"GET / HTTP/1.1\nHost node\n\n",
		"\x16\x03\x01\x02",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"CONNECT node:22 HTTP/1.1\r\n" HOST "\r\n",
		"TRACE / HTTP/1.1\r\n" HOST "\r\n",
		"OPTIONS * HTTP/1.1\r\n" HOST "\r\n",
		"DELETE /index.html HTTP/1.1\r\n" HOST "\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		_cleanup_free_ char *response = ask_raw(requests[i]);

		if (status_of(response) == 200)
			fail_msg("case %zu: %s", i, response);
	}
	expect_alive();
}

/* ---- too much ---- */

static void test_long_headers(void **state)
{
	_cleanup_free_ char *text = malloc(200000);
	struct tls *t = tls_open();
	int n = snprintf(text, 200000, "GET / HTTP/1.1\r\n" HOST "X: ");
	char *response;

	memset(text + n, 'x', 200000 - n - 5);
	strcpy(text + 200000 - 5, "\r\n\r\n");
	tls_send(t, text, 199999);
	response = tls_read(t, NULL);
	assert_int_not_equal(status_of(response), 200);
	free(response);
	tls_close(t);
	expect_alive();
}

static void test_many_headers(void **state)
{
	struct strbuf b = {};

	strbuf_addf(&b, "GET / HTTP/1.1\r\n" HOST);
	for (int i = 0; i < 5000; i++)
		strbuf_addf(&b, "A:b\r\n");
	strbuf_addf(&b, "\r\n");
	free(ask_raw(b.text));
	strbuf_deinit(&b);
	expect_alive();
}

static void test_large_bodies(void **state)
{
	_cleanup_free_ char *large = malloc(10000);
	struct strbuf chunked = {};

	memset(large, ' ', 9999);
	large[9999] = '\0';
	expect_status(ask_post("/api/login", JSON, large), 413);
	expect_status(ask_raw("POST /api/login HTTP/1.1\r\n" HOST JSON
			      "Content-Length: 99999999999999999999999\r\n\r\n{"),
		      413);
	strbuf_addf(&chunked, "POST /api/login HTTP/1.1\r\n" HOST JSON
			      "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 5; i++)
		strbuf_addf(&chunked, "400\r\n%.1024s\r\n", large);
	strbuf_addf(&chunked, "0\r\n\r\n");
	expect_status(ask_raw(chunked.text), 413);
	strbuf_deinit(&chunked);
	expect_alive();
}

/* ---- no TLS ---- */

static void test_garbage(void **state)
{
	static const char *const texts[] = {"GET / HTTP/1.1\r\nHost: node\r\n\r\n",
					    "\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03",
					    "\xff\xff\xff\xff\xff\xff\xff\xff", "\x80\x2e\x01\x00"};
	char buf[4096];

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_close_ int fd = tcp_open();
		ssize_t n;

		assert_true(send(fd, texts[i], strlen(texts[i]), MSG_NOSIGNAL) > 0);
		while ((n = recv(fd, buf, sizeof(buf) - 1, 0)) > 0) {
			buf[n] = '\0';
			assert_null(strstr(buf, "HTTP/1.1 200"));
		}
	}
	expect_alive();
}

/* ---- slow ---- */

static uint64_t now_ms(void)
{
	return time_now_ns(CLOCK_MONOTONIC) / NS_PER_MS;
}

/* A byte now and then does not help. */
static void expect_cut(const char *beginning, uint64_t at_most_ms)
{
	struct tls *t = tls_open();
	uint64_t begun = now_ms();

	assert_true(tls_send(t, beginning, strlen(beginning)));
	while (tls_send(t, "x", 1) && now_ms() - begun < PATIENCE_MS)
		pause_ms(100);
	assert_true(now_ms() - begun < at_most_ms);
	tls_close(t);
}

static void test_slow_request(void **state)
{
	expect_cut("GET /x", 6000);
	expect_cut("GET / HTTP/1.1\r\nX: ", 6000);
	expect_cut("POST /api/login HTTP/1.1\r\n" HOST JSON "Content-Length: 4000\r\n\r\n", 6000);
	expect_alive();
}

static void test_slow_handshake(void **state)
{
	_cleanup_close_ int silent = tcp_open(), slow = tcp_open();
	uint64_t begun = now_ms();
	char c;

	assert_int_equal(send(slow, "\x16\x03\x01", 3, MSG_NOSIGNAL), 3);
	assert_int_equal(recv(silent, &c, 1, 0), 0);
	assert_int_equal(recv(slow, &c, 1, 0), 0);
	assert_true(now_ms() - begun < 8000);
}

static void test_idle_connection(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\n" HOST "\r\n";
	struct tls *t = tls_open();
	uint64_t begun;

	assert_true(tls_send(t, request, sizeof(request) - 1));
	free(tls_read(t, "hello"));
	begun = now_ms();
	free(tls_read(t, NULL));
	assert_true(now_ms() - begun > 1000);
	assert_true(now_ms() - begun < 8000);
	tls_close(t);
}

static void raise_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Half a request each, and somebody who only wants the page. */
static void test_many_slow(void **state)
{
	static struct tls *slow[SLOW_CLIENTS];
	uint64_t begun, worst = 0;

	testwebd_stop();
	testwebd_start("request_timeout = 120s\n");
	for (int i = 0; i < SLOW_CLIENTS; i++) {
		slow[i] = tls_open();
		assert_non_null(slow[i]);
		assert_true(tls_send(slow[i], "GET / HTTP/1.1\r\nX:", 18));
	}
	for (int i = 0; i < 10; i++) {
		begun = now_ms();
		expect_alive();
		if (now_ms() - begun > worst)
			worst = now_ms() - begun;
	}
	assert_true(worst < 5000);
	for (int i = 0; i < SLOW_CLIENTS; i++)
		tls_close(slow[i]);
}

/* More than there may be: the oldest that do nothing make room, those at work stay. */
static void test_too_many(void **state)
{
	int silent[64];
	struct person ada;
	struct tls *stream;
	char text[512];

	testwebd_stop();
	testwebd_start("connections = 40\nconnections_per_address = 32\n");
	log_in("ada", &ada);
	snprintf(text, sizeof(text),
		 "GET /api/stream?method=io.leonhard.Test.Ticks&parameters=%%7B%%22interval%%22:50"
		 "%%7D HTTP/1.1\r\n" HOST "%s\r\n",
		 ada.both);
	stream = tls_open();
	assert_true(tls_send(stream, text, strlen(text)));
	free(tls_read(stream, "event: reply"));
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		silent[i] = tcp_open();
		assert_true(silent[i] >= 0);
	}
	expect_alive();
	free(tls_read(stream, "event: reply"));
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		close(silent[i]);
	tls_close(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, testwebd_teardown)
		TEST(test_smuggling),	    TEST(test_pipelining),   TEST(test_nonsense),
		TEST(test_long_headers),    TEST(test_many_headers), TEST(test_large_bodies),
		TEST(test_garbage),	    TEST(test_slow_request), TEST(test_slow_handshake),
		TEST(test_idle_connection), TEST(test_many_slow),    TEST(test_too_many),
	};

	raise_limit();
	return cmocka_run_group_tests(tests, testwebd_group, testwebd_group_end);
}
