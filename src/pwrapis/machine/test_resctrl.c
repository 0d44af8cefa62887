/*
 * Tests of resctrl.c: numbers, words in their place, caches that are none, and bandwidth over time.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
#include "base/time.h"
#include "pwrapis/machine.h"

#define CACHE "sys/fs/resctrl/mon_data/mon_L3_00"

static const struct testroot *root;
static struct machine *m;
static uint64_t clock_ns;

uint64_t __wrap_time_now_ns(clockid_t clock);

uint64_t __wrap_time_now_ns(clockid_t clock)
{
	return clock_ns;
}

static void begin(void)
{
	testroot_clear(root);
	testroot_write(root, CACHE "/llc_occupancy", "1048576\n");
	testroot_write(root, CACHE "/mbm_total_bytes", "5000000000\n");
	testroot_write(root, CACHE "/mbm_local_bytes", "Unavailable\n");
	testroot_write(root, "sys/fs/resctrl/mon_data/mon_L3_01/llc_occupancy", "Error\n");
	testroot_write(root, "sys/fs/resctrl/mon_data/mon_L3_12/llc_occupancy", "Unassigned\n");
	testroot_write(root, "sys/fs/resctrl/mon_data/mon_L3_x/llc_occupancy", "1\n");
	testroot_write(root, "sys/fs/resctrl/mon_data/mon_L2_00/llc_occupancy", "1\n");
	machine_free(m);
	assert_int_equal(machine_new(root->fd, &m), 0);
	clock_ns = 1000 * NS_PER_S;
}

/* The number, or a negative errno. */
static double get(const char *name, unsigned index)
{
	struct power_value value = {};
	unsigned number;
	int r;

	assert_int_equal(power_item_find(name, &number), 0);
	r = machine_read(m, number, index, &value);
	return r < 0 ? r : value.number;
}

static void test_words(void **state)
{
	begin();
	assert_int_equal(machine_count(m, POWER_CACHE), 3);
	assert_string_equal(machine_name(m, POWER_CACHE, 0), "L3-0");
	assert_string_equal(machine_name(m, POWER_CACHE, 2), "L3-12");
	assert_true(get("resctrl.occupancy", 0) == 1048576);
	assert_true(get("resctrl.memory", 0) == 5e9);
	assert_true(get("resctrl.memory-local", 0) == -ENODATA);
	assert_true(get("resctrl.bandwidth-local", 0) == -ENODATA);
	assert_true(get("resctrl.occupancy", 1) == -EIO);
	assert_true(get("resctrl.occupancy", 2) == -EOPNOTSUPP);
	assert_true(get("resctrl.memory", 1) == -EOPNOTSUPP);
	testroot_write(root, CACHE "/llc_occupancy", "-1\n");
	assert_true(get("resctrl.occupancy", 0) == -EBADMSG);
	testroot_write(root, CACHE "/llc_occupancy", "nan\n");
	assert_true(get("resctrl.occupancy", 0) == -EBADMSG);
}

static void test_rate(void **state)
{
	begin();
	assert_true(get("resctrl.bandwidth", 0) == -EAGAIN);
	clock_ns += NS_PER_S / 2;
	assert_true(get("resctrl.bandwidth", 0) == -EAGAIN);
	testroot_write(root, CACHE "/mbm_total_bytes", "8000000000\n");
	clock_ns += NS_PER_S;
	assert_true(get("resctrl.bandwidth", 0) == 2e9);
	/* Looked over again, it is known; within a second it is the same. */
	assert_int_equal(machine_refresh(m), 0);
	testroot_write(root, CACHE "/mbm_total_bytes", "9000000000\n");
	clock_ns += NS_PER_S / 2;
	assert_true(get("resctrl.bandwidth", 0) == 2e9);
	clock_ns += NS_PER_S / 2;
	assert_true(get("resctrl.bandwidth", 0) == 1e9);
	/* Counted anew, not counted, or not looked at for long. */
	testroot_write(root, CACHE "/mbm_total_bytes", "5\n");
	assert_true(get("resctrl.bandwidth", 0) == -EAGAIN);
	clock_ns += NS_PER_S;
	assert_true(get("resctrl.bandwidth", 0) == 0);
	testroot_write(root, CACHE "/mbm_total_bytes", "Unavailable\n");
	assert_true(get("resctrl.bandwidth", 0) == -ENODATA);
	testroot_write(root, CACHE "/mbm_total_bytes", "7\n");
	assert_true(get("resctrl.bandwidth", 0) == -EAGAIN);
	clock_ns += 100 * NS_PER_S;
	assert_true(get("resctrl.bandwidth", 0) == -EAGAIN);
}

static void test_not_mounted(void **state)
{
	testroot_clear(root);
	machine_free(m);
	testroot_write(root, "sys/fs/resctrl/info", "");
	assert_int_equal(machine_new(root->fd, &m), 0);
	assert_int_equal(machine_count(m, POWER_CACHE), 0);
}

static int setup(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}

static int teardown(void **state)
{
	machine_free(m);
	return testroot_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_not_mounted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
