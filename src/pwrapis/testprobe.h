/*
 * A probe for tests of the daemon: a process that hands over counters of its own. They are files in
 * memory that it writes, and are labelled as injected: nothing of them was counted by hardware.
 */
#ifndef PWRAPIS_TESTPROBE_H
#define PWRAPIS_TESTPROBE_H

#include <stdbool.h>

#include "base/testroot.h"

/*
 * Of two processors: each second so many cycles, twice as many instructions on the first and half
 * as many on the second, a hundred references to the last cache and ten misses. Where @misses is
 * false only cycles and instructions are there.
 */
void testprobe_start(const struct testroot *t, bool misses);
void testprobe_stop(void);

#endif
