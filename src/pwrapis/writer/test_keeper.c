/*
 * Tests of what answers a record: leases on one thing, conflicts, requests that make no sense.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "pwrapis/writer/journal.h"
#include "pwrapis/writer/testkeeper.h"

static void number_is(double expected)
{
	assert_true(testmachine_get(TEST_NUMBER, 0).number == expected);
}

/* The youngest holds; what ends below it changes nothing; the last one puts back what was there. */
static void test_stack(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), 0);
	assert_int_equal(testkeeper_set(2, TEST_NUMBER, 0, 200), 0);
	assert_int_equal(testkeeper_set(3, TEST_NUMBER, 0, 300), 0);
	assert_int_equal(testkeeper_end(2).restored, 0);
	number_is(300);
	assert_int_equal(testkeeper_end(3).restored, 1);
	number_is(100);
	assert_int_equal(testkeeper_end(1).restored, 1);
	assert_true(testmachine_is_fresh());
	testkeeper_close();
}

/* Who sets again is the youngest again. */
static void test_set_again(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), 0);
	assert_int_equal(testkeeper_set(2, TEST_NUMBER, 0, 200), 0);
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 150), 0);
	number_is(150);
	assert_int_equal(testkeeper_end(1).restored, 1);
	number_is(200);
	assert_int_equal(testkeeper_end(2).restored, 1);
	assert_true(testmachine_is_fresh());
	testkeeper_close();
}

static void test_drop(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), 0);
	assert_int_equal(testkeeper_set(1, TEST_TEXT, 1, 0), 0);
	assert_int_equal(testkeeper_drop(1, TEST_NUMBER, 0).error, 0);
	assert_int_equal(testkeeper_drop(1, TEST_NUMBER, 0).error, -ENOENT);
	assert_string_equal(testmachine_get(TEST_TEXT, 1).text, "two");
	assert_int_equal(testkeeper_drop(1, TEST_TEXT, 1).restored, 1);
	assert_true(testmachine_is_fresh());
	testkeeper_close();
}

/* Both ends of a range, above and below what was there, go back in any order. */
static void test_range(void **state)
{
	static const double ranges[][2] = {{500, 600}, {1, 2}};

	for (size_t i = 0; i < 2; i++) {
		unsigned first = i == 0 ? TEST_MAX : TEST_MIN;
		unsigned then = i == 0 ? TEST_MIN : TEST_MAX;

		testkeeper_open();
		assert_int_equal(testkeeper_set(1, first, 0, ranges[i][first == TEST_MAX]), 0);
		assert_int_equal(testkeeper_set(1, then, 0, ranges[i][then == TEST_MAX]), 0);
		/* The order of setting is lost, but the rounds find one that works. */
		assert_int_equal(testkeeper_set(1, first, 0, ranges[i][first == TEST_MAX]), 0);
		assert_int_equal(testkeeper_end(1).error, 0);
		assert_true(testmachine_is_fresh());
		testkeeper_close();
	}
}

/* What the file makes of it is what it is compared with. */
static void test_rounding(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_COARSE, 0, 77.2), 0);
	assert_true(testmachine_get(TEST_COARSE, 0).number == 77.125);
	assert_int_equal(testkeeper_set(2, TEST_COARSE, 0, 99), 0);
	assert_int_equal(testkeeper_end(2).conflicts, 0);
	assert_true(testmachine_get(TEST_COARSE, 0).number == 77.125);
	assert_int_equal(testkeeper_end(1).restored, 1);
	assert_true(testmachine_is_fresh());
	testkeeper_close();
}

/* A file that takes something else is put back, and the set has failed. */
static void test_not_taken(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_WILD, 0, 100), -EIO);
	assert_true(testmachine_is_fresh());
	assert_int_equal(testkeeper_set(1, TEST_WILD, 0, 50), 0);
	assert_int_equal(testkeeper_set(2, TEST_WILD, 0, 100), -EIO);
	assert_true(testmachine_get(TEST_WILD, 0).number == 50);
	assert_int_equal(testkeeper_end(2).restored, 0);
	assert_int_equal(testkeeper_end(1).restored, 1);
	assert_true(testmachine_is_fresh());
	assert_false(keeper_is_behind(testkeeper));
	testkeeper_close();
}

static void test_conflict(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), 0);
	assert_int_equal(testkeeper_set(2, TEST_NUMBER, 0, 200), 0);
	testmachine_put(TEST_NUMBER, 0, 777, "");
	assert_int_equal(testkeeper_end(2).conflicts, 1);
	number_is(777);
	assert_int_equal(testkeeper_conflicts, 1);
	/* The older one's is lost with it, and it is told when it ends. */
	assert_int_equal(testkeeper_end(1).conflicts, 1);
	number_is(777);
	assert_int_equal(testkeeper_conflicts, 1);
	testkeeper_close();
}

