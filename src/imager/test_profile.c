/*
 * Tests of profile.c: every key, its bounds, and what is said of a wrong one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "profile.h"

static void test_good(void **state)
{
	char text[] =
		"# disk\nsize=3G\n\n label =  root \npartition = leonhard-root\ninodes = 5000\n";
	struct profile p;
	struct err err;

	assert_int_equal(profile_parse(text, "f", &p, &err), 0);
	assert_int_equal(p.size_bytes, UINT64_C(3) << 30);
	assert_string_equal(p.label, "root");
	assert_string_equal(p.partition, "leonhard-root");
	assert_int_equal(p.inodes, 5000);
}

static void test_wrong(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "f: size is missing"},
		{"size = 16M\nlabel = a\n", "f: partition is missing"},
		{"size", "f:1: not `key = value`"},
		{"\nsiz = 1", "f:2: unknown key: siz"},
		{"size = 16M\nsize = 16M", "f:2: size is set twice"},
		{"size = 15M", "f:1: size must be whole MiB from 16M to 16T"},
		{"size = 17T", "f:1: size must be whole MiB from 16M to 16T"},
		{"size = 16777217", "f:1: size must be whole MiB from 16M to 16T"},
		{"label = 12345678901234567",
		 "f:1: label must be 1 to 16 printable ASCII characters without blanks"},
		{"label =", "f:1: label must be 1 to 16 printable ASCII characters without blanks"},
		{"label = a b",
		 "f:1: label must be 1 to 16 printable ASCII characters without blanks"},
		{"partition = 1234567890123456789012345678901234567",
		 "f:1: partition must be 1 to 36 printable ASCII characters without blanks"},
		{"inodes = -1", "f:1: inodes must be a number from 16 to 4294967279"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = strdup(cases[i].text);
		struct profile p = {.inodes = 42};
		struct err err;

		assert_int_equal(profile_parse(text, "f", &p, &err), -EINVAL);
		assert_string_equal(err.text, cases[i].message);
		assert_int_equal(p.inodes, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
