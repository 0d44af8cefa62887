/*
 * Tests of edits whose events are lost, of failures, and of the bound.
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

/* ---- lost events ---- */

/* No room for FT_BEGIN: the process is known by its image alone. */
static void test_begin_lost(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);
	int fd = world_open(w, &p, HOSTS, W_APPEND);

	w->drop = 1;
	world_write(w, &p, fd, "2\n");
	world_close(w, &p, fd);
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &p, "one\n", "one\n2\n", 1);
	assert_int_equal(w->records[0].attribution, ATTRIBUTION_PARTIAL);
	world_expect_end(w);
}

/* No room for FT_END: with the process it is over, or when it is asked for. */
static void test_end_lost(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);
	int fd = world_open(w, &p, HOSTS, W_APPEND);

	world_write(w, &p, fd, "2\n");
	w->drop = 1;
	world_close(w, &p, fd);
	world_exit(w, &p);
	assert_int_equal(w->record_count, 0);
	world_sleep(w, 2100);
	world_expect(w, HOSTS, METHOD_APPEND, &p, "one\n", "one\n2\n", 1);
	fd = world_open(w, &q, HOSTS, W_APPEND);
	world_write(w, &q, fd, "3\n");
	w->drop = 1;
	world_close(w, &q, fd);
	world_sleep(w, 9000);
	assert_int_equal(edits_count(w->edits), 1);
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &q, "one\n2\n", "one\n2\n3\n", 1);
	world_expect_end(w);
}

/* The loss was noticed: nobody waits for long. */
static void test_end_doubted(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);
	int fd = world_open(w, &p, HOSTS, W_APPEND);

	world_write(w, &p, fd, "2\n");
	edits_doubt(w->edits, w->now_ns);
	world_sleep(w, 500);
	/* It does go on. */
	assert_int_equal(edits_count(w->edits), 1);
	assert_int_equal(w->record_count, 0);
	w->drop = 1;
	world_close(w, &p, fd);
	edits_doubt(w->edits, w->now_ns);
	world_sleep(w, 500);
	world_expect(w, HOSTS, METHOD_APPEND, &p, "one\n", "one\n2\n", 1);
	world_put(w, &q, HOSTS, W_APPEND, "3\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &q, "one\n2\n", "one\n2\n3\n", 1);
	world_expect_end(w);
}

/* A writer whose events are all lost: what another one did is told after two seconds. */
static void test_writer_lost(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);

	w->late = true;
	world_put(w, &p, HOSTS, W_APPEND, "2\n");
	w->drop = 2;
	world_put(w, &q, HOSTS, W_APPEND, "3\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &p, "one\n", "one\n2\n3\n", COALESCED(1));
	world_expect_end(w);
}

/* The making of a file is lost; its writing names the place. */
static void test_create_lost(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w);

	w->drop = 1;
	world_put(w, &p, "/etc/new", W_CREATE, "new\n");
	world_settle(w);
	world_expect(w, "/etc/new", METHOD_CREATE, &p, NULL, "new\n", 1);
	world_expect_end(w);
}

/* A rename is lost: another inode is there than is known. */
static void test_rename_lost(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w);

	world_put(w, &p, "/etc/x.tmp", W_CREATE, "x\n");
	w->drop = 1;
	world_rename(w, &p, "/etc/x.tmp", HOSTS);
	world_chmod(w, &q, HOSTS, 0600);
	world_settle(w);
	assert_int_equal(w->record_count, 1);
	assert_int_equal(w->records[0].actor.image, q.image);
	w->checked = 1;
	world_expect_end(w);
}

static void test_attribution(void **state)
{
	struct world *w = *state;
	struct proc known = world_fork(w), unknown = {.pid = 77}, nobody = {};

	w->known = ATTRIBUTION_PARTIAL;
	world_put(w, &known, HOSTS, W_APPEND, "2\n");
	world_settle(w);
	world_put(w, &unknown, HOSTS, W_APPEND, "3\n");
	world_settle(w);
	world_put(w, &nobody, HOSTS, W_APPEND, "4\n");
	world_settle(w);
	assert_int_equal(w->record_count, 3);
	assert_int_equal(w->records[0].attribution, ATTRIBUTION_PARTIAL);
	assert_int_equal(w->records[1].attribution, ATTRIBUTION_PARTIAL);
	assert_int_equal(w->records[1].actor.pid, 77);
	assert_int_equal(w->records[2].attribution, ATTRIBUTION_NONE);
	w->checked = 3;
	world_expect_end(w);
}

/* ---- failures, bounds ---- */

