/*
 * Attribution in the daemon: looks at processes and groups once a second, in slices of a turn of
 * the loop, while somebody has asked within the last minute and a half; nothing is done otherwise.
 */
#ifndef PWRAPIS_ATTRIBUTING_H
#define PWRAPIS_ATTRIBUTING_H

#include "core/list.h"
#include "pwrapis/attrib/attrib.h"
#include "pwrapis/power.h"

struct endring;
struct pwrapis;

enum { ATTRIBUTING_KEEP_MS = 90000 };

struct attributing {
	struct attrib *attrib; /* NULL while nobody asks; owned */
	struct endring *ends; /* NULL: the kernel tells of no ends; owned */
	uint64_t wanted_ms; /* when somebody asked last */
	bool looking;
	struct attrib_measure next; /* since the last look began */
	struct attrib_measure now; /* of the look that is made */
	enum power_part part; /* that is measured */
	struct list waiting; /* who waits for the first interval */
};

/* Told when there is an interval, with 0, or why there will be none. */
struct attributing_wait {
	struct list_link link;
	void (*fn)(struct attributing_wait *w, int r);
};

void attributing_init(struct pwrapis *p);
void attributing_close(struct pwrapis *p);
/* After power was looked at. */
void attributing_beat(struct pwrapis *p);
/* A slice of the look. */
void attributing_run(struct pwrapis *p);

/* Somebody asks. True when there is something to be told; else @w is told later, unless it is taken
 * off its list before. */
bool attributing_want(struct pwrapis *p, struct attributing_wait *w);

#endif
