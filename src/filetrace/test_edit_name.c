/*
 * Tests of edits by names: editors, package managers, temporary files.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "filetrace/testworld.h"

#define HOSTS "/etc/hosts"

/* ---- editors ---- */

/* sed -i: a temporary file beside f, owner and mode, renamed over f. */
static void sed(struct world *w, const struct proc *p, const char *temporary)
{
	int fd = world_open(w, p, temporary, W_CREATE | W_EXCL);

	world_chown(w, p, temporary, 0);
	world_write(w, p, fd, "sed was here\n");
	world_chmod(w, p, temporary, 0644);
	world_close(w, p, fd);
	world_rename(w, p, temporary, HOSTS);
	world_exit(w, p);
}

static void test_sed(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	sed(w, &p, "/etc/sedQx3v1");
	world_expect(w, HOSTS, METHOD_REPLACE, &p, "one\n", "sed was here\n", 1);
	world_expect_end(w);
}

/* The temporary name is one to be ignored. It is never looked at. */
static void test_ignored_name(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);

	sed(w, &p, "/etc/x.tmp");
	world_expect(w, HOSTS, METHOD_REPLACE, &p, "one\n", "sed was here\n", 1);
	assert_int_equal(w->snapshots, 1);
	world_put(w, &q, "/etc/y.tmp", W_CREATE, "y\n");
	world_chmod(w, &q, "/etc/y.tmp", 0600);
	world_put(w, &q, "/etc/y.tmp", W_APPEND, "y\n");
	world_unlink(w, &q, "/etc/y.tmp");
	world_exit(w, &q);
	assert_int_equal(w->snapshots, 1);
	world_expect_end(w);
}

/* It is renamed while it is still open for writing. */
static void test_renamed_while_open(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);
	int fd = world_open(w, &p, "/etc/new.tmp", W_CREATE);

	world_write(w, &p, fd, "new");
	world_rename(w, &p, "/etc/new.tmp", HOSTS);
	world_write(w, &p, fd, "er");
	world_close(w, &p, fd);
	world_exit(w, &p);
	world_expect(w, HOSTS, METHOD_REPLACE, &p, "one\n", "newer", 1);
	fd = world_open(w, &q, "/etc/watched", W_CREATE);
	world_write(w, &q, fd, "q");
	world_rename(w, &q, "/etc/watched", HOSTS);
	world_sleep(w, 900);
	world_write(w, &q, fd, "q");
	world_exit(w, &q);
	world_expect(w, HOSTS, METHOD_REPLACE, &q, "newer", "qq", 1);
	world_expect_end(w);
}

/* perl -pi: a file of another name, its mode, renamed over f when it is closed. */
static void test_perl(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);
	int fd = world_open(w, &p, "/etc/XX9geIt0", W_CREATE | W_EXCL);

	world_chmod(w, &p, "/etc/XX9geIt0", 0644);
	world_write(w, &p, fd, "perl\n");
	world_close(w, &p, fd);
	world_rename(w, &p, "/etc/XX9geIt0", HOSTS);
	world_exit(w, &p);
	world_expect(w, HOSTS, METHOD_REPLACE, &p, "one\n", "perl\n", 1);
	world_expect_end(w);
}

/* perl -pi before 5.28: f is opened and removed, and made again under its name. */
static void test_perl_old(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);
	int fd;

	world_unlink(w, &p, HOSTS);
	fd = world_open(w, &p, HOSTS, W_CREATE | W_EXCL);
	world_chmod(w, &p, HOSTS, 0644);
	world_write(w, &p, fd, "perl\n");
	world_close(w, &p, fd);
	world_exit(w, &p);
	world_expect(w, HOSTS, METHOD_REPLACE, &p, "one\n", "perl\n", 1);
	world_expect_end(w);
}

/* vim, which first tries whether it may make files there. */
static void vim_probe(struct world *w, const struct proc *p)
{
	int fd = world_open(w, p, "/etc/4913", W_CREATE | W_EXCL);

	world_chown(w, p, "/etc/4913", 0);
	world_close(w, p, fd);
	world_unlink(w, p, "/etc/4913");
}

/* vim with a backup by renaming: f becomes f~, f is made, written, given its attributes; f~ goes.
 * The swap file is there all the time. */
