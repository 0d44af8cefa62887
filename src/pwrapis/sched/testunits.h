/*
 * A stand-in for systemd on the system bus of a folder that plays a machine: it answers what the
 * privileged half asks of it. The file units/NAME holds the processors of a unit; there is no unit
 * without it. While there is units/silent, nothing is answered.
 */
#ifndef PWRAPIS_SCHED_TESTUNITS_H
#define PWRAPIS_SCHED_TESTUNITS_H

#include "base/testroot.h"

/* In a process of its own, for the folder that is the working directory. */
void testunits_start(const struct testroot *t);
void testunits_stop(void);

#endif
