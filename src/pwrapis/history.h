/*
 * What was measured, kept for a while: seconds for ten minutes, minutes for a day. Statistics of
 * any window of them.
 *
 * A series is an item at a place. It has a slot for each second of CLOCK_BOOTTIME, which goes on
 * while the machine sleeps and is never set: what is told of the past stays in order and in its
 * place whatever is done to the clock. A slot that got no value is unknown, and told as a gap. The
 * minute keeps the least, the mean and the most of its known seconds; it has a slot when it is
 * over.
 *
 * The time of day is what is told to people. It is the clock's when it is told: a clock that is set
 * moves all that is kept with it, and there are neither gaps nor doubles by it. Points end on whole
 * seconds of it, so they are right to half a second; a clock that is only slewed moves them when it
 * has gone 3/4 of a second.
 *
 * Of power the energy is kept besides, in whole microjoules (machine/energy.h), so that joules of a
 * window are a subtraction. Memory is bounded: HISTORY_SERIES_MAX series of some 50 KiB, each of
 * which is made with its first value. One thread.
 */
#ifndef PWRAPIS_HISTORY_H
#define PWRAPIS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HISTORY_SECONDS = 600,
	HISTORY_MINUTES = 1440,
	HISTORY_SERIES_MAX = 40,
	HISTORY_POINTS_MAX = 1500,
};

/* Between CLOCK_BOOTTIME and the time of day. Zeroes: not looked at yet. */
struct history_clock {
	bool looked;
	int64_t ahead; /* the time of day, in whole seconds */
};

void history_clock_look(struct history_clock *c, uint64_t boot_ns, uint64_t real_ns);
/* Nanoseconds since 1970 of the end of @second; and the second that ends then or before, 0 for what
 * is before the boot. */
uint64_t history_clock_real(const struct history_clock *c, uint64_t second);
uint64_t history_clock_second(const struct history_clock *c, uint64_t real_ns);

struct history_point {
	uint64_t second; /* at which it ends, of CLOCK_BOOTTIME */
	double min, mean, max;
};

struct history_statistics {
	unsigned known; /* seconds; 0: the rest says nothing */
	double min, mean, max;
	uint64_t min_second, max_second; /* at whose ends */
	double joules; /* NAN: not of power, or nothing known */
};

struct series;

/* NULL: no memory. @power: it has an energy. */
struct series *series_new(bool power);
void series_free(struct series *s);
void series_free_p(struct series **s);

/*
 * The value of the second that ends at @second, and, of power, the microjoules used since the last
 * call. Seconds left out are unknown; energy of a second that is there already counts all the same,
 * its value stays. -EINVAL for a second that is older than the last.
 */
int series_add(struct series *s, uint64_t second, double value, uint64_t used_uj);

/*
 * Points of @step seconds that end after @since and not after @now: oldest first, at most
 * HISTORY_POINTS_MAX; how many. *@step becomes what is told: 0 is the finest that reaches back to
 * @since; in what is older than HISTORY_SECONDS steps are whole minutes, rounded up.
 */
size_t series_points(const struct series *s, uint64_t now, uint64_t since, uint64_t *step,
		     struct history_point points[HISTORY_POINTS_MAX]);

/* Of the last @window seconds, 0: of all; over HISTORY_SECONDS from the beginning of a minute. */
void series_statistics(const struct series *s, uint64_t now, uint64_t window,
		       struct history_statistics *ret_statistics);

#endif
