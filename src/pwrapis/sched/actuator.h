/*
 * What gives processors to processes: the controller decides, an actuator carries it out. There are
 * two, for control groups v2 and v1; one for a scheduler of sched_ext would be a third.
 *
 * It works on spots: places that hold processes (machine/cgroup.h), each known by a name. What it
 * does is asked of the privileged half under the controller's lease, in order; an answer comes
 * later, by spot_answered(). What was there before is the lease's to put back, not the actuator's.
 */
#ifndef PWRAPIS_SCHED_ACTUATOR_H
#define PWRAPIS_SCHED_ACTUATOR_H

#include "pwrapis/machine/cgroup.h"
#include "pwrapis/sched/sched.h"

struct actuator {
	const char *name; /* as the status tells it: "cgroup-v2" */
	/* The spot of a process in a role. -EOPNOTSUPP for one that has none; -EUSERS for one that
	 * must be left alone, since its user has chosen processors. */
	int (*find)(struct sched *s, pid_t pid, enum sched_role role, struct place *ret_place);
	/* 0 when the spot may be given these. -EUSERS: a task of it has chosen others. */
	int (*allows)(struct sched *s, const struct spot *spot, const struct bitmap *cpus);
	/* Has the spot given @cpus; all there are with NULL, while it is used. */
	int (*give)(struct sched *s, struct spot *spot, const char *cpus);
	/* Where processes are moved: one is put into the spot, or out of it. NULL: they stay. */
	int (*move)(struct sched *s, struct spot *spot, pid_t pid, uint64_t start, bool in);
	/* It is as it was. */
	int (*put_back)(struct sched *s, struct spot *spot);
};

extern const struct actuator actuator_cgroup_v2, actuator_cgroup_v1;

#endif
