/*
 * Tests of time.h. Zones are given by their rules (POSIX TZ), so that no zone files are needed:
 * central Europe, a zone whose clocks change at midnight, one that leaves out a day, and one with
 * seconds in its offset.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"

#define UTC "UTC0"
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define MIDNIGHT "BRT3BRST,M10.3.0/0,M2.3.0/0" /* as in Brazil until 2019 */
#define EVENING "BRT3BRST,M10.3.0/23:30,M2.3.0/0" /* as Toronto in 1919 */
#define LEFT_OUT "OLD10NEW-14,J364/0,J60/0" /* as Samoa left out 30 December 2011 */
#define SECONDS "LMT0:44:30" /* as Liberia until 1972 */

#define MIN_NS (60 * NS_PER_S)
#define HOUR_NS (60 * MIN_NS)
#define DAY_NS (24 * HOUR_NS)

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static void test_now(void **state)
{
	uint64_t before = time_now_ns(CLOCK_MONOTONIC), after = time_now_ns(CLOCK_MONOTONIC);

	assert_true(before <= after && after - before < HOUR_NS);
	/* A machine that runs this has a clock between 2020 and 2100. */
	assert_in_range(time_now_ns(CLOCK_REALTIME), 1577836800 * NS_PER_S, 4102444800 * NS_PER_S);
}

