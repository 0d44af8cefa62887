/*
 * Points in time as text; see stamp.h.
 */
#include "pwrapis/stamp.h"

#include <stdio.h>
#include <time.h>

#include "base/time.h"

void clock_stamp_of(uint64_t realtime_ns, char out[PWR_MAX_TIME_LEN])
{
	time_t seconds = realtime_ns / NS_PER_S;
	struct tm tm = {};
	size_t len;

	localtime_r(&seconds, &tm);
	len = strftime(out, PWR_MAX_TIME_LEN, "%F %T", &tm);
	snprintf(out + len, PWR_MAX_TIME_LEN - len, ".%03u",
		 (unsigned)(realtime_ns / NS_PER_MS % 1000));
}

void clock_stamp(char out[PWR_MAX_TIME_LEN])
{
	clock_stamp_of(time_now_ns(CLOCK_REALTIME), out);
}
