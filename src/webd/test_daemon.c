/*
 * Tests of the daemon as a whole, with its bridge and a service: files, sessions, calls, streams.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "webd/testwebd.h"

#define JSON "Content-Type: application/json\r\n"
#define WHO "{\"method\":\"io.leonhard.Test.Who\"}"
#define ECHO "{\"method\":\"io.leonhard.Test.Echo\",\"parameters\":{\"text\":\"x\"}}"
#define HOLD "{\"method\":\"io.leonhard.Test.Hold\"}"

static int start(void **state)
{
	testwebd_setup(state);
	testwebd_start("");
	return 0;
}

static void expect_text(char *response, const char *part)
{
	if (!strstr(response, part))
		fail_msg("no \"%s\" in: %s", part, response);
	free(response);
}

/* ---- files ---- */

static void test_files(void **state)
{
	static const char *const absent[] = {"/nothing.js",
					     "/notes.md",
					     "/.hidden.js",
					     "/app",
					     "/app/",
					     "/app/list.js.gz",
					     "/../secret.js",
					     "/app/../../secret.js",
					     "/%2e%2e/secret.js",
					     "/..%2fsecret.js",
					     "/%2e%2e%2f%2e%2e%2fleonhard/secret.js",
					     "//etc/passwd",
					     "/app/list.js/",
					     "/app%00/list.js",
					     "/app\\list.js"};

	expect_text(ask_get("/", ""), "<p>hello");
	expect_text(ask_get("/index.html", ""), "Content-Type: text/html; charset=utf-8\r\n");
	expect_text(ask_get("/app/list.js", ""), "export const a");
	expect_text(ask_get("/app/list.js?x=1", ""), "export const a");
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		expect_status(ask_get(absent[i], ""), 404);
	expect_status(ask_post("/", JSON, "{}"), 405);
}

static void test_file_headers(void **state)
{
	_cleanup_free_ char *response = ask_get("/app/list.js", "Accept-Encoding: gzip\r\n");
	_cleanup_free_ char *etag = header_of(response, "ETag");
	char line[128];

	assert_non_null(strstr(response, "not really compressed"));
	assert_non_null(strstr(response, "Content-Encoding: gzip\r\n"));
	assert_non_null(strstr(response, "Vary: Accept-Encoding\r\n"));
	assert_non_null(etag);
	snprintf(line, sizeof(line), "If-None-Match: %s\r\n", etag);
	expect_status(ask_get("/app/list.js", line), 304);
	expect_status(ask_get("/index.html", line), 200);
}

static void test_security_headers(void **state)
{
	static const char *const paths[] = {"/", "/nothing", "/api/session", "/api/nothing"};
	static const char *const names[] = {
		"Content-Security-Policy",    "X-Content-Type-Options",	   "Referrer-Policy",
		"Cross-Origin-Opener-Policy", "Strict-Transport-Security", "Permissions-Policy"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_free_ char *response = ask_get(paths[i], "");

		for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
			_cleanup_free_ char *value = header_of(response, names[k]);

			assert_non_null(value);
		}
		assert_null(strstr(response, "unsafe"));
	}
}

/* Files and certificate are read again; what is in use stays whole. */
static void test_reload(void **state)
{
	expect_text(ask_get("/", ""), "hello");
	testroot_write(root, "usr/share/leonhard/web/index.html", "<p>other\n");
	testwebd_signal(SIGHUP);
	for (int i = 0; i < 200; i++) {
		_cleanup_free_ char *response = ask_get("/", "");

		if (strstr(response, "other"))
			return;
		pause_ms(10);
	}
	fail_msg("the page is still the old one");
}

