/*
 * Tests of watchset.c, trie.c and globpart.c: what patterns may be, what they match, what is
 * ignored, and that a thousand of them do not cost a thousand times as much.
 */
#include "filetrace/watchset.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "filetrace/globpart.h"
#include "filetrace/trie.h"

static int make(void **state)
{
	struct watchset *s;

	assert_int_equal(watchset_new(&s), 0);
	*state = s;
	return 0;
}

static int drop(void **state)
{
	watchset_free(*state);
	return 0;
}

static void add(struct watchset *s, const char *pattern)
{
	const char *problem = NULL;

	assert_int_equal(watchset_add(s, pattern, false, &problem), 0);
	assert_null(problem);
}

static void ignore(struct watchset *s, const char *pattern)
{
	const char *problem = NULL;

	assert_int_equal(watchset_ignore(s, pattern, &problem), 0);
	assert_null(problem);
}

static void test_globpart(void **state)
{
	static const struct {
		const char *part, *name;
		bool matches;
	} cases[] = {
		{"hosts", "hosts", true},
		{"hosts", "host", false},
		{"host", "hosts", false},
		{"*", "x", true},
		{"*", ".hidden", true},
		{"?hidden", ".hidden", true},
		{"*.conf", "a.conf", true},
		{"*.conf", ".conf", true},
		{"*.conf", "a.conf.bak", false},
		{"a*b*c", "aXbYbZc", true},
		{"a*b*c", "abcb", false},
		{"**a", "bca", true},
		{"?", "", false},
		{"??", "a", false},
		{"[abc]x", "bx", true},
		{"[abc]x", "dx", false},
		{"[a-c]", "b", true},
		{"[a-c]", "d", false},
		{"[c-a]", "b", false},
		{"[!a-c]", "d", true},
		{"[^a-c]", "a", false},
		{"[]]", "]", true},
		{"[!]]", "]", false},
		{"[]-]", "-", true},
		{"[a-]", "-", true},
		{"[*]", "*", true},
		{"[*]", "x", false},
		{"[[:digit:]]", "7", true},
		{"[[:digit:]_]x", "_x", true},
		{"[[:digit:]]", "a", false},
		{"[[:upper:][:digit:]]", "Q", true},
		{"[[:nothing:]", "n", true},
		{"[", "[", true},
		{"[abc", "[abc", true},
		{"[abc", "a", false},
		{"[]", "[]", true},
		{"[!]", "[!]", true},
		{"x[", "x[", true},
		{"[\x80-\xff]", "\xc3", true},
		{"a\\*", "a\\b", true},
		{"a\\x2db", "a\\x2db", true},
		{"*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (globpart_matches(cases[i].part, strlen(cases[i].part), cases[i].name,
				     strlen(cases[i].name)) != cases[i].matches)
			fail_msg("%s against %s", cases[i].part, cases[i].name);
	assert_int_equal(globpart_head("abc", 3), 3);
	assert_int_equal(globpart_head("ab*", 3), 2);
	assert_int_equal(globpart_head("a[b", 3), 3);
	assert_int_equal(globpart_head("a[b]", 4), 1);
	assert_int_equal(globpart_head("", 0), 0);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",	  "etc",     "/",	    "//",     "/*",	"/**",
		"/?*",	  "/*/",     "/etc//hosts", "/etc//", "/./etc", "/etc",
		"/etc/.", "/etc/..", "/../etc",	    "*.swp",
	};
	static const char *const bad_rules[] = {"", "*", "?*", ".", "..", "a/b", "/*", "/"};
	struct watchset *s = *state;
	char longest[WATCH_PATTERN_BYTES + 1];
	const char *problem;
	bool user;

	add(s, "/etc");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		problem = NULL;
		assert_int_equal(watchset_add(s, bad[i], true, &problem),
				 str_equal(bad[i], "/etc") ? -EEXIST : -EINVAL);
		assert_non_null(problem);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad_rules); i++) {
		problem = NULL;
		assert_int_equal(watchset_ignore(s, bad_rules[i], &problem), -EINVAL);
		assert_non_null(problem);
	}
	assert_int_equal(watchset_add(s, "/etc/", true, &problem), -EEXIST);
	for (size_t i = 0; i < sizeof(longest) - 1; i++)
		longest[i] = i % 2 ? 'a' : '/';
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(watchset_add(s, longest, true, &problem), -EINVAL);
	longest[WATCH_PATTERN_BYTES - 2] = '\0';
	add(s, longest);
	assert_true(watchset_matches(s, longest));
	memset(longest + 1, 'a', 256);
	longest[257] = '\0';
	assert_int_equal(watchset_add(s, longest, true, &problem), -EINVAL);
	longest[256] = '\0';
	add(s, longest);
	assert_string_equal(watchset_pattern(s, 0, &user), "/etc");
	assert_false(user);
	assert_non_null(watchset_pattern(s, 2, &user));
	assert_null(watchset_pattern(s, 3, &user));
	assert_true(watchset_matches(s, "/etc/hosts"));
}

