/*
 * Tests of kill -9 at every step: a child is the daemon, and ends at the n-th step of a statement
 * of the store (sqlite3_step is wrapped), for each n until it gets through. Then the next daemon
 * goes on, and what it has recorded must be what it would have been without.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/def.h"
#include "filetrace/capture/testcapture.h"

enum { NEVER = -1, KILLED = 9, FAILED = 8 };

static int steps_left = NEVER;

int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);

int __wrap_sqlite3_step(sqlite3_stmt *stmt)
{
	if (steps_left == 0)
		_exit(KILLED);
	if (steps_left > 0)
		steps_left--;
	return __real_sqlite3_step(stmt);
}

/* Whether @work, by a daemon in a child, was killed before it was through. */
static bool is_killed(struct running *r, int steps, int (*work)(struct running *r))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		steps_left = steps;
		testcapture_start(r);
		_exit(work(r) < 0 ? FAILED : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == KILLED);
	return WEXITSTATUS(status) == KILLED;
}

static int read_all(struct running *r)
{
	return consume(&r->capture);
}

/* At each @stride-th step. @prepare: what happens before the child begins; @check: when the next
 * daemon is there. */
static void kill_everywhere(struct running *r, int stride, void (*prepare)(struct running *r),
			    void (*check)(struct running *r))
{
	bool killed = true;
	void *state = (void *)r->root;

	testcapture_end(r, false);
	for (int n = 1; killed; n += stride) {
		assert_int_equal(testcapture_setup(&state), 0);
		r = state;
		prepare(r);
		testcapture_end(r, true);
		killed = is_killed(r, n, read_all);
		testcapture_start(r);
		assert_int_equal(consume(&r->capture), 0);
		check(r);
		if (killed) {
			testcapture_end(r, false);
			state = (void *)r->root;
		}
	}
}

static void edit(struct running *r, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "etc/%s", name);
	played_begin(name);
	testroot_write(r->root, path, text);
	played_end(name);
}

/* Two edits wait in the ring. */
static void two_edits(struct running *r)
{
	played_people();
	edit(r, "hosts", "127.0.0.1 another\n");
	edit(r, "fstab", "# something\n");
}

static void check_two(struct running *r)
{
	struct told t = testcapture_tell(r);

	assert_int_equal(t.count, 2);
	assert_int_equal(t.full, 2);
}

static void test_edits(void **state)
{
	kill_everywhere(*state, 1, two_edits, check_two);
}

/* One has begun and was read; its end waits, as does the whole of another. */
static void begun(struct running *r)
{
	played_people();
	played_begin("hosts");
	assert_int_equal(consume(&r->capture), 0);
	testroot_write(r->root, "etc/hosts", "127.0.0.1 another\n");
	played_end("hosts");
	edit(r, "fstab", "# something\n");
}

static void test_begun(void **state)
{
	kill_everywhere(*state, 5, begun, check_two);
}

/* A secret: records and digests are in two files. */
static void secret(struct running *r)
{
	played_people();
	edit(r, "shadow", "root:$6$salt$hushhushhush:19001:0:99999:7:::\n");
	edit(r, "hosts", "127.0.0.1 another\n");
}

static void test_secret(void **state)
{
	kill_everywhere(*state, 5, secret, check_two);
}

/* Something that nobody saw. */
static void unseen(struct running *r)
{
	testroot_write(r->root, "etc/hosts", "127.0.0.1 another\n");
	played->lost = 1;
}

static void check_unseen(struct running *r)
{
	testcapture_moment(r);
	assert_newest(r, 1, "/etc/hosts", METHOD_UNKNOWN, ATTRIBUTION_NONE);
}

static void test_unseen(void **state)
{
	kill_everywhere(*state, 11, unseen, check_unseen);
}

/* ---- what is kept ---- */

/* Of another process, which has the other file open all the time. */
static void hold_fstab(void)
{
	struct ft_begin_event *e;

	played_image(99, 0, "/usr/bin/tail", "tail", 5);
	played_begin("fstab");
	e = (void *)&played->events[played->made - 1];
	e->actor.image = 99;
	e->actor.pid = e->actor.tid = 999;
}

/*
 * While one edit goes on, another one is recorded. After a kill the file of the second one is
 * changed by somebody else: who edited it before must not be named again.
 */
static void test_not_again(void **state)
{
	struct running *r = *state;
	struct ft_end_event *e;

	played_people();
	hold_fstab();
	edit(r, "hosts", "one\n");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
	testcapture_end(r, true);
	edit(r, "hosts", "two\n");
	/* By another process than the first one. */
	for (unsigned i = played->made - 3; i < played->made; i++)
		if (played->events[i].event.type == FT_BEGIN) {
			struct ft_begin_event *b = (void *)&played->events[i];

			b->actor.image = SHELL;
			b->actor.pid = b->actor.tid = 110;
		}
	e = (void *)&played->events[played->made - 2];
	e->image = e->last_image = SHELL;
	((struct ft_exit_event *)(void *)&played->events[played->made - 1])->image = SHELL;
	testcapture_start(r);
	assert_newest(r, 2, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
}

/* Events of the boot before are of nobody in this one. */
static void test_boot(void **state)
{
	struct running *r = *state;

	played_people();
	played_begin("hosts");
	assert_int_equal(consume(&r->capture), 0);
	testcapture_end(r, true);
	/* The next boot: a new ring, and the first daemon was killed when it had made that. */
	played_reset();
	played->pinned = true;
	strcpy(r->boot_id, "76543210-3210-3210-3210-ba9876543210");
	testroot_write(r->root, "etc/hosts", "one\n");
	testcapture_start(r);
	assert_unseen(r, 1, "/etc/hosts", METHOD_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_edits, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_begun, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_secret, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_unseen, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_not_again, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_boot, testcapture_setup, testcapture_teardown),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
