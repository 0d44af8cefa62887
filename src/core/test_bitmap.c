/*
 * Tests of bitmap.c: single bits and ranges against an array of bools, searches at every place,
 * and lists as the kernel writes them, with everything that is none.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/bitmap.h"
#include "core/test_trap.h"

enum { BITS_MAX = 200 };

/* The bitmap says the same as @model in every respect. */
static void check(const struct bitmap *b, const bool *model)
{
	size_t n = b->bit_count, set = n, zero = n, count = 0;

	for (size_t i = n; i-- > 0;) {
		assert_int_equal(bitmap_test(b, i), model[i]);
		*(model[i] ? &set : &zero) = i;
		count += model[i];
		assert_int_equal(bitmap_find_set(b, i), set);
		assert_int_equal(bitmap_find_zero(b, i), zero);
	}
	assert_int_equal(bitmap_count(b), count);
	assert_int_equal(bitmap_find_set(b, n), n);
	assert_int_equal(bitmap_find_zero(b, n), n);
	assert_int_equal(bitmap_find_zero(b, n + 1), n);
	assert_int_equal(bitmap_find_set(b, n + 1000), n);
	assert_int_equal(bitmap_find_set(b, SIZE_MAX), n);
	assert_false(bitmap_test(b, n));
	assert_false(bitmap_test(b, SIZE_MAX));
}

static void test_against_model(void **state)
{
	static const size_t sizes[] = {0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 129, BITS_MAX};
	unsigned long words[BITMAP_WORDS(BITS_MAX) + 1];
	struct bitmap b;

	srandom(1);
	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		bool model[BITS_MAX] = {};
		size_t n = sizes[s];

		memset(words, 0xa5, sizeof(words));
		bitmap_init(&b, words, n);
		check(&b, model);
		for (int round = 0; n && round < 50; round++) {
			size_t first = random() % (n + 1), count = random() % (n - first + 1);
			bool value = random() & 1;

			(value ? bitmap_set_range : bitmap_clear_range)(&b, first, count);
			memset(model + first, value, count);
			first = random() % n;
			(value ? bitmap_clear : bitmap_set)(&b, first);
			model[first] = !value;
			check(&b, model);
		}
		/* Nothing was written behind the map. */
		assert_int_equal(words[BITMAP_WORDS(n)] & 0xff, 0xa5);
	}
}

static struct bitmap small(unsigned long *words, size_t bit_count)
{
	struct bitmap b;

	bitmap_init(&b, words, bit_count);
	return b;
}

static void set_beyond(void)
{
	unsigned long word;
	struct bitmap b = small(&word, 10);

	bitmap_set(&b, 10);
}

static void clear_beyond(void)
{
	unsigned long word;
	struct bitmap b = small(&word, 10);

	bitmap_clear(&b, SIZE_MAX);
}

static void set_range_beyond(void)
{
	unsigned long word;
	struct bitmap b = small(&word, 10);

	bitmap_set_range(&b, 5, 6);
}

static void clear_range_around(void)
{
	unsigned long word;
	struct bitmap b = small(&word, 10);

	bitmap_clear_range(&b, 5, SIZE_MAX - 2);
}

static void test_bugs(void **state)
{
	assert_true(traps(set_beyond));
	assert_true(traps(clear_beyond));
	assert_true(traps(set_range_beyond));
	assert_true(traps(clear_range_around));
}

static void test_parse(void **state)
{
	/* @canonical NULL: refused with @r. The map has 128 bits. */
	static const struct {
		const char *text, *canonical;
		int r;
	} cases[] = {
		{"0-3,8,10-11\n", "0-3,8,10-11", 0},
		{"", "", 0},
		{"\n", "", 0},
		{"0", "0", 0},
		{"127", "127", 0},
		{"0-127", "0-127", 0},
		{"5-5", "5", 0},
		{"3,1,2", "1-3", 0},
		{"1-4,2-6", "1-6", 0},
		{"1,1", "1", 0},
		{"007", "7", 0},
		{"63-64", "63-64", 0},
		{"128", NULL, -ERANGE},
		{"0-128", NULL, -ERANGE},
		{"18446744073709551616", NULL, -ERANGE},
		{"0-99999999999999999999999", NULL, -ERANGE},
		{"3-1", NULL, -EINVAL},
		{",", NULL, -EINVAL},
		{"1,", NULL, -EINVAL},
		{",1", NULL, -EINVAL},
		{"1,,2", NULL, -EINVAL},
		{"1-", NULL, -EINVAL},
		{"-1", NULL, -EINVAL},
		{"1-2-3", NULL, -EINVAL},
		{"1--2", NULL, -EINVAL},
		{" 1", NULL, -EINVAL},
		{"1 ", NULL, -EINVAL},
		{"1, 2", NULL, -EINVAL},
		{"+1", NULL, -EINVAL},
		{"0x1", NULL, -EINVAL},
		{"1\n\n", NULL, -EINVAL},
		{"\n1", NULL, -EINVAL},
		{"all", NULL, -EINVAL},
		{"0-7:2/4", NULL, -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *expected = cases[i].canonical ? cases[i].canonical : "77";
		unsigned long words[BITMAP_WORDS(128)];
		struct bitmap b = small(words, 128);
		char text[64];

		bitmap_set(&b, 77);
		assert_int_equal(bitmap_parse_list(&b, cases[i].text, strlen(cases[i].text)),
				 cases[i].r);
		assert_int_equal(bitmap_format_list(&b, text, sizeof(text)), strlen(expected));
		assert_string_equal(text, expected);
	}
}

/* The length counts, not a NUL: what is behind it is not looked at, a NUL before it is no digit. */
static void test_parse_length(void **state)
{
	unsigned long words[1];
	struct bitmap b = small(words, 32);

	assert_int_equal(bitmap_parse_list(&b, "1,2x", 3), 0);
	assert_int_equal(bitmap_count(&b), 2);
	assert_int_equal(bitmap_parse_list(&b, "1\0", 2), -EINVAL);
	b = small(words, 0);
	assert_int_equal(bitmap_parse_list(&b, "", 0), 0);
	assert_int_equal(bitmap_parse_list(&b, "0", 1), -ERANGE);
}

static void test_format_cuts(void **state)
{
	unsigned long words[2];
	struct bitmap b = small(words, 64);
	char text[8];

	bitmap_set_range(&b, 0, 4);
	bitmap_set_range(&b, 60, 4);
	for (size_t size = 0; size <= sizeof(text); size++) {
		memset(text, 'x', sizeof(text));
		assert_int_equal(bitmap_format_list(&b, text, size), 9);
		if (size) {
			assert_memory_equal(text, "0-3,60-63", size - 1);
			assert_int_equal(text[size - 1], '\0');
		}
		if (size < sizeof(text))
			assert_int_equal(text[size], 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_model), cmocka_unit_test(test_bugs),
		cmocka_unit_test(test_parse),	      cmocka_unit_test(test_parse_length),
		cmocka_unit_test(test_format_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
