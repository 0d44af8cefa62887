/*
 * For tests: the program in a folder of its own, mounted, and ended. What fails fails the test.
 *
 * $TEST_PLANT is the program. The mount is the folder "plant" of the root that testroot makes; what
 * the plant prints goes to "plant.out", and what is true to "truth".
 */
#ifndef PLANT_RIG_H
#define PLANT_RIG_H

#include "base/testroot.h"

/* Starts it with these arguments after its mount point, NULL-terminated; waits for the mount. The
 * test is left out, and says so, where the kernel has no /dev/fuse. */
void plant_start(const struct testroot *t, const char *const args[]);
/* SIGHUP with this schedule of faults; it was started with "--faults", "@faults". Waits for it. */
void plant_faults(const struct testroot *t, const char *spec);
/* SIGTERM; it must end well. */
void plant_stop(void);
/* For a teardown: whatever has happened, nothing is mounted any more. */
void plant_kill(const struct testroot *t);

/* The number in a file of the working directory. */
double plant_number(const char *path);
/* What the log says for that CLOCK_MONOTONIC, between its rows; the last row for INFINITY. */
double truth_at(const char *column, double clock_s);
/* The mean of a column over a span of the clock. */
double truth_mean(const char *column, double from_s, double to_s);

/* How a limit set at @from_s was kept until @to_s, as the log has it. */
struct settling {
	double settle_s; /* until it stays within 2 %, of means over 0.3 s */
	double overshoot_w; /* the most above the limit from 0.5 s on, at least 0 */
	double error_w; /* the mean less the limit over the last third */
};

struct settling truth_settling(const char *column, double limit, double from_s, double to_s);

#endif
