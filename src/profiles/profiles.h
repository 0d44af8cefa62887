/*
 * The daemon leonhard-power-profiles: what its parts share.
 */
#ifndef PROFILES_PROFILES_H
#define PROFILES_PROFILES_H

#include <systemd/sd-bus.h>

#include "base/daemon.h"
#include "core/list.h"
#include "profiles/bus.h"
#include "profiles/hold.h"
#include "profiles/plan.h"
#include "profiles/power.h"
#include "profiles/settings.h"

enum {
	HOLDS_MAX = 256,
	HOLDS_OF_ONE_MAX = 16,
	ASKS_MAX = 64,
	ASKS_OF_ONE_MAX = 4,
	/* As long as somebody may take to type a password. */
	ASK_MS = 120 * 1000,
};

struct profiles {
	struct daemon *daemon;
	struct bus bus;
	struct power power;
	bool named; /* the names were asked for */
	enum profile chosen; /* by a person */
	enum profile active; /* as it is told: of the holds, or what was chosen */
	struct plan_parts parts[PROFILES]; /* what each would set on this machine */
	char *driver; /* of frequencies; NULL: nothing sets them */

	struct list holds;
	uint32_t last_cookie;

	/* Requests that are judged, and changes of the profile that wait for their turn. */
	struct list asks, changes;
	unsigned ask_count;
	struct ask *changing; /* is being put in force; NULL: none is */
};

/* A request of somebody on the bus, whose right to it is being found out, or who waits. */
struct ask {
	struct list_link link;
	struct profiles *p;
	sd_bus_message *call;
	sd_bus_slot *question; /* to the bus, to polkit; NULL: none is on its way */
	const char *interface; /* by which it was asked; static */
	const char *action; /* "switch-profile", "hold-profile"; static */
	enum profile profile;
	struct hold *hold; /* NULL: the profile is to be changed for good */
};

/* ---- names.c: the objects, their properties, the names on the bus ---- */

int names_add(struct profiles *p);
/* Once, when the machine was looked at. */
void names_request(struct profiles *p);
/* Tells who watches, on both objects; NULL-terminated. */
void names_changed(struct profiles *p, const char *const properties[]);
/* The object of one of the two interfaces. */
const char *names_path(const char *interface);

/* ---- ask.c: who may ---- */

/* Finds out whether the sender of @call may do @action. Takes @hold (NULL: a change). */
int ask_begin(struct profiles *p, sd_bus_message *call, const char *interface, enum profile profile,
	      struct hold *hold);
/* Ends it with a reply, or with an error; @name NULL: without one. */
void ask_reply(struct ask *a, const char *types, uint32_t cookie);
void ask_refuse(struct ask *a, const char *name, const char *text);
void asks_close(struct profiles *p);

/* ---- state.c: what is active, and why ---- */

bool state_offers(const struct profiles *p, enum profile profile);
/* The sender may: takes @a. */
void state_granted(struct ask *a);
/* -ENOENT: there is no such hold of this one. */
int state_release(struct profiles *p, uint32_t cookie, const char *owner);
/* Its owner has left the bus. */
void state_left(struct profiles *p, struct hold *hold);
void state_reload(struct profiles *p);
extern const struct power_ops state_power_ops;

static inline const struct settings *profiles_settings(const struct profiles *p)
{
	return p->daemon->conf;
}

#define PROFILES_OLD "net.hadess.PowerProfiles"
#define PROFILES_NEW "org.freedesktop.UPower.PowerProfiles"

#endif