static void test_own_certificate(void **state)
{
	struct stat st;

	expect_status(ask_get("/", ""), 200);
	assert_int_equal(fstatat(root->fd, "var/lib/leonhard/webd/own.pem", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* ---- sessions ---- */

static void test_session(void **state)
{
	struct person ada;

	expect_status(ask_get("/api/session", ""), 401);
	log_in("ada", &ada);
	expect_text(ask_get("/api/session", ada.cookie), "\"user\":\"ada\"");
	expect_status(ask_get("/api/session", "Cookie: __Host-leonhard=0123\r\n"), 401);
	expect_status(ask_post("/api/logout", ada.cookie, ""), 415);
	expect_status(ask_post("/api/logout", ada.json, "{}"), 200);
	expect_status(ask_get("/api/session", ada.cookie), 401);
	expect_status(ask_post("/api/call", ada.json, WHO), 401);
}

static void test_login_refused(void **state)
{
	_cleanup_free_ char *later =
		ask_post("/api/login", JSON, "{\"user\":\"ada\",\"password\":\"later\"}");
	_cleanup_free_ char *seconds = header_of(later, "Retry-After");
	_cleanup_free_ char *wrong =
		ask_post("/api/login", JSON, "{\"user\":\"ada\",\"password\":\"wrong\"}");

	assert_int_equal(status_of(wrong), 401);
	assert_null(strstr(wrong, "Set-Cookie"));
	assert_int_equal(status_of(later), 429);
	assert_string_equal(seconds, "7");
	expect_status(ask_post("/api/login", JSON, "{\"user\":\"ada\",\"password\":\"hang up\"}"),
		      502);
	expect_status(ask_post("/api/login", JSON, "{\"user\":\"ada\",\"password\":\"lie\"}"), 502);
	expect_status(ask_post("/api/login", JSON, "{}"), 400);
	expect_status(ask_post("/api/login", "Content-Type: text/plain\r\n", "{}"), 415);
	expect_status(ask_get("/api/login", ""), 405);
}

/* A page of another site cannot even try. */
static void test_login_origin(void **state)
{
	static const char body[] = "{\"user\":\"ada\",\"password\":\"right\"}";

	expect_status(ask_post("/api/login", JSON "Origin: https://evil\r\n", body), 403);
	expect_status(ask_post("/api/login", JSON "Sec-Fetch-Site: cross-site\r\n", body), 403);
	expect_status(ask_post("/api/login", JSON "Origin: null\r\n", body), 403);
	expect_status(ask_post("/api/login",
			       JSON "Origin: https://node\r\nSec-Fetch-Site: same-origin\r\n",
			       body),
		      200);
}

static void test_ninth_session(void **state)
{
	struct person first, other;

	log_in("ada", &first);
	for (int i = 0; i < 8; i++)
		log_in("ada", &other);
	expect_status(ask_get("/api/session", first.cookie), 401);
	expect_status(ask_get("/api/session", other.cookie), 200);
}

static void test_bridge_gone(void **state)
{
	struct person ada;

	log_in("ada", &ada);
	expect_call(&ada, ECHO, "\"x\"");
	assert_int_equal(kill(testwebd_bridge(), SIGKILL), 0);
	pause_ms(200);
	expect_status(ask_get("/api/session", ada.cookie), 401);
}

static void test_expired(void **state)
{
	struct person ada, bob;

	testwebd_stop();
	testwebd_start("[session]\nidle = 3s\n");
	log_in("ada", &ada);
	log_in("bob", &bob);
	/* What a page does by itself does not keep it alive; what a person does, does. */
	for (int i = 0; i < 4; i++) {
		char headers[512];

		pause_ms(1000);
		snprintf(headers, sizeof(headers), "%sX-Leonhard-Background: 1\r\n", ada.json);
		free(ask_post("/api/call", headers, ECHO));
		free(ask_get("/api/session", ada.cookie));
		free(ask_get("/api/users?uid=0", ada.cookie));
		expect_call(&bob, ECHO, "\"x\"");
	}
	expect_status(ask_get("/api/session", ada.cookie), 401);
	expect_status(ask_get("/api/session", bob.cookie), 200);
}

/* ---- calls ---- */

static void test_calls(void **state)
{
	struct person ada;

	log_in("ada", &ada);
	expect_call(&ada, ECHO, "{\"parameters\":{\"text\":\"x\"}}");
	expect_call(&ada, WHO, "\"class\":");
	expect_call(&ada, "{\"method\":\"io.leonhard.Test.Echo\",\"parameters\":{}}",
		    "{\"error\":\"org.varlink.service.InvalidParameter\"");
	expect_call(&ada, "{\"method\":\"io.leonhard.Test.Stream\"}", "\"error\":");
	expect_status(ask_post("/api/call", ada.json, "{\"method\":\"io.leonhard.Nothing.Echo\"}"),
		      502);
	expect_status(ask_post("/api/call", ada.json, "{\"method\":\"Echo\"}"), 400);
	expect_status(ask_post("/api/call", ada.json, "nonsense"), 400);
	testwebd_stop_service();
	expect_status(ask_post("/api/call", ada.json, ECHO), 502);
}

static void test_large_reply(void **state)
{
	_cleanup_free_ char *response = NULL;
	struct person ada;

	log_in("ada", &ada);
	response = ask_post(
		"/api/call", ada.json,
		"{\"method\":\"io.leonhard.Test.Large\",\"parameters\":{\"size\":1000000}}");
	assert_int_equal(status_of(response), 200);
	assert_true(strlen(response) > 1000000);
	expect_call(&ada, ECHO, "\"x\"");
}

static void test_csrf(void **state)
{
	struct person ada, bob;
	char headers[512];

	log_in("ada", &ada);
	log_in("bob", &bob);
	snprintf(headers, sizeof(headers), "%s" JSON, ada.cookie);
	expect_status(ask_post("/api/call", headers, ECHO), 403);
	expect_status(ask_post("/api/logout", headers, "{}"), 403);
	snprintf(headers, sizeof(headers), "%s%s" JSON, ada.cookie, bob.csrf);
	expect_status(ask_post("/api/call", headers, ECHO), 403);
	snprintf(headers, sizeof(headers), "%sOrigin: https://evil\r\n", ada.json);
	expect_status(ask_post("/api/call", headers, ECHO), 403);
	expect_status(ask_get("/api/stream?method=io.leonhard.Test.Ticks", ada.cookie), 403);
}

/* Calls that nobody answers: only so many, and one who goes away makes room. */
static void test_many_calls(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct tls *held[16];
	struct person ada;
	int status = 0;

	log_in("ada", &ada);
	assert_true(asprintf(&text,
			     "POST /api/call HTTP/1.1\r\nHost: node\r\nContent-Length: %zu\r\n"
			     "%s\r\n" HOLD,
			     sizeof(HOLD) - 1, ada.json) > 0);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		held[i] = tls_open();
		assert_true(tls_send(held[i], text, strlen(text)));
	}
	pause_ms(300);
	expect_status(ask_post("/api/call", ada.json, ECHO), 429);
	tls_close(held[0]);
	for (int i = 0; i < 100 && status != 200; i++) {
		char *response = ask_post("/api/call", ada.json, ECHO);

		status = status_of(response);
		free(response);
		pause_ms(10);
	}
	assert_int_equal(status, 200);
	for (size_t i = 1; i < ARRAY_SIZE(held); i++)
		tls_close(held[i]);
}

static void test_late_service(void **state)
{
	struct person ada;

	testwebd_stop();
	testwebd_start("call_timeout = 1s\n");
	log_in("ada", &ada);
	expect_status(ask_post("/api/call", ada.json, HOLD), 504);
	expect_call(&ada, ECHO, "\"x\"");
}

static void test_interfaces(void **state)
{
	_cleanup_free_ char *response = NULL;
	struct person ada;

	expect_status(ask_get("/api/interfaces", ""), 401);
	log_in("ada", &ada);
	response = ask_get("/api/interfaces", ada.cookie);
	assert_non_null(
		strstr(response,
		       "{\"interfaces\":[{\"name\":\"io.leonhard.A\",\"description\":\"One.\"}]}"));
	pause_ms(20);
	testroot_write(root, "usr/share/leonhard/api/io.leonhard.B.varlink",
		       "interface io.leonhard.B\nmethod X() -> ()\n");
	expect_text(ask_get("/api/interfaces", ada.cookie), "io.leonhard.B");
}

/* ---- streams ---- */

static void open_stream(const struct person *p, const char *query, struct tls **ret_tls)
{
	_cleanup_free_ char *text = NULL;

	assert_true(asprintf(&text,
			     "GET /api/stream?method=io.leonhard.Test.%s HTTP/1.1\r\n"
			     "Host: node\r\nSec-Fetch-Site: same-origin\r\n%s\r\n",
			     query, p->cookie) > 0);
	*ret_tls = tls_open();
	assert_non_null(*ret_tls);
	assert_true(tls_send(*ret_tls, text, strlen(text)));
}

static void expect_stream(const struct person *p, const char *query, const char *part)
{
	struct tls *t;
	char *text;

	open_stream(p, query, &t);
	text = tls_read(t, part);
	tls_close(t);
	expect_text(text, part);
}

static void test_streams(void **state)
{
	struct person ada;

	log_in("ada", &ada);
	expect_stream(&ada, "Ticks&parameters=%7B%22interval%22:10%7D",
		      "event: reply\ndata: {\"number\":5}\n\n");
	expect_stream(&ada, "Store&parameters=%7B%22count%22%3A2000%2C%22size%22%3A4000%7D",
		      "event: end\ndata: {\"reason\":\"done\"}\n\n");
	expect_stream(&ada, "Ticks", "event: error\ndata: {\"error\":\"org.varlink.service.Inv");
	expect_stream(&ada, "None", "event: error\ndata: {\"error\":\"org.varlink.service.Meth");
	expect_text(ask_get("/api/stream?method=io.leonhard.None.X", ada.both),
		    "event: error\ndata: {\"error\":\"the service is not there\"}\n\nevent: end");
	expect_status(ask_get("/api/stream?method=io.leonhard.Test.Ticks&parameters=%7B", ada.both),
		      400);
	expect_status(ask_get("/api/stream", ada.both), 400);
}

static void test_stream_ends(void **state)
{
	struct person ada;
	struct tls *t;

	log_in("ada", &ada);
	open_stream(&ada, "Ticks&parameters=%7B%22interval%22:10%7D", &t);
	free(tls_read(t, "\"number\":1}"));
	expect_status(ask_post("/api/logout", ada.json, "{}"), 200);
	expect_text(tls_read(t, "session\"}\n\n"),
		    "event: end\ndata: {\"reason\":\"session\"}\n\n");
	tls_close(t);
	log_in("ada", &ada);
	open_stream(&ada, "Ticks&parameters=%7B%22interval%22:10%7D", &t);
	free(tls_read(t, "\"number\":1}"));
	testwebd_stop_service();
	expect_text(tls_read(t, "service\"}\n\n"),
		    "event: end\ndata: {\"reason\":\"service\"}\n\n");
	tls_close(t);
}

/* A page that is left and opened again does not use up what there may be. */
static void test_many_streams(void **state)
{
	struct tls *open[8];
	struct person ada;
	int status = 0;

	log_in("ada", &ada);
	for (int i = 0; i < 8; i++)
		open_stream(&ada, "Ticks&parameters=%7B%22interval%22:5000%7D", &open[i]);
	for (int i = 0; i < 8; i++)
		free(tls_read(open[i], "retry"));
	expect_status(ask_get("/api/stream?method=io.leonhard.Test.Ticks", ada.both), 429);
	for (int i = 0; i < 8; i++)
		tls_close(open[i]);
	for (int i = 0; i < 100 && status != 200; i++) {
		char *response = ask_get("/api/stream?method=io.leonhard.Test.None", ada.both);

		status = status_of(response);
		free(response);
		pause_ms(10);
	}
	assert_int_equal(status, 200);
}

/* One that reads nothing is cut, stops no other, and makes the daemon hold no more than a bound. */
static void test_stalled_stream(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct person ada;
	struct tls *t;
	long before;

	testwebd_stop();
	testwebd_start("stall_timeout = 2s\n");
	log_in("ada", &ada);
	expect_call(&ada, ECHO, "\"x\"");
	before = testwebd_rss_kib();
	open_stream(&ada, "Store&parameters=%7B%22count%22:100000,%22size%22:4000%7D", &t);
	for (int i = 0; i < 10; i++) {
		expect_call(&ada, ECHO, "\"x\"");
		pause_ms(50);
	}
	assert_true(testwebd_rss_kib() - before < 16 * 1024);
	pause_ms(5000);
	text = tls_read(t, NULL);
	assert_null(strstr(text, "event: end"));
	tls_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, testwebd_teardown)
		TEST(test_files),
		TEST(test_file_headers),
		TEST(test_security_headers),
		TEST(test_reload),
		TEST(test_own_certificate),
		TEST(test_session),
		TEST(test_login_refused),
		TEST(test_login_origin),
		TEST(test_ninth_session),
		TEST(test_bridge_gone),
		TEST(test_expired),
		TEST(test_calls),
		TEST(test_large_reply),
		TEST(test_csrf),
		TEST(test_many_calls),
		TEST(test_late_service),
		TEST(test_interfaces),
		TEST(test_streams),
		TEST(test_stream_ends),
		TEST(test_many_streams),
		TEST(test_stalled_stream),
	};

	return cmocka_run_group_tests(tests, testwebd_group, testwebd_group_end);
}
