/*
 * Tests of energy.c: counters that come round, that do so unseen, that are set back, and the sums,
 * means and histories of what is known.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/machine/energy.h"

#define RANGE UINT64_C(262143328850)

enum { MOST_WATTS = 1000, POINTS = 8 };

static struct energy *new_energy(void)
{
	struct energy *e;

	assert_int_equal(energy_new(MOST_WATTS, POINTS, &e), 0);
	return e;
}

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static void test_new(void **state)
{
	struct energy *e;

	assert_int_equal(energy_new(0, POINTS, &e), -EINVAL);
	assert_int_equal(energy_new(NAN, POINTS, &e), -EINVAL);
	assert_int_equal(energy_new(1, 1, &e), -EINVAL);
	assert_int_equal(energy_new(1, SIZE_MAX, &e), -EINVAL);
}

/* A hundred times round, at 100 W, with readings that hit the end, the start and all between. */
static void test_wraps(void **state)
{
	_cleanup_(energy_free_p) struct energy *e = new_energy();
	const uint64_t step_ns = 37 * NS_PER_S, step_uj = 3700 * UINT64_C(1000000);
	struct energy_statistics s;
	uint64_t used = 0, now = NS_PER_S;

	assert_int_equal(energy_update(e, 5, RANGE, now), 0);
	while (used < 100 * RANGE) {
		used += step_uj;
		now += step_ns;
		assert_int_equal(energy_update(e, (5 + used) % RANGE, RANGE, now), 0);
	}
	assert_true(energy_joules(e) == used / 1e6);
	assert_int_equal(energy_statistics(e, &s), 0);
	assert_true(s.unknown_seconds == 0);
	assert_true(near(s.mean_watts, 100) && near(s.min_watts, 100) && near(s.max_watts, 100));
	assert_int_equal(s.intervals, used / step_uj);
}

static void test_edges(void **state)
{
	_cleanup_(energy_free_p) struct energy *e = new_energy();

	assert_int_equal(energy_update(e, RANGE, RANGE, 0), 0);
	assert_int_equal(energy_update(e, 0, RANGE, NS_PER_S), 0);
	assert_true(energy_joules(e) == 0);
	assert_int_equal(energy_update(e, RANGE + 1, RANGE, 2 * NS_PER_S), -EBADMSG);
	assert_int_equal(energy_update(e, 1, RANGE, NS_PER_S - 1), -EINVAL);
	/* Too soon: passed over, and nothing is lost. */
	assert_int_equal(energy_update(e, 7, RANGE, NS_PER_S + 1), 0);
	assert_true(energy_joules(e) == 0);
	assert_int_equal(energy_update(e, 1000000, RANGE, 2 * NS_PER_S), 0);
	assert_true(energy_joules(e) == 1);
}

/* What cannot be known counts for nothing, and is told. */
static void check_unknown(uint64_t first_uj, uint64_t first_range, uint64_t second_uj,
			  uint64_t second_range, uint64_t seconds)
{
	_cleanup_(energy_free_p) struct energy *e = new_energy();
	struct energy_statistics s;
	double watts = 42;

	assert_int_equal(energy_update(e, first_uj, first_range, 0), 0);
	assert_int_equal(energy_update(e, second_uj, second_range, seconds * NS_PER_S), 0);
	assert_true(energy_joules(e) == 0);
	assert_int_equal(energy_statistics(e, &s), -ENODATA);
	assert_int_equal(energy_mean(e, NS_PER_S, &watts), -ENODATA);
	assert_true(watts == 42);
	assert_int_equal(
		energy_update(e, second_uj + 50000000, second_range, (seconds + 1) * NS_PER_S), 0);
	assert_true(energy_joules(e) == 50);
	assert_int_equal(energy_statistics(e, &s), 0);
	assert_true(s.unknown_seconds == seconds && s.seconds == 1);
	assert_int_equal(energy_mean(e, NS_PER_S, &watts), 0);
	assert_true(near(watts, 50));
	assert_int_equal(energy_mean(e, 2 * NS_PER_S, &watts), -ENODATA);
}

static void test_unknown(void **state)
{
	/* More than 262 s at 1,000 W: it may have come round twice. */
	check_unknown(0, RANGE, 1000, RANGE, 263);
	/* Set back: coming round would have taken 200 kW. */
	check_unknown(RANGE / 2, RANGE, 0, RANGE, 1);
	/* Set on. */
	check_unknown(0, RANGE, RANGE / 2, RANGE, 1);
	/* Nobody knows where it ends. */
	check_unknown(1000, 0, 0, 0, 1);
	/* Another counter. */
	check_unknown(1000, RANGE, 1000, RANGE / 2, 1);
}