static void test_failures(void **state)
{
	struct world *w = *state;
	struct proc p = world_fork(w), q = world_fork(w), r = world_fork(w);

	/* What cannot be read now is read later. */
	w->fail_snapshot = -EIO;
	world_put(w, &p, HOSTS, W_APPEND, "2\n");
	world_sleep(w, 1000);
	assert_int_equal(w->record_count, 0);
	w->fail_snapshot = -ENOSPC;
	world_sleep(w, 1100);
	assert_int_equal(w->record_count, 0);
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &p, "one\n", "one\n2\n", COALESCED(1));
	/* A record that cannot be stored is its receiver's affair. */
	w->fail_emit = -ENOSPC;
	world_put(w, &q, HOSTS, W_APPEND, "3\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &q, "one\n2\n", "one\n2\n3\n", 1);
	/* Without a baseline its beginning is lost; the end makes up for it. */
	w->fail_baseline = -EIO;
	world_put(w, &r, HOSTS, W_APPEND, "4\n");
	world_settle(w);
	world_expect(w, HOSTS, METHOD_APPEND, &r, "one\n2\n3\n", "one\n2\n3\n4\n", 1);
	assert_int_equal(w->records[2].attribution, ATTRIBUTION_PARTIAL);
	world_expect_end(w);
}

/* Errors of operations are passed on, and so is what makes no sense. */
static void test_errors(void **state)
{
	struct world *w = *state;
	struct ft_exit_event event = {.event = {.type = FT_EXIT, .size = sizeof(event)}};
	struct proc p = world_fork(w);

	assert_int_equal(edits_event(w->edits, &event.event), 0);
	event.event.size--;
	assert_int_equal(edits_event(w->edits, &event.event), -EBADMSG);
	event.event = (struct ft_event){.type = FT_TYPE_END, .size = sizeof(event)};
	assert_int_equal(edits_event(w->edits, &event.event), -EBADMSG);
	event.event = (struct ft_event){.type = 0, .size = sizeof(event)};
	assert_int_equal(edits_event(w->edits, &event.event), -EBADMSG);
	event.event = (struct ft_event){.type = FT_IMAGE};
	assert_int_equal(edits_event(w->edits, &event.event), 0);
	world_chmod(w, &p, HOSTS, 0600);
	w->fail_emit = -ENOSPC;
	assert_int_equal(edits_tick(w->edits, w->now_ns + 200 * NS_PER_MS), -ENOSPC);
	assert_int_equal(edits_tick(w->edits, w->now_ns + 200 * NS_PER_MS), 0);
	w->checked = 1;
	world_expect_end(w);
}

/* As many open edits as there may be, and more. */
static void test_bound(void **state)
{
	struct world *w = *state;
	const unsigned count = EDITS_MAX + 500;
	struct proc last = {};

	for (unsigned i = 0; i < count; i++) {
		int fd = world_open(w, &(struct proc){}, HOSTS, W_APPEND);

		last = world_fork(w);
		/* Open in a process that will never be heard of again. */
		world_write(w, &last, fd, "x");
		for (unsigned k = 0; k < WORLD_FILES; k++)
			w->files[k] = (struct world_file){};
		assert_true(edits_count(w->edits) <= EDITS_MAX);
	}
	w->inodes[w->names[3].ino].ft.edits = 0;
	for (unsigned i = 0; i < 8; i++)
		world_sleep(w, 3000);
	assert_int_equal(edits_count(w->edits), 0);
	assert_true(w->record_count > 0);
	assert_int_equal(w->records[w->record_count - 1].actor.image, last.image);
	w->checked = w->record_count;
	world_expect_end(w);
}

/* The same with many paths, each with an edit that has ended and cannot be settled. */
static void test_bound_paths(void **state)
{
	struct world *w = *state;
	const unsigned count = EDITS_MAX + 500;

	w->late = true;
	for (unsigned i = 0; i < count; i++) {
		struct proc p = world_fork(w), q = world_fork(w);
		char path[32];

		snprintf(path, sizeof(path), "/etc/f%u", i);
		world_put(w, &p, path, W_CREATE, "x");
		w->drop = 2;
		world_put(w, &q, path, W_APPEND, "y");
		w->drop = 0;
	}
	world_catch_up(w);
	assert_true(edits_count(w->edits) <= EDITS_MAX);
	assert_true(w->record_count >= 500);
	world_settle(w);
	assert_int_equal(w->record_count, count);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(w->records[i].method, METHOD_CREATE);
	w->checked = count;
	world_expect_end(w);
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_begin_lost),  WORLD_TEST(test_end_lost),
		WORLD_TEST(test_end_doubted), WORLD_TEST(test_writer_lost),
		WORLD_TEST(test_create_lost), WORLD_TEST(test_rename_lost),
		WORLD_TEST(test_attribution), WORLD_TEST(test_failures),
		WORLD_TEST(test_errors),      WORLD_TEST(test_bound),
		WORLD_TEST(test_bound_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
