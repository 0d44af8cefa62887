/*
 * Trials of system calls. Each leaves nothing behind but closed descriptors; @data is NULL.
 */
#ifndef NODE_PROBE_KERNEL_H
#define NODE_PROBE_KERNEL_H

#include "node/finding.h"

void trial_fanotify(struct finding *f, const void *data);
void trial_io_uring(struct finding *f, const void *data);
void trial_landlock(struct finding *f, const void *data);
void trial_perf_cycles(struct finding *f, const void *data);
void trial_tun(struct finding *f, const void *data);
void trial_userfaultfd(struct finding *f, const void *data);

#endif
