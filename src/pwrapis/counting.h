/*
 * Instructions per cycle and misses of the last cache, from counters that the probe has opened.
 *
 * They are read once a second while somebody has asked within the last minute, and what is told is
 * always of whole seconds. Where counters take turns on the hardware, what they counted is taken
 * for the time in which they did not. What is not counted here is not supported, and never 0.
 */
#ifndef PWRAPIS_COUNTING_H
#define PWRAPIS_COUNTING_H

#include <stdbool.h>

#include "pwrapis/probed.h"

enum { COUNTING_KEEP_MS = 60000 };

struct counting_cpu;

/* Of one processor, or of all. */
struct counted {
	bool known[PROBE_COUNTER_KINDS];
	double numbers[PROBE_COUNTER_KINDS]; /* of the last second */
	double seconds;
};

struct counting {
	struct probed *probed;
	bool held;
	uint64_t wanted_ms; /* when somebody asked last */
	uint64_t seen; /* looks since the descriptors came */
	struct counting_cpu *cpus; /* PROBE_CPUS_MAX, while it is held; owned */
};

void counting_init(struct counting *c, struct probed *probed);
void counting_close(struct counting *c);
/* Once a second. */
void counting_beat(struct counting *c);
/* Somebody asks: the counters are there soon, if they can be. */
void counting_want(struct counting *c);

/*
 * Of a processor's last second: -EAGAIN when it is not known yet, -EOPNOTSUPP when the machine or
 * the kernel has no such counters (or not for us), -ENOTCONN when the probe is not there.
 */
int counting_cpu(const struct counting *c, unsigned cpu, struct counted *ret_counted);
/* Of all processors together; what one of them lacks is not known. */
int counting_all(const struct counting *c, struct counted *ret_counted);
/* Instructions per cycle: -ENODATA when there was no cycle, -EOPNOTSUPP without both counters. */
int counting_ipc(const struct counted *counted, double *ret_ipc);
/* Misses of the last cache per reference to it; the same failures. */
int counting_miss_ratio(const struct counted *counted, double *ret_ratio);
/* A second. -EOPNOTSUPP without the counter. */
int counting_misses(const struct counted *counted, double *ret_misses);
/* Whether the numbers are a test's, and no hardware's. */
bool counting_is_injected(const struct counting *c);

#endif
