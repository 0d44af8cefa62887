/*
 * Tests of str.h's UTF-8, width and escaping: every code point, every wrong sequence of up to three
 * bytes, random bytes there and back, and texts that must not be taken.
 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/strint.h"

/* The encoding as RFC 3629 draws it; surrogates too. */
static size_t encode(uint32_t c, uint8_t out[4])
{
	if (c < 0x80) {
		out[0] = c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = 0xc0 | c >> 6;
		out[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c < 0x10000) {
		out[0] = 0xe0 | c >> 12;
		out[1] = 0x80 | (c >> 6 & 0x3f);
		out[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	out[0] = 0xf0 | c >> 18;
	out[1] = 0x80 | (c >> 12 & 0x3f);
	out[2] = 0x80 | (c >> 6 & 0x3f);
	out[3] = 0x80 | (c & 0x3f);
	return 4;
}

static bool is_surrogate(uint32_t c)
{
	return c >= 0xd800 && c <= 0xdfff;
}

static void test_every_code_point(void **state)
{
	for (uint32_t c = 0; c <= 0x1fffff; c++) {
		bool valid = c <= 0x10ffff && !is_surrogate(c);
		uint8_t bytes[5] = {0, 0, 0, 0, 0x80};
		size_t n = encode(c, bytes);
		uint32_t got = UINT32_MAX;

		/* What follows does not matter; what is missing does. */
		assert_int_equal(str_utf8_sequence(bytes, n + 1, &got), valid ? n : 0);
		assert_int_equal(got, valid ? c : UINT32_MAX);
		assert_int_equal(str_utf8_sequence(bytes, n, &got), valid ? n : 0);
		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(str_utf8_sequence(bytes, cut, &got), 0);
		assert_int_equal(str_utf8_valid(bytes, n), valid);
	}
}

/* There are as many valid sequences of a length as there are code points: no other is taken. */
static void test_every_sequence(void **state)
{
	size_t count[5] = {};
	uint32_t c;

	for (uint32_t i = 0; i < 1 << 24; i++) {
		uint8_t bytes[3] = {i >> 16, i >> 8, i};
		size_t n = str_utf8_sequence(bytes, 3, &c);

		/* Those that are shorter are counted once. */
		if (n == 0 || n == 3 || (i & ((1 << (24 - 8 * n)) - 1)) == 0)
			count[n]++;
	}
	assert_int_equal(count[1], 128);
	assert_int_equal(count[2], 1920);
	assert_int_equal(count[3], 61440);
}

/* Four bytes: the first two at will, the others within and just outside of what may follow. */
static void test_every_long_sequence(void **state)
{
	size_t count = 0;
	uint32_t c;

	for (unsigned lead = 0xf0; lead <= 0xff; lead++)
		for (unsigned second = 0; second <= 0xff; second++)
			for (unsigned rest = 0; rest < 66 * 66; rest++) {
				uint8_t bytes[4] = {lead, second, 0x7f + rest / 66,
						    0x7f + rest % 66};

				count += str_utf8_sequence(bytes, 4, &c) == 4;
			}
	assert_int_equal(count, 0x100000);
}

static void test_valid(void **state)
{
	assert_true(str_utf8_valid("", 0));
	assert_true(str_utf8_valid("a\0\xc3\xa9", 4));
	assert_false(str_utf8_valid("a\xc3", 2));
	assert_false(str_utf8_valid("\xc3\xa9\xa9", 3));
	assert_false(str_utf8_valid("\xed\xa0\x80", 3));
	assert_false(str_utf8_valid("\xf4\x90\x80\x80", 4));
}

static void test_width(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{"", 0},
		{"plain", 5},
		{"Grüße", 5},
		{"e\u0301", 1}, /* e with a combining acute */
		{"漢字", 4},
		{"ｆｕｌｌ", 8},
		{"한글", 4},
		{"\u1112\u1161\u11ab", 2}, /* the same syllable, conjoined */
		{"🙂", 2},
		{"🇩🇪", 2},
		{"a\tb\n", 2},
		{"\xc2\x85", 0},
		{"soft\u00adhyphen", 11},
		{"zero\u200bwidth", 9},
		{"\xff\xc3", 2},
		{"…–€", 3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(str_width(cases[i].text), cases[i].width);
}

/*
 * The C library's tables know the same, of perhaps a newer Unicode: characters that were added
 * since may differ, which are some hundreds in ten years. Before glibc 2.36 there is no C.UTF-8.
 */
static void test_width_against_libc(void **state)
{
	size_t different = 0;

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		int width = wcwidth(c);

		if (width >= 0 && (unsigned)width != str_codepoint_width(c))
			different++;
	}
	setlocale(LC_CTYPE, "C");
	assert_true(different < 300);
}

/* The widest ranges, at their ends. */
static void test_width_ranges(void **state)
{
	static const struct {
		uint32_t c;
		unsigned width;
	} cases[] = {
		{0x10ff, 1},  {0x1100, 2},  {0x115f, 2},  {0x1160, 0},	{0x11ff, 0},   {0x1200, 1},
		{0x2ff, 1},   {0x300, 0},   {0x36f, 0},	  {0x370, 1},	{0xabff, 1},   {0xac00, 2},
		{0xd7a3, 2},  {0xfaff, 2},  {0x1f5fa, 1}, {0x1f5fb, 2}, {0x1f64f, 2},  {0x1f650, 1},
		{0x2fffd, 2}, {0x30000, 2}, {0x3fffd, 2}, {0xe01ef, 0}, {0x10ffff, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(str_codepoint_width(cases[i].c), cases[i].width);
}

static void check_pair(const void *bytes, size_t len, const char *text)
{
	_cleanup_free_ char *written = NULL, *back = NULL;
	size_t back_len = 0;

	assert_int_equal(str_escape(bytes, len, &written), 0);
	if (text)
		assert_string_equal(written, text);
	assert_true(str_utf8_valid(written, strlen(written)));
	assert_int_equal(str_unescape(written, &back, &back_len), 0);
	assert_int_equal(back_len, len);
	assert_memory_equal(back, bytes, len);
	assert_int_equal(back[len], '\0');
}

/* The table of docs/format/escape.md. */
static void test_escape(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} cases[] = {
		{"", 0, ""},
		{"/tmp/Grüße", 12, "/tmp/Grüße"},
		{"a\nb", 3, "a\\x0ab"},
		{"C:\\x", 4, "C:\\x5cx"},
		{"\xe9", 1, "\\xe9"},
		{"\xe2\x82\x41", 3, "\\xe2\\x82A"},
		{"\xc2\x85", 2, "\\xc2\\x85"},
		{"\xc2\xa0", 2, "\xc2\xa0"},
		{"\xc0\xaf", 2, "\\xc0\\xaf"},
		{"\0", 1, "\\x00"},
		{"\x7f ~", 3, "\\x7f ~"},
		{"\xed\xa0\x80", 3, "\\xed\\xa0\\x80"},
		{"\xf0\x9f\x99", 3, "\\xf0\\x9f\\x99"},
		{"\\xff", 4, "\\x5cxff"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_pair(cases[i].bytes, cases[i].len, cases[i].text);
}

/* Bytes that are likely to meet in wrong sequences come more often. */
static void test_escape_random(void **state)
{
	static const uint8_t likely[] = {0x00, 0x1f, '\\', 'x',	 0x7f, 0x80, 0x85,
					 0x9f, 0xa0, 0xbf, 0xc2, 0xc3, 0xe0, 0xe2,
					 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff};
	uint8_t bytes[40];

	srandom(3);
	for (int round = 0; round < 100000; round++) {
		size_t len = random() % (sizeof(bytes) + 1);

		for (size_t i = 0; i < len; i++)
			bytes[i] = random() % 2 ? likely[random() % sizeof(likely)] : random();
		check_pair(bytes, len, NULL);
	}
}

/* All strings of two bytes are written in as many ways: one each. */
static void test_escape_every_pair(void **state)
{
	for (unsigned i = 0; i <= UINT16_MAX; i++)
		check_pair((uint8_t[]){i >> 8, i}, 2, NULL);
}

static void test_unescape_refuses(void **state)
{
	static const char *const wrong[] = {
		"\\",
		"\\x",
		"\\x0",
		"\\xg0",
		"\\x0g",
		"\\X0a",
		"\\n",
		"\\\\",
		"\\x41",
		"\\x20",
		"\\x7e",
		"\\x5C\\",
		"\\xc3\\xa9",
		"\\xC3\\xA9",
		"a\nb",
		"\x7f",
		"\xc2\x85",
		"\xff",
		"\xc3",
		"\xed\xa0\x80",
		"\\xe2\\x82\\xac",
		"\\xf0\\x9f\\x99\\x82",
		"\\u0041",
		"\\x 1",
		"\\x-1",
		"\\x0x",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char *bytes = NULL;
		size_t len = 77;

		assert_int_equal(str_unescape(wrong[i], &bytes, &len), -EINVAL);
		assert_null(bytes);
		assert_int_equal(len, 77);
	}
}

static void test_unescape_case(void **state)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len;

	assert_int_equal(str_unescape("\\xFf\\x5CX\\x0A", &bytes, &len), 0);
	assert_int_equal(len, 4);
	assert_memory_equal(bytes, "\xff\\X\n", 5);
}

static void test_escape_too_long(void **state)
{
	volatile size_t len = SIZE_MAX / 2;
	char *text = NULL;

	assert_int_equal(str_escape("", len, &text), -ENOMEM);
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code_point),
		cmocka_unit_test(test_every_sequence),
		cmocka_unit_test(test_every_long_sequence),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_width_against_libc),
		cmocka_unit_test(test_width_ranges),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_random),
		cmocka_unit_test(test_escape_every_pair),
		cmocka_unit_test(test_unescape_refuses),
		cmocka_unit_test(test_unescape_case),
		cmocka_unit_test(test_escape_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
