/*
 * Tests of parse.c: the edges of every bound, and everything that only looks like a number.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/parse.h"

static void test_u64(void **state)
{
	static const struct {
		const char *text;
		uint64_t min, max, value;
		int r;
	} cases[] = {
		{"0", 0, 9, 0, 0},
		{"9", 0, 9, 9, 0},
		{"10", 0, 9, 0, -ERANGE},
		{"4", 5, 9, 0, -ERANGE},
		{"18446744073709551615", 0, UINT64_MAX, UINT64_MAX, 0},
		{"18446744073709551616", 0, UINT64_MAX, 0, -ERANGE},
		{"", 0, 9, 0, -EINVAL},
		{"-1", 0, 9, 0, -EINVAL},
		{"+1", 0, 9, 0, -EINVAL},
		{" 1", 0, 9, 0, -EINVAL},
		{"1 ", 0, 9, 0, -EINVAL},
		{"0x1", 0, 9, 0, -EINVAL},
		{"1K", 0, UINT64_MAX, 0, -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v = 42;

		assert_int_equal(parse_u64(cases[i].text, cases[i].min, cases[i].max, &v),
				 cases[i].r);
		assert_int_equal(v, cases[i].r ? 42 : cases[i].value);
	}
}

static void test_bytes(void **state)
{
	static const struct {
		const char *text;
		uint64_t max, value;
		int r;
	} cases[] = {
		{"512", 4096, 512, 0},
		{"4K", 4096, 4096, 0},
		{"5K", 4096, 0, -ERANGE},
		{"2G", UINT64_MAX, UINT64_C(2) << 30, 0},
		{"16777215T", UINT64_MAX, UINT64_C(16777215) << 40, 0},
		{"16777216T", UINT64_MAX, 0, -ERANGE},
		{"1k", 4096, 0, -EINVAL},
		{"1KB", 4096, 0, -EINVAL},
		{"K", 4096, 0, -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v = 42;

		assert_int_equal(parse_bytes(cases[i].text, 0, cases[i].max, &v), cases[i].r);
		assert_int_equal(v, cases[i].r ? 42 : cases[i].value);
	}
}

static void test_digits(void **state)
{
	static const struct {
		const char *text;
		int r;
		uint64_t value;
		size_t taken;
	} cases[] = {
		{"12h", 0, 12, 2},
		{"0", 0, 0, 1},
		{"007x", 0, 7, 3},
		{"18446744073709551615s", 0, UINT64_MAX, 20},
		{"18446744073709551616s", -ERANGE, 42, 0},
		{"h", -EINVAL, 42, 0},
		{"", -EINVAL, 42, 0},
		{"-1", -EINVAL, 42, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *p = cases[i].text;
		uint64_t v = 42;

		assert_int_equal(parse_digits(&p, &v), cases[i].r);
		assert_true(v == cases[i].value);
		assert_ptr_equal(p, cases[i].text + cases[i].taken);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
