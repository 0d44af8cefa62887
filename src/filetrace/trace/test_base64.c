/*
 * Tests of base64.c: the vectors of RFC 4648, and every byte.
 */
#include "filetrace/trace/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"

static void test_vectors(void **state)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;

		assert_int_equal(base64_encode(cases[i].bytes, strlen(cases[i].bytes), &text), 0);
		assert_string_equal(text, cases[i].text);
	}
}

/* All bits of all places: 0xfb 0xef 0xbe is "++++", 0xff "////". */
static void test_bits(void **state)
{
	_cleanup_free_ char *plus = NULL, *slash = NULL;

	assert_int_equal(base64_encode("\xfb\xef\xbe", 3, &plus), 0);
	assert_string_equal(plus, "++++");
	assert_int_equal(base64_encode("\xff\xff\xff\xff", 4, &slash), 0);
	assert_string_equal(slash, "/////w==");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
