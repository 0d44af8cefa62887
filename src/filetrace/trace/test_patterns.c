/*
 * Tests of patterns.c: the list survives, bounds hold, and what is lost is taken from the store.
 */
#include "filetrace/trace/patterns.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/testroot.h"
#include "filetrace/request.h"

#define _cleanup_patterns_ _cleanup_(patterns_deinit)

static const struct testroot *root;
static const char file[] = "var/lib/leonhard/trace/watches";

static int group(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}

static int setup(void **state)
{
	return fs_mkdir(root->fd, REQUEST_DIR, 0755);
}

static int teardown(void **state)
{
	testroot_clear(root);
	return 0;
}

static int load(struct patterns *p)
{
	return patterns_load(p, root->fd, NULL, 0, 0);
}

static void test_list(void **state)
{
	_cleanup_patterns_ struct patterns p = {};

	patterns_remove(&p, "/a");
	assert_false(patterns_contain(&p, "/a"));
	assert_int_equal(patterns_add(&p, "/a"), 0);
	assert_int_equal(patterns_add(&p, "/b"), 0);
	assert_int_equal(patterns_add(&p, "/c"), 0);
	assert_int_equal(patterns_add(&p, "/b"), -EEXIST);
	patterns_remove(&p, "/a");
	patterns_remove(&p, "/a");
	assert_int_equal(p.count, 2);
	assert_true(patterns_contain(&p, "/b") && patterns_contain(&p, "/c"));
	patterns_remove(&p, "/c");
	patterns_remove(&p, "/b");
	assert_int_equal(p.count, 0);
	assert_int_equal(p.bytes, 0);
	assert_null(p.list[0]);
}

static void test_bounds(void **state)
{
	_cleanup_patterns_ struct patterns p = {}, long_ones = {};
	char path[4096];
	int r = 0, i;

	for (i = 0; i < PATTERNS_MAX; i++) {
		snprintf(path, sizeof(path), "/p%d", i);
		assert_int_equal(patterns_add(&p, path), 0);
	}
	assert_int_equal(patterns_add(&p, "/more"), -ENOSPC);
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	for (i = 0; r == 0; i++) {
		snprintf(path, 16, "/%014d", i);
		path[15] = 'x';
		r = patterns_add(&long_ones, path);
	}
	assert_int_equal(r, -ENOSPC);
	assert_true(long_ones.bytes <= PATTERNS_BYTES);
	/* As many, and as long, as there can be are a request. */
	assert_int_equal(patterns_write(&p, root->fd, 1), 0);
	assert_int_equal(patterns_write(&long_ones, root->fd, 2), 0);
}

static void test_survives(void **state)
{
	_cleanup_patterns_ struct patterns p = {}, again = {}, none = {};

	assert_int_equal(load(&p), 0);
	assert_true(p.loaded);
	assert_int_equal(p.count, 0);
	assert_int_equal(patterns_add(&p, "/etc/a\nb"), 0);
	assert_int_equal(patterns_add(&p, "/srv/*"), 0);
	assert_int_equal(patterns_write(&p, root->fd, 41), 0);
	assert_int_equal(load(&again), 0);
	assert_int_equal(again.number, 41);
	assert_int_equal(again.count, 2);
	assert_true(patterns_contain(&again, "/etc/a\nb"));
	/* The store may know of a later one. */
	assert_int_equal(patterns_load(&again, root->fd, NULL, 0, 50), 0);
	assert_int_equal(again.number, 50);
	assert_int_equal(again.count, 2);
	assert_int_equal(patterns_write(&none, root->fd, 51), 0);
	assert_int_equal(load(&again), 0);
	assert_int_equal(again.count, 0);
	assert_int_equal(again.number, 51);
}

/* Without a file that makes sense the store tells what was asked for. */
static void test_lost(void **state)
{
	const struct ledger_watch watches[] = {
		{.path = (char *)"/etc"},
		{.path = (char *)"/srv", .user = true},
	};
	_cleanup_patterns_ struct patterns p = {};

	assert_int_equal(patterns_load(&p, root->fd, watches, ARRAY_SIZE(watches), 7), 0);
	assert_int_equal(p.count, 1);
	assert_true(patterns_contain(&p, "/srv"));
	assert_int_equal(p.number, 7);
	testroot_write(root, file, "leonhard-trace watches 1\nrequest 9\netc\n");
	assert_int_equal(patterns_load(&p, root->fd, watches, ARRAY_SIZE(watches), 7), -EINVAL);
	assert_true(p.loaded);
	assert_int_equal(p.count, 1);
	assert_int_equal(p.number, 7);
}

static void test_unwritable(void **state)
{
	_cleanup_patterns_ struct patterns p = {.number = 3};

	testroot_clear(root);
	assert_int_equal(patterns_write(&p, root->fd, 4), -ENOENT);
	assert_int_equal(p.number, 3);
}

#define IN_ROOT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list), IN_ROOT(test_bounds),     IN_ROOT(test_survives),
		IN_ROOT(test_lost),	     IN_ROOT(test_unwritable),
	};

	return cmocka_run_group_tests(tests, group, testroot_teardown);
}
