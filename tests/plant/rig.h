/*
 * For tests: the program in a folder of its own, mounted, and ended. What fails fails the test.
 *
 * $TEST_PLANT is the program. The mount is the folder "plant" of the root that testroot makes; what
 * the plant prints goes to "plant.out", and what is true to "truth".
 */
#ifndef PLANT_RIG_H
#define PLANT_RIG_H

#include "base/testroot.h"

/* Starts it with these arguments after its mount point, NULL-terminated; waits for the mount. */
void plant_start(const struct testroot *t, const char *const args[]);
/* SIGHUP with this schedule of faults; it was started with "--faults", "@faults". Waits for it. */
void plant_faults(const struct testroot *t, const char *spec);
/* SIGTERM; it must end well. */
void plant_stop(void);
/* For a teardown: whatever has happened, nothing is mounted any more. */
void plant_kill(const struct testroot *t);

/* The number in a file of the working directory. */
double plant_number(const char *path);
/* The row of the log of truth whose CLOCK_MONOTONIC is nearest; the last one for INFINITY. */
double truth_at(const char *column, double clock_s);
/* The mean of a column over a span of the clock. */
double truth_mean(const char *column, double from_s, double to_s);

#endif
