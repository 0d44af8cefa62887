/*
 * Tests of suggest.c: distances, and when a word is near enough.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "leo/suggest.h"

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"status", "status", 0},
		{"Status", "sTATUS", 0},
		{"statu", "status", 1},
		{"statuss", "status", 1},
		{"statis", "status", 1},
		{"sttaus", "status", 1},
		{"kitten", "sitting", 3},
		{"ca", "abc", 3},
		{"abcdef", "fedcba", 5},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(suggest_distance(cases[i].a, cases[i].b), cases[i].distance);
		assert_int_equal(suggest_distance(cases[i].b, cases[i].a), cases[i].distance);
	}
}

static void test_long(void **state)
{
	char longest[SUGGEST_WORD_MAX + 1] = {}, longer[SUGGEST_WORD_MAX + 2] = {};

	memset(longest, 'a', SUGGEST_WORD_MAX);
	memset(longer, 'a', SUGGEST_WORD_MAX + 1);
	assert_int_equal(suggest_distance(longest, "a"), SUGGEST_WORD_MAX - 1);
	assert_int_equal(suggest_distance(longest, longest), 0);
	assert_true(suggest_distance(longer, "a") == SIZE_MAX);
	assert_true(suggest_distance("a", longer) == SIZE_MAX);
}

static const char *best(const char *word, const char *const *candidates)
{
	struct suggest s = {.word = word};

	for (; *candidates; candidates++)
		suggest_offer(&s, *candidates);
	return suggest_best(&s);
}

static void test_best(void **state)
{
	static const char *const commands[] = {"call", "describe", "doctor", "status", NULL};
	static const char *const none[] = {NULL};

	assert_string_equal(best("statu", commands), "status");
	assert_string_equal(best("cal", commands), "call");
	assert_string_equal(best("calll", commands), "call");
	assert_string_equal(best("des", commands), "describe");
	assert_string_equal(best("DOCTOR", commands), "doctor");
	assert_string_equal(best("dcotor", commands), "doctor");
	assert_null(best("xyzzy", commands));
	assert_null(best("d", commands));
	assert_null(best("statistics", commands));
	assert_null(best("call", none));
	assert_null(best("", commands));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_best),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
