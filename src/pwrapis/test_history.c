/*
 * Tests of what is kept over time: against a plain array of all seconds.
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
#include "base/time.h"
#include "pwrapis/history.h"

enum { DAY = 86400, NAIVE_SECONDS = 3 * DAY };

/* Every second that there ever was. */
static struct naive {
	uint64_t first, last;
	bool known[NAIVE_SECONDS];
	double value[NAIVE_SECONDS];
	uint64_t total_uj[NAIVE_SECONDS];
} naive;

static void naive_add(uint64_t second, double value, uint64_t used_uj)
{
	uint64_t total = naive.last ? naive.total_uj[naive.last] : 0;

	if (!naive.first)
		naive.first = second;
	for (uint64_t k = naive.last + 1; naive.last && k < second; k++)
		naive.total_uj[k] = total;
	naive.known[second] = true;
	naive.value[second] = value;
	naive.total_uj[second] = total + used_uj;
	naive.last = second;
}

static void naive_sum(uint64_t after, uint64_t to, struct history_statistics *sum)
{
	double all = 0;

	*sum = (struct history_statistics){.joules = NAN};
	for (uint64_t k = after + 1; k <= to; k++) {
		if (!naive.known[k])
			continue;
		if (!sum->known || naive.value[k] < sum->min) {
			sum->min = naive.value[k];
			sum->min_second = k;
		}
		if (!sum->known || naive.value[k] > sum->max) {
			sum->max = naive.value[k];
			sum->max_second = k;
		}
		all += naive.value[k];
		sum->known++;
	}
	if (sum->known) {
		sum->mean = all / sum->known;
		sum->joules = (naive.total_uj[naive.last] - naive.total_uj[after]) / 1e6;
	}
}

static void expect_near(double a, double b)
{
	assert_true(fabs(a - b) <= 1e-9 * (1 + fabs(b)));
}

static uint64_t oldest_kept(void)
{
	return naive.last / 60 > HISTORY_MINUTES ? (naive.last / 60 - HISTORY_MINUTES) * 60 : 0;
}

static void check_statistics(const struct series *s, uint64_t window)
{
	struct history_statistics got, expected;
	uint64_t begin = naive.last > window && window ? naive.last - window : 0;

	if (!window || window > HISTORY_SECONDS)
		begin -= begin % 60;
	if (begin < oldest_kept())
		begin = oldest_kept();
	series_statistics(s, naive.last, window, &got);
	naive_sum(begin, naive.last, &expected);
	assert_int_equal(got.known, expected.known);
	assert_true(got.min == expected.min && got.max == expected.max);
	assert_int_equal(got.min_second, expected.min_second);
	assert_int_equal(got.max_second, expected.max_second);
	expect_near(got.mean, expected.mean);
	assert_true(fabs(got.joules - expected.joules) < 1e-6);
}

/* Each point is what its seconds are, and no step that has some is left out. */
static void check_points(const struct series *s, uint64_t since, uint64_t step)
{
	static struct history_point points[HISTORY_POINTS_MAX];
	struct history_statistics expected;
	uint64_t taken = step;
	size_t count = series_points(s, naive.last, since, &taken, points), at = 0;

	assert_true(taken >= step && taken > 0);
	if (since < naive.first)
		since = naive.first - 1;
	if (since + HISTORY_SECONDS < naive.last)
		assert_int_equal(taken % 60, 0);
	if (since < oldest_kept())
		since = oldest_kept();
	for (uint64_t end = since / taken * taken + taken; end <= naive.last; end += taken) {
		if (end - taken < oldest_kept())
			continue;
		naive_sum(end - taken, end, &expected);
		while (at < count && points[at].second < end)
			at++;
		if (!expected.known)
			continue;
		if (taken % 60 && end - taken + HISTORY_SECONDS < naive.last)
			continue;
		assert_true(at < count && points[at].second == end);
		assert_true(points[at].min == expected.min && points[at].max == expected.max);
		expect_near(points[at].mean, expected.mean);
	}
	for (size_t i = 1; i < count; i++)
		assert_true(points[i - 1].second < points[i].second);
}

static void check_all(const struct series *s)
{
	static const uint64_t windows[] = {0, 1, 2, 59, 60, 61, 600, 601, 3600, 7777, DAY, 2 * DAY};
	static const uint64_t steps[] = {0, 1, 7, 59, 60, 61, 600, 3600};

	for (size_t i = 0; i < ARRAY_SIZE(windows); i++) {
		uint64_t since = naive.last > windows[i] ? naive.last - windows[i] : 0;

		check_statistics(s, windows[i]);
		for (size_t k = 0; k < ARRAY_SIZE(steps); k++)
			check_points(s, windows[i] ? since : 0, steps[k]);
	}
}

/* Days with gaps of all lengths, against the plain array, at many moments. */
static void test_against_naive(void **state)
{
	_cleanup_(series_free_p) struct series *s = series_new(true);
	uint64_t second = 12345, checks = 0;

	srand(1);
	memset(&naive, 0, sizeof(naive));
	assert_non_null(s);
	while (second < NAIVE_SECONDS - 4000) {
		double value = rand() % 1000 / 8.0;
		uint64_t used = rand() % 3 ? value * 1e6 : 0;

		assert_int_equal(series_add(s, second, value, used), 0);
		naive_add(second, value, used);
		if (rand() % 9000 == 0 || second < 12345 + 3 || second == 12345 + 700) {
			check_all(s);
			checks++;
		}
		second += rand() % 500 ? 1 : rand() % 5 ? 2 + rand() % 80 : rand() % 3000 + 1;
	}
	check_all(s);
	assert_true(checks > 5);
}

