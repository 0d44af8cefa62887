/*
 * Tests of password.c: the alphabet and its fairness, the form, and a hash that libcrypt accepts.
 */
#include <crypt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "firstboot/password.h"

static void test_alphabet(void **state)
{
	static const char letters[] = PASSWORD_ALPHABET;

	for (const char *p = letters; *p; p++) {
		assert_null(strchr("0OolI1", *p));
		assert_ptr_equal(strchr(letters, *p), p);
	}
}

/* All values of a random byte, counted: that is the whole distribution. */
static void test_no_bias(void **state)
{
	unsigned count[256] = {0};

	for (int v = 0; v < 256; v++) {
		uint8_t bytes[PASSWORD_CHARS];
		char text[PASSWORD_SIZE];

		memset(bytes, v, sizeof(bytes));
		password_spell(bytes, text);
		assert_int_equal(strlen(text), PASSWORD_SIZE - 1);
		count[(uint8_t)text[0]]++;
		for (size_t i = 0; i < PASSWORD_SIZE - 1; i++)
			assert_int_equal(text[i], i % 6 == 5 ? '-' : text[0]);
	}
	for (const char *p = PASSWORD_ALPHABET; *p; p++)
		assert_int_equal(count[(uint8_t)*p], 8);
}

/* Every byte counts, in its place. */
static void test_all_bytes_used(void **state)
{
	uint8_t bytes[PASSWORD_CHARS] = {0};
	char plain[PASSWORD_SIZE], changed[PASSWORD_SIZE];

	password_spell(bytes, plain);
	for (size_t i = 0; i < PASSWORD_CHARS; i++) {
		bytes[i] = 1;
		password_spell(bytes, changed);
		bytes[i] = 0;
		for (size_t k = 0; k < PASSWORD_SIZE - 1; k++)
			assert_int_equal(changed[k] != plain[k], k == i + i / 5);
	}
}

static void test_new_differs(void **state)
{
	char a[PASSWORD_SIZE], b[PASSWORD_SIZE];

	assert_int_equal(password_new(a), 0);
	assert_int_equal(password_new(b), 0);
	assert_string_not_equal(a, b);
}

static void test_hash(void **state)
{
	char one[PASSWORD_HASH_SIZE], two[PASSWORD_HASH_SIZE];
	struct crypt_data *data = calloc(1, sizeof(*data));

	assert_non_null(data);
	assert_int_equal(password_hash("abcde-fghij", 0, one), 0);
	assert_int_equal(password_hash("abcde-fghij", 1, two), 0);
	assert_memory_equal(one, "$y$", 3);
	assert_string_not_equal(one, two);
	assert_string_equal(crypt_rn("abcde-fghij", one, data, sizeof(*data)), one);
	assert_string_not_equal(crypt_rn("abcde-fghik", one, data, sizeof(*data)), one);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alphabet),       cmocka_unit_test(test_no_bias),
		cmocka_unit_test(test_all_bytes_used), cmocka_unit_test(test_new_differs),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