/* Who sets after somebody else puts back what that one has set. */
static void test_conflict_at_set(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), 0);
	testmachine_put(TEST_NUMBER, 0, 777, "");
	assert_int_equal(testkeeper_set(2, TEST_NUMBER, 0, 200), 0);
	assert_int_equal(testkeeper_conflicts, 1);
	number_is(200);
	assert_int_equal(testkeeper_end(2).restored, 1);
	number_is(777);
	assert_int_equal(testkeeper_end(1).conflicts, 1);
	testkeeper_close();
}

/* Somebody else has put it back already. */
static void test_put_back_by_others(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), 0);
	testmachine_put(TEST_NUMBER, 0, 10, "");
	assert_int_equal(testkeeper_end(1).conflicts, 0);
	assert_int_equal(testkeeper_conflicts, 0);
	assert_true(testmachine_is_fresh());
	testkeeper_close();
}

/* A request of a client lasts as long as its descriptor. */
static void test_per_client(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_LATENCY, 0, 0.5), 0);
	assert_int_equal(testkeeper_set(2, TEST_LATENCY, 0, 0.1), 0);
	assert_int_equal(testmachine_holds(), 2);
	assert_int_equal(testkeeper_set(1, TEST_LATENCY, 0, 0.2), 0);
	assert_int_equal(testmachine_holds(), 2);
	assert_int_equal(testkeeper_set(1, TEST_LATENCY, 0, -1), -ERANGE);
	assert_int_equal(testmachine_holds(), 2);
	assert_int_equal(testkeeper_drop(1, TEST_LATENCY, 0).restored, 1);
	assert_int_equal(testmachine_holds(), 1);
	assert_int_equal(testkeeper_end(2).restored, 1);
	assert_int_equal(testmachine_holds(), 0);
	testkeeper_close();
}

/* Only what is guarded is read for the other half, and no lease is needed. */
static void test_read(void **state)
{
	struct writer_request q = testkeeper_request(WRITER_READ, 0, TEST_GUARDED, 1);
	struct writer_reply reply;
	int fd;

	testkeeper_open();
	keeper_answer(testkeeper, &q, &reply, &fd);
	assert_int_equal(reply.error, 0);
	assert_true(reply.value.number == testmachine_get(TEST_GUARDED, 1).number);
	assert_int_equal(fd, -1);
	testmachine->read_error = -EIO;
	keeper_answer(testkeeper, &q, &reply, &fd);
	assert_int_equal(reply.error, -EIO);
	assert_true(reply.value.number == 0);
	testmachine->read_error = 0;
	q.item = TEST_SIGNAL;
	keeper_answer(testkeeper, &q, &reply, &fd);
	assert_int_equal(reply.error, -EINVAL);
	testkeeper_close();
}

/* The same of what it opens; what fails has no descriptor. */
static void test_open(void **state)
{
	struct writer_request q = testkeeper_request(WRITER_OPEN, 0, TEST_GUARDED, 1);
	struct writer_reply reply;
	char text[32] = "";
	int fd;

	testkeeper_open();
	keeper_answer(testkeeper, &q, &reply, &fd);
	assert_int_equal(reply.error, 0);
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	assert_true(strtod(text, NULL) == testmachine_get(TEST_GUARDED, 1).number);
	close(fd);
	testmachine->read_error = -EIO;
	keeper_answer(testkeeper, &q, &reply, &fd);
	assert_int_equal(reply.error, -EIO);
	assert_int_equal(fd, -1);
	testmachine->read_error = 0;
	q.item = TEST_SIGNAL;
	keeper_answer(testkeeper, &q, &reply, &fd);
	assert_int_equal(reply.error, -EINVAL);
	assert_int_equal(fd, -1);
	testkeeper_close();
}

/* An act leaves nothing to be put back. */
static void test_act(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_ACT, 0, 5), 0);
	assert_int_equal(testkeeper_set(1, TEST_ACT, 0, -5), -ERANGE);
	assert_int_equal(testmachine->writes, 1);
	assert_int_equal(testkeeper_end(1).restored, 0);
	assert_int_equal(testmachine->writes, 1);
	testkeeper_close();
}

/* What refuses to be put back is owed, and goes when it can. */
static void test_owed(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), 0);
	testmachine->write_error = -EBUSY;
	assert_int_equal(testkeeper_end(1).error, -EBUSY);
	assert_true(keeper_is_behind(testkeeper));
	assert_int_equal(keeper_retry(testkeeper), -EBUSY);
	testmachine->write_error = 0;
	testmachine->read_error = -EIO;
	assert_int_equal(keeper_retry(testkeeper), -EIO);
	testmachine->read_error = 0;
	assert_int_equal(keeper_retry(testkeeper), 0);
	assert_false(keeper_is_behind(testkeeper));
	assert_true(testmachine_is_fresh());
	testkeeper_close();
}

