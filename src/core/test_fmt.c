/*
 * Tests of fmt.c: a large number of directives and values against the C library's snprintf(), and
 * what differs from it on purpose. The formats are random, from a seed, so that a failure returns.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <cmocka.h>

#include "core/fmt.h"

enum { ROUNDS = 400000, TEXT_MAX = 256 };

/* Called through pointers that the compiler does not see through: it checks literals, not these. */
static size_t (*volatile ours)(char *, size_t, const char *, ...) = fmt_buf;
static int (*volatile host)(char *, size_t, const char *, ...) = snprintf;

struct sample {
	char format[64];
	char letter;
	const char *length; /* "", "hh", … */
	int star_count, stars[2];
	uint64_t value; /* what the argument is cut out of */
	const char *string;
};

static unsigned pick(unsigned count)
{
	return random() % count;
}

static void add(struct sample *s, const char *text)
{
	strcat(s->format, text);
}

/* Nothing, a number or a star for it. */
static void add_number(struct sample *s, int max)
{
	char text[12];

	switch (pick(3)) {
	case 0:
		snprintf(text, sizeof(text), "%u", 1 + pick(max));
		add(s, text);
		break;
	case 1:
		s->stars[s->star_count++] = (int)pick(2 * max) - max;
		add(s, "*");
		break;
	}
}

static void add_flags(struct sample *s, const char *allowed)
{
	for (; *allowed; allowed++)
		if (pick(3) == 0)
			add(s, (char[]){*allowed, '\0'});
}

/* Flags that C leaves undefined for a conversion are not tried on it. */
static const struct {
	const char *letters, *flags;
	bool has_precision, has_length;
} classes[] = {
	{"di", "-+ 0", true, true}, {"u", "-+ 0", true, true}, {"oxX", "-+ #0", true, true},
	{"c", "-", false, false},   {"s", "-", true, false},   {"p", "-", false, false},
};

