/*
 * What the machine is: the reply of Describe.
 */
#ifndef NODE_DESCRIBE_H
#define NODE_DESCRIBE_H

#include <jansson.h>

#include "node/machine.h"
#include "node/virt.h"

/* What cannot change before the next boot, read once. Zero is the empty one. */
struct describe_fixed {
	json_t *kernel, *hardware, *cpu_names;
	struct virt virt;
	unsigned cpuinfo_processors;
};

void describe_fixed_deinit(struct describe_fixed *f);

/* The reply's parameters, the caller's. What the machine does not tell is "", 0 or null. -ENOMEM.
 */
int describe_collect(const struct machine *m, struct describe_fixed *f, json_t **ret_reply);

#endif
