/*
 * Tests of edits that overlap, of a user space that is late, and of when edits are over.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "filetrace/testworld.h"

#define HOSTS "/etc/hosts"

/* ---- late ---- */

/* 300 shells, each of which appends a byte and ends. */
static void append_shells(struct world *w, struct proc *shells, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		shells[i] = world_fork(w);
		world_put(w, &shells[i], HOSTS, W_APPEND, "+");
		world_exit(w, &shells[i]);
	}
}

static void test_shells(void **state)
{
	enum { COUNT = 300 };
	struct world *w = *state;
	struct proc shells[COUNT];
	char old[COUNT + 8] = "one\n", new[COUNT + 8] = "one\n";

	append_shells(w, shells, COUNT);
	for (unsigned i = 0; i < COUNT; i++) {
		strcat(new, "+");
		world_expect(w, HOSTS, METHOD_APPEND, &shells[i], old, new, 1);
		strcat(old, "+");
	}
	assert_int_equal(w->snapshots, COUNT);
	world_expect_end(w);
}

static void test_shells_late(void **state)
{
	enum { COUNT = 300 };
	struct world *w = *state;
	struct proc shells[COUNT];
	char new[COUNT + 8] = "one\n";

	w->late = true;
	append_shells(w, shells, COUNT);
	memset(new + 4, '+', COUNT);
	new[4 + COUNT] = '\0';
	world_catch_up(w);
	for (unsigned i = 0; i < COUNT; i++)
		world_expect(w, HOSTS, METHOD_APPEND, &shells[i], "one\n", new, COALESCED(1));
	assert_int_equal(w->snapshots, 1);
	world_expect_end(w);
}

/* The same by one shell, in time and late. */
static void test_shell(void **state)
{
	struct world *w = *state;
	struct proc sh = world_fork(w);

	world_put(w, &sh, HOSTS, W_APPEND, "2\n");
	world_put(w, &sh, HOSTS, W_APPEND, "3\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &sh, "one\n", "one\n2\n", 1);
	world_expect(w, HOSTS, METHOD_APPEND, &sh, "one\n2\n", "one\n2\n3\n", 1);
	w->late = true;
	for (unsigned i = 0; i < 3; i++)
		world_put(w, &sh, HOSTS, W_APPEND, "+");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &sh, "one\n2\n3\n", "one\n2\n3\n+++", COALESCED(3));
	world_expect_end(w);
}

/* A dance of names is one edit, also when it is seen too late; what came between is told. */
static void test_names_late(void **state)
{
	struct world *w = *state;
	struct proc vim = world_fork(w), rm = world_fork(w), sh = world_fork(w);

	w->late = true;
	world_rename(w, &vim, HOSTS, "/etc/hosts~");
	world_sleep(w, 20);
	world_put(w, &vim, HOSTS, W_CREATE, "vim\n");
	world_chmod(w, &vim, HOSTS, 0600);
	world_unlink(w, &vim, "/etc/hosts~");
	world_sleep(w, 700);
	world_unlink(w, &rm, HOSTS);
	world_exit(w, &rm);
	world_put(w, &sh, HOSTS, W_CREATE, "sh\n");
	world_exit(w, &sh);
	world_sleep(w, 5000);
	world_catch_up(w);
	/* What vim wrote nobody can tell any more: it is told as it was after rm. */
	world_expect(w, HOSTS, METHOD_DELETE, &vim, "one\n", NULL, COALESCED(1));
	world_expect(w, HOSTS, METHOD_DELETE, &rm, "one\n", NULL, COALESCED(1));
	world_expect(w, HOSTS, METHOD_CREATE, &sh, NULL, "sh\n", 1);
	world_expect_end(w);
}

/* Of an exchange the second inode's generation is not told: what was read too late is found out by
 * the event that follows. */
static void test_exchange_late(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);

	world_file(w, "/etc/fstab", "disk\n");
	w->late = true;
	world_exchange(w, &p, HOSTS, "/etc/fstab");
	world_put(w, &q, HOSTS, W_APPEND, "2\n");
	world_catch_up(w);
	world_settle(w);
	world_expect(w, HOSTS, METHOD_REPLACE, &p, "one\n", "disk\n2\n", COALESCED(1));
	world_expect(w, "/etc/fstab", METHOD_REPLACE, &p, "disk\n", "one\n", 1);
	world_expect(w, HOSTS, METHOD_IN_PLACE, &q, "one\n", "disk\n2\n", COALESCED(1));
	world_expect_end(w);
}

/* A file that somebody writes while it is read is read again when that one has ended. */
static void test_written_while_read(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);

	w->late_snapshot = true;
	world_put(w, &p, HOSTS, W_APPEND, "2\n");
	world_sleep(w, 500);
	assert_int_equal(w->record_count, 0);
	assert_true(edits_busy(w->edits, HOSTS));
	world_put(w, &q, HOSTS, W_APPEND, "3\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &p, "one\n", "one\n2\n3\n", COALESCED(1));
	world_expect(w, HOSTS, METHOD_APPEND, &q, "one\n", "one\n2\n3\n", COALESCED(1));
	world_expect_end(w);
}

/* ---- overlapping without an end ---- */

