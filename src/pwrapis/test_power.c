/*
 * Tests of power that is measured once a second.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
#include "base/time.h"
#include "pwrapis/items.h"
#include "pwrapis/power.h"

#define RAPL "sys/class/powercap/intel-rapl:"

static void zone(const struct testroot *t, const char *number, const char *name, const char *uj)
{
	char path[128];

	snprintf(path, sizeof(path), RAPL "%s/name", number);
	testroot_write(t, path, name);
	snprintf(path, sizeof(path), RAPL "%s/energy_uj", number);
	testroot_write(t, path, uj);
	snprintf(path, sizeof(path), RAPL "%s/max_energy_range_uj", number);
	testroot_write(t, path, "100000000000\n");
}

static void meter(const struct testroot *t, const char *uw)
{
	testroot_write(t, "sys/class/hwmon/hwmon0/name", "power_meter\n");
	testroot_write(t, "sys/class/hwmon/hwmon0/power1_average", uw);
}

struct rig {
	struct testroot *t;
	struct machine *m;
	struct power p;
	unsigned second;
};

static void begin(struct rig *rig, void **state)
{
	*rig = (struct rig){.t = *state};
	assert_int_equal(machine_new(rig->t->fd, &rig->m), 0);
	power_look(&rig->p, rig->m);
}

static void second(struct rig *rig)
{
	rig->second++;
	power_sample(&rig->p, rig->m, rig->second * NS_PER_S, rig->second * NS_PER_S);
}

static void end(struct rig *rig)
{
	power_deinit(&rig->p);
	machine_free(rig->m);
	testroot_clear(rig->t);
}

/* A machine that measures nothing has no 0 W. */
static void test_nothing(void **state)
{
	struct rig rig;

	begin(&rig, state);
	second(&rig);
	second(&rig);
	for (int part = 0; part < POWER_PARTS; part++)
		assert_true(isnan(rig.p.watts[part]));
	assert_true(rig.p.seconds == 0);
	end(&rig);
}

static void test_meter(void **state)
{
	struct rig rig;

	meter(*state, "100000000\n");
	begin(&rig, state);
	second(&rig);
	assert_true(rig.p.watts[POWER_PART_BOARD] == 100);
	meter(*state, "160000000\n");
	second(&rig);
	meter(*state, "130000000\n");
	second(&rig);
	assert_true(rig.p.watts[POWER_PART_BOARD] == 130);
	assert_true(rig.p.max_watts == 160);
	assert_int_equal(rig.p.max_ns, 2 * NS_PER_S);
	assert_true(rig.p.joules == 275 && rig.p.seconds == 2);
	assert_int_equal(rig.p.used_uj[POWER_PART_BOARD], 145000000);
	assert_int_equal(rig.p.total_uj[POWER_PART_BOARD], 275000000);
	/* What is gone is unknown, and counts for nothing. */
	meter(*state, "none\n");
	second(&rig);
	assert_true(isnan(rig.p.watts[POWER_PART_BOARD]));
	assert_true(rig.p.joules == 275 && rig.p.seconds == 2);
	end(&rig);
}

/* Counters of both packages, of which one starts anew between two looks. */
static void test_zones(void **state)
{
	struct rig rig;

	zone(*state, "0", "package-0\n", "99999000000\n");
	zone(*state, "0:0", "dram\n", "5000000\n");
	zone(*state, "1", "package-1\n", "10000000\n");
	begin(&rig, state);
	second(&rig);
	assert_true(isnan(rig.p.watts[POWER_PART_CPU]));
	zone(*state, "0", "package-0\n", "39000000\n");
	zone(*state, "0:0", "dram\n", "8000000\n");
	zone(*state, "1", "package-1\n", "30000000\n");
	second(&rig);
	assert_true(rig.p.watts[POWER_PART_CPU] == 60);
	assert_true(rig.p.watts[POWER_PART_MEMORY] == 3);
	assert_true(isnan(rig.p.watts[POWER_PART_BOARD]));
	/* Of one package alone nothing is told as if it were both. */
	unlink(RAPL "1/energy_uj");
	second(&rig);
	assert_true(isnan(rig.p.watts[POWER_PART_CPU]));
	/* What it has used meanwhile is known as soon as it can be read again. */
	zone(*state, "1", "package-1\n", "50000000\n");
	second(&rig);
	assert_true(rig.p.watts[POWER_PART_CPU] == 10);
	assert_int_equal(rig.p.total_uj[POWER_PART_CPU], 80000000);
	end(&rig);
}

