/*
 * What the verbs of `leo power` share: asking io.leonhard.Power, and how a reading is told. What a
 * service replies may be anything.
 */
#ifndef LEO_POWER_H
#define LEO_POWER_H

#include <jansson.h>

#include "leo/leo.h"
#include "leo/talk.h"

#define POWER_INTERFACE "io.leonhard.Power"

enum { POWER_VALUE_MAX = 600 };

/* ---- asking: an enum leo_status, failures were told ---- */

/* The errors of the interface in words, for struct talk. */
extern const struct talk_error power_errors[];

int power_call(struct leo *l, struct rpc_link *link, const char *method, const json_t *parameters,
	       json_t **ret_reply);
/* The reply to Read of these names, and of one. */
int power_read(struct leo *l, struct rpc_link *link, const char *const *names, size_t count,
	       json_t **ret_reply);
/* The items, for their units. */
int power_items(struct leo *l, struct rpc_link *link, json_t **ret_items);

/* ---- telling ---- */

/* Of an item by its name: borrowed, NULL when there is none; and its unit, "" then. */
const json_t *power_item_of(const json_t *items, const char *name);
const char *power_unit_of(const json_t *items, const char *name);

/* A reading or a setting as a text for people, "-" when there is nothing: the value, or the
 * problem. @r is clean. True for a value. */
bool power_value(const json_t *r, const char *unit, char out[POWER_VALUE_MAX]);

/* Of a reply to Scheduling, NULL when there is none: lines of the overview, none while it is off.
 */
void power_print_scheduling(struct leo *l, const json_t *scheduling);

/* A table of readings; or a line each for programs. */
int power_print_readings(struct leo *l, const json_t *items, const json_t *readings);

/* ---- the verbs, in the files of their names ---- */

int power_status(struct leo *l);
int power_set(struct leo *l);
int power_release(struct leo *l);
int power_watch(struct leo *l);
int power_top(struct leo *l);
int power_cap(struct leo *l);
int power_history(struct leo *l);

/* power_set.c: what `leo power set` does, with its options. @place NULL: at all places. */
int power_set_item(struct leo *l, const char *item, const char *place, const char *value);

#endif