/* A processor goes while its frequency is held, and comes back under another index. */
static void test_gone(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 1, 100), 0);
	testmachine->gone = true;
	assert_int_equal(testkeeper_end(1).error, -ENOENT);
	assert_int_equal(testkeeper_set(2, TEST_NUMBER, 1, 100), -ESTALE);
	testmachine->gone = false;
	testmachine->swapped = true;
	assert_int_equal(keeper_retry(testkeeper), 0);
	assert_true(testmachine_is_fresh());
	testkeeper_close();
}

/* A write that fails changes nothing, whether the file has taken it or not. */
static void test_failed_write(void **state)
{
	testkeeper_open();
	testmachine->write_error = -EINVAL;
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), -EINVAL);
	assert_true(testmachine_is_fresh());
	assert_false(keeper_is_behind(testkeeper));
	testmachine->write_lies = true;
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), -EINVAL);
	testmachine->write_error = 0;
	testmachine->write_lies = false;
	if (keeper_is_behind(testkeeper))
		assert_int_equal(keeper_retry(testkeeper), 0);
	assert_true(testmachine_is_fresh());
	testkeeper_close();
}

/* Changes one thing about a request that is good without. */
static int odd(void (*change)(struct writer_request *q))
{
	struct writer_request q = testkeeper_request(WRITER_SET, 1, TEST_NUMBER, 0);
	struct writer_reply reply;
	int fd;

	q.value.number = 100;
	q.sequence = 4711;
	change(&q);
	keeper_answer(testkeeper, &q, &reply, &fd);
	assert_int_equal(reply.magic, WRITER_MAGIC);
	assert_int_equal(reply.sequence, 4711);
	assert_int_equal(fd, -1);
	assert_true(reply.error == 0 || testmachine_is_fresh());
	return reply.error;
}

static void nothing(struct writer_request *q)
{
}

static void wrong_verb(struct writer_request *q)
{
	q->verb = WRITER_VERBS;
}

static void no_verb(struct writer_request *q)
{
	q->verb = 0;
}

static void no_lease(struct writer_request *q)
{
	q->lease = 0;
}

static void wrong_item(struct writer_request *q)
{
	q->item = UINT32_MAX;
}

static void no_control(struct writer_request *q)
{
	q->item = TEST_SIGNAL;
}

static void wrong_index(struct writer_request *q)
{
	q->index = UINT32_MAX;
}

static void other_name(struct writer_request *q)
{
	strcpy(q->name, "policy1");
}

static void endless_name(struct writer_request *q)
{
	memset(q->name, 'p', sizeof(q->name));
}

static void no_name(struct writer_request *q)
{
	*q->name = '\0';
}

static void endless_text(struct writer_request *q)
{
	memset(q->value.text, 'p', sizeof(q->value.text));
}

static void newline(struct writer_request *q)
{
	strcpy(q->value.text, "a\nb");
}

static void not_a_number(struct writer_request *q)
{
	q->value.number = NAN;
}

static void infinite(struct writer_request *q)
{
	q->value.number = -INFINITY;
}

static void too_much(struct writer_request *q)
{
	q->value.number = 1e9;
}

static void test_odd_requests(void **state)
{
	static const struct {
		void (*change)(struct writer_request *q);
		int error;
	} cases[] = {
		{wrong_verb, -EINVAL},	 {no_verb, -EINVAL},	  {no_lease, -EINVAL},
		{wrong_item, -EINVAL},	 {no_control, -EINVAL},	  {wrong_index, -ESTALE},
		{other_name, -ESTALE},	 {endless_name, -EINVAL}, {no_name, -EINVAL},
		{endless_text, -EINVAL}, {newline, -EINVAL},	  {not_a_number, -EINVAL},
		{infinite, -EINVAL},	 {too_much, -ERANGE},	  {nothing, 0},
	};

	testkeeper_open();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(odd(cases[i].change), cases[i].error);
	testkeeper_end(1);
	testkeeper_close();
}

static void test_record(void **state)
{
	struct writer_request q = testkeeper_request(WRITER_END, 1, 0, 0);

	assert_true(keeper_is_request(&q, sizeof(q)));
	assert_false(keeper_is_request(&q, sizeof(q) - 1));
	assert_false(keeper_is_request(&q, sizeof(q) + 1));
	q.magic++;
	assert_false(keeper_is_request(&q, sizeof(q)));
}

