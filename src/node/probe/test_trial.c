/*
 * Tests of trial.c and report.c: trials that crash, hang, say nothing, leave children behind; and
 * that the tables of probe and daemon name the same trials.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/def.h"
#include "base/time.h"
#include "node/powers.h"
#include "node/probe/report.h"
#include "node/probe/trial.h"
#include "rpc/json.h"

#define SHORT_NS (300 * NS_PER_MS)

static void run_good(struct finding *f, const void *data)
{
	finding_detail(f, "detail");
	finding_set(f, POWER_YES, "%s", (const char *)data);
}

static void run_killed(struct finding *f, const void *data)
{
	finding_set(f, POWER_YES, "must not be believed");
	raise(SIGKILL);
}

static void run_nothing(struct finding *f, const void *data)
{
	_exit(0);
}

static void run_hanging(struct finding *f, const void *data)
{
	signal(SIGTERM, SIG_IGN);
	for (;;)
		pause();
}

static void run_spinning(struct finding *f, const void *data)
{
	for (volatile int i = 0;; i++)
		;
}

/* A child of the trial holds the pipe open and would hang for ever. */
static void run_with_child(struct finding *f, const void *data)
{
	if (fork() == 0)
		for (;;)
			pause();
	raise(SIGKILL);
}

static void run_bad_state(struct finding *f, const void *data)
{
	f->state = 77;
	memset(f->evidence, 'x', sizeof(f->evidence));
}

static void run_unended(struct finding *f, const void *data)
{
	f->state = POWER_YES;
	memset(f->evidence, 'x', sizeof(f->evidence));
}

static void check(void (*run)(struct finding *, const void *), enum power_state state,
		  const char *evidence)
{
	const struct trial t = {.name = "x", .run = run, .data = "data"};
	uint64_t begin_ns = time_now_ns(CLOCK_MONOTONIC);
	struct finding f;

	memset(&f, 'y', sizeof(f));
	trial_run(&t, SHORT_NS, &f);
	assert_int_equal(f.state, state);
	assert_memory_equal(f.evidence, evidence, strlen(evidence));
	assert_true(time_now_ns(CLOCK_MONOTONIC) - begin_ns < 10 * NS_PER_S);
}

static void test_runs(void **state)
{
	check(run_good, POWER_YES, "data");
	check(run_killed, POWER_UNKNOWN, "the trial was ended by signal 9");
	check(run_nothing, POWER_UNKNOWN, "the trial ended without a result");
	check(run_hanging, POWER_UNKNOWN, "the trial had not ended after 0.3 s");
	check(run_spinning, POWER_UNKNOWN, "the trial had not ended after 0.3 s");
	check(run_with_child, POWER_UNKNOWN, "the trial had not ended after 0.3 s");
	check(run_bad_state, POWER_UNKNOWN, "the trial ended without a result");
	check(run_unended, POWER_YES, "xxxx");
}

/* Nothing that a trial has opened or started is there afterwards: the end of a pipe comes when the
 * last who holds it has gone. */
static void test_leaves_nothing(void **state)
{
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC), after, ends[2];
	char byte;

	close(before);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	check(run_with_child, POWER_UNKNOWN, "the trial had not ended");
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	check(run_good, POWER_YES, "data");
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	close(after);
	assert_int_equal(before, after);
}

static void test_failures(void **state)
{
	struct finding f = {};

	trial_failed(&f, -ENOMEM, "step %d", 1);
	assert_int_equal(f.state, POWER_UNKNOWN);
	assert_string_equal(f.evidence, "step 1: Cannot allocate memory");
	trial_failed(&f, -ENOSYS, "step %d", 2);
	assert_int_equal(f.state, POWER_NO);
	/* The kernel's own number for what it does not support. */
	trial_failed(&f, -524, "step");
	assert_string_equal(f.evidence, "step: Operation not supported");
}

static void test_tables(void **state)
{
	unsigned in_daemon = 0;

	for (unsigned i = 0; i < power_count; i++)
		in_daemon += powers[i].from == FROM_TRIAL;
	assert_int_equal(in_daemon, trial_count);
	for (unsigned i = 0; i < trial_count; i++) {
		assert_true(powers_find_trial(trials[i].name) >= 0);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(trials[i].name, trials[j].name);
	}
}

static void test_report(void **state)
{
	char *unknown_names[] = {(char *)"security.landlock", (char *)"no.such", NULL};
	char *names[] = {(char *)"security.landlock", (char *)"kernel.io_uring", NULL};
	_cleanup_json_ json_t *report = NULL;
	const char *unknown = NULL;
	json_t *power;

	assert_int_equal(report_make(unknown_names, NS_PER_S, &report, &unknown), -ENOENT);
	assert_string_equal(unknown, "no.such");
	assert_null(report);
	/* No time is left for any: they are still named. */
	assert_int_equal(report_make(names, 0, &report, &unknown), 0);
	assert_int_equal(json_array_size(json_object_get(report, "powers")), 2);
	power = json_array_get(json_object_get(report, "powers"), 0);
	assert_string_equal(json_string_value(json_object_get(power, "name")), "security.landlock");
	assert_string_equal(json_string_value(json_object_get(power, "state")), "unknown");
	assert_string_equal(json_string_value(json_object_get(power, "evidence")),
			    "not tried: the trials before took too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),	 cmocka_unit_test(test_leaves_nothing),
		cmocka_unit_test(test_failures), cmocka_unit_test(test_tables),
		cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
