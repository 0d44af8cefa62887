/*
 * NUMA nodes: their processors, memory and distances.
 */
#ifndef NODE_NUMA_H
#define NODE_NUMA_H

#include <jansson.h>

#include "node/machine.h"

/* An array of NumaNode (api/io.leonhard.Node.varlink); empty where the kernel has no such nodes.
 * What a node does not tell is "", 0 or []. -ENOMEM. */
int numa_collect(const struct machine *m, json_t **ret_nodes);

/* "10 21 21": numbers from 1 to 255. -EINVAL for anything else. The caller's. */
int numa_parse_distances(const char *text, json_t **ret_distances);

#endif
