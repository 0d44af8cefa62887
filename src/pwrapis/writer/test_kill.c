/*
 * The privileged half is killed at every step of what it does, and the disk is full from every call
 * on: afterwards the machine is as it was before, and a second start changes nothing.
 *
 * A step is each side of a write to the machine and of a system call that changes a file, and the
 * midst of an append. The real book and the real journal run in a child, the machine's values are
 * in memory that outlives it (testmachine.h).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "pwrapis/writer/testkeeper.h"

enum { END_ALL = 100, FOREIGN = 54321 };

/* What the child does: two leases on one thing, ranges, roundings, failures, and ends of all kinds.
 */
static const struct act {
	unsigned verb; /* or END_ALL */
	unsigned lease, item, place;
	double number;
} script[] = {
	{WRITER_SET, 1, TEST_NUMBER, 0, 100},  {WRITER_SET, 1, TEST_TEXT, 0, 0},
	{WRITER_SET, 2, TEST_NUMBER, 0, 200},  {WRITER_SET, 1, TEST_MAX, 1, 900},
	{WRITER_SET, 1, TEST_MIN, 1, 800},     {WRITER_SET, 3, TEST_COARSE, 0, 77.2},
	{WRITER_SET, 2, TEST_COARSE, 0, 33.3}, {WRITER_SET, 1, TEST_NUMBER, 0, 300},
	{WRITER_SET, 1, TEST_NUMBER, 0, 1e9},  {WRITER_SET, 2, TEST_NUMBER, 0, 400},
	{WRITER_DROP, 2, TEST_NUMBER, 0, 0},   {WRITER_END, 2, 0, 0, 0},
	{WRITER_SET, 3, TEST_MIN, 0, 5},       {WRITER_END, 1, 0, 0, 0},
	{WRITER_SET, 4, TEST_NUMBER, 1, 44},   {END_ALL, 0, 0, 0, 0},
};

static int act(const struct act *a)
{
	switch (a->verb) {
	case WRITER_SET:
		return testkeeper_set(a->lease, a->item, a->place, a->number);
	case WRITER_DROP:
		return testkeeper_drop(a->lease, a->item, a->place).error;
	case WRITER_END:
		return testkeeper_end(a->lease).error;
	default:
		return testkeeper_end_all();
	}
}

static void run_script(void)
{
	testkeeper_open();
	for (size_t i = 0; i < ARRAY_SIZE(script); i++)
		act(&script[i]);
}

static void only_start(void)
{
	testkeeper_open();
}

/* Whether it was killed at step @kill_at; else it has come to its end. */
static bool killed(void (*fn)(void), unsigned kill_at)
{
	int status;
	pid_t pid;

	testmachine->steps = 0;
	testmachine->kill_at = kill_at;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		fn();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	testmachine->kill_at = 0;
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == TEST_KILLED);
	return WEXITSTATUS(status) == TEST_KILLED;
}

/* As it was before, nothing owed, nothing left in the journal; and a second start finds it so. */
static void expect_restored(unsigned n)
{
	struct keeper_start s = testkeeper_open();
	struct stat st;
	unsigned writes;

	if (s.error || s.conflicts || s.damaged || !testmachine_is_fresh())
		fail_msg("after step %u: error %d, %u conflicts, damaged %d, fresh %d", n, s.error,
			 s.conflicts, s.damaged, testmachine_is_fresh());
	assert_false(keeper_is_behind(testkeeper));
	testkeeper_close();
	writes = testmachine->writes;
	s = testkeeper_open();
	assert_int_equal(s.restored + s.conflicts, 0);
	testkeeper_close();
	assert_int_equal(testmachine->writes, writes);
	assert_int_equal(fstatat(testkeeper_dir_fd, "journal", &st, 0), 0);
	assert_int_equal(st.st_size, 64);
}

static void test_every_step(void **state)
{
	unsigned n = 1;

	testkeeper_reset();
	while (killed(run_script, n)) {
		expect_restored(n);
		testkeeper_reset();
		n++;
	}
	assert_true(testmachine_is_fresh());
	print_message("killed at %u steps\n", n - 1);
	assert_true(n > 150);
}