static void test_nothing(void **state)
{
	_cleanup_(series_free_p) struct series *s = series_new(false);
	struct history_point points[HISTORY_POINTS_MAX];
	struct history_statistics sum;
	uint64_t step = 0;

	assert_int_equal(series_points(s, 100, 0, &step, points), 0);
	series_statistics(s, 100, 0, &sum);
	assert_int_equal(sum.known, 0);
	assert_true(isnan(sum.joules));
	/* What is no power has no energy. */
	assert_int_equal(series_add(s, 100, 5, 0), 0);
	series_statistics(s, 100, 0, &sum);
	assert_int_equal(sum.known, 1);
	assert_true(isnan(sum.joules));
}

/* Unknown seconds are gaps, and no 0. */
static void test_gap(void **state)
{
	_cleanup_(series_free_p) struct series *s = series_new(true);
	struct history_point points[HISTORY_POINTS_MAX];
	struct history_statistics sum;
	uint64_t step = 1;

	series_add(s, 101, 50, 50000000);
	series_add(s, 105, 70, 70000000);
	assert_int_equal(series_points(s, 106, 0, &step, points), 2);
	assert_int_equal(points[0].second, 101);
	assert_int_equal(points[1].second, 105);
	series_statistics(s, 106, 60, &sum);
	assert_true(sum.min == 50 && sum.mean == 60 && sum.max == 70);
	assert_int_equal(sum.known, 2);
	assert_true(sum.joules == 120);
	/* The second that is told twice keeps its value; the energy counts. */
	assert_int_equal(series_add(s, 105, 99, 1000000), 0);
	assert_int_equal(series_add(s, 104, 99, 1000000), -EINVAL);
	series_statistics(s, 106, 60, &sum);
	assert_true(sum.max == 70 && sum.joules == 121);
}

/* A machine that slept for a week has nothing of before, and no long loop. */
static void test_long_gap(void **state)
{
	_cleanup_(series_free_p) struct series *s = series_new(true);
	struct history_statistics sum;
	uint64_t far = UINT64_C(1) << 40;

	series_add(s, 1000, 50, 50000000);
	assert_int_equal(series_add(s, far, 60, 60000000), 0);
	series_statistics(s, far, 0, &sum);
	assert_int_equal(sum.known, 1);
	assert_true(sum.min == 60 && sum.joules == 60);
}

/* A clock that is set moves all points, and neither doubles nor loses one. */
static void test_clock_set(void **state)
{
	const uint64_t boot = 5000, real = UINT64_C(1800000000);
	struct history_clock c = {};

	history_clock_look(&c, boot * NS_PER_S, real * NS_PER_S);
	assert_int_equal(history_clock_real(&c, boot), real * NS_PER_S);
	assert_int_equal(history_clock_second(&c, real * NS_PER_S), boot);
	/* An hour back. */
	history_clock_look(&c, (boot + 10) * NS_PER_S, (real + 10 - 3600) * NS_PER_S);
	assert_int_equal(history_clock_real(&c, boot + 10), (real + 10 - 3600) * NS_PER_S);
	assert_int_equal(history_clock_real(&c, boot + 9), (real + 9 - 3600) * NS_PER_S);
	assert_int_equal(history_clock_second(&c, (real + 9 - 3600) * NS_PER_S), boot + 9);
	/* To before the boot, and to before 1970. */
	assert_int_equal(history_clock_second(&c, NS_PER_S), 0);
	history_clock_look(&c, 5000 * NS_PER_S, 10 * NS_PER_S);
	assert_int_equal(history_clock_real(&c, 4000), 0);
	assert_int_equal(history_clock_real(&c, 5000), 10 * NS_PER_S);
}

/* One that is slewed moves points only when it has gone far. */
static void test_clock_slewed(void **state)
{
	struct history_clock c = {};

	history_clock_look(&c, 0, 1000 * NS_PER_S);
	for (uint64_t ms = 0; ms <= 750; ms += 50) {
		history_clock_look(&c, 0, 1000 * NS_PER_S + ms * NS_PER_MS);
		assert_int_equal(history_clock_real(&c, 5), 1005 * NS_PER_S);
	}
	history_clock_look(&c, 0, 1000 * NS_PER_S + 760 * NS_PER_MS);
	assert_int_equal(history_clock_real(&c, 5), 1006 * NS_PER_S);
	history_clock_look(&c, 0, 1000 * NS_PER_S + 400 * NS_PER_MS);
	assert_int_equal(history_clock_real(&c, 5), 1006 * NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_naive), cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_gap),	      cmocka_unit_test(test_long_gap),
		cmocka_unit_test(test_clock_set),     cmocka_unit_test(test_clock_slewed),
	};

	return cmocka_run_group_tests_name("pwrapis/history", tests, NULL, NULL);
}