static void test_iso(void **state)
{
	static const struct {
		const char *zone;
		uint64_t ns;
		const char *text;
	} cases[] = {
		{UTC, 0, "1970-01-01T00:00:00.000+00:00"},
		{UTC, 1772364645123456789, "2026-03-01T11:30:45.123+00:00"},
		{BERLIN, 1772364645123999999, "2026-03-01T12:30:45.123+01:00"},
		{BERLIN, 1782864000000000000, "2026-07-01T02:00:00.000+02:00"},
		{MIDNIGHT, 1772364645 * NS_PER_S, "2026-03-01T08:30:45.000-03:00"},
		{"EST5:30", 0, "1969-12-31T18:30:00.000-05:30"},
		/* 44 min 30 s behind; the clock is that of the offset which is written. */
		{SECONDS, 3600 * NS_PER_S, "1970-01-01T00:16:00.000-00:44"},
		{UTC, UINT64_MAX, "2554-07-21T23:34:33.709+00:00"},
	};
	char text[TIME_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_zone(cases[i].zone);
		time_format_iso(cases[i].ns, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_relative(void **state)
{
	static const struct {
		int64_t ago_ns;
		const char *text;
	} cases[] = {
		{0, "now"},
		{NS_PER_S - 1, "now"},
		{-(int64_t)NS_PER_S + 1, "now"},
		{NS_PER_S, "1 s ago"},
		{MIN_NS - 1, "59 s ago"},
		{MIN_NS, "1 min ago"},
		{HOUR_NS - 1, "59 min ago"},
		{5 * HOUR_NS, "5 h ago"},
		{DAY_NS - 1, "23 h ago"},
		{30 * DAY_NS, "30 d ago"},
		{30 * DAY_NS + 1, "2026-01-29"},
		{-(int64_t)(2 * MIN_NS), "in 2 min"},
		{-(int64_t)(30 * DAY_NS), "in 30 d"},
		{-(int64_t)(31 * DAY_NS), "2026-04-01"},
	};
	uint64_t now = 1772323200 * NS_PER_S; /* 2026-03-01 in UTC */
	char text[TIME_TEXT_MAX];

	set_zone(UTC);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		time_format_relative(now - cases[i].ago_ns, now, text);
		assert_string_equal(text, cases[i].text);
	}
	time_format_relative(0, UINT64_MAX, text);
	assert_string_equal(text, "1970-01-01");
	time_format_relative(UINT64_MAX, 0, text);
	assert_string_equal(text, "2554-07-21");
}

static void test_span(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{0, "0 s"},
		{1, "1 ns"},
		{999, "999 ns"},
		{1000, "1 us"},
		{999999, "999 us"},
		{850 * NS_PER_MS, "850 ms"},
		{NS_PER_S - 1, "999 ms"},
		{NS_PER_S, "1.0 s"},
		{4299 * NS_PER_MS, "4.2 s"},
		{MIN_NS - 1, "59.9 s"},
		{MIN_NS, "1 min"},
		{61 * NS_PER_S, "1 min 1 s"},
		{200 * NS_PER_S, "3 min 20 s"},
		{2 * HOUR_NS, "2 h"},
		{2 * HOUR_NS + 59 * NS_PER_S, "2 h"},
		{125 * MIN_NS, "2 h 5 min"},
		{DAY_NS - 1, "23 h 59 min"},
		{12 * DAY_NS + 3 * HOUR_NS + 5 * MIN_NS, "12 d 3 h"},
		{UINT64_MAX, "213503 d 23 h"},
	};
	char text[TIME_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		time_format_span(cases[i].ns, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_parse_span(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
		int r;
	} cases[] = {
		{"0", 0, 0},
		{"90", 90 * NS_PER_S, 0},
		{"007", 7 * NS_PER_S, 0},
		{"1ns", 1, 0},
		{"2us", 2000, 0},
		{"3ms", 3 * NS_PER_MS, 0},
		{"4s", 4 * NS_PER_S, 0},
		{"5min", 5 * MIN_NS, 0},
		{"6h", 6 * HOUR_NS, 0},
		{"7d", 7 * DAY_NS, 0},
		{"8w", 56 * DAY_NS, 0},
		{"1h30min", 90 * MIN_NS, 0},
		{"1w1d1h1min1s1ms1us1ns",
		 8 * DAY_NS + HOUR_NS + MIN_NS + NS_PER_S + NS_PER_MS + 1001, 0},
		{"18446744073709551615ns", UINT64_MAX, 0},
		{"18446744073", 18446744073 * NS_PER_S, 0},
		{"18446744074", 0, -ERANGE},
		{"18446744073709551616ns", 0, -ERANGE},
		{"30501w", 0, -ERANGE},
		{"1ms18446744073709551615ns", 0, -ERANGE},
		{"99999999999999999999", 0, -ERANGE},
		{"", 0, -EINVAL},
		{"s", 0, -EINVAL},
		{"-1s", 0, -EINVAL},
		{"+1s", 0, -EINVAL},
		{" 1s", 0, -EINVAL},
		{"1 s", 0, -EINVAL},
		{"1s ", 0, -EINVAL},
		{"1.5s", 0, -EINVAL},
		{"1m", 0, -EINVAL},
		{"1S", 0, -EINVAL},
		{"1sec", 0, -EINVAL},
		{"1h30", 0, -EINVAL},
		{"30min1h", 0, -EINVAL},
		{"1h1h", 0, -EINVAL},
		{"1s2", 0, -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t ns = 42;

		assert_int_equal(time_parse_span(cases[i].text, &ns), cases[i].r);
		assert_int_equal(ns, cases[i].r ? 42 : cases[i].ns);
	}
}

/* @expected in RFC 3339 with its own zone, in which the result is written too; NULL: refused. */
struct point {
	const char *zone, *text, *expected;
};

/* It is 2026-03-01 12:30:45.5 in the zone's winter, and in UTC 11:30:45.5. */
static const uint64_t point_now = 1772364645500000000;

static void check_points(const struct point *points, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t ns = 42;
		char text[TIME_TEXT_MAX];
		int r;

		set_zone(points[i].zone);
		r = time_parse_point(points[i].text, point_now, &ns);
		time_format_iso(ns, text);
		if (r != (points[i].expected ? 0 : -EINVAL) ||
		    strcmp(points[i].expected ? points[i].expected : text, text) != 0)
			fail_msg("%s in %s: %d, %s", points[i].text, points[i].zone, r, text);
		if (!points[i].expected)
			assert_int_equal(ns, 42);
	}
}

static void test_point_forms(void **state)
{
	static const struct point points[] = {
		{UTC, "now", "2026-03-01T11:30:45.500+00:00"},
		{UTC, "today", "2026-03-01T00:00:00.000+00:00"},
		{UTC, "yesterday", "2026-02-28T00:00:00.000+00:00"},
		{UTC, "90s", "2026-03-01T11:29:15.500+00:00"},
		{UTC, "15min", "2026-03-01T11:15:45.500+00:00"},
		{UTC, "1h30min", "2026-03-01T10:00:45.500+00:00"},
		{UTC, "1w", "2026-02-22T11:30:45.500+00:00"},
		{UTC, "0s", "2026-03-01T11:30:45.500+00:00"},
		{BERLIN, "00:00", "2026-03-01T00:00:00.000+01:00"},
		{BERLIN, "23:59:59", "2026-03-01T23:59:59.000+01:00"},
		{BERLIN, "2026-07-01", "2026-07-01T00:00:00.000+02:00"},
		{BERLIN, "2024-02-29", "2024-02-29T00:00:00.000+01:00"},
		{BERLIN, "2000-02-29", "2000-02-29T00:00:00.000+01:00"},
		{BERLIN, "2026-07-01 08:05", "2026-07-01T08:05:00.000+02:00"},
		{BERLIN, "2026-07-01T08:05:09", "2026-07-01T08:05:09.000+02:00"},
		{BERLIN, "2026-07-01T08:05:09Z", "2026-07-01T10:05:09.000+02:00"},
		{BERLIN, "2026-07-01t08:05:09z", "2026-07-01T10:05:09.000+02:00"},
		{BERLIN, "2026-07-01 08:05:09.25-23:59", "2026-07-02T10:04:09.250+02:00"},
		{BERLIN, "2026-07-01T08:05:09.123456789123+05:30", "2026-07-01T04:35:09.123+02:00"},
		{UTC, "1970-01-01", "1970-01-01T00:00:00.000+00:00"},
		{UTC, "2554-07-21T23:34:32.999Z", "2554-07-21T23:34:32.999+00:00"},
	};

	check_points(points, ARRAY_SIZE(points));
}

static void test_point_refuses(void **state)
{
	static const char *const wrong[] = {
		"",
		"Now",
		"now ",
		" now",
		"tomorrow",
		"90",
		"2026",
		"1 h",
		"-1h",
		"+1h",
		"1h30",
		"60000d",
		"99999999999999999999s",
		"24:00",
		"12:60",
		"12:00:60",
		"12:5",
		"1:00",
		"12:",
		"12:00:",
		"12:00Z",
		"12:00 ",
		"2026-3-1",
		"26-03-01",
		"2026-13-01",
		"2026-00-01",
		"2026-01-00",
		"2026-01-32",
		"2026-04-31",
		"2026-02-29",
		"2026-02-30",
		"2100-02-29",
		"2026/03/01",
		"2026-03-01 ",
		"2026-03-01T",
		"2026-03-01T12",
		"2026-03-01T12:00Z",
		"2026-03-01T12:00:00+1:00",
		"2026-03-01T12:00:00+01",
		"2026-03-01T12:00:00+0100",
		"2026-03-01T12:00:00+24:00",
		"2026-03-01T12:00:00+01:60",
		"2026-03-01T12:00:00.Z",
		"2026-03-01T12:00:00.5",
		"2026-03-01T12:00:00ZZ",
		"2026-03-01T24:00:00Z",
		"2026-03-01  12:00",
		"1969-12-31",
		"1970-01-01T00:00:00+00:01",
		"2554-07-22",
		"2554-07-21T23:34:33Z",
		"9999-12-31",
		"0000-01-01",
		"2026-03-01\n",
	};
	struct point points[ARRAY_SIZE(wrong)];

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		points[i] = (struct point){UTC, wrong[i], NULL};
	check_points(points, ARRAY_SIZE(points));
}

/* What clocks leave out is refused, what they show twice is the first. */
static void test_point_clock_changes(void **state)
{
	static const struct point points[] = {
		{BERLIN, "2026-03-29 01:59:59", "2026-03-29T01:59:59.000+01:00"},
		{BERLIN, "2026-03-29 02:00", NULL},
		{BERLIN, "2026-03-29 02:59:59", NULL},
		{BERLIN, "2026-03-29 03:00", "2026-03-29T03:00:00.000+02:00"},
		{BERLIN, "2026-03-29 02:30:00+01:00", "2026-03-29T03:30:00.000+02:00"},
		{BERLIN, "2026-10-25 01:59:59", "2026-10-25T01:59:59.000+02:00"},
		{BERLIN, "2026-10-25 02:00", "2026-10-25T02:00:00.000+02:00"},
		{BERLIN, "2026-10-25 02:59:59", "2026-10-25T02:59:59.000+02:00"},
		{BERLIN, "2026-10-25 03:00", "2026-10-25T03:00:00.000+01:00"},
		/* Forward over midnight: there is no 00:00, and the day begins at 01:00. */
		{MIDNIGHT, "2026-10-18 00:00", NULL},
		{MIDNIGHT, "2026-10-18 00:59:59", NULL},
		{MIDNIGHT, "2026-10-18", "2026-10-18T01:00:00.000-02:00"},
		{MIDNIGHT, "2026-10-18 01:00", "2026-10-18T01:00:00.000-02:00"},
		/* Forward over midnight from before it: the day begins at half past. */
		{EVENING, "2026-10-18 23:29:59", "2026-10-18T23:29:59.000-03:00"},
		{EVENING, "2026-10-18 23:30", NULL},
		{EVENING, "2026-10-19 00:29:59", NULL},
		{EVENING, "2026-10-19", "2026-10-19T00:30:00.000-02:00"},
		{EVENING, "2026-10-19 00:30", "2026-10-19T00:30:00.000-02:00"},
		/* Back at midnight: the hour before it comes twice. */
		{MIDNIGHT, "2026-02-14 23:30", "2026-02-14T23:30:00.000-02:00"},
		{MIDNIGHT, "2026-02-15", "2026-02-15T00:00:00.000-03:00"},
		/* A day that is not. */
		{LEFT_OUT, "2026-12-29", "2026-12-29T00:00:00.000-10:00"},
		{LEFT_OUT, "2026-12-30", NULL},
		{LEFT_OUT, "2026-12-30 12:00", NULL},
		{LEFT_OUT, "2026-12-31", "2026-12-31T00:00:00.000+14:00"},
	};

	check_points(points, ARRAY_SIZE(points));
}

/* "today" and "yesterday" go by the local calendar, not by 24 hours. */
static void test_point_local_days(void **state)
{
	static const struct {
		const char *zone, *now, *text, *expected;
	} cases[] = {
		{BERLIN, "2026-03-01T23:30:00Z", "today", "2026-03-02T00:00:00.000+01:00"},
		{BERLIN, "2026-03-01T23:30:00Z", "00:15", "2026-03-02T00:15:00.000+01:00"},
		{BERLIN, "2026-03-30T10:00:00Z", "yesterday", "2026-03-29T00:00:00.000+01:00"},
		{BERLIN, "2026-10-26T10:00:00Z", "yesterday", "2026-10-25T00:00:00.000+02:00"},
		{MIDNIGHT, "2026-10-18T12:00:00Z", "today", "2026-10-18T01:00:00.000-02:00"},
		{MIDNIGHT, "2026-03-01T02:00:00Z", "today", "2026-02-28T00:00:00.000-03:00"},
		{UTC, "2026-03-01T00:00:00Z", "today", "2026-03-01T00:00:00.000+00:00"},
		{UTC, "1970-01-01T01:00:00Z", "1h", "1970-01-01T00:00:00.000+00:00"},
		{UTC, "1970-01-01T01:00:00Z", "3601s", NULL},
		{MIDNIGHT, "1970-01-01T01:00:00Z", "today", NULL},
		{BERLIN, "1970-01-01T00:30:00Z", "yesterday", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t now, ns;
		char text[TIME_TEXT_MAX];

		set_zone(cases[i].zone);
		assert_int_equal(time_parse_point(cases[i].now, 0, &now), 0);
		assert_int_equal(time_parse_point(cases[i].text, now, &ns),
				 cases[i].expected ? 0 : -EINVAL);
		if (!cases[i].expected)
			continue;
		time_format_iso(ns, text);
		assert_string_equal(text, cases[i].expected);
	}
}

/* Every hour of two years, written and read back with and without its zone. */
static void test_there_and_back(void **state)
{
	static const char *const zones[] = {UTC, BERLIN, MIDNIGHT, LEFT_OUT};
	char text[TIME_TEXT_MAX], local[TIME_TEXT_MAX];

	for (size_t z = 0; z < ARRAY_SIZE(zones); z++) {
		set_zone(zones[z]);
		for (unsigned h = 0; h < 2 * 366 * 24; h++) {
			uint64_t ns = 1767225600 * NS_PER_S + h * HOUR_NS, back;

			time_format_iso(ns, text);
			assert_int_equal(time_parse_point(text, 0, &back), 0);
			assert_int_equal(back, ns);
			memcpy(local, text, 19);
			local[19] = '\0';
			assert_int_equal(time_parse_point(local, 0, &back), 0);
			/* The same, or the first of two moments that the clock shows alike. */
			assert_true(back <= ns);
			time_format_iso(back, text);
			assert_memory_equal(text, local, 19);
			assert_true(strcmp(zones[z], UTC) != 0 || back == ns);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_now),
		cmocka_unit_test(test_iso),
		cmocka_unit_test(test_relative),
		cmocka_unit_test(test_span),
		cmocka_unit_test(test_parse_span),
		cmocka_unit_test(test_point_forms),
		cmocka_unit_test(test_point_refuses),
		cmocka_unit_test(test_point_clock_changes),
		cmocka_unit_test(test_point_local_days),
		cmocka_unit_test(test_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
