/*
 * One interval: what ran in it, and what energy each is given.
 */
#ifndef PWRAPIS_ATTRIB_INTERVAL_H
#define PWRAPIS_ATTRIB_INTERVAL_H

#include "pwrapis/attrib/attrib.h"

struct interval_row {
	struct consumer *consumer; /* held */
	uint64_t ns, uj;
};

struct interval {
	struct attrib_measure measure;
	struct interval_row *rows; /* owned */
	size_t count, room;
};

/* Adds time to the consumer's row. -ENOMEM. */
int interval_add(struct interval *i, struct consumer *c, uint64_t ns);
/* Frees the rows. */
void interval_clear(struct interval *i, struct consumers *all);

/* Times of rows become such that those of each group are what the group used; what no row explains
 * is a row of its own. */
int interval_settle(struct interval *i, const struct groups *g, struct consumers *all);

/* The lowest power while nearly nothing ran, in microwatts; UINT64_MAX: not seen yet. It is learnt
 * from the interval, too. */
int interval_divide(struct interval *i, struct consumers *all, unsigned cpus, uint64_t *idle_uw);

#endif
