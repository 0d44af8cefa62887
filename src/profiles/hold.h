/*
 * Holds: profiles that programs ask for while they run. Which one is in force follows from them.
 */
#ifndef PROFILES_HOLD_H
#define PROFILES_HOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/list.h"
#include "profiles/profile.h"

/* A text that a program gives has fewer bytes. */
enum { HOLD_TEXT_BYTES = 256 };

struct hold {
	struct list_link link; /* while it counts */
	uint32_t cookie; /* by which it is released */
	enum profile profile;
	const char *interface; /* by which it was asked for; static */
	char *owner, *reason, *application; /* owned; owner: the unique name on the bus */
	sd_bus_slot *gone; /* tells that the owner has left the bus; owned */
	bool left; /* it has */
	void *data; /* of whom that is told */
};

/* -ENOMEM. */
int hold_new(const char *owner, enum profile profile, const char *reason, const char *application,
	     struct hold **ret_hold);
/* Takes it out of its list, too. */
void hold_free(struct hold *h);
void hold_free_p(struct hold **h);

/* Saving is stronger than performance, and any hold than what was chosen. */
enum profile holds_profile(struct list *holds, enum profile chosen);

unsigned holds_of(struct list *holds, const char *owner);
/* NULL: there is none that has this cookie, and is of this owner. */
struct hold *holds_find(struct list *holds, uint32_t cookie, const char *owner);
/* A number that is not 0, and that no hold has. */
uint32_t holds_cookie(struct list *holds, uint32_t last);

#endif
