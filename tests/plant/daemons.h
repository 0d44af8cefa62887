/*
 * For tests: both halves of the power daemon over a mounted plant, and a client of theirs.
 *
 * $TEST_DAEMON and $TEST_WRITER are the halves. Their root is the folder of testroot, whose sys is
 * the plant's. What fails fails the test.
 */
#ifndef PLANT_DAEMONS_H
#define PLANT_DAEMONS_H

#include <sys/types.h>

#include "base/testroot.h"

/* Starts the plant with these arguments, the halves, and registers with the library. */
void machine_start(const struct testroot *t, const char *const plant_args[]);
/* Ends what runs, well. The log of truth is whole then. */
void machine_stop(const struct testroot *t);
/* For a teardown: whatever has happened. */
void machine_kill(const struct testroot *t);
/* SIGKILL to the half that talks. */
void daemon_kill(void);

/* All files of the plant that can be written, with what they hold; free(). */
char *machine_settings(void);
/* Waits until all of them hold that again. */
void machine_expect(const char *settings);

#endif