/* The way through joules loses nothing of what counters hold. */
static void test_microjoules(void **state)
{
	for (uint64_t uj = 1; uj < UINT64_C(1) << 52; uj = uj * 3 + 1)
		assert_int_equal(energy_microjoules(uj / 1e6), uj);
	assert_int_equal(energy_microjoules((double)UINT64_MAX / 1e6), UINT64_MAX);
	assert_int_equal(energy_microjoules(-1), 0);
	assert_int_equal(energy_microjoules(NAN), 0);
}

static void test_statistics(void **state)
{
	_cleanup_(energy_free_p) struct energy *e = new_energy();
	struct energy_statistics s;

	energy_update(e, 0, RANGE, 0);
	energy_update(e, 10000000, RANGE, NS_PER_S);
	energy_update(e, 110000000, RANGE, 2 * NS_PER_S);
	energy_update(e, 140000000, RANGE, 5 * NS_PER_S);
	assert_int_equal(energy_statistics(e, &s), 0);
	assert_true(s.min_watts == 10 && s.max_watts == 100 && s.mean_watts == 28);
	assert_true(s.joules == 140 && s.seconds == 5 && s.intervals == 3);
	energy_reset_statistics(e);
	assert_int_equal(energy_statistics(e, &s), -ENODATA);
	energy_update(e, 145000000, RANGE, 6 * NS_PER_S);
	assert_int_equal(energy_statistics(e, &s), 0);
	assert_true(s.min_watts == 5 && s.max_watts == 5);
	assert_true(energy_joules(e) == 145);
}

/* The last eight intervals, in order, and a mean that reaches no further. */
static void test_history(void **state)
{
	_cleanup_(energy_free_p) struct energy *e = new_energy();
	struct energy_point points[POINTS + 1];
	double watts;

	assert_int_equal(energy_history(e, POINTS, points), 0);
	for (uint64_t i = 0; i <= 20; i++) {
		energy_update(e, i * (i + 1) / 2 * 1000000, RANGE, i * NS_PER_S);
		assert_int_equal(energy_history(e, POINTS + 1, points), i < POINTS ? i : POINTS);
	}
	for (size_t i = 0; i < POINTS; i++) {
		assert_int_equal(points[i].at_ns, (13 + i) * NS_PER_S);
		assert_true(points[i].known && near(points[i].watts, 13 + i));
	}
	assert_int_equal(energy_history(e, 2, points), 2);
	assert_true(near(points[0].watts, 19) && near(points[1].watts, 20));
	assert_int_equal(energy_mean(e, 2 * NS_PER_S, &watts), 0);
	assert_true(near(watts, 19.5));
	assert_int_equal(energy_mean(e, 8 * NS_PER_S, &watts), 0);
	assert_true(near(watts, 16.5));
	assert_int_equal(energy_mean(e, 9 * NS_PER_S, &watts), -ENODATA);
}

static void test_measure(void **state)
{
	_cleanup_(energy_free_p) struct energy *e = new_energy();
	struct energy_statistics s;

	assert_int_equal(energy_measure(e, NAN, NS_PER_S, 0), -EBADMSG);
	assert_int_equal(energy_measure(e, -1, NS_PER_S, 0), -EBADMSG);
	assert_int_equal(energy_measure(e, 1001, NS_PER_S, 0), -EBADMSG);
	assert_int_equal(energy_measure(e, 100, NS_PER_S, 0), 0);
	assert_int_equal(energy_measure(e, 200, NS_PER_S, NS_PER_S), 0);
	assert_true(energy_joules(e) == 150);
	assert_int_equal(energy_measure(e, 0, NS_PER_S, NS_PER_S - 1), -EINVAL);
	/* Nobody looked for two seconds. */
	assert_int_equal(energy_measure(e, 300, NS_PER_S, 3 * NS_PER_S), 0);
	assert_true(energy_joules(e) == 150);
	assert_int_equal(energy_statistics(e, &s), 0);
	assert_true(s.unknown_seconds == 2 && s.seconds == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),	   cmocka_unit_test(test_wraps),
		cmocka_unit_test(test_edges),	   cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_statistics), cmocka_unit_test(test_history),
		cmocka_unit_test(test_measure),	   cmocka_unit_test(test_microjoules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
