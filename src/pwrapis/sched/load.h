/*
 * What processors do at this moment, of one reading of /proc/stat.
 */
#ifndef PWRAPIS_SCHED_LOAD_H
#define PWRAPIS_SCHED_LOAD_H

#include <stdint.h>

#include "core/bitmap.h"

struct load {
	uint64_t busy, total; /* ticks of the processors that were asked for, since the boot */
	unsigned runnable; /* tasks that run or wait, on all processors */
};

/* Of the text of /proc/stat. Waiting for a disk is idle. -EBADMSG when there is no count of tasks.
 */
int load_parse(const char *text, const struct bitmap *cpus, struct load *ret_load);
/* The reader itself is not counted. */
int load_read(int root_fd, const struct bitmap *cpus, struct load *ret_load);

/* Usage between two, from 0 to 1; -1 when there was no tick, or it went backwards: the set of
 * processors was another one, or one went. */
double load_usage(const struct load *before, const struct load *after);

#endif
