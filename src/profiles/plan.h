/*
 * From what the machine has, and what a profile wants, to what is to be set.
 *
 * A view is what Read of io.leonhard.Power has told, by item and place. Nothing here asks anybody.
 */
#ifndef PROFILES_PLAN_H
#define PROFILES_PLAN_H

#include <jansson.h>
#include <stdbool.h>

#include "profiles/settings.h"

/* What is to be read of the machine for a view, NULL at the end. */
extern const char *const plan_items[];

/* The view of these readings, the caller's. -ENOMEM; -EBADMSG for what is none. */
int plan_view(const json_t *readings, json_t **ret_view);

/*
 * What @choice asks of this machine: an array of parameters of Set, each without "keep", the
 * caller's; at most PLAN_MAX. -ENOMEM.
 */
enum { PLAN_MAX = 4096 };
int plan_make(const json_t *view, const struct choice *choice, json_t **ret_sets);

/* Whether the plan has something of the processors, of the firmware. */
struct plan_parts {
	bool processors, platform;
};
struct plan_parts plan_parts(const json_t *sets);

/* What sets frequencies here: "intel_pstate"; borrowed from the view. NULL: nothing does. */
const char *plan_driver(const json_t *view);

#endif
