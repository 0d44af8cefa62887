/*
 * Tests of meminfo.c: both forms, and what is neither.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "node/meminfo.h"

static void test_values(void **state)
{
	static const struct {
		const char *text;
		int r;
		uint64_t value;
	} cases[] = {
		{"MemTotal:       24684088 kB\n", 0, UINT64_C(24684088) * 1024},
		{"Other: 1 kB\nMemTotal: 2 kB\nMemTotal: 3 kB\n", 0, 2048},
		{"\nNode 0 MemTotal:       32 kB\n", 0, 32768},
		{"Node 17 MemTotal:32 kB", 0, 32768},
		{"MemTotal: 7", 0, 7},
		{"MemTotal: 7  \n", 0, 7},
		{"XMemTotal: 7\nMemTotalX: 7\n", -ENOENT, 0},
		{"", -ENOENT, 0},
		{"\n\n\n", -ENOENT, 0},
		{"MemTotal", -ENOENT, 0},
		{"Node MemTotal: 7\nNode 0", 0, 7},
		{"MemTotal:", -EINVAL, 0},
		{"MemTotal: x kB", -EINVAL, 0},
		{"MemTotal: -1 kB", -EINVAL, 0},
		{"MemTotal: 1 MB", -EINVAL, 0},
		{"MemTotal: 1 kBytes", -EINVAL, 0},
		{"MemTotal: 18446744073709551615", 0, UINT64_MAX},
		{"MemTotal: 18446744073709551616", -ERANGE, 0},
		{"MemTotal: 18014398509481983 kB", 0, UINT64_MAX - 1023},
		{"MemTotal: 18014398509481984 kB", -ERANGE, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t value = 42;

		assert_int_equal(meminfo_find(cases[i].text, "MemTotal", &value), cases[i].r);
		assert_true(value == (cases[i].r < 0 ? 42 : cases[i].value));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_values)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
