/*
 * The cap of the machine, which everybody means who sets one: that of the first power meter that
 * has one; where none has, that of all packages together, of which each has an equal part. A cap
 * that cannot be read is an error: that of the packages is another one.
 */
#ifndef PWRAPIS_CAP_H
#define PWRAPIS_CAP_H

#include <stdbool.h>

#include "pwrapis/items.h"
#include "pwrapis/machine.h"
#include "pwrapis/power.h"

#define CAP_ITEM "power.cap"

struct cap {
	enum item item; /* the control that it is */
	unsigned count; /* of places, over which the watts are spread */
	unsigned places[POWER_ZONES_MAX];
	double watts; /* now, of all places */
};

/* -EOPNOTSUPP: the machine has none. Else as machine_read() of the first place that fails. */
int cap_find(struct machine *m, struct cap *ret_cap);
/* Of all places; -EOPNOTSUPP: there is no such bound. */
int cap_min(struct machine *m, double *ret_watts);
int cap_max(struct machine *m, double *ret_watts);
/* Whether a setting of @item at @place is one of the cap. */
bool cap_has(const struct cap *c, unsigned item, unsigned place);

#endif
