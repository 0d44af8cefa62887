/*
 * The privileged half itself beside the daemon that testrun launches, in the same folder.
 */
#ifndef PWRAPIS_TESTLAUNCH_H
#define PWRAPIS_TESTLAUNCH_H

#include <sys/types.h>

#include "base/testroot.h"

/* Waits until it can be connected to. Its id. */
pid_t launch_writer(const struct testroot *t);
/* By that signal; nothing when there is none. */
void end_writer(int number);

#endif
