/*
 * Tests of edits by links and of metadata: ln, touch, chmod and their like.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/def.h"
#include "filetrace/testworld.h"

#define HOSTS "/etc/hosts"

/* ln f g: another name of an inode under watch, and of one that was not. */
static void test_ln(void **state)
{
	struct world *w = *state;
	struct proc ln = world_fork(w);

	world_file(w, "/srv/x", "from outside\n");
	world_hardlink(w, &ln, HOSTS, "/etc/d/same");
	world_hardlink(w, &ln, "/srv/x", "/etc/d/x");
	world_exit(w, &ln);
	world_expect(w, "/etc/d/same", METHOD_LINK, &ln, NULL, "one\n", 1);
	world_expect(w, "/etc/d/x", METHOD_LINK, &ln, NULL, "from outside\n", 1);
	world_expect_end(w);
}

/* ln -sf target f: a link under another name, renamed over f. */
static void test_ln_symbolic(void **state)
{
	struct world *w = *state;
	struct proc ln = world_fork(w), other = world_fork(w);

	world_symlink(w, &ln, "/a", "/etc/CuRm2x");
	world_rename(w, &ln, "/etc/CuRm2x", HOSTS);
	world_exit(w, &ln);
	world_symlink(w, &other, "/b", "/etc/CuRm2y");
	world_rename(w, &other, "/etc/CuRm2y", HOSTS);
	world_exit(w, &other);
	world_expect(w, HOSTS, METHOD_LINK, &ln, "one\n", "/a", 1);
	world_expect(w, HOSTS, METHOD_LINK, &other, "/a", "/b", 1);
	world_unlink(w, &other, HOSTS);
	world_settle(w);
	world_expect(w, HOSTS, METHOD_DELETE, &other, "/b", NULL, 1);
	world_expect_end(w);
}

/* Two names under watch: a change by one is a change of both. */
static void test_two_names(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	world_link(w, "/etc/d/same", HOSTS);
	world_put(w, &p, HOSTS, W_APPEND, "2\n");
	world_exit(w, &p);
	assert_int_equal(w->record_count, 2);
	for (int i = 0; i < 2; i++)
		world_expect(w, w->records[i].path, METHOD_APPEND, &p, "one\n", "one\n2\n", 1);
	assert_string_not_equal(w->records[0].path, w->records[1].path);
	world_unlink(w, &p, HOSTS);
	world_put(w, &p, "/etc/d/same", W_APPEND, "3\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_DELETE, &p, "one\n2\n", NULL, 1);
	world_expect(w, "/etc/d/same", METHOD_APPEND, &p, "one\n2\n", "one\n2\n3\n", 1);
	world_expect_end(w);
}

/* Written through a name that is not under watch. */
static void test_other_name(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	world_link(w, "/srv/same", HOSTS);
	world_put(w, &p, "/srv/same", W_TRUNC, "behind your back\n");
	world_chmod(w, &p, "/srv/same", 0666);
	world_exit(w, &p);
	world_expect(w, HOSTS, METHOD_TRUNCATE, &p, "one\n", "behind your back\n", 1);
	world_expect_end(w);
}

/* ---- metadata ---- */

static void test_metadata(void **state)
{
	struct world *w = *state;
	struct proc chmod = world_fork(w), chown = world_fork(w), touch = world_fork(w),
		    setfattr = world_fork(w), setfacl = world_fork(w);

	world_chmod(w, &chmod, HOSTS, 0600);
	world_exit(w, &chmod);
	world_chown(w, &chown, HOSTS, 5);
	world_exit(w, &chown);
	world_times(w, &touch, HOSTS);
	world_exit(w, &touch);
	world_xattr(w, &setfattr, HOSTS, FT_META_XATTR);
	world_exit(w, &setfattr);
	world_xattr(w, &setfacl, HOSTS, FT_META_ACL);
	world_exit(w, &setfacl);
	world_expect(w, HOSTS, METHOD_METADATA, &chmod, "one\n", "one\n", 1);
	world_expect(w, HOSTS, METHOD_METADATA, &chown, "one\n", "one\n", 1);
	world_expect(w, HOSTS, METHOD_METADATA, &touch, "one\n", "one\n", 1);
	world_expect(w, HOSTS, METHOD_METADATA, &setfattr, "one\n", "one\n", 1);
	world_expect(w, HOSTS, METHOD_METADATA, &setfacl, "one\n", "one\n", 1);
	world_expect_end(w);
}

/* One program that sets several things at once, and then, later, another. */
static void test_metadata_together(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	world_chown(w, &p, HOSTS, 5);
	world_chmod(w, &p, HOSTS, 0600);
	world_sleep(w, 200);
	world_chmod(w, &p, HOSTS, 0640);
	world_settle(w);
	world_expect(w, HOSTS, METHOD_METADATA, &p, "one\n", "one\n", 1);
	world_expect(w, HOSTS, METHOD_METADATA, &p, "one\n", "one\n", 1);
	assert_int_equal(w->records[0].new.mode & 0777, 0600);
	assert_int_equal(w->records[0].new.uid, 5);
	world_expect_end(w);
}

/* touch of a new file. */
static void test_touch_new(void **state)
{
	struct world *w = *state;
	struct proc touch = world_fork(w);

	world_put(w, &touch, "/etc/new", W_CREATE, "");
	world_times(w, &touch, "/etc/new");
	world_exit(w, &touch);
	world_expect(w, "/etc/new", METHOD_CREATE, &touch, NULL, "", 1);
	world_expect_end(w);
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_ln),	    WORLD_TEST(test_ln_symbolic),
		WORLD_TEST(test_two_names), WORLD_TEST(test_other_name),
		WORLD_TEST(test_metadata),  WORLD_TEST(test_metadata_together),
		WORLD_TEST(test_touch_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