/* What the privileged half has read counts for one look, and is followed like the rest. */
static void test_fed(void **state)
{
	struct rig rig;

	zone(*state, "0", "package-0\n", "none\n");
	begin(&rig, state);
	power_feed(&rig.p, 0, 10);
	second(&rig);
	power_feed(&rig.p, 0, 35);
	power_feed(&rig.p, 1, 1);
	second(&rig);
	assert_true(rig.p.watts[POWER_PART_CPU] == 25);
	second(&rig);
	assert_true(isnan(rig.p.watts[POWER_PART_CPU]));
	end(&rig);
}

static int reopened(const char *path, int flags)
{
	_cleanup_close_ int fd = open(path, flags | O_CLOEXEC);
	struct power_value value;

	assert_true(fd >= 0);
	return machine_read_open(item_number(ITEM_ZONE_ENERGY), fd, &value);
}

/* What is open is read again and again from its start; what is no regular file is not waited for.
 */
static void test_open(void **state)
{
	const unsigned item = item_number(ITEM_ZONE_ENERGY);
	_cleanup_close_ int fd = -1, none = -1;
	struct power_value value;
	struct rig rig;

	zone(*state, "0", "package-0\n", "10000000\n");
	begin(&rig, state);
	assert_int_equal(machine_open(rig.m, item, 0, &fd), 0);
	assert_int_equal(machine_read_open(item, fd, &value), 0);
	assert_true(value.number == 10 && !*value.text);
	zone(*state, "0", "package-0\n", "20500000\n");
	assert_int_equal(machine_read_open(item, fd, &value), 0);
	assert_true(value.number == 20.5);
	zone(*state, "0", "package-0\n", "none\n");
	assert_int_equal(machine_read_open(item, fd, &value), -EBADMSG);
	zone(*state, "0", "package-0\n", "");
	assert_int_equal(machine_read_open(item, fd, &value), -EBADMSG);
	assert_true(value.number == 20.5);
	assert_int_equal(machine_read_open(item, -1, &value), -EBADF);
	assert_int_equal(machine_open(rig.m, item, 1, &none), -EINVAL);
	assert_int_equal(machine_open(rig.m, item_number(ITEM_ZONE_RANGE), 0, &none), -EOPNOTSUPP);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(reopened("pipe", O_RDWR), -EOPNOTSUPP);
	assert_int_equal(reopened("sys", O_RDONLY), -EOPNOTSUPP);
	assert_int_equal(reopened("/dev/zero", O_RDONLY), -EOPNOTSUPP);
	end(&rig);
}

/* Zones that are the same after another look go on; others begin anew. */
static void test_looks_again(void **state)
{
	struct rig rig;

	zone(*state, "0", "package-0\n", "10000000\n");
	begin(&rig, state);
	second(&rig);
	assert_int_equal(machine_refresh(rig.m), 0);
	power_look(&rig.p, rig.m);
	zone(*state, "0", "package-0\n", "20000000\n");
	second(&rig);
	assert_true(rig.p.watts[POWER_PART_CPU] == 10);
	zone(*state, "1", "package-1\n", "0\n");
	assert_int_equal(machine_refresh(rig.m), 0);
	power_look(&rig.p, rig.m);
	assert_true(isnan(rig.p.watts[POWER_PART_CPU]));
	assert_int_equal(rig.p.zone_count, 2);
	end(&rig);
}

static int setup(void **state)
{
	const char *missing;

	return items_init(&missing) < 0 ? -1 : testroot_setup(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),	    cmocka_unit_test(test_meter),
		cmocka_unit_test(test_zones),	    cmocka_unit_test(test_fed),
		cmocka_unit_test(test_looks_again), cmocka_unit_test(test_open),
	};

	return cmocka_run_group_tests_name("pwrapis/power", tests, setup, testroot_teardown);
}
