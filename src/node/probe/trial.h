/*
 * Trials: one after the other, each in a process of its own, so that one that crashes or hangs says
 * "unknown" about its own power and nothing about the others.
 */
#ifndef NODE_PROBE_TRIAL_H
#define NODE_PROBE_TRIAL_H

#include <stdint.h>

#include "node/finding.h"

struct trial {
	const char *name; /* of the power: "bpf.fentry" */
	/* Runs in the child and fills @f, which starts zeroed. What it opens is freed by its end.
	 */
	void (*run)(struct finding *f, const void *data);
	const void *data;
};

/* Every trial there is, in the order in which they are made. */
extern const struct trial trials[];
extern const unsigned trial_count;

/*
 * Makes one trial, for at most @limit_ns, and fills *@ret_finding whatever happens. A process that
 * cannot be killed (it waits in the kernel) is left behind after another second.
 */
void trial_run(const struct trial *t, uint64_t limit_ns, struct finding *ret_finding);

/* Whether this process has every capability that the trials need. */
void trial_check_privileges(void);

/*
 * Sets the finding for a step that failed with @r: "STEP: what went wrong". Unknown where the
 * failure tells nothing about the kernel: no memory, no descriptor, busy, or not permitted without
 * the capabilities; else no.
 */
__attribute__((format(printf, 3, 4))) void trial_failed(struct finding *f, int r, const char *step,
							...);

#endif
