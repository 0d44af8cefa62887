/*
 * Tests of edits by directories that are made, moved and exchanged; and of mounts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/def.h"
#include "filetrace/testworld.h"

static void test_directory_made(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	world_mkdir(w, &p, "/etc/x");
	assert_int_equal(w->directories, 1);
	assert_string_equal(w->directory, "/etc/x");
	assert_false(w->directory_moved);
	world_put(w, &p, "/etc/x/f", W_CREATE, "f\n");
	world_settle(w);
	world_expect(w, "/etc/x/f", METHOD_CREATE, &p, NULL, "f\n", 1);
	world_unlink(w, &p, "/etc/x/f");
	world_rmdir(w, &p, "/etc/x");
	world_settle(w);
	world_expect(w, "/etc/x/f", METHOD_DELETE, &p, "f\n", NULL, 1);
	world_mkdir(w, &p, "/srv/x");
	assert_int_equal(w->directories, 1);
	assert_int_equal(w->resolves, 0);
	world_expect_end(w);
}

static void test_directory_moved(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);

	world_file(w, "/etc/d/a", "a\n");
	world_file(w, "/etc/d/b.tmp", "b\n");
	world_rename(w, &p, "/etc/d", "/etc/e");
	assert_string_equal(w->directory, "/etc/e");
	assert_true(w->directory_moved);
	world_exit(w, &p);
	world_expect(w, "/etc/d/a", METHOD_DELETE, &p, "a\n", NULL, 1);
	world_expect(w, "/etc/e/a", METHOD_CREATE, &p, NULL, "a\n", 1);
	world_put(w, &q, "/etc/e/a", W_APPEND, "2\n");
	world_settle(w);
	world_expect(w, "/etc/e/a", METHOD_APPEND, &q, "a\n", "a\n2\n", 1);
	/* Out of what is under watch: gone; watches are to be resolved where it was. */
	world_rename(w, &q, "/etc/e", "/srv/e");
	assert_string_equal(w->resolved, "/etc/e");
	world_settle(w);
	world_expect(w, "/etc/e/a", METHOD_DELETE, &q, "a\n2\n", NULL, 1);
	assert_int_equal(tree_name_count(w->tree), 1);
	/* And in again: what is in it, the daemon finds. */
	world_rename(w, &q, "/srv/e", "/etc/again");
	assert_string_equal(w->directory, "/etc/again");
	assert_true(w->directory_moved);
	world_settle(w);
	assert_int_equal(w->checked, w->record_count);
}

static void test_directories_exchanged(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	world_mkdir(w, &p, "/etc/e");
	world_file(w, "/etc/d/same", "d\n");
	world_file(w, "/etc/e/same", "e\n");
	world_file(w, "/etc/d/only", "only\n");
	world_exchange(w, &p, "/etc/d", "/etc/e");
	world_exit(w, &p);
	world_expect(w, "/etc/d/same", METHOD_REPLACE, &p, "d\n", "e\n", 1);
	world_expect(w, "/etc/d/only", METHOD_DELETE, &p, "only\n", NULL, 1);
	world_expect(w, "/etc/e/same", METHOD_REPLACE, &p, "e\n", "d\n", 1);
	/* /etc/e/only came with its directory, which the daemon looks at. */
	assert_int_equal(w->directories, 3);
	assert_int_equal(edits_count(w->edits), 0);
	assert_int_equal(w->checked, w->record_count);
}

static void test_leading_directory(void **state)
{
	struct world *w = *state;
	const char *problem;
	struct proc p = world_fork(w);
	const struct state srv = world_state(w, "/srv");

	/* /srv leads to a watch now; what is made in it may. */
	assert_int_equal(watchset_add(w->set, "/srv/app/conf", true, &problem), 0);
	assert_int_equal(tree_add_dir(w->tree, &srv.key, "/srv"), 0);
	w->watch_srv = true;
	world_mkdir(w, &p, "/srv/app");
	assert_int_equal(w->resolves, 1);
	assert_string_equal(w->resolved, "/srv/app");
	world_rmdir(w, &p, "/srv/app");
	assert_int_equal(w->resolves, 2);
	world_mkdir(w, &p, "/srv/other");
	assert_int_equal(w->resolves, 2);
	assert_int_equal(w->directories, 0);
}

static void test_mount(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	world_mount(w, &p);
	assert_int_equal(w->mounts, 1);
	world_expect_end(w);
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_directory_made),
		WORLD_TEST(test_directory_moved),
		WORLD_TEST(test_directories_exchanged),
		WORLD_TEST(test_leading_directory),
		WORLD_TEST(test_mount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