static void test_bounds(void **state)
{
	testkeeper_open();
	for (unsigned i = 1; i <= WRITER_LEASES_MAX; i++)
		assert_int_equal(testkeeper_set(i, TEST_NUMBER, 0, 100 + i), 0);
	assert_int_equal(testkeeper_set(WRITER_LEASES_MAX + 1, TEST_NUMBER, 0, 1), -EBUSY);
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 1, 1), 0);
	assert_int_equal(testkeeper_end(7).restored, 0);
	assert_int_equal(testkeeper_set(WRITER_LEASES_MAX + 1, TEST_NUMBER, 0, 1), 0);
	testkeeper_end_all();
	assert_true(testmachine_is_fresh());
	testkeeper_close();
}

/* One lease that sets without end does not let the journal grow without end. */
static void test_journal_size(void **state)
{
	struct stat st;

	testkeeper_open();
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100 + i), 0);
		assert_int_equal(fstatat(testkeeper_dir_fd, "journal", &st, 0), 0);
		assert_true(st.st_size <= TESTKEEPER_JOURNAL_BYTES + JOURNAL_RECORD_BYTES);
	}
	testkeeper_end(1);
	assert_int_equal(fstatat(testkeeper_dir_fd, "journal", &st, 0), 0);
	assert_int_equal(st.st_size, 64);
	testkeeper_close();
}

/* Ends as by a kill: nothing is put back, until the next start. */
static void test_start(void **state)
{
	struct keeper_start s;

	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), 0);
	assert_int_equal(testkeeper_set(2, TEST_NUMBER, 0, 200), 0);
	assert_int_equal(testkeeper_set(2, TEST_TEXT, 1, 0), 0);
	assert_int_equal(testkeeper_set(2, TEST_COARSE, 1, 7), 0);
	testmachine_put(TEST_COARSE, 1, 8, "");
	keeper_close(testkeeper);
	s = testkeeper_open();
	assert_int_equal(s.restored, 2);
	assert_int_equal(s.conflicts, 1);
	assert_true(testmachine_get(TEST_COARSE, 1).number == 8);
	testmachine_put(TEST_COARSE, 1, 10 * (TEST_COARSE + 1) + 1, "");
	assert_true(testmachine_is_fresh());
	testkeeper_close();
}

/* What was noted is compared as it was read back, however near the other one's value is. */
static void test_start_exact(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), 0);
	keeper_close(testkeeper);
	testmachine_put(TEST_NUMBER, 0, 100.5, "");
	assert_int_equal(testkeeper_open().conflicts, 1);
	number_is(100.5);
	testkeeper_close();
}

/* On a full disk nothing is changed, and what is set can be put back. */
static void test_full_disk(void **state)
{
	testkeeper_open();
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 100), 0);
	testmachine->full_at = testmachine->calls + 1;
	testmachine->stays_full = true;
	assert_int_equal(testkeeper_set(1, TEST_NUMBER, 0, 200), -ENOSPC);
	assert_int_equal(testkeeper_set(2, TEST_TEXT, 0, 0), -ENOSPC);
	number_is(100);
	assert_int_equal(testkeeper_end(1).restored, 1);
	assert_true(testmachine_is_fresh());
	assert_false(keeper_is_behind(testkeeper));
	testkeeper_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stack, testkeeper_setup),
		cmocka_unit_test_setup(test_set_again, testkeeper_setup),
		cmocka_unit_test_setup(test_drop, testkeeper_setup),
		cmocka_unit_test_setup(test_range, testkeeper_setup),
		cmocka_unit_test_setup(test_rounding, testkeeper_setup),
		cmocka_unit_test_setup(test_not_taken, testkeeper_setup),
		cmocka_unit_test_setup(test_conflict, testkeeper_setup),
		cmocka_unit_test_setup(test_conflict_at_set, testkeeper_setup),
		cmocka_unit_test_setup(test_put_back_by_others, testkeeper_setup),
		cmocka_unit_test_setup(test_per_client, testkeeper_setup),
		cmocka_unit_test_setup(test_read, testkeeper_setup),
		cmocka_unit_test_setup(test_open, testkeeper_setup),
		cmocka_unit_test_setup(test_act, testkeeper_setup),
		cmocka_unit_test_setup(test_owed, testkeeper_setup),
		cmocka_unit_test_setup(test_gone, testkeeper_setup),
		cmocka_unit_test_setup(test_failed_write, testkeeper_setup),
		cmocka_unit_test_setup(test_odd_requests, testkeeper_setup),
		cmocka_unit_test_setup(test_record, testkeeper_setup),
		cmocka_unit_test_setup(test_bounds, testkeeper_setup),
		cmocka_unit_test_setup(test_journal_size, testkeeper_setup),
		cmocka_unit_test_setup(test_start, testkeeper_setup),
		cmocka_unit_test_setup(test_start_exact, testkeeper_setup),
		cmocka_unit_test_setup(test_full_disk, testkeeper_setup),
	};

	return cmocka_run_group_tests(tests, testkeeper_setup_group, testkeeper_teardown_group);
}
