/*
 * What a session has set, as the daemon remembers it: so that a request that fails half way can be
 * taken back to what this session itself had set before, and not further.
 *
 * The memory of record is the privileged half's. A lease has a number while it holds something;
 * numbers are never used twice.
 */
#ifndef PWRAPIS_LEASE_H
#define PWRAPIS_LEASE_H

#include <stddef.h>

#include "pwrapis/machine.h"

/* One processor's share of a large machine's controls, and one session's bound. */
enum { LEASE_SETTINGS_MAX = 4096 };

/* The index of a place that is not there. */
#define LEASE_AWAY UINT32_MAX

struct lease_setting {
	unsigned item, index;
	struct power_value value;
	/* of what a lease holds */
	uint64_t since_ns; /* real time */
	char *place; /* owned: the name of a place that is not there now; else NULL */
};

struct lease {
	uint64_t number; /* 0: holds nothing */
	struct lease_setting *settings; /* by item and index */
	size_t count, room;
};

/* The value that is set, or NULL. */
const struct power_value *lease_get(const struct lease *l, unsigned item, unsigned index);
/* -ENOSPC over the bound, -ENOMEM. */
int lease_put(struct lease *l, unsigned item, unsigned index, const struct power_value *value);
void lease_drop(struct lease *l, unsigned item, unsigned index);
/* The setting itself: of a place that is gone, the only way. */
void lease_drop_at(struct lease *l, size_t at);

/*
 * Around a new look at the machine, which gives places other indexes: before it each setting is
 * given the name of its place; behind it the index that is of this name then, or LEASE_AWAY. What
 * is set at a place that is gone is there again with it. -ENOMEM: nothing has changed, and the look
 * is not to be taken.
 */
int lease_leave_places(struct lease *l, const struct machine *m);
void lease_find_places(struct lease *l, const struct machine *m);

/* Holds nothing any more. */
void lease_clear(struct lease *l);

#endif
