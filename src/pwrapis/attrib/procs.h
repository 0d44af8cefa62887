/*
 * The processes that live, and how long each ran since the last look.
 *
 * A look goes through /proc in steps. A process with one thread is asked for the time it ran
 * (/proc/PID/schedstat, nanoseconds); when that has not changed it has not run, and nothing else is
 * read. Of one with several threads the kernel tells the sum in ticks of a hundredth of a second
 * (/proc/PID/stat). One that has run is looked at again: its name, its threads and its group may be
 * others.
 *
 * One that is gone is kept for two more looks: what it ran last comes with its end (procs_ended()).
 */
#ifndef PWRAPIS_ATTRIB_PROCS_H
#define PWRAPIS_ATTRIB_PROCS_H

#include "pwrapis/attrib/consumer.h"
#include "pwrapis/endrecord.h"

enum { PROCS_MAX = 8192 };

struct procs;

/* @groups, @consumers are borrowed, and outlive it. */
int procs_new(int root_fd, struct groups *groups, struct consumers *consumers,
	      struct procs **ret_procs);
void procs_free(struct procs *p);

/* Told of what a consumer ran since it was looked at last: more than 0. */
typedef void (*procs_fn)(void *data, struct consumer *c, uint64_t ns);

/* A look: lists the processes. -ENOENT without /proc. */
int procs_begin(struct procs *p);
/* One process: true as long as there are more. The first look tells nothing. */
bool procs_step(struct procs *p, procs_fn fn, void *data);

/* One that has ended: tells what was not told yet. */
void procs_ended(struct procs *p, const struct probe_end *end, procs_fn fn, void *data);

/* Times of one thread, the first number of /proc/PID/schedstat. -EBADMSG. */
int procs_parse_schedstat(const char *text, uint64_t *ret_ns);

#endif
