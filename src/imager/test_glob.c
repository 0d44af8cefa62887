/*
 * Tests of glob.c: each piece of the language, what is no pattern, and a pattern made to explode.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/def.h"
#include "glob.h"

static const struct {
	const char *pattern, *path;
	bool matches;
} cases[] = {
	{"/a", "/a", true},
	{"/a", "/a/b", false},
	{"/a", "/ab", false},
	{"/ab", "/a", false},
	{"/*", "/a", true},
	{"/*", "/", true},
	{"/*", "/a/b", false},
	{"/a/*", "/a", false},
	{"/a*c", "/ac", true},
	{"/a*c", "/abbc", true},
	{"/a*c", "/ab/c", false},
	{"/a*b*c", "/abxbxc", true},
	{"/*.list", "/x.list.list", true},
	{"/a/**", "/a/b/c", true},
	{"/a/**", "/a", false},
	{"/**/c", "/a/b/c", true},
	{"/**/c", "/c", false},
	{"/**c", "/c", true},
	{"/**/x*/y", "/a/x/b/x1/y", true},
	{"/**/x*/y", "/a/x1/z/y", false},
	{"**", "/any/thing", true},
	{"*.c", "/a.c", false},
	{"/***", "/a/b", true},
	{"/?", "/a", true},
	{"/?", "/", false},
	{"/a?b", "/a/b", false},
	{"/?", "/\xff", true},
	{"/[a-c]", "/b", true},
	{"/[a-c]", "/d", false},
	{"/[!a-c]", "/d", true},
	{"/[^a-c]", "/b", false},
	{"/a[!x]b", "/a/b", false},
	{"/a[/]b", "/a/b", false},
	{"/[]]", "/]", true},
	{"/[!]]", "/]", false},
	{"/[a-]", "/-", true},
	{"/[\\]x]", "/]", true},
	{"/[\\-a]", "/-", true},
	{"/\\*", "/*", true},
	{"/\\*", "/a", false},
	{"/\\[a", "/[a", true},
};

static void test_match(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct glob *g = NULL;

		assert_int_equal(glob_new(cases[i].pattern, &g), 0);
		if (glob_match(g, cases[i].path) != cases[i].matches)
			fail_msg("%s and %s", cases[i].pattern, cases[i].path);
		glob_free(g);
	}
}

static void test_malformed(void **state)
{
	static const char *const patterns[] = {"",    "a",    "./a",  "/[",   "/[a",
					       "/[]", "/[!]", "/a\\", "/[\\", "/[a\\]"};
	char long_one[GLOB_PIECES_MAX + 3];

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct glob *g = NULL;

		assert_int_equal(glob_new(patterns[i], &g), -EINVAL);
		assert_null(g);
	}
	memset(long_one, '/', sizeof(long_one));
	for (size_t len = GLOB_PIECES_MAX; len <= GLOB_PIECES_MAX + 1; len++) {
		struct glob *g = NULL;

		long_one[len] = '\0';
		assert_int_equal(glob_new(long_one, &g), len > GLOB_PIECES_MAX ? -EINVAL : 0);
		glob_free(g);
		long_one[len] = '/';
	}
}

/* With backtracking this takes longer than the universe has; here it must take no time at all. */
static void test_bounded(void **state)
{
	char pattern[1001] = "/", path[4001] = "/";
	struct glob *g = NULL;
	clock_t start = clock();

	for (size_t i = 1; i + 2 < sizeof(pattern); i += 2)
		memcpy(pattern + i, "*a", 3);
	memset(path + 1, 'a', sizeof(path) - 2);
	strcat(pattern, "b");
	assert_int_equal(glob_new(pattern, &g), 0);
	assert_false(glob_match(g, path));
	assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
	glob_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
