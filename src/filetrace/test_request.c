/*
 * Tests of request.c: requests that are none, and what is at the bounds.
 */
#include "filetrace/request.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/watchset.h"

#define HEAD "leonhard-trace watches 1\n"

static void test_good(void **state)
{
	static const char text[] = HEAD "request 17\n/etc\n/srv/\\xff*\n";
	_cleanup_(request_deinit) struct request r = {};
	_cleanup_free_ char *again = NULL;
	size_t len;

	assert_int_equal(request_parse(text, strlen(text), &r), 0);
	assert_int_equal(r.number, 17);
	assert_string_equal(r.patterns[0], "/etc");
	assert_string_equal(r.patterns[1], "/srv/\xff*");
	assert_null(r.patterns[2]);
	assert_int_equal(request_format(&r, &again, &len), 0);
	assert_int_equal(len, strlen(text));
	assert_string_equal(again, text);
}

static void test_cases(void **state)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{HEAD "request 0\n", 0},
		{HEAD "request 18446744073709551615\n/a\n", 0},
		{HEAD "request 18446744073709551616\n", -EINVAL},
		{HEAD "request -1\n", -EINVAL},
		{HEAD "request \n", -EINVAL},
		{HEAD "request 1", -EINVAL},
		{HEAD, -EINVAL},
		{"", -EINVAL},
		{"leonhard-trace watches 2\nrequest 1\n", -EINVAL},
		{"leonhard-trace watches 1\r\nrequest 1\n", -EINVAL},
		{HEAD "request 1\n/etc", -EINVAL},
		{HEAD "request 1\netc\n", -EINVAL},
		{HEAD "request 1\n\n", -EINVAL},
		{HEAD "request 1\n/a\\x00b\n", -EINVAL},
		{HEAD "request 1\n/a\\x41\n", -EINVAL},
		{HEAD "request 1\n/\xff\n", -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct request r = {.number = 42};

		assert_int_equal(request_parse(cases[i].text, strlen(cases[i].text), &r),
				 cases[i].r);
		if (cases[i].r < 0)
			assert_int_equal(r.number, 42);
		else
			request_deinit(&r);
	}
	assert_int_equal(
		request_parse(HEAD "request 1\n\0", strlen(HEAD) + 11, &(struct request){}),
		-EINVAL);
}

/* A pattern, and a number of them, of just the size that there may be, and one more. */
static void test_bounds(void **state)
{
	static char pattern[WATCH_PATTERN_BYTES + 1], *many[WATCH_PATTERNS + 2];
	char *one[] = {pattern, NULL}, short_one[] = "/a";
	struct request r = {.number = 1, .patterns = one}, parsed;
	char *text;
	size_t len;

	memset(pattern, 'x', WATCH_PATTERN_BYTES);
	pattern[0] = '/';
	assert_int_equal(request_format(&r, &text, &len), 0);
	assert_int_equal(request_parse(text, len, &parsed), -EINVAL);
	free(text);
	pattern[WATCH_PATTERN_BYTES - 1] = '\0';
	assert_int_equal(request_format(&r, &text, &len), 0);
	assert_int_equal(request_parse(text, len, &parsed), 0);
	request_deinit(&parsed);
	free(text);

	r.patterns = many;
	for (size_t i = 0; i <= WATCH_PATTERNS; i++)
		many[i] = short_one;
	assert_int_equal(request_format(&r, &text, &len), -E2BIG);
	many[WATCH_PATTERNS] = NULL;
	assert_int_equal(request_format(&r, &text, &len), 0);
	assert_int_equal(request_parse(text, len, &parsed), 0);
	assert_int_equal(str_vector_count(parsed.patterns), WATCH_PATTERNS);
	request_deinit(&parsed);
	free(text);
	/* Escaped, this is more than a file may have. */
	memset(pattern + 1, 0xff, WATCH_PATTERN_BYTES - 2);
	for (size_t i = 0; i < 100; i++)
		many[i] = pattern;
	assert_int_equal(request_format(&r, &text, &len), -E2BIG);
	text = calloc(1, REQUEST_BYTES_MAX + 1);
	assert_int_equal(request_parse(text, REQUEST_BYTES_MAX + 1, &parsed), -EINVAL);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
