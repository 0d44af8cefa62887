/*
 * Processors as the kernel has sorted them: which are on line, and into cores and packages.
 */
#ifndef NODE_TOPOLOGY_H
#define NODE_TOPOLOGY_H

#include "node/machine.h"

/* A number that the kernel does not tell is 0. */
struct topology {
	unsigned online, possible;
	unsigned sockets, cores, threads_per_core; /* of what is on line */
};

/* From /sys/devices/system/cpu; all zeroes where that is hidden. -ENOMEM. */
int topology_read(const struct machine *m, struct topology *ret_topology);

#endif
