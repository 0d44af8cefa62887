/*
 * Traces of load, what real processes use and get, and schedules of faults.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
#include "base/time.h"
#include "faults.h"
#include "load.h"
#include "throttle.h"

static struct model machine;

static int setup(void **state)
{
	return model_init(&machine, &(struct shape){.cpus = 2, .packages = 1, .policy_cpus = 1});
}

static void expect_at(struct load *l, double seconds, double first, double second)
{
	machine.now_ns = seconds * NS_PER_S;
	load_apply(l, &machine, 1, false);
	assert_true(machine.cpus[0].asked == first);
	assert_true(machine.cpus[1].asked == second);
}

static void test_trace(void **state)
{
	_cleanup_(load_free_p) struct load *l = NULL;
	unsigned line;

	assert_int_equal(
		load_parse("# a comment\n0 0.5 # all\n\n1.5\t0.25 1\n3 repeat\n", 2, &l, &line), 0);
	expect_at(l, 0, 0.5, 0.5);
	expect_at(l, 1.499, 0.5, 0.5);
	expect_at(l, 1.5, 0.25, 1);
	expect_at(l, 3.1, 0.5, 0.5);
	expect_at(l, 3001.6, 0.25, 1);
}

static void test_last_line_holds(void **state)
{
	_cleanup_(load_free_p) struct load *l = NULL;
	unsigned line;

	assert_int_equal(load_parse("0 0\n1 .5", 2, &l, &line), 0);
	expect_at(l, 1e6, 0.5, 0.5);
}

static void test_wrong_traces(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} wrong[] = {
		{"", 0},
		{"# nothing\n", 1},
		{"1 0.5\n", 1},
		{"0 0.5\n0 0.5\n", 2},
		{"0 0.5\n2 1\n1 1\n", 3},
		{"0\n", 1},
		{"0 1 1 1\n", 1},
		{"0 -1\n", 1},
		{"0 nan\n", 1},
		{"0 4.5\n", 1},
		{"0 1e999\n", 1},
		{"0 x\n", 1},
		{"repeat\n", 1},
		{"0 repeat\n", 1},
		{"0 1\n1 repeat 2\n", 2},
		{"0 1\n1 repeat\n2 1", 3},
		{"0 0.5x\n", 1},
	};
	struct load *l = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		unsigned line = 99;

		if (load_parse(wrong[i].text, 2, &l, &line) != -EINVAL)
			fail_msg("taken: %s", wrong[i].text);
		assert_int_equal(line, wrong[i].line);
	}
	assert_null(l);
}

/* Those that are in the tree. */
static void test_committed(void **state)
{
	static const char *const names[] = {"step", "diurnal", "bursts"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(load_free_p) struct load *l = NULL;
		char path[4096];
		unsigned line;

		snprintf(path, sizeof(path), "%s/%s", getenv("PLANT_LOADS"), names[i]);
		assert_int_equal(load_open(path, 2, &l, &line), 0);
	}
}

/* This process works, which is the load of the first processor. */
static void test_real(void **state)
{
	_cleanup_(load_free_p) struct load *l = NULL;
	uint64_t start = time_now_ns(CLOCK_MONOTONIC), now = start;
	char what[32];
	unsigned line;

	snprintf(what, sizeof(what), "pids:%d", (int)getpid());
	assert_int_equal(load_open(what, 2, &l, &line), 0);
	load_apply(l, &machine, start, true);
	while (now < start + 300 * NS_PER_MS)
		now = time_now_ns(CLOCK_MONOTONIC);
	load_apply(l, &machine, now, true);
	assert_true(machine.cpus[0].asked > 0 && machine.cpus[0].asked <= 1);
	assert_true(machine.cpus[1].asked == 0);
	assert_int_equal(load_open("pids:", 2, &l, &line), -EINVAL);
	assert_int_equal(load_open("pids:1,x", 2, &l, &line), -EINVAL);
	assert_int_equal(load_open("cgroup:/nowhere", 2, &l, &line), -ENOENT);
}

