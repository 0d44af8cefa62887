/*
 * Processors in the order in which they are used when load is packed: those of the first domain
 * first, and those that share most beside each other.
 *
 * A processor belongs to one group on each level: its core, the processors that share its last
 * cache, its package, its memory node. Any beginning of the order is a set that is as dense as it
 * can be.
 */
#ifndef PWRAPIS_SCHED_TOPOLOGY_H
#define PWRAPIS_SCHED_TOPOLOGY_H

#include <stdbool.h>

#include "core/bitmap.h"

enum topology_level {
	TOPOLOGY_CORE,
	TOPOLOGY_LLC,
	TOPOLOGY_PACKAGE,
	TOPOLOGY_NODE,
	TOPOLOGY_LEVELS,
};

enum { TOPOLOGY_CPUS_MAX = 8192 };

struct topology_cpu {
	unsigned cpu;
	unsigned group[TOPOLOGY_LEVELS]; /* numbers that mean something on their level only */
};

struct topology {
	struct topology_cpu *cpus; /* owned; those on line */
	unsigned count;
};

/* What the machine does not tell is one group of all, or of each package; a core of its own for
 * each processor. -ENODATA when it does not tell which are on line, or none is. */
int topology_read(int root_fd, struct topology *ret_topology);
void topology_deinit(struct topology *t);

/* Orders them; the groups of @first come before others on each level. One that is not on line
 * counts as the lowest that is. */
void topology_order(struct topology *t, unsigned first);

/* Whether the order goes from one group of the level to another behind its first @count. */
bool topology_ends(const struct topology *t, unsigned count, enum topology_level level);

/* The @count processors from @from on, as a set; @set has room for TOPOLOGY_CPUS_MAX. */
void topology_set(const struct topology *t, unsigned from, unsigned count, struct bitmap *set);

#endif
