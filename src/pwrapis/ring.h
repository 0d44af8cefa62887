/*
 * The memory that high-rate readers share (libpwrapi/powerring.h, docs/format/power-ring.md), and
 * its only writer.
 *
 * It is sealed: it neither shrinks nor grows, and nobody but the mapping that was there before the
 * seals can write. So the descriptor may be given to anybody who may read. Writing never waits.
 */
#ifndef PWRAPIS_RING_H
#define PWRAPIS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libpwrapi/powerring.h"

struct ring;

/* @cpus: at most POWERRING_CPUS_MAX; @slots: 2 at least. */
int ring_new(unsigned cpus, unsigned slots, bool coarse, uint64_t period_ns,
	     struct ring **ret_ring);
/* Says that nothing more comes; who has it mapped keeps it. */
void ring_free(struct ring *r);
void ring_free_p(struct ring **r);

/* The next sample, whose number is set here; @cpus as many as the ring has. */
void ring_write(struct ring *r, const struct powerring_sample *sample,
		const struct powerring_cpu *cpus);
void ring_set_period(struct ring *r, uint64_t period_ns);

unsigned ring_cpu_count(const struct ring *r);
int ring_fd(const struct ring *r); /* borrowed, sealed */
size_t ring_bytes(const struct ring *r);

#endif
