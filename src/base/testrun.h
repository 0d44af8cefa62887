/*
 * Running a daemon under a service manager that a test plays, in a folder that plays a machine.
 *
 * $TEST_DAEMON is the program. One runs at a time; it tells its state to a socket of ours, and
 * writes its messages to the file "out" in the folder. What fails here fails the test.
 */
#ifndef BASE_TESTRUN_H
#define BASE_TESTRUN_H

#include <sys/types.h>

#include "base/testroot.h"

/* For cmocka: of the group, whose *state is the struct testroot, and after each test. */
int testrun_setup_group(void **state);
int testrun_teardown(void **state);

/* Starts the daemon; @args is NULL-terminated, or NULL for nothing but its root. */
pid_t testrun_launch(const struct testroot *t, const char *const args[]);
/* The same, and waits until it is ready. */
pid_t testrun_launch_ready(const struct testroot *t);

void testrun_signal(int number);
/* Waits until it ends: the exit status, or 128 and the signal. */
int testrun_finish(void);
/* Stops it by a signal; it must say so and end well. */
void testrun_stop(int number);

/* What the daemon tells the manager next, or "" after twenty seconds. */
const char *testrun_told(void);
/* It has told nothing more. */
void testrun_silent(void);
/* Drops what was told so far. */
void testrun_drain(void);

/* What it has written so far contains @part, or is @expected. */
void testrun_says(const char *part);
void testrun_said(const char *expected);

#endif
