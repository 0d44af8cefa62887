/*
 * Tests of osrelease.c: quotes, backslashes, several lines of a key.
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
#include "node/osrelease.h"

static void test_values(void **state)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
		{"NAME=Debian\n", "Debian"},
		{"A=1\nNAME=\"Debian GNU/Linux\"\nB=2\n", "Debian GNU/Linux"},
		{"NAME='single \"\\x'", "single \"\\x"},
		{"NAME=\"a \\\"b\\\" \\$c \\`d \\\\\"", "a \"b\" $c `d \\"},
		{"NAME=Alpine\\ Linux", "Alpine Linux"},
		{"NAME=\"a\"'b'c", "abc"},
		{"NAME=one\nNAME=two\n", "two"},
		{"NAME=\n", ""},
		{"NAME=\"no end\nNAME2=x", "no end"},
		{"NAME=x\\", "x\\"},
		{"NAME=x\\\ny", "x\\"},
		{"XNAME=1\nNAMEX=2\n# NAME=3\n NAME=4\nNAME", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *value = NULL;
		int r = osrelease_find(cases[i].text, "NAME", &value);

		assert_int_equal(r, cases[i].value ? 0 : -ENOENT);
		if (cases[i].value)
			assert_string_equal(value, cases[i].value);
		else
			assert_null(value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_values)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
