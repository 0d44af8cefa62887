/*
 * The cgroup of the probe: a leaf below its own, in which nobody else is.
 */
#ifndef NODE_PROBE_CGROUP_H
#define NODE_PROBE_CGROUP_H

struct cgroup {
	int parent, leaf; /* descriptors, or -1 */
};

/* Makes it, or takes one that a killed probe left behind. */
int cgroup_make(struct cgroup *ret_cgroup);
/* Removes it. Processes that could not be killed keep it. */
void cgroup_remove(struct cgroup *c);

#endif
