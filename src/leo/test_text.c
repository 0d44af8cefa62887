/*
 * Tests of text.c: nothing that a terminal obeys comes through, and what is safe stays as it is.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/text.h"

static void test_clean(void **state)
{
	static const struct {
		const char *bytes, *text;
		size_t len;
	} cases[] = {
		{"", "", 0},
		{"plain é 漢", "plain é 漢", 12},
		{"\\x1b stays", "\\x1b stays", 10},
		{"a\tb\nc\rd", "a\\x09b\\x0ac\\x0dd", 7},
		{"\033[31mred", "\\x1b[31mred", 8},
		{"\177", "\\x7f", 1},
		{"a\0b", "a\\x00b", 3},
		{"\xc2\x9b"
		 "2J",
		 "\\xc2\\x9b2J", 4},
		{"\xc2\xa0", "\xc2\xa0", 2},
		{"\xff\xfe", "\\xff\\xfe", 2},
		{"\xe6\xbc", "\\xe6\\xbc", 2},
		{"\xc0\xaf", "\\xc0\\xaf", 2},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80", 3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;

		assert_int_equal(text_clean(cases[i].bytes, cases[i].len, &text), 0);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_json(void **state)
{
	_cleanup_(json_decrefp) json_t *value = json_pack(
		"{s:s, s:[s, i, n, b]}", "k\033", "\033]0;x\007\177\xc2\x9b\\", "é", "\n", 7, 1);
	_cleanup_(json_decrefp) json_t *again = NULL;
	_cleanup_free_ char *line = NULL;

	assert_int_equal(text_json(value, &line), 0);
	assert_string_equal(line, "{\"k\\u001B\":\"\\u001B]0;x\\u0007\\u007F\\u009B\\\\\","
				  "\"é\":[\"\\n\",7,null,true]}");
	again = json_loads(line, 0, NULL);
	assert_true(json_equal(value, again));
}

static void test_clean_json(void **state)
{
	_cleanup_(json_decrefp) json_t *value = json_pack("{s:s, s:[s, {s:f}], s:n}", "a\n",
							  "b\033", "c", "\\x1b", "\177", 1.5, "d");
	_cleanup_(json_decrefp) json_t *clean = text_clean_json(value);
	_cleanup_(json_decrefp) json_t *missing = text_clean_json(NULL);
	_cleanup_free_ char *line = NULL;

	assert_int_equal(text_json(clean, &line), 0);
	assert_string_equal(line,
			    "{\"a\\\\x0a\":\"b\\\\x1b\",\"c\":[\"\\\\x1b\",{\"\\\\x7f\":1.5}],"
			    "\"d\":null}");
	assert_true(json_is_null(missing));
}

static void test_bytes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{1536, "1.5 KiB"},
		{1024 * 1024, "1.0 MiB"},
		{UINT64_C(8) << 30, "8.0 GiB"},
		{UINT64_MAX, "16.0 EiB"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[TEXT_BYTES_MAX];

		text_bytes(cases[i].bytes, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_summary(void **state)
{
	static const struct {
		const char *comment, *text;
	} cases[] = {
		{"", ""},
		{"One. Two.", "One"},
		{"One\ntwo.\nThree.", "One two"},
		{"version 1.2 of it", "version 1.2 of it"},
		{"a\033b.", "a\\x1bb"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;

		assert_int_equal(text_summary(cases[i].comment, &text), 0);
		assert_string_equal(text, cases[i].text);
	}
}

static void wraps(const char *text, unsigned indent, unsigned column, unsigned width,
		  const char *expected)
{
	_cleanup_free_ char *got = NULL;
	size_t len;
	FILE *f = open_memstream(&got, &len);

	text_wrap(f, text, indent, column, width);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(got, expected);
}

static void test_wrap(void **state)
{
	wraps("", 2, 0, 30, "\n");
	wraps(" one\ntwo\t three ", 0, 0, 30, "one two three\n");
	wraps("one two three", 2, 0, 30, "  one two three\n");
	wraps("1234567890 1234567890 123456789", 2, 0, 23,
	      "  1234567890 1234567890\n  123456789\n");
	wraps("1234567890 1234567890 123456789", 2, 1, 22, " 1234567890\n  1234567890 123456789\n");
	wraps("behind", 2, 7, 30, " behind\n");
	wraps("1234567890123456789012345678901234567890 x", 4, 0, 1,
	      "    1234567890123456789012345678901234567890\n    x\n");
	wraps("漢漢漢漢漢 漢漢漢漢漢 漢", 0, 0, 22, "漢漢漢漢漢 漢漢漢漢漢\n漢\n");
	wraps("a\033[2Jb", 0, 0, 30, "a\\x1b[2Jb\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),	   cmocka_unit_test(test_json),
		cmocka_unit_test(test_clean_json), cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_summary),	   cmocka_unit_test(test_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