static const char *line_of(const char *path)
{
	static char line[64];
	_cleanup_fclose_ FILE *f = fopen(path, "re");

	assert_non_null(f);
	if (!fgets(line, sizeof(line), f))
		*line = '\0';
	return line;
}

/* Quotas follow the speed of their processor, and are put back. Files play the groups. */
static void test_throttle(void **state)
{
	const struct testroot *t = *state;
	struct throttle throttle = {};
	double speed;

	testroot_write(t, "v2/cpu.max", "max 100000\n");
	testroot_write(t, "v1/cpu.cfs_quota_us", "-1\n");
	testroot_write(t, "v1/cpu.cfs_period_us", "100000\n");
	assert_int_equal(throttle_add(&throttle, "v2", 2), 0);
	assert_int_equal(throttle_add(&throttle, "v1:1", 2), 0);
	assert_int_equal(throttle_add(&throttle, "v1:2", 2), -EINVAL);
	assert_int_equal(throttle_add(&throttle, "none", 2), -ENOENT);
	assert_string_equal(line_of("v1/cpu.cfs_quota_us"), "10000");
	throttle_apply(&throttle, &machine);
	speed = model_speed(&machine, 0);
	assert_true(speed > 0.1 && speed < 0.9);
	assert_true(fabs(atoi(line_of("v2/cpu.max")) - speed * 10000) <= 50);
	assert_true(fabs(atoi(line_of("v1/cpu.cfs_quota_us")) - speed * 10000) <= 50);
	assert_string_equal(line_of("v1/cpu.cfs_period_us"), "10000");
	throttle_deinit(&throttle);
	assert_string_equal(line_of("v2/cpu.max"), "max 100000\n");
	assert_string_equal(line_of("v1/cpu.cfs_quota_us"), "-1\n");
	assert_string_equal(line_of("v1/cpu.cfs_period_us"), "100000\n");
}

static enum fault_kind kind_at(const struct faults *f, const char *path, double seconds)
{
	const struct fault *found = faults_find(f, path, seconds * NS_PER_S);

	return found ? found->kind : FAULT_NONE;
}

static void test_schedule(void **state)
{
	struct faults f = {};

	assert_int_equal(faults_parse("0-2 eio */energy_uj; 1.5-3 ebusy sys/*\n# no more\n"
				      "0-100 slow *temp 200\n",
				      10 * NS_PER_S, &f),
			 0);
	assert_int_equal(f.count, 3);
	assert_int_equal(f.list[2].delay_ms, 200);
	assert_int_equal(kind_at(&f, "sys/a/energy_uj", 9.9), FAULT_NONE);
	assert_int_equal(kind_at(&f, "sys/a/energy_uj", 10), FAULT_EIO);
	assert_int_equal(kind_at(&f, "sys/a/energy_uj", 12), FAULT_EBUSY);
	assert_int_equal(kind_at(&f, "sys/a/energy_uj", 13), FAULT_NONE);
	assert_int_equal(kind_at(&f, "sys/zone/temp", 14), FAULT_SLOW);
	assert_int_equal(kind_at(&f, "sys/zone/temp", 111), FAULT_NONE);
}

static void test_wrong_schedules(void **state)
{
	static const char *const wrong[] = {
		"0-1 eio",	   "1-1 eio x",	  "2-1 eio x",	  "-1-1 eio x",
		"0-1 other x",	   "0-1 eio x 5", "0-1 slow x",	  "0-1 eio x y",
		"0-1 slow x 3000", "x",		  "0-1e99 eio x",
	};
	struct faults f = {.count = 7};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (faults_parse(wrong[i], 0, &f) != -EINVAL)
			fail_msg("taken: %s", wrong[i]);
	assert_int_equal(f.count, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_trace, setup),
		cmocka_unit_test_setup(test_last_line_holds, setup),
		cmocka_unit_test_setup(test_wrong_traces, setup),
		cmocka_unit_test_setup(test_committed, setup),
		cmocka_unit_test_setup(test_real, setup),
		cmocka_unit_test_setup(test_throttle, setup),
		cmocka_unit_test(test_schedule),
		cmocka_unit_test(test_wrong_schedules),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
