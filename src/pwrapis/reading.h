/*
 * Reading many items at many places: in slices, one in each turn of the loop, so that nobody else
 * waits; what only root may read is asked of the privileged half meanwhile.
 *
 * A plain observer gets what is private (POWER_PRIVATE) rounded, and as it was when any observer
 * was told it within the last second.
 */
#ifndef PWRAPIS_READING_H
#define PWRAPIS_READING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "pwrapis/machine.h"
#include "rpc/server.h"

struct pwrapis;
struct reading;

enum { READINGS_MAX = 4096, READING_PATTERNS_MAX = 64 };

struct reading_item {
	unsigned number; /* of the catalogue */
	bool named; /* not by a pattern: that the machine lacks it is told */
};

struct reading_choice {
	struct reading_item *items; /* owned */
	size_t count;
};

/* What @names, an array of strings, mean. False: the call has ended with an error that says why. */
bool reading_choose(struct pwrapis *p, struct rpc_call *call, const json_t *names,
		    struct reading_choice *ret_choice);

/* @readings is the callee's; NULL with -E2BIG, -ENOMEM. */
typedef void (*reading_fn)(void *data, int r, json_t *readings);

/* @choice is borrowed until @fn is called, which is never from here. */
int reading_begin(struct pwrapis *p, const struct reading_choice *choice, bool coarse,
		  reading_fn fn, void *data, struct reading **ret_reading);
/* Takes NULL; @fn is not called any more. */
void reading_cancel(struct reading *r);

/* A slice of the one whose turn it is. */
void readings_run(struct pwrapis *p);
void readings_free(struct pwrapis *p);

/* What plain observers get of a number that is private. */
double reading_round(enum power_unit unit, double number);

/* Why something cannot be told, for people. */
const char *reading_problem(int r);

/* Puts the number or text into an object; a problem for a number that is none. Negative: -ENOMEM.
 */
int reading_put(json_t *object, const struct power_item *item, const struct power_value *value);

#endif
