/*
 * Points in time as the published structures have them: "2026-03-01 12:30:45.123", local time.
 */
#ifndef PWRAPIS_STAMP_H
#define PWRAPIS_STAMP_H

#include <stdint.h>

#include "libpwrapi/powerapi.h"

void clock_stamp(char out[PWR_MAX_TIME_LEN]); /* now */
void clock_stamp_of(uint64_t realtime_ns, char out[PWR_MAX_TIME_LEN]);

#endif
