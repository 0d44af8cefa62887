/*
 * Tests of usage.c: windows, counters that go back, processors that come and go, hostile text.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/testroot.h"
#include "base/time.h"
#include "pwrapis/machine/usage.h"

#define WINDOW (500 * NS_PER_MS)
#define REST "intr 1 2 3\nctxt 4\n"

static const struct testroot *root;
static struct usage *usage;
static double cpus[4], average;
static size_t count;

static void put(const char *text)
{
	testroot_write(root, "proc/stat", text);
}

static int read_at(unsigned ms)
{
	return usage_read(usage, ms * NS_PER_MS, WINDOW, cpus, ARRAY_SIZE(cpus), &average, &count);
}

static void start(const char *text)
{
	usage_free(usage);
	usage = NULL;
	put(text);
	assert_int_equal(usage_new(root->fd, &usage), 0);
	assert_int_equal(usage_sample(usage, 0), 0);
}

static void test_subtraction(void **state)
{
	start("cpu  0 0 0 0 0 0 0 0 0 0\n"
	      "cpu0 100 0 0 1000 0 0 0 0 0 0\n"
	      "cpu1 0 0 0 0 50 0 0 0 0 0\n" REST);
	put("cpu  9 9 9 9 9 9 9 9 9 9\n"
	    "cpu0 110 5 5 1020 0 5 4 1 0 0\n"
	    "cpu1 0 0 0 10 90 0 0 0 0 0\n" REST);
	average = 42;
	assert_int_equal(read_at(499), -EAGAIN);
	assert_true(average == 42);
	assert_int_equal(read_at(500), 0);
	assert_int_equal(count, 2);
	assert_true(cpus[0] == 0.6 && cpus[1] == 0);
	assert_true(average == 0.3);
	assert_int_equal(usage_read_boot(usage, cpus, ARRAY_SIZE(cpus), &average, &count), 0);
	assert_int_equal(count, 2);
	assert_true(cpus[0] == 130. / 1150 && cpus[1] == 0);
}

/* The youngest sample that is old enough is taken, though there are older and younger ones. */
static void test_window(void **state)
{
	start("cpu0 0 0 0 0 0 0 0 0\n");
	for (unsigned i = 1; i <= 100; i++) {
		char text[64];

		snprintf(text, sizeof(text), "cpu0 %u 0 0 %u 0 0 0 0\n", i < 50 ? 0 : (i - 49) * 10,
			 i < 50 ? i * 10 : 490);
		put(text);
		assert_int_equal(usage_sample(usage, i * 100 * NS_PER_MS), 0);
		if (i == 45) {
			assert_int_equal(read_at(i * 100), 0);
			assert_true(cpus[0] == 0);
		}
		if (i == 60) {
			assert_int_equal(read_at(i * 100), 0);
			assert_true(cpus[0] == 1);
		}
	}
}

static void test_back(void **state)
{
	start("cpu0 100 0 0 100 100 0 0 0\n" REST);
	/* iowait goes back, which kernels do. */
	put("cpu0 110 0 0 110 50 0 0 0\n" REST);
	assert_int_equal(read_at(1000), 0);
	assert_true(cpus[0] == 0.5);
	/* All of it went back: nothing is known. */
	put("cpu0 1 0 0 1 5 0 0 0\n" REST);
	assert_int_equal(read_at(2000), -ENODATA);
}

static void test_hotplug(void **state)
{
	start("cpu0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0 0 0 0 0\n" REST);
	put("cpu0 10 0 0 0 0 0 0 0\ncpu2 10 0 0 0 0 0 0 0\ncpu3 0 0 0 10 0 0 0 0\n"
	    "cpu5 10 0 0 0 0 0 0 0\n" REST);
	assert_int_equal(read_at(1000), 0);
	/* As many as there is room for. */
	assert_int_equal(count, 4);
	assert_true(cpus[0] == 1 && cpus[1] == -1 && cpus[2] == -1 && cpus[3] == 0);
	assert_true(average == 0.5);
	/* Back again: known from here on. */
	put("cpu0 20 0 0 0 0 0 0 0\ncpu1 0 0 0 50 0 0 0 0\n" REST);
	assert_int_equal(read_at(2000), 0);
	assert_int_equal(count, 2);
	assert_true(cpus[0] == 1 && cpus[1] == -1);
}

static void test_absent(void **state)
{
	struct usage *none;

	testroot_clear(root);
	assert_int_equal(usage_new(root->fd, &none), -ENOENT);
	start("intr 0\n");
	assert_int_equal(read_at(1000), -ENODATA);
	start("");
	assert_int_equal(read_at(1000), -ENODATA);
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int error;
		size_t count;
	} cases[] = {
		{"", 0, 0},
		{"cpu  1 2 3\nintr x\n", 0, 0},
		{"cpu0 1 2 3 4 5 6 7 8", 0, 1},
		{"cpu0 1 2 3 4 5 6 7 8 9 10\ncpu7 1 2 3 4 5 6 7 8 9 10\n", 0, 8},
		{"cpu8191 1 2 3 4 5 6 7 8\n", 0, 8192},
		{"cpu8192 1 2 3 4 5 6 7 8\n", -ERANGE, 0},
		{"cpu18446744073709551616 1 2 3 4 5 6 7 8\n", -ERANGE, 0},
		{"cpu0 1 2 3 4 5 6 7\n", -EBADMSG, 0},
		{"cpu0 1 2 3 4 5 6 7 8x\n", -EBADMSG, 0},
		{"cpu0 1 2 3 -4 5 6 7 8\n", -EBADMSG, 0},
		{"cpu0 1 2 3 18446744073709551616 5 6 7 8\n", -EBADMSG, 0},
		{"cpux 1\n", -EBADMSG, 0},
		{"cpu\n", -EBADMSG, 0},
	};
	static struct usage_times times[USAGE_CPUS_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t n = 0;

		assert_int_equal(usage_parse(cases[i].text, times, &n), cases[i].error);
		assert_int_equal(n, cases[i].count);
	}
}

/* Of this machine: what it says is between 0 and 1. */
static void test_native(void **state)
{
	struct usage *own;
	double busy[64], all;
	size_t n;
	int fd, r;

	assert_int_equal(fs_open_root(NULL, &fd), 0);
	assert_int_equal(usage_new(fd, &own), 0);
	r = usage_sample(own, 0);
	assert_int_equal(r, 0);
	r = usage_read(own, NS_PER_S, WINDOW, busy, ARRAY_SIZE(busy), &all, &n);
	/* No tick may have passed. */
	assert_true(r == 0 || r == -ENODATA);
	assert_true(r < 0 || (all >= 0 && all <= 1));
	usage_free(own);
	close(fd);
}

static int setup(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}

static int teardown(void **state)
{
	usage_free(usage);
	return testroot_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subtraction), cmocka_unit_test(test_window),
		cmocka_unit_test(test_back),	    cmocka_unit_test(test_hotplug),
		cmocka_unit_test(test_absent),	    cmocka_unit_test(test_parse),
		cmocka_unit_test(test_native),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
