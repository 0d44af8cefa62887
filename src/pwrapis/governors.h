/*
 * Which governor each policy has, so that clients are told when one changes, whoever changed it.
 *
 * They are looked at once a second, and only while a client of the wire is connected. What a look
 * finds for the first time, or of other policies than before, is nobody's change.
 */
#ifndef PWRAPIS_GOVERNORS_H
#define PWRAPIS_GOVERNORS_H

#include <stdbool.h>
#include <stdint.h>

#include "libpwrapi/powerapi.h"

struct pwrapis;

struct governor {
	char policy[PWR_MAX_ELEMENT_NAME_LEN];
	char name[PWR_MAX_ELEMENT_NAME_LEN]; /* "": not known yet */
	bool changed; /* to be told */
};

struct governors {
	struct governor *list; /* owned */
	unsigned count;
	uint64_t looked_ms; /* 0: never */
};

/* A client comes, and nobody was there: what is found is as it was, and is told to nobody. */
void governors_begin(struct pwrapis *p);
/* A look; changes are told to everybody who may read governors. Nothing while nobody is there. */
void governors_beat(struct pwrapis *p);
void governors_deinit(struct governors *g);

#endif