static void test_vim_rename(void **state)
{
	struct world *w = *state;
	struct proc vim = world_fork(w);
	int swap = world_open(w, &vim, "/etc/.hosts.swp", W_CREATE | W_EXCL), fd;

	world_write(w, &vim, swap, "b0VIM");
	world_sleep(w, 20000);
	vim_probe(w, &vim);
	world_rename(w, &vim, HOSTS, "/etc/hosts~");
	fd = world_open(w, &vim, HOSTS, W_CREATE);
	world_write(w, &vim, fd, "one\ntwo\n");
	world_sleep(w, 120);
	world_chmod(w, &vim, HOSTS, 0644);
	world_close(w, &vim, fd);
	world_xattr(w, &vim, HOSTS, FT_META_ACL);
	world_unlink(w, &vim, "/etc/hosts~");
	world_sleep(w, 1000);
	world_close(w, &vim, swap);
	world_unlink(w, &vim, "/etc/.hosts.swp");
	world_exit(w, &vim);
	world_expect(w, HOSTS, METHOD_REPLACE, &vim, "one\n", "one\ntwo\n", 1);
	world_expect_end(w);
}

/* vim with a backup by copying, to a name that is under watch here: it was not there before, and is
 * not after. */
static void test_vim_copy(void **state)
{
	struct world *w = *state;
	struct proc vim = world_fork(w);
	int fd;

	vim_probe(w, &vim);
	world_put(w, &vim, "/etc/hosts.bak", W_CREATE | W_EXCL, "one\n");
	world_chmod(w, &vim, "/etc/hosts.bak", 0644);
	fd = world_open(w, &vim, HOSTS, W_TRUNC);
	world_write(w, &vim, fd, "two\n");
	world_close(w, &vim, fd);
	world_chmod(w, &vim, HOSTS, 0644);
	world_xattr(w, &vim, HOSTS, FT_META_ACL);
	world_unlink(w, &vim, "/etc/hosts.bak");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_TRUNCATE, &vim, "one\n", "two\n", 1);
	world_expect_end(w);
}

/* Two times :w in one vim are two records. */
static void test_vim_twice(void **state)
{
	struct world *w = *state;
	struct proc vim = world_fork(w);

	for (unsigned i = 0; i < 2; i++) {
		world_rename(w, &vim, HOSTS, "/etc/hosts~");
		world_put(w, &vim, HOSTS, W_CREATE, i ? "3\n" : "2\n");
		world_unlink(w, &vim, "/etc/hosts~");
		world_sleep(w, 600);
	}
	world_expect(w, HOSTS, METHOD_REPLACE, &vim, "one\n", "2\n", 1);
	world_expect(w, HOSTS, METHOD_REPLACE, &vim, "2\n", "3\n", 1);
	world_expect_end(w);
}

/* nano: f is cut and written as it is. */
static void test_nano(void **state)
{
	struct world *w = *state;
	struct proc nano = world_fork(w);

	world_put(w, &nano, "/etc/.hosts.swp", W_CREATE | W_EXCL, "b0nano");
	world_put(w, &nano, HOSTS, W_CREATE | W_TRUNC, "nano\n");
	world_unlink(w, &nano, "/etc/.hosts.swp");
	world_exit(w, &nano);
	world_expect(w, HOSTS, METHOD_TRUNCATE, &nano, "one\n", "nano\n", 1);
	world_expect_end(w);
}

/* dpkg: f.dpkg-new is made, written and synced; f gets a second name, f.dpkg-tmp; the new one is
 * renamed over f, and the second name goes. */
static void test_dpkg(void **state)
{
	struct world *w = *state;
	struct proc dpkg = world_fork(w);
	int fd = world_open(w, &dpkg, "/etc/hosts.dpkg-new", W_CREATE | W_EXCL);

	world_write(w, &dpkg, fd, "packaged\n");
	world_chown(w, &dpkg, "/etc/hosts.dpkg-new", 0);
	world_chmod(w, &dpkg, "/etc/hosts.dpkg-new", 0644);
	world_close(w, &dpkg, fd);
	world_times(w, &dpkg, "/etc/hosts.dpkg-new");
	world_hardlink(w, &dpkg, HOSTS, "/etc/hosts.dpkg-tmp");
	world_rename(w, &dpkg, "/etc/hosts.dpkg-new", HOSTS);
	world_unlink(w, &dpkg, "/etc/hosts.dpkg-tmp");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_REPLACE, &dpkg, "one\n", "packaged\n", 1);
	world_expect_end(w);
}

/* ---- who, and when ---- */

