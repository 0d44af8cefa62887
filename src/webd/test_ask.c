/*
 * Tests of what a browser sends: bodies, queries, cookies and the other headers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "webd/ask.h"

/* ---- login ---- */

static int login(const char *body, struct login_request *ret_request)
{
	const char *problem = NULL;
	int r = ask_login(body, strlen(body), ret_request, &problem);

	assert_int_equal(r < 0, problem != NULL);
	return r;
}

static void test_login(void **state)
{
	struct login_request request = {};

	assert_int_equal(login("{\"user\":\"ada\",\"password\":\"p \\u00e9\"}", &request), 0);
	assert_int_equal(request.magic, LOGIN_MAGIC);
	assert_string_equal(request.user, "ada");
	assert_string_equal(request.password, "p \xc3\xa9");
	assert_string_equal(request.address, "");
}

static void test_login_refused(void **state)
{
	static const char *const bodies[] = {
		"",
		"[]",
		"null",
		"{}",
		"{\"user\":\"ada\"}",
		"{\"user\":\"ada\",\"password\":\"\"}",
		"{\"user\":\"\",\"password\":\"x\"}",
		"{\"user\":1,\"password\":\"x\"}",
		"{\"user\":\"ada\",\"password\":[\"x\"]}",
		"{\"user\":\"ada\",\"password\":\"x\",\"more\":1}",
		"{\"user\":\"ada\",\"user\":\"bob\",\"password\":\"x\"}",
		"{\"user\":\"a\\u0000b\",\"password\":\"x\"}",
		"{\"user\":\"a b\",\"password\":\"x\"}",
		"{\"user\":\"../a\",\"password\":\"x\"}",
		"{\"user\":\"a\\nb\",\"password\":\"x\"}",
		"{\"user\":\"ada\",\"password\":\"x\"} ",
		"{\"user\":\"ada\",\"password\":\"x\"}{}",
		"[[[[[[[[[[[[",
	};
	static const char untouched[] = "before";
	struct login_request request;

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		memcpy(request.password, untouched, sizeof(untouched));
		/* White space at the end is still JSON. */
		assert_int_equal(login(bodies[i], &request), i == 15 ? 0 : -EINVAL);
		assert_string_equal(request.password, i == 15 ? "x" : untouched);
	}
}

static void login_of_length(size_t user, size_t password, int expected)
{
	char body[2048], u[1024] = {}, p[1024] = {};
	struct login_request request;

	memset(u, 'u', user);
	memset(p, 'p', password);
	snprintf(body, sizeof(body), "{\"user\":\"%s\",\"password\":\"%s\"}", u, p);
	assert_int_equal(login(body, &request), expected);
}

static void test_login_bounds(void **state)
{
	login_of_length(LOGIN_USER_MAX - 1, LOGIN_PASSWORD_MAX - 1, 0);
	login_of_length(LOGIN_USER_MAX, 8, -EINVAL);
	login_of_length(8, LOGIN_PASSWORD_MAX, -EINVAL);
}

/* ---- calls ---- */

static void test_call(void **state)
{
	static const char body[] =
		"{\"method\":\"io.leonhard.Test.Echo\",\"parameters\":{\"text\":\"x\"}}";
	_cleanup_free_ char *text = NULL;
	const char *problem;
	struct ask_call call;
	size_t len;

	assert_int_equal(ask_call(body, sizeof(body) - 1, &call, &problem), 0);
	assert_string_equal(call.interface, "io.leonhard.Test");
	assert_int_equal(ask_call_text(&call, "7", true, &text, &len), 0);
	assert_int_equal(text[len - 1], '\0');
	assert_int_equal(strlen(text), len - 1);
	assert_non_null(strstr(text, "\"more\":true"));
	assert_non_null(strstr(text, "\"after\":\"7\""));
	assert_non_null(strstr(text, "\"text\":\"x\""));
	ask_call_deinit(&call);
}

static void test_call_refused(void **state)
{
	static const char *const bodies[] = {
		"",
		"{",
		"[]",
		"{\"method\":1}",
		"{\"parameters\":{}}",
		"{\"method\":\"Echo\"}",
		"{\"method\":\"Test.Echo\"}",
		"{\"method\":\"/etc/passwd.x.y\"}",
		"{\"method\":\"../io.leonhard.Test.Echo\"}",
		"{\"method\":\"unix:/run/x.y.Z\"}",
		"{\"method\":\"io.leonhard.Test.Echo\",\"parameters\":[]}",
		"{\"method\":\"io.leonhard.Test.Echo\",\"method\":\"io.leonhard.Test.Who\"}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct ask_call call = {};
		const char *problem = NULL;

		assert_int_equal(ask_call(bodies[i], strlen(bodies[i]), &call, &problem), -EINVAL);
		assert_non_null(problem);
		assert_null(call.root);
	}
}

static void test_stream(void **state)
{
	const char *problem = NULL;
	struct ask_call call;

	assert_int_equal(ask_stream("io.leonhard.Test.Ticks", NULL, &call, &problem), 0);
	assert_null(call.parameters);
	ask_call_deinit(&call);
	assert_int_equal(ask_stream("io.leonhard.Test.Ticks", "{\"a\":1}", &call, &problem), 0);
	assert_int_equal(json_object_size(call.parameters), 1);
	ask_call_deinit(&call);
	assert_int_equal(ask_stream(NULL, "{}", &call, &problem), -EINVAL);
	assert_int_equal(ask_stream("io.leonhard.Test.Ticks", "{", &call, &problem), -EINVAL);
	assert_int_equal(ask_stream("io.leonhard.Test.Ticks", "7", &call, &problem), -EINVAL);
}

