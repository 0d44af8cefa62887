/*
 * Energy from a counter that starts anew, or from readings of power: totals, means, statistics and
 * a history.
 *
 * The counter of a zone holds so many microjoules (max_energy_range_uj) and begins again at 0. The
 * total is kept in whole microjoules, so that nothing is lost by rounding. Between two readings it
 * is known how much was used when the counter can have come round at most once: that depends on the
 * time between them and on the most that can be used in it. Where it cannot be known (too long
 * without a reading, a counter that was set back, a range that is another), the interval is
 * unknown: it counts for nothing, and is told beside what is known.
 *
 * Time is CLOCK_MONOTONIC in nanoseconds, handed in. One thread.
 */
#ifndef PWRAPIS_MACHINE_ENERGY_H
#define PWRAPIS_MACHINE_ENERGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Readings that follow within this time are passed over: the counter has steps of its own. */
#define ENERGY_STEP_NS UINT64_C(5000000)

struct energy;

struct energy_statistics {
	double joules; /* of known intervals */
	double seconds; /* in which they were used */
	double unknown_seconds;
	double min_watts, max_watts; /* of single intervals */
	double mean_watts;
	uint64_t intervals; /* known ones */
};

/* An interval that ended at @at_ns. */
struct energy_point {
	uint64_t at_ns;
	bool known;
	double watts; /* mean over the interval; where it is not known, 0 */
};

/* @max_watts: more than this is never used, above 0. @points: of the history, 2 at least. */
int energy_new(double max_watts, size_t points, struct energy **ret_energy);
void energy_free(struct energy *e);
void energy_free_p(struct energy **e);

/*
 * A reading of the counter; @range_uj 0: it is not known where it ends, and what goes back is
 * unknown. -EBADMSG when it is over its range, -EINVAL when time went back: nothing changes then.
 */
int energy_update(struct energy *e, uint64_t raw_uj, uint64_t range_uj, uint64_t now_ns);
/*
 * A reading of a meter of power, in place of a counter: the mean of two is taken for the time
 * between them, unless that is over @longest_ns. -EBADMSG when it is none (NaN, below 0, over the
 * most).
 */
int energy_measure(struct energy *e, double watts, uint64_t longest_ns, uint64_t now_ns);

/* What machine_read() made joules of, as whole microjoules again: at most 2^64 - 1. */
uint64_t energy_microjoules(double joules);

/* What is known to have been used since the first reading. */
double energy_joules(const struct energy *e);
/*
 * The mean over the youngest time of at least @window_ns that ends with the last reading. -ENODATA
 * when it is not that long, when the history does not reach back so far, or when part of it is
 * unknown.
 */
int energy_mean(const struct energy *e, uint64_t window_ns, double *ret_watts);
/* -ENODATA before the first known interval. */
int energy_statistics(const struct energy *e, struct energy_statistics *ret_statistics);
/* Statistics begin anew; total and history stay. */
void energy_reset_statistics(struct energy *e);
/* The last @max intervals, oldest first; how many there are. */
size_t energy_history(const struct energy *e, size_t max, struct energy_point *points);

#endif