struct expected {
	const char *path;
	bool matches;
};

static void check(const struct watchset *s, const struct expected *expected, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (watchset_matches(s, expected[i].path) != expected[i].matches)
			fail_msg("%s", expected[i].path);
		assert_int_equal(watchset_which(s, expected[i].path) != SIZE_MAX,
				 expected[i].matches);
	}
}

static void test_matches(void **state)
{
	static const struct expected expected[] = {
		{"/etc", true},
		{"/etc/hosts", true},
		{"/etc/a/b/c/.d", true},
		{"/etcetera", false},
		{"/et", false},
		{"/", false},
		{"", false},
		{"etc/hosts", false},
		{"//etc/hosts", false},
		{"/etc//hosts", false},
		{"/etc/", false},
		{"/home/alice/.bashrc", true},
		{"/home/alice/.bashrc/in", true},
		{"/home/.bashrc", false},
		{"/home/a/b/.bashrc", false},
		{"/home/alice", false},
		{"/srv/app1/conf/x", true},
		{"/srv/app12/conf/x", false},
		{"/srv/app1/data", false},
		{"/opt/x\ny.conf", true},
		{"/opt/x.config", false},
		{"/opt/d.conf/below", true},
	};
	struct watchset *s = *state;

	add(s, "/etc/");
	add(s, "/home/*/.bashrc");
	add(s, "/srv/app?/conf");
	add(s, "/opt/*.conf");
	check(s, expected, ARRAY_SIZE(expected));
}

static void test_ignored(void **state)
{
	static const struct expected expected[] = {
		{"/etc/hosts", true},
		{"/etc/.hosts.swp", false},
		{"/etc/a.swp/b", false},
		{"/etc/a.swp.conf", true},
		{"/etc/mtab", true},
		{"/etc/ld.so.cache", false},
		{"/etc/ld.so.cache/x", false},
		{"/etc/sub/ld.so.cache", true},
		{"/etc/cache/keep/this", true},
		{"/etc/cache/keep/a.swp", false},
		{"/etc/cache/keep", true},
		{"/etc/cache/other", false},
		{"/etc/cache", false},
		{"/var/x~", true},
		{"/var/x~/y~", false},
		{"/run/a~", false},
	};
	struct watchset *s = *state;

	add(s, "/etc");
	add(s, "/etc/mtab");
	add(s, "/etc/cache/keep");
	add(s, "/var/x~");
	add(s, "/run/*~");
	ignore(s, "*.swp");
	ignore(s, "*.swp");
	ignore(s, "*~");
	ignore(s, "/etc/mtab");
	ignore(s, "/etc/ld.so.c[a]che");
	ignore(s, "/etc/cache/");
	check(s, expected, ARRAY_SIZE(expected));
}

struct told {
	char text[256];
	int result;
};

static int tell(void *data, const char *name, bool last)
{
	struct told *t = data;

	snprintf(t->text + strlen(t->text), sizeof(t->text) - strlen(t->text), "%s%s ", name,
		 last ? "" : "/");
	return t->result;
}

static void assert_names(const struct watchset *s, const char *path, const char *names)
{
	struct told t = {};

	assert_int_equal(watchset_names(s, path, tell, &t), 0);
	assert_string_equal(t.text, names);
}