static uint64_t random_value(void)
{
	static const uint64_t edges[] = {
		0,
		1,
		7,
		8,
		9,
		10,
		15,
		16,
		99,
		100,
		127,
		128,
		255,
		256,
		32767,
		32768,
		65535,
		65536,
		INT32_MAX,
		UINT64_C(1) << 31,
		UINT32_MAX,
		UINT64_C(1) << 32,
		UINT64_C(9999999999),
		UINT64_C(10000000000),
		INT64_MAX,
		UINT64_C(1) << 63,
		UINT64_MAX,
		UINT64_MAX - 1,
	};
	uint64_t v = (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ random();

	return pick(2) ? edges[pick(ARRAY_SIZE(edges))] : v >> pick(64);
}

static struct sample random_sample(void)
{
	static const char *const lengths[] = {"", "hh", "h", "l", "ll", "z"};
	static const char *const strings[] = {"", "a", "four", "a somewhat longer text"};
	unsigned class = pick(ARRAY_SIZE(classes));
	const char *letters = classes[class].letters;
	struct sample s = {
		.letter = letters[pick(strlen(letters))],
		.length = classes[class].has_length ? lengths[pick(ARRAY_SIZE(lengths))] : "",
		.value = random_value(),
		.string = strings[pick(ARRAY_SIZE(strings))],
	};

	add(&s, pick(2) ? "<%" : "%");
	add_flags(&s, classes[class].flags);
	add_number(&s, 40);
	if (classes[class].has_precision && pick(2)) {
		add(&s, ".");
		add_number(&s, 30);
	}
	add(&s, s.length);
	add(&s, (char[]){s.letter, '\0'});
	add(&s, pick(2) ? ">" : "");
	return s;
}

#define CALL(function, out, size, s, argument)                               \
	((s)->star_count == 0 ? function(out, size, (s)->format, argument)   \
	 : (s)->star_count == 1                                              \
		 ? function(out, size, (s)->format, (s)->stars[0], argument) \
		 : function(out, size, (s)->format, (s)->stars[0], (s)->stars[1], argument))

/* Calls one of the two functions with the argument that the format asks for. */
#define FORMAT(function, out, size, s)                                                            \
	((s)->letter == 's'   ? CALL(function, out, size, s, (s)->string)                         \
	 : (s)->letter == 'p' ? CALL(function, out, size, s, (void *)(uintptr_t)((s)->value | 1)) \
	 : strcmp((s)->length, "l") == 0  ? CALL(function, out, size, s, (long)(s)->value)        \
	 : strcmp((s)->length, "ll") == 0 ? CALL(function, out, size, s, (long long)(s)->value)   \
	 : strcmp((s)->length, "z") == 0  ? CALL(function, out, size, s, (ssize_t)(s)->value)     \
					  : CALL(function, out, size, s, (int)(s)->value))

static void test_against_host(void **state)
{
	char expected[TEXT_MAX], text[TEXT_MAX];

	srandom(20);
	for (int round = 0; round < ROUNDS; round++) {
		struct sample s = random_sample();
		size_t len = FORMAT(host, expected, sizeof(expected), &s), size;

		assert_true(len < sizeof(expected));
		if (FORMAT(ours, text, sizeof(text), &s) != len || memcmp(text, expected, len + 1))
			fail_msg("%s of %llx: \"%s\" instead of \"%s\"", s.format,
				 (unsigned long long)s.value, text, expected);
		/* Cut anywhere, the length is the same and nothing is written behind. */
		size = pick(len + 2);
		memset(text, 'x', sizeof(text));
		assert_int_equal(FORMAT(ours, text, size, &s), len);
		if (size) {
			assert_memory_equal(text, expected, size - 1);
			assert_int_equal(text[size - 1], '\0');
		}
		assert_int_equal(text[size], 'x');
	}
}

static void test_literal(void **state)
{
	char text[64];

	assert_int_equal(
		fmt_buf(text, sizeof(text), "cpu%u: %s at 0x%08x, %d%%", 3U, "stuck", 0xbeefU, -5),
		30);
	assert_string_equal(text, "cpu3: stuck at 0x0000beef, -5%");
}

/* The sink gets pieces that are not empty; together they are the text. */
static void collect(void *data, const char *bytes, size_t len)
{
	char *text = data;

	assert_int_not_equal(len, 0);
	strncat(text, bytes, len);
}

static void test_sink(void **state)
{
	char text[TEXT_MAX] = "";

	assert_int_equal(fmt_sink(collect, text, "%s%40d|%-20s|%c%%%s", "", -7, "left", 'c', ""),
			 64);
	assert_string_equal(text,
			    "                                      -7|left                |c%");
	assert_int_equal(fmt_sink(collect, text, "%s", ""), 0);
}

/* Needs no NUL behind a string that the precision bounds. */
static void test_bounded_string(void **state)
{
	char text[8], *three = malloc(3);

	assert_non_null(three);
	memcpy(three, "abc", 3);
	assert_int_equal(fmt_buf(text, sizeof(text), "%.3s%.*s", three, 2, three), 5);
	assert_string_equal(text, "abcab");
	free(three);
}

static void test_ours(void **state)
{
	static const struct {
		const char *format, *text;
	} cases[] = {
		{"%s|%p", "(null)|0x0"},
		{"%.2s|%5p", "(n|  0x0"},
		/* What is no directive ends the conversion. */
		{"%f %s", "%f %s"},
		{"a%", "a%"},
		{"a%-5.", "a%-5."},
		{"%lc%s", "%lc%s"},
		{"%n%s", "%n%s"},
		{"%hhhd", "%hhhd"},
		{"%p %lls", "0x0 %lls"},
		{"%$s", "%$s"},
	};
	char text[32];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(ours(text, sizeof(text), cases[i].format, NULL, NULL),
				 strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
}

static void test_wide(void **state)
{
	static const char *const formats[] = {
		"%5000d",
		"%-99999999999999999999d",
		"%.5000d",
		"%.99999999999d",
		"%05000d",
		/* 2^32 + 1 is not 1. */
		"%4294967297d",
	};
	char text[8];

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		assert_int_equal(ours(text, sizeof(text), formats[i], 1), FMT_WIDTH_MAX);
	assert_int_equal(ours(text, sizeof(text), "%*d", INT_MIN, 1), FMT_WIDTH_MAX);
	assert_int_equal(ours(text, sizeof(text), "%*d", INT_MAX, 1), FMT_WIDTH_MAX);
	assert_int_equal(ours(text, sizeof(text), "%.*d", INT_MIN, 1), 1);
	assert_int_equal(ours(text, sizeof(text), "%.*s", INT_MAX, "all"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_host), cmocka_unit_test(test_literal),
		cmocka_unit_test(test_sink),	     cmocka_unit_test(test_bounded_string),
		cmocka_unit_test(test_ours),	     cmocka_unit_test(test_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
