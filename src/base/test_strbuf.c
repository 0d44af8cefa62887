/*
 * Tests of str.h's words and growing buffers, memory that runs out included.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"

/* An allocation that is larger than any memory is refused, as it is without the sanitizer. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void test_ends(void **state)
{
	assert_true(str_equal("a", "a"));
	assert_false(str_equal("a", "ab"));
	assert_true(str_starts("leonhard", "leo"));
	assert_true(str_starts("leo", ""));
	assert_false(str_starts("le", "leo"));
	assert_true(str_ends("node.conf", ".conf"));
	assert_true(str_ends("x", ""));
	assert_true(str_ends(".conf", ".conf"));
	assert_false(str_ends("conf", ".conf"));
	assert_false(str_ends("node.conf2", ".conf"));
}

static void test_strip(void **state)
{
	static const char *const cases[][2] = {
		{" a b ", "a b"}, {"", ""},	{" \t\r\n\v\f", ""},
		{"x", "x"},	  {"\nx", "x"}, {"x\n", "x"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[16];

		strcpy(text, cases[i][0]);
		assert_string_equal(str_strip(text), cases[i][1]);
	}
}

static void test_split(void **state)
{
	_cleanup_(str_vector_free_p) char **words = NULL, **none = NULL;

	assert_int_equal(str_split("  one\ttwo \n three", &words), 0);
	assert_int_equal(str_vector_count(words), 3);
	assert_string_equal(words[0], "one");
	assert_string_equal(words[1], "two");
	assert_string_equal(words[2], "three");
	assert_null(words[3]);
	assert_true(str_vector_contains(words, "two"));
	assert_false(str_vector_contains(words, "tw"));

	assert_int_equal(str_split(" \n", &none), 0);
	assert_non_null(none);
	assert_int_equal(str_vector_count(none), 0);
	assert_false(str_vector_contains(none, ""));
	str_vector_free(NULL);
}

static void test_buffer_grows(void **state)
{
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	char expected[1001];

	for (size_t i = 0; i < 1000; i++) {
		expected[i] = 'a' + i % 26;
		assert_int_equal(strbuf_add(&b, expected + i, 1), 0);
		assert_int_equal(b.len, i + 1);
		assert_true(b.cap > b.len);
		assert_int_equal(b.text[b.len], '\0');
	}
	expected[1000] = '\0';
	assert_string_equal(b.text, expected);
}

static void test_buffer_steal(void **state)
{
	_cleanup_free_ char *text = NULL, *empty = NULL;
	struct strbuf b = {};

	assert_int_equal(strbuf_steal(&b, &empty), 0);
	assert_string_equal(empty, "");
	assert_int_equal(strbuf_add(&b, NULL, 0), 0);
	assert_int_equal(strbuf_add(&b, "a\0b", 3), 0);
	assert_int_equal(strbuf_addf(&b, "-%d-%s", 7, "x"), 0);
	assert_int_equal(b.len, 7);
	assert_int_equal(strbuf_steal(&b, &text), 0);
	assert_memory_equal(text, "a\0b-7-x", 8);
	assert_null(b.text);
	assert_int_equal(b.len, 0);
	strbuf_deinit(&b);
}

static void test_buffer_no_memory(void **state)
{
	volatile size_t beyond_memory = SIZE_MAX / 4, beyond_numbers = SIZE_MAX - 2;
	struct strbuf b = {}, before;

	assert_int_equal(strbuf_add(&b, "kept", 4), 0);
	before = b;
	assert_int_equal(strbuf_add(&b, "", beyond_memory), -ENOMEM);
	assert_int_equal(strbuf_add(&b, "", beyond_numbers), -ENOMEM);
	assert_memory_equal(&b, &before, sizeof(b));
	assert_string_equal(b.text, "kept");
	strbuf_deinit(&b);
	assert_null(b.text);
	strbuf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),	     cmocka_unit_test(test_strip),
		cmocka_unit_test(test_split),	     cmocka_unit_test(test_buffer_grows),
		cmocka_unit_test(test_buffer_steal), cmocka_unit_test(test_buffer_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