/* Somebody has the file open for ever; others are told after two seconds. */
static void test_long_writer(void **state)
{
	struct world *w = *state;
	struct proc daemon = world_fork(w), sh = world_fork(w), other = world_fork(w);
	int fd = world_open(w, &daemon, HOSTS, W_APPEND);

	world_write(w, &daemon, fd, "d");
	world_put(w, &sh, HOSTS, W_APPEND, "s");
	world_exit(w, &sh);
	world_sleep(w, 1900);
	assert_int_equal(w->record_count, 0);
	world_sleep(w, 200);
	world_expect(w, HOSTS, METHOD_APPEND, &sh, "one\n", "one\nds", COALESCED(1));
	assert_int_equal(edits_count(w->edits), 1);
	world_put(w, &other, HOSTS, W_APPEND, "o");
	world_exit(w, &other);
	world_sleep(w, 2100);
	world_expect(w, HOSTS, METHOD_APPEND, &other, "one\nds", "one\ndso", COALESCED(1));
	/* It is asked now and then whether it still goes on. */
	for (unsigned i = 0; i < 20; i++)
		world_sleep(w, 3000);
	assert_int_equal(edits_count(w->edits), 1);
	world_write(w, &daemon, fd, "e");
	world_exit(w, &daemon);
	world_expect(w, HOSTS, METHOD_APPEND, &daemon, "one\ndso", "one\ndsoe", COALESCED(1));
	world_expect_end(w);
}

/* Two who take turns, so that there is never a moment without an edit. */
static void test_relay(void **state)
{
	struct world *w = *state;
	struct proc p[2] = {world_fork(w), world_fork(w)};
	int fds[2];

	fds[0] = world_open(w, &p[0], HOSTS, W_APPEND);
	world_write(w, &p[0], fds[0], "0");
	for (unsigned i = 1; i < 40; i++) {
		fds[i % 2] = world_open(w, &p[i % 2], HOSTS, W_APPEND);
		world_write(w, &p[i % 2], fds[i % 2], "1");
		world_close(w, &p[(i + 1) % 2], fds[(i + 1) % 2]);
		world_sleep(w, 200);
	}
	/* Three times two seconds have passed. */
	assert_in_range(w->record_count, 2, 8);
	world_close(w, &p[1], fds[1]);
	world_settle(w);
	for (size_t i = 0; i < w->record_count; i++)
		assert_true(w->records[i].coalesced && w->records[i].method == METHOD_APPEND);
	w->checked = w->record_count;
	world_expect_end(w);
}

/* ---- the interface ---- */

static void test_times(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	assert_true(edits_next_ns(w->edits) == UINT64_MAX);
	assert_false(edits_busy(w->edits, HOSTS));
	world_put(w, &p, HOSTS, W_APPEND, "2\n");
	assert_true(edits_busy(w->edits, HOSTS));
	assert_false(edits_busy(w->edits, "/etc"));
	/* 100 ms after FT_END, and not before. */
	assert_in_range(edits_next_ns(w->edits), w->now_ns + 100 * NS_PER_MS,
			w->now_ns + 101 * NS_PER_MS);
	world_sleep(w, 99);
	assert_int_equal(w->record_count, 0);
	world_sleep(w, 2);
	assert_int_equal(w->record_count, 1);
	/* 500 ms after the last change of a name. */
	world_unlink(w, &p, HOSTS);
	assert_in_range(edits_next_ns(w->edits), w->now_ns + 500 * NS_PER_MS,
			w->now_ns + 501 * NS_PER_MS);
	world_sleep(w, 499);
	assert_int_equal(w->record_count, 1);
	world_sleep(w, 2);
	assert_int_equal(w->record_count, 2);
	w->checked = 2;
	world_expect_end(w);
}

static void test_flush(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);
	int fd;

	world_put(w, &p, HOSTS, W_APPEND, "2\n");
	world_put(w, &p, "/etc/new", W_CREATE, "n\n");
	fd = world_open(w, &q, "/etc/new", W_APPEND);
	world_write(w, &q, fd, "open");
	assert_int_equal(edits_flush(w->edits), 0);
	assert_int_equal(edits_count(w->edits), 0);
	/* That of /etc/new was over with the next one there. */
	world_expect(w, "/etc/new", METHOD_CREATE, &p, NULL, "n\n", 1);
	world_expect(w, HOSTS, METHOD_APPEND, &p, "one\n", "one\n2\n", 1);
	/* What was forgotten comes back with its end. */
	world_close(w, &q, fd);
	world_settle(w);
	world_expect(w, "/etc/new", METHOD_APPEND, &q, "n\n", "n\nopen", 1);
	assert_int_equal(w->records[2].attribution, ATTRIBUTION_PARTIAL);
	world_expect_end(w);
}

/* Events that are taken in a second time change nothing. */
static void test_again(void **state)
{
	struct world *w = *state;
	struct proc sh = world_fork(w), sed = world_fork(w);

	w->keep = true;
	world_put(w, &sh, HOSTS, W_APPEND, "2\n");
	world_exit(w, &sh);
	world_put(w, &sed, "/etc/sedXYZ", W_CREATE, "sed\n");
	world_rename(w, &sed, "/etc/sedXYZ", HOSTS);
	world_exit(w, &sed);
	world_expect(w, HOSTS, METHOD_APPEND, &sh, "one\n", "one\n2\n", 1);
	world_expect(w, HOSTS, METHOD_REPLACE, &sed, "one\n2\n", "sed\n", 1);
	world_again(w);
	world_expect_end(w);
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_shells),	WORLD_TEST(test_shells_late),
		WORLD_TEST(test_shell),		WORLD_TEST(test_names_late),
		WORLD_TEST(test_exchange_late), WORLD_TEST(test_written_while_read),
		WORLD_TEST(test_long_writer),	WORLD_TEST(test_relay),
		WORLD_TEST(test_times),		WORLD_TEST(test_flush),
		WORLD_TEST(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
