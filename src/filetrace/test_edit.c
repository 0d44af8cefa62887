/*
 * Tests of edits: the tools people change files with, played as the system calls they make.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/def.h"
#include "filetrace/testworld.h"

#define HOSTS "/etc/hosts"

/* ---- shells and small tools ---- */

/* echo two >>f: the shell opens it for appending, writes, closes. */
static void test_append(void **state)
{
	struct world *w = *state;
	struct proc sh = world_fork(w);

	world_put(w, &sh, HOSTS, W_APPEND, "two\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &sh, "one\n", "one\ntwo\n", 1);
	assert_int_equal(w->snapshots, 1);
	world_expect_end(w);
}

/* echo x >f, and tee f: O_TRUNC, write. */
static void test_overwrite(void **state)
{
	struct world *w = *state;
	struct proc sh = world_fork(w);

	world_put(w, &sh, HOSTS, W_CREATE | W_TRUNC, "x\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_TRUNCATE, &sh, "one\n", "x\n", 1);
	world_put(w, &sh, HOSTS, W_CREATE | W_TRUNC, "longer than before\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_TRUNCATE, &sh, "x\n", "longer than before\n", 1);
	world_expect_end(w);
}

/* >f, on what is there, and on what is not. */
static void test_empty(void **state)
{
	struct world *w = *state;
	struct proc sh = world_fork(w);

	world_put(w, &sh, HOSTS, W_CREATE | W_TRUNC, "");
	world_put(w, &sh, "/etc/new", W_CREATE | W_TRUNC, "");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_TRUNCATE, &sh, "one\n", "", 1);
	world_expect(w, "/etc/new", METHOD_CREATE, &sh, NULL, "", 1);
	world_expect_end(w);
}

/* dd of=f conv=notrunc: written from the start, not cut. */
static void test_in_place(void **state)
{
	struct world *w = *state;
	struct proc dd = world_fork(w);
	int fd = world_open(w, &dd, HOSTS, W_CREATE);

	world_pwrite(w, &dd, fd, "ON", 0);
	world_close(w, &dd, fd);
	world_exit(w, &dd);
	world_expect(w, HOSTS, METHOD_IN_PLACE, &dd, "one\n", "ONe\n", 1);
	world_expect_end(w);
}

/* truncate -s: to less, and to more. */
static void test_truncate(void **state)
{
	struct world *w = *state;
	struct proc cut = world_fork(w), more = world_fork(w);
	int fd = world_open(w, &cut, HOSTS, 0);

	world_truncate(w, &cut, fd, 2);
	world_close(w, &cut, fd);
	world_exit(w, &cut);
	fd = world_open(w, &more, HOSTS, 0);
	world_truncate(w, &more, fd, 5);
	world_close(w, &more, fd);
	world_exit(w, &more);
	world_expect(w, HOSTS, METHOD_TRUNCATE, &cut, "one\n", "on", 1);
	world_expect(w, HOSTS, METHOD_APPEND, &more, "on", "on...", 1);
	world_expect_end(w);
}

/* sort x >f: the shell's child cuts f, and executes sort, which writes and ends. */
static void test_sort(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);
	int fd = world_open(w, &p, HOSTS, W_CREATE | W_TRUNC);

	world_exec(w, &p);
	world_sleep(w, 700);
	world_write(w, &p, fd, "a\nb\n");
	world_exit(w, &p);
	world_expect(w, HOSTS, METHOD_TRUNCATE, &p, "one\n", "a\nb\n", 1);
	world_expect_end(w);
}

/* { echo a; cmd; } >>f: two processes write by one file description. */
static void test_two_writers(void **state)
{
	struct world *w = *state;
	struct proc sh = world_fork(w), cmd = world_fork(w);
	int fd = world_open(w, &sh, HOSTS, W_CREATE | W_APPEND);

	world_write(w, &sh, fd, "a\n");
	world_write(w, &cmd, fd, "b\n");
	world_exit(w, &cmd);
	world_close(w, &sh, fd);
	world_exit(w, &sh);
	world_expect(w, HOSTS, METHOD_APPEND, &cmd, "one\n", "one\na\nb\n", COALESCED(1));
	world_expect(w, HOSTS, METHOD_APPEND, &sh, "one\n", "one\na\nb\n", COALESCED(1));
	world_expect_end(w);
}

/* A program that stores through a mapping after it has closed the descriptor. */
static void test_mapped(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);
	int fd = world_open(w, &p, HOSTS, 0);

	world_map(w, &p, fd);
	world_close(w, &p, fd);
	world_sleep(w, 5000);
	world_pwrite(w, &p, fd, "X", 0);
	assert_int_equal(w->record_count, 0);
	world_unmap(w, &p, fd);
	world_settle(w);
	world_expect(w, HOSTS, METHOD_IN_PLACE, &p, "one\n", "Xne\n", 1);
	world_expect_end(w);
}

/* A file that was opened before watching began: its first event is a write. */
static void test_opened_before(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);
	int fd = world_open(w, &p, HOSTS, W_APPEND);

	world_sleep(w, 60000);
	world_write(w, &p, fd, "2\n");
	world_exit(w, &p);
	world_expect(w, HOSTS, METHOD_APPEND, &p, "one\n", "one\n2\n", 1);
	world_expect_end(w);
}

/* rm, mv -f of what is not there, and a write that fails. */
static void test_failed(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);
	int fd;

	world_unlink(w, &p, "/etc/none");
	world_rename(w, &p, "/etc/none", HOSTS);
	fd = world_open(w, &p, HOSTS, 0);
	world_write_fails(w, &p, fd);
	world_close(w, &p, fd);
	world_exit(w, &p);
	world_expect_end(w);
}

/* ---- copying and moving ---- */