static void test_reach(void **state)
{
	struct watchset *s = *state;
	struct told failing = {.result = -EIO};

	add(s, "/etc");
	add(s, "/etc/cache/keep");
	add(s, "/home/*/.bashrc");
	add(s, "/home/bob/notes/x");
	add(s, "/srv/b");
	add(s, "/srv/a");
	add(s, "/srv/a/b");
	ignore(s, "/etc/cache");
	ignore(s, "lost+found");
	assert_int_equal(watchset_reach(s, "/"), REACH_NAMES);
	assert_names(s, "/", "etc home/ srv/ ");
	assert_int_equal(watchset_reach(s, "/etc"), REACH_ALL);
	assert_int_equal(watchset_reach(s, "/etc/ssh/x"), REACH_ALL);
	assert_int_equal(watchset_reach(s, "/etc/cache"), REACH_NAMES);
	assert_names(s, "/etc/cache", "keep ");
	assert_int_equal(watchset_reach(s, "/etc/cache/keep"), REACH_ALL);
	assert_int_equal(watchset_reach(s, "/etc/cache/drop"), REACH_NONE);
	assert_int_equal(watchset_reach(s, "/etc/lost+found"), REACH_NONE);
	assert_int_equal(watchset_reach(s, "/home"), REACH_ENTRIES);
	assert_names(s, "/home", "bob/ ");
	assert_int_equal(watchset_reach(s, "/home/alice"), REACH_NAMES);
	assert_names(s, "/home/alice", ".bashrc ");
	assert_names(s, "/home/bob", "notes/ .bashrc ");
	assert_int_equal(watchset_reach(s, "/home/lost+found"), REACH_NONE);
	assert_names(s, "/home/lost+found", "");
	assert_int_equal(watchset_reach(s, "/home/alice/.bashrc"), REACH_ALL);
	assert_int_equal(watchset_reach(s, "/srv"), REACH_NAMES);
	assert_names(s, "/srv", "a b ");
	assert_names(s, "/srv/a", "b ");
	assert_int_equal(watchset_reach(s, "/usr"), REACH_NONE);
	assert_int_equal(watchset_reach(s, "usr"), REACH_NONE);
	assert_names(s, "/usr", "");
	assert_int_equal(watchset_names(s, "/srv", tell, &failing), -EIO);
	assert_string_equal(failing.text, "a ");
}

static void test_remove(void **state)
{
	struct watchset *s = *state;
	bool user = false;

	add(s, "/a/b/c");
	add(s, "/a/b");
	add(s, "/a/*/d");
	add(s, "/a/x?");
	assert_int_equal(watchset_which(s, "/a/b/c"), 0);
	assert_int_equal(watchset_which(s, "/a/b/d"), 1);
	assert_int_equal(watchset_which(s, "/a/xx/d"), 2);
	assert_int_equal(watchset_remove(s, "/a"), -ENOENT);
	assert_int_equal(watchset_remove(s, "/a/?"), -ENOENT);
	assert_int_equal(watchset_remove(s, ""), -ENOENT);
	assert_int_equal(watchset_remove(s, "/a/b/"), 0);
	assert_int_equal(watchset_remove(s, "/a/b"), -ENOENT);
	assert_true(watchset_matches(s, "/a/b/c"));
	assert_false(watchset_matches(s, "/a/b/e"));
	assert_int_equal(watchset_which(s, "/a/b/d"), 1);
	assert_int_equal(watchset_remove(s, "/a/*/d"), 0);
	assert_int_equal(watchset_which(s, "/a/xx/d"), 1);
	assert_int_equal(watchset_remove(s, "/a/b/c"), 0);
	assert_int_equal(watchset_remove(s, "/a/x?"), 0);
	assert_int_equal(watchset_reach(s, "/"), REACH_NONE);
	assert_null(watchset_pattern(s, 0, &user));
	add(s, "/a/b");
	assert_int_equal(watchset_which(s, "/a/b"), 0);
}

/* @shape with a number in place of each #. */
static void shaped(const char *shape, unsigned number, char out[64])
{
	size_t len = 0;

	for (; *shape; shape++)
		len += *shape == '#' ? snprintf(out + len, 64 - len, "%u", number)
				     : snprintf(out + len, 64 - len, "%c", *shape);
}

