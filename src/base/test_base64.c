/*
 * Tests of base64: the vectors of RFC 4648, and texts that are no one's form.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/base64.h"

static void test_bytes(void **state)
{
	static const struct {
		const char *text, *bytes;
		size_t len;
	} cases[] = {
		{"", "", 0},
		{"Zg==", "f", 1},
		{"Zm8=", "fo", 2},
		{"Zm9v", "foo", 3},
		{"Zm9vYg==", "foob", 4},
		{"Zm9vYmE=", "fooba", 5},
		{"Zm9vYmFy", "foobar", 6},
		{"AAAA", "\0\0\0", 3},
		{"+/+/", "\xfb\xff\xbf", 3},
		{"/w==", "\xff", 1},
		/* All bits of all places. */
		{"++++", "\xfb\xef\xbe", 3},
		{"/////w==", "\xff\xff\xff\xff", 4},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *bytes = NULL, *text = NULL;
		size_t len;

		assert_int_equal(base64_decode(cases[i].text, strlen(cases[i].text), &bytes, &len),
				 0);
		assert_int_equal(len, cases[i].len);
		assert_memory_equal(bytes, cases[i].bytes, len);
		assert_int_equal(bytes[len], 0);
		assert_int_equal(base64_encode(bytes, len, &text), 0);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_refused(void **state)
{
	static const char *const cases[] = {
		"Z",	"Zg",	"Zg=",	 "Zh==",     "Zm9=",	     "====", "=m9v",
		"Z===", "Zm=v", "Zm9v=", "Zg==Zm9v", "Zm9v\n\n\n\n", "Zm9-", "Zm 9",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *bytes = NULL;
		size_t len = 7;

		assert_int_equal(base64_decode(cases[i], strlen(cases[i]), &bytes, &len), -EINVAL);
		assert_null(bytes);
		assert_int_equal(len, 7);
	}
	assert_int_equal(base64_decode("Zm\0v", 4, &(char *){NULL}, &(size_t){0}), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