/* Killed at every fifth step, and killed again at every step of what the next start does. */
static void test_every_step_of_the_start(void **state)
{
	unsigned n = 1, twice = 0;

	for (bool more = true; more; n += 5) {
		for (unsigned m = 1;; m++) {
			testkeeper_reset();
			more = killed(run_script, n);
			if (!more || !killed(only_start, m))
				break;
			twice++;
			expect_restored(n);
		}
	}
	print_message("killed twice at %u pairs of steps\n", twice);
	assert_true(twice > 500);
}

/* Somebody else sets a thing while nobody is there: it stays, and the rest is put back. */
static void test_foreign(void **state)
{
	unsigned n = 1;

	testkeeper_reset();
	while (killed(run_script, n)) {
		testmachine_put(TEST_NUMBER, 0, FOREIGN, "");
		assert_true(testkeeper_open().conflicts <= 1);
		assert_true(testmachine_get(TEST_NUMBER, 0).number == FOREIGN);
		testmachine_put(TEST_NUMBER, 0, 10 * (TEST_NUMBER + 1), "");
		assert_true(testmachine_is_fresh());
		testkeeper_close();
		testkeeper_reset();
		n++;
	}
}

/* ---- full disks ---- */

static void all_values(struct power_value values[TEST_ITEMS * TEST_PLACES])
{
	for (unsigned i = 0; i < TEST_ITEMS * TEST_PLACES; i++)
		values[i] = testmachine_get(i / TEST_PLACES, i % TEST_PLACES);
}

/* A set that fails changes nothing. */
static void act_on_full_disk(const struct act *a, unsigned at)
{
	struct power_value before[TEST_ITEMS * TEST_PLACES], after[TEST_ITEMS * TEST_PLACES];
	int r;

	all_values(before);
	r = act(a);
	all_values(after);
	if (r != 0 && r != -ENOSPC && r != -ERANGE && r != -ENOENT)
		fail_msg("full at call %u: %d", at, r);
	if (r < 0 && a->verb == WRITER_SET)
		assert_memory_equal(before, after, sizeof(after));
}

/* Whether the disk was full at call @at. */
static bool run_on_full_disk(unsigned at, bool stays)
{
	bool was;

	testkeeper_reset();
	testkeeper_open();
	testmachine->calls = 0;
	testmachine->full_at = at;
	testmachine->stays_full = stays;
	for (size_t i = 0; i < ARRAY_SIZE(script); i++)
		act_on_full_disk(&script[i], at);
	/* All is over, and putting back what was there needs no room. */
	assert_true(testmachine_is_fresh());
	was = testmachine->calls >= at;
	testmachine->full_at = 0;
	keeper_retry(testkeeper);
	assert_false(keeper_is_behind(testkeeper));
	testkeeper_close();
	expect_restored(at);
	return was;
}

static void test_full_once(void **state)
{
	unsigned at = 1;

	while (run_on_full_disk(at, false))
		at++;
	print_message("full at %u calls\n", at - 1);
	assert_true(at > 30);
}

static void test_full_from_then_on(void **state)
{
	unsigned at = 1;

	while (run_on_full_disk(at, true))
		at++;
	assert_true(at > 30);
}

/* Full, and killed: what is there is put back by the next one. */
static void test_full_and_killed(void **state)
{
	for (unsigned at = 1; at < 60; at += 3) {
		for (unsigned n = 1;; n += 5) {
			bool more;

			testkeeper_reset();
			testmachine->full_at = at + 5;
			testmachine->stays_full = true;
			more = killed(run_script, n);
			testmachine->full_at = 0;
			expect_restored(n);
			if (!more)
				break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_step),
		cmocka_unit_test(test_every_step_of_the_start),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_full_once),
		cmocka_unit_test(test_full_from_then_on),
		cmocka_unit_test(test_full_and_killed),
	};

	return cmocka_run_group_tests(tests, testkeeper_setup_group, testkeeper_teardown_group);
}