/* All that there may be, and one more; matched by one way only. */
static void fill(struct watchset *s, unsigned count, const char *shape)
{
	for (unsigned i = 0; i < count; i++) {
		char pattern[64];

		shaped(shape, i, pattern);
		add(s, pattern);
	}
}

static void test_many(void **state)
{
	struct watchset *s = *state;
	const char *problem;
	char path[64];

	fill(s, WATCH_PATTERNS / 2, "/srv/site#/conf/x#");
	fill(s, WATCH_PATTERNS / 2, "/srv/glob#*/conf.[ab]#");
	assert_int_equal(watchset_add(s, "/etc", false, &problem), -E2BIG);
	for (unsigned i = 0; i < WATCH_PATTERNS / 2; i++) {
		shaped("/srv/site#/conf/x#", i, path);
		assert_int_equal(watchset_which(s, path), i);
		shaped("/srv/glob#-/conf.b#", i, path);
		assert_int_equal(watchset_which(s, path), WATCH_PATTERNS / 2 + i);
		shaped("/srv/glob#-/conf.c#", i, path);
		assert_false(watchset_matches(s, path));
	}
	for (unsigned i = 0; i < WATCH_PATTERNS / 2; i += 2) {
		shaped("/srv/site#/conf/x#", i, path);
		assert_int_equal(watchset_remove(s, path), 0);
		assert_false(watchset_matches(s, path));
	}
	assert_int_equal(watchset_which(s, "/srv/site3/conf/x3"), 1);
}

static uint64_t ns_per_call(const struct watchset *s, unsigned patterns, const char *shape)
{
	enum { CALLS = 200000 };
	char paths[64][64];
	unsigned hits = 0;
	uint64_t begin;

	for (unsigned i = 0; i < 64; i++)
		shaped(shape, i * patterns / 64, paths[i]);
	begin = time_now_ns(CLOCK_MONOTONIC);
	for (unsigned i = 0; i < CALLS; i++)
		hits += watchset_matches(s, paths[i % 64]);
	begin = time_now_ns(CLOCK_MONOTONIC) - begin;
	assert_true(hits == 0 || hits == CALLS);
	return begin / CALLS;
}

/* Figures for people; what fails is only a cost that grows with the patterns. */
static void test_cost(void **state)
{
	static const struct {
		const char *patterns, *path;
	} cases[] = {
		{"/srv/site#/conf/x#", "/srv/site#/conf/x#"},
		{"/srv/site#/conf/x#", "/srv/site#/conf/y#"},
		{"/srv/site#/conf/x#", "/usr/lib/#/#"},
		{"/srv/glob#/conf*.x#", "/srv/glob#/conf7.x#"},
		{"/srv/glob#-*/conf#", "/srv/glob#-7/conf#"},
		{"/etc/d/f#-*.conf#", "/etc/d/f#-x.conf#"},
	};
	static const unsigned counts[] = {1, 1000, 4000};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t ns[ARRAY_SIZE(counts)];

		for (size_t j = 0; j < ARRAY_SIZE(counts); j++) {
			_cleanup_(watchset_free_p) struct watchset *s = NULL;

			assert_int_equal(watchset_new(&s), 0);
			fill(s, counts[j], cases[i].patterns);
			ignore(s, "*.swp");
			ignore(s, "*~");
			ignore(s, "/etc/mtab");
			ns[j] = ns_per_call(s, counts[j], cases[i].path);
		}
		print_message("%s in %s: %ju ns of 1, %ju of 1000, %ju of 4000\n", cases[i].path,
			      cases[i].patterns, (uintmax_t)ns[0], (uintmax_t)ns[1],
			      (uintmax_t)ns[2]);
		assert_true(ns[2] < 100 * (ns[0] + 20));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_globpart),
		cmocka_unit_test_setup_teardown(test_refused, make, drop),
		cmocka_unit_test_setup_teardown(test_matches, make, drop),
		cmocka_unit_test_setup_teardown(test_ignored, make, drop),
		cmocka_unit_test_setup_teardown(test_reach, make, drop),
		cmocka_unit_test_setup_teardown(test_remove, make, drop),
		cmocka_unit_test_setup_teardown(test_many, make, drop),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
