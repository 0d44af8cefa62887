/*
 * Frequency made real: groups of processes get as much time as a processor of the plant has speed.
 *
 * Of each period a group may use speed * period on one processor: cpu.max of a cgroup v2, or
 * cpu.cfs_quota_us of v1. What was there is put back in the end.
 */
#ifndef PLANT_THROTTLE_H
#define PLANT_THROTTLE_H

#include "model.h"

enum { THROTTLES_MAX = 64, THROTTLE_PERIOD_US = 10000 };

struct throttle {
	struct throttle_group {
		int dir;
		bool v2;
		unsigned cpu; /* of the plant */
		unsigned quota_us; /* as last written */
		char before[64], period_before[32];
	} groups[THROTTLES_MAX];
	unsigned count;
};

/* "DIR" or "DIR:CPU". -EINVAL, or why it cannot be opened or written. */
int throttle_add(struct throttle *t, const char *text, unsigned cpus);
void throttle_apply(struct throttle *t, struct model *m);
void throttle_deinit(struct throttle *t);

#endif
