/*
 * What the processors have to do: from a trace, or from what real processes use.
 *
 * A trace is text. Each line is a time in seconds and the load from then on: one number for all
 * processors, or one for each; 1 is what a processor can do at its highest frequency. A line
 * "TIME repeat" begins anew. Times ascend; "#" begins a comment.
 *
 * Real processes: "cgroup:DIR" (a cgroup's usage, of each processor where the kernel tells it),
 * "pids:N,N,…" (the n-th process is the load of the n-th processor). Processor n of the machine
 * loads processor n of the plant, modulo.
 */
#ifndef PLANT_LOAD_H
#define PLANT_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "model.h"

enum { LOAD_TEXT_MAX = 1024 * 1024, LOAD_LINES_MAX = 65536 };

struct load;

/* Of a trace's text. -EINVAL, with the line in @ret_line. */
int load_parse(const char *text, unsigned cpus, struct load **ret_load, unsigned *ret_line);
/* A file's name, or "cgroup:" or "pids:" with what follows. -EINVAL and the line as above, or 0. */
int load_open(const char *what, unsigned cpus, struct load **ret_load, unsigned *ret_line);
void load_free(struct load *l);
void load_free_p(struct load **l);

/*
 * Sets what the processors of @m are asked for, at this time of the plant and of the clock.
 * @throttled: what processes use has been made to follow the frequency, and is work thereby.
 */
void load_apply(struct load *l, struct model *m, uint64_t clock_ns, bool throttled);

/* ---- real processes, in usage.c ---- */

struct usage;

/* -EINVAL for another text, or what cannot be read. */
int usage_open(const char *what, unsigned cpus, struct usage **ret_usage);
void usage_free(struct usage *u);
/* Shares of each processor since the last time; false when it is too soon. */
bool usage_take(struct usage *u, uint64_t clock_ns, double *shares, unsigned cpus);

#endif