/* mktemp and rm in one program: nothing was there before, and nothing after. */
static void test_temporary(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	world_put(w, &p, "/etc/t", W_CREATE, "temporary\n");
	world_sleep(w, 400);
	world_unlink(w, &p, "/etc/t");
	world_settle(w);
	world_expect_end(w);
	/* It was there for longer: two records. */
	world_put(w, &p, "/etc/t", W_CREATE, "x\n");
	world_sleep(w, 600);
	world_unlink(w, &p, "/etc/t");
	world_settle(w);
	world_expect(w, "/etc/t", METHOD_CREATE, &p, NULL, "x\n", 1);
	world_expect(w, "/etc/t", METHOD_DELETE, &p, "x\n", NULL, 1);
	world_expect_end(w);
}

/* One removes f and another makes it again, at once. */
static void test_two_processes(void **state)
{
	struct world *w = *state;
	struct proc rm = world_fork(w), sh = world_fork(w);

	world_unlink(w, &rm, HOSTS);
	world_put(w, &sh, HOSTS, W_CREATE, "again\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_DELETE, &rm, "one\n", NULL, 1);
	world_expect(w, HOSTS, METHOD_CREATE, &sh, NULL, "again\n", 1);
	world_expect_end(w);
}

/* Somebody writes what somebody else moves away meanwhile, and goes on at the new path. */
static void test_moved_while_open(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), mv = world_fork(w);
	int fd = world_open(w, &p, HOSTS, W_APPEND);

	world_write(w, &p, fd, "2\n");
	world_rename(w, &mv, HOSTS, "/etc/d/hosts");
	world_exit(w, &mv);
	world_sleep(w, 100);
	world_write(w, &p, fd, "3\n");
	world_close(w, &p, fd);
	world_settle(w);
	world_expect(w, HOSTS, METHOD_IN_PLACE, &p, "one\n", NULL, COALESCED(1));
	world_expect(w, HOSTS, METHOD_DELETE, &mv, "one\n", NULL, COALESCED(1));
	world_expect(w, "/etc/d/hosts", METHOD_CREATE, &mv, NULL, "one\n2\n3\n", COALESCED(1));
	world_expect(w, "/etc/d/hosts", METHOD_CREATE, &p, NULL, "one\n2\n3\n", COALESCED(1));
	assert_int_equal(w->records[3].attribution, ATTRIBUTION_FULL);
	world_expect_end(w);
}

/* What is written to a file after it was removed changes no path. */
static void test_removed_while_open(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);
	int fd = world_open(w, &p, HOSTS, W_APPEND);

	world_unlink(w, &q, HOSTS);
	world_exit(w, &q);
	world_write(w, &p, fd, "unseen\n");
	world_close(w, &p, fd);
	world_exit(w, &p);
	world_expect(w, HOSTS, METHOD_DELETE, &q, "one\n", NULL, 1);
	world_expect_end(w);
}

static void test_exchange(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	world_file(w, "/etc/fstab", "disk\n");
	world_exchange(w, &p, HOSTS, "/etc/fstab");
	world_exit(w, &p);
	world_expect(w, "/etc/fstab", METHOD_REPLACE, &p, "disk\n", "one\n", 1);
	world_expect(w, HOSTS, METHOD_REPLACE, &p, "one\n", "disk\n", 1);
	world_put(w, &p, HOSTS, W_APPEND, "2\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &p, "disk\n", "disk\n2\n", 1);
	world_expect_end(w);
}

/* mv f g; mv g f in one program: nothing but the time of change. */
static void test_there_and_back(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	world_rename(w, &p, HOSTS, "/etc/g");
	world_rename(w, &p, "/etc/g", HOSTS);
	world_settle(w);
	world_expect(w, HOSTS, METHOD_METADATA, &p, "one\n", "one\n", 1);
	world_expect_end(w);
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_sed),
		WORLD_TEST(test_ignored_name),
		WORLD_TEST(test_renamed_while_open),
		WORLD_TEST(test_perl),
		WORLD_TEST(test_perl_old),
		WORLD_TEST(test_vim_rename),
		WORLD_TEST(test_vim_copy),
		WORLD_TEST(test_vim_twice),
		WORLD_TEST(test_nano),
		WORLD_TEST(test_dpkg),
		WORLD_TEST(test_temporary),
		WORLD_TEST(test_two_processes),
		WORLD_TEST(test_moved_while_open),
		WORLD_TEST(test_removed_while_open),
		WORLD_TEST(test_exchange),
		WORLD_TEST(test_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
