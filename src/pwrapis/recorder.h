/*
 * What this daemon keeps over time (history.h): power of the machine's parts, usage and frequency
 * of all processors, temperatures of zones. Fed by the beat, which looks at most of it anyway.
 */
#ifndef PWRAPIS_RECORDER_H
#define PWRAPIS_RECORDER_H

#include "pwrapis/history.h"
#include "pwrapis/machine.h"

struct pwrapis;

struct recorded {
	unsigned item; /* of the catalogue */
	char place[POWER_NAME_BYTES];
	struct series *series; /* owned */
	uint64_t total_uj; /* of power: up to its last value */
	uint64_t not_before; /* second: of a zone that takes long to be read */
};

struct recorder {
	struct recorded list[HISTORY_SERIES_MAX];
	unsigned count;
	struct history_clock clock;
};

/* After frequencies were looked at; and after power was. */
void recorder_feed(struct pwrapis *p);
void recorder_feed_power(struct pwrapis *p);
void recorder_deinit(struct recorder *r);

/* NULL: nothing is kept of it. */
const struct recorded *recorder_find(const struct recorder *r, const char *item, const char *place);
/* The second of CLOCK_BOOTTIME that it is now; the clock is looked at. */
uint64_t recorder_now(struct recorder *r);

#endif