/* ---- headers ---- */

static void cookie_is(const char *header, const char *expected)
{
	const char *value = NULL;
	size_t len = 0;

	assert_int_equal(ask_cookie(header, &value, &len), expected != NULL);
	if (expected) {
		assert_int_equal(len, strlen(expected));
		assert_memory_equal(value, expected, len);
	}
}

static void test_cookie(void **state)
{
	cookie_is("__Host-leonhard=abc", "abc");
	cookie_is("a=1; __Host-leonhard=abc; b=2", "abc");
	cookie_is("a=1;__Host-leonhard=abc ;b=2", "abc");
	cookie_is(" ;; __Host-leonhard=", "");
	cookie_is("x__Host-leonhard=abc", NULL);
	cookie_is("__Host-leonhard", NULL);
	cookie_is("__host-leonhard=abc", NULL);
	cookie_is("a=__Host-leonhard=abc", NULL);
	cookie_is("__Host-leonhard=abc; __Host-leonhard=def", NULL);
	cookie_is("", NULL);
	cookie_is(NULL, NULL);
}

static void test_origin(void **state)
{
	static const struct {
		struct ask_origin origin;
		bool same, told;
	} cases[] = {
		{{"node:8443", NULL, NULL}, true, false},
		{{"node:8443", "https://node:8443", NULL}, true, true},
		{{"node:8443", "https://NODE:8443", "same-origin"}, true, true},
		{{"node:8443", NULL, "same-origin"}, true, true},
		{{"node:8443", "http://node:8443", NULL}, false, false},
		{{"node:8443", "https://node", NULL}, false, false},
		{{"node:8443", "https://node:8443.evil", NULL}, false, false},
		{{"node:8443", "null", NULL}, false, false},
		{{"node:8443", "https://node:8443", "cross-site"}, false, false},
		{{"node:8443", NULL, "same-site"}, false, false},
		{{"node:8443", NULL, "none"}, false, false},
		{{NULL, "https://node:8443", NULL}, false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool told = false;

		assert_int_equal(ask_same_origin(&cases[i].origin, &told), cases[i].same);
		assert_int_equal(told, cases[i].told);
	}
}

static void test_framing(void **state)
{
	static const struct {
		struct ask_framing framing;
		bool clear;
	} cases[] = {
		{{NULL, NULL, 0, 0, 1, false}, true},
		{{NULL, "12", 0, 1, 1, false}, true},
		{{"chunked", NULL, 1, 0, 1, false}, true},
		{{NULL, NULL, 0, 0, 0, true}, true},
		{{NULL, NULL, 0, 0, 0, false}, false},
		{{NULL, NULL, 0, 0, 2, false}, false},
		{{"chunked", "12", 1, 1, 1, false}, false},
		{{NULL, "12", 0, 2, 1, false}, false},
		{{"chunked", NULL, 2, 0, 1, false}, false},
		{{"gzip, chunked", NULL, 1, 0, 1, false}, false},
		{{"xchunked", NULL, 1, 0, 1, false}, false},
		{{"chunked", NULL, 1, 0, 1, true}, false},
		{{NULL, "+12", 0, 1, 1, false}, false},
		{{NULL, "0x12", 0, 1, 1, false}, false},
		{{NULL, "12, 12", 0, 1, 1, false}, false},
		{{NULL, "", 0, 1, 1, false}, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(ask_framing_clear(&cases[i].framing), cases[i].clear);
}

static void test_small_headers(void **state)
{
	assert_true(ask_is_json("application/json"));
	assert_true(ask_is_json("Application/JSON; charset=utf-8"));
	assert_false(ask_is_json("application/jsonx"));
	assert_false(ask_is_json("text/plain"));
	assert_false(ask_is_json("text/plain; application/json"));
	assert_false(ask_is_json(NULL));
	assert_true(ask_takes_gzip("gzip"));
	assert_true(ask_takes_gzip("deflate, gzip;q=0.5, br"));
	assert_false(ask_takes_gzip("gzip;q=0"));
	assert_false(ask_takes_gzip("gzip; q=0.000, br"));
	assert_false(ask_takes_gzip("xgzip, gzipx"));
	assert_false(ask_takes_gzip(""));
	assert_false(ask_takes_gzip(NULL));
	assert_true(ask_has_etag("\"a\"", "\"a\""));
	assert_true(ask_has_etag("\"b\", W/\"a\"", "\"a\""));
	assert_true(ask_has_etag("*", "\"a\""));
	assert_false(ask_has_etag("\"ab\"", "\"a\""));
	assert_false(ask_has_etag(NULL, "\"a\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),	     cmocka_unit_test(test_login_refused),
		cmocka_unit_test(test_login_bounds), cmocka_unit_test(test_call),
		cmocka_unit_test(test_call_refused), cmocka_unit_test(test_stream),
		cmocka_unit_test(test_cookie),	     cmocka_unit_test(test_origin),
		cmocka_unit_test(test_framing),	     cmocka_unit_test(test_small_headers),
	};

	ask_wipe_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
