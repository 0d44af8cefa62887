/*
 * Frequencies of processors, by the policies that they are of: looked at once a second, so that a
 * reader at a high rate costs no more files.
 */
#ifndef PWRAPIS_FREQUENCY_H
#define PWRAPIS_FREQUENCY_H

#include <stdint.h>

#include "pwrapis/machine.h"

enum { FREQUENCY_CPUS_MAX = 1024 };

struct frequency {
	unsigned policy_count; /* those beyond the bound are not looked at */
	unsigned cpu_counts[FREQUENCY_CPUS_MAX]; /* processors on line, by policy */
	float hertz[FREQUENCY_CPUS_MAX]; /* by policy; 0: unknown */
	uint16_t policies[FREQUENCY_CPUS_MAX]; /* by processor: the policy + 1, 0 of none */
	double mean; /* of processors on line; NAN: unknown */
};

/* Which processors the policies have. Frequencies are unknown until the next look at them. */
void frequency_look(struct frequency *f, struct machine *m);
void frequency_sample(struct frequency *f, struct machine *m);
/* 0: unknown. */
double frequency_of_cpu(const struct frequency *f, unsigned cpu);

#endif