/* cp x f: new, and over one that is there. */
static void test_cp(void **state)
{
	struct world *w = *state;
	struct proc cp = world_fork(w), again = world_fork(w);

	world_put(w, &cp, "/etc/cron.d", W_CREATE | W_EXCL, "job\n");
	world_exit(w, &cp);
	world_put(w, &again, "/etc/cron.d", W_TRUNC, "other job\n");
	world_exit(w, &again);
	world_expect(w, "/etc/cron.d", METHOD_CREATE, &cp, NULL, "job\n", 1);
	world_expect(w, "/etc/cron.d", METHOD_TRUNCATE, &again, "job\n", "other job\n", 1);
	world_expect_end(w);
}

/* cp -p x f: times, owner and mode (by an ACL) are set before the descriptor is closed, or after.
 */
static void test_cp_preserving(void **state)
{
	struct world *w = *state;
	struct proc cp = world_fork(w);
	int fd = world_open(w, &cp, HOSTS, W_TRUNC);

	world_write(w, &cp, fd, "copy\n");
	world_times(w, &cp, HOSTS);
	world_chown(w, &cp, HOSTS, 7);
	world_xattr(w, &cp, HOSTS, FT_META_ACL);
	world_close(w, &cp, fd);
	world_chmod(w, &cp, HOSTS, 0600);
	world_exit(w, &cp);
	world_expect(w, HOSTS, METHOD_TRUNCATE, &cp, "one\n", "copy\n", 1);
	assert_int_equal(w->records[0].new.mode & 0777, 0600);
	assert_int_equal(w->records[0].old.mode & 0777, 0644);
	world_expect_end(w);
}

/* mv within one file system: to a new name, and over another. */
static void test_mv(void **state)
{
	struct world *w = *state;
	struct proc mv = world_fork(w), over = world_fork(w);

	world_file(w, "/etc/fstab", "disk\n");
	world_rename(w, &mv, HOSTS, "/etc/d/hosts");
	world_exit(w, &mv);
	world_rename(w, &over, "/etc/d/hosts", "/etc/fstab");
	world_exit(w, &over);
	world_expect(w, "/etc/d/hosts", METHOD_CREATE, &mv, NULL, "one\n", 1);
	world_expect(w, HOSTS, METHOD_DELETE, &mv, "one\n", NULL, 1);
	world_expect(w, "/etc/fstab", METHOD_REPLACE, &over, "disk\n", "one\n", 1);
	world_expect(w, "/etc/d/hosts", METHOD_DELETE, &over, "one\n", NULL, 1);
	world_expect_end(w);
}

/* mv from what is not under watch, and to there. */
static void test_mv_across(void **state)
{
	struct world *w = *state;
	struct proc in = world_fork(w), out = world_fork(w);

	world_file(w, "/srv/new", "new\n");
	world_rename(w, &in, "/srv/new", HOSTS);
	world_exit(w, &in);
	world_rename(w, &out, HOSTS, "/srv/old");
	world_exit(w, &out);
	world_expect(w, HOSTS, METHOD_REPLACE, &in, "one\n", "new\n", 1);
	world_expect(w, HOSTS, METHOD_DELETE, &out, "new\n", NULL, 1);
	world_expect_end(w);
}

/* mv from another file system: the old one is removed, a new one written, and given its times,
 * owner and mode; then the source goes. */
static void test_mv_copy(void **state)
{
	struct world *w = *state;
	struct proc mv = world_fork(w);
	int fd;

	world_file(w, "/srv/fstab", "moved\n");
	world_unlink(w, &mv, HOSTS);
	fd = world_open(w, &mv, HOSTS, W_CREATE | W_EXCL);
	world_write(w, &mv, fd, "moved\n");
	world_times(w, &mv, HOSTS);
	world_chown(w, &mv, HOSTS, 3);
	world_chmod(w, &mv, HOSTS, 0640);
	world_close(w, &mv, fd);
	world_unlink(w, &mv, "/srv/fstab");
	world_exit(w, &mv);
	world_expect(w, HOSTS, METHOD_REPLACE, &mv, "one\n", "moved\n", 1);
	world_expect_end(w);
}

/* install -m 600 x f: the old one is removed, the new one made, owned and given its mode. */
static void test_install(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	world_unlink(w, &p, HOSTS);
	world_put(w, &p, HOSTS, W_CREATE | W_EXCL, "installed\n");
	world_chown(w, &p, HOSTS, 1);
	world_chmod(w, &p, HOSTS, 0600);
	world_exit(w, &p);
	world_expect(w, HOSTS, METHOD_REPLACE, &p, "one\n", "installed\n", 1);
	world_expect_end(w);
}

static void test_rm(void **state)
{
	struct world *w = *state;
	struct proc rm = world_fork(w);

	world_unlink(w, &rm, HOSTS);
	world_exit(w, &rm);
	world_expect(w, HOSTS, METHOD_DELETE, &rm, "one\n", NULL, 1);
	assert_int_equal(w->snapshots, 0);
	world_expect_end(w);
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_append),
		WORLD_TEST(test_overwrite),
		WORLD_TEST(test_empty),
		WORLD_TEST(test_in_place),
		WORLD_TEST(test_truncate),
		WORLD_TEST(test_sort),
		WORLD_TEST(test_two_writers),
		WORLD_TEST(test_mapped),
		WORLD_TEST(test_opened_before),
		WORLD_TEST(test_failed),
		WORLD_TEST(test_cp),
		WORLD_TEST(test_cp_preserving),
		WORLD_TEST(test_mv),
		WORLD_TEST(test_mv_across),
		WORLD_TEST(test_mv_copy),
		WORLD_TEST(test_install),
		WORLD_TEST(test_rm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
