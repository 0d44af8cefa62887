/*
 * Events (bpf/abi.h) that a source has made and not yet handed out, in their order.
 */
#ifndef FILETRACE_EVENTQUEUE_H
#define FILETRACE_EVENTQUEUE_H

#include <stddef.h>

#include "core/list.h"
#include "filetrace/source.h"

struct eventqueue {
	struct list events;
	size_t count;
	uint64_t lost; /* for which there was no memory */
	union ft_any_event whole; /* the one that is handed out, zeroes behind its end */
};

void eventqueue_init(struct eventqueue *q);
void eventqueue_deinit(struct eventqueue *q);

/* A copy of the event, of which event->size bytes are used. */
void eventqueue_add(struct eventqueue *q, const struct ft_event *event);

/* Hands out up to @max; the number of them. A non-zero result of @fn ends it after this one. */
int eventqueue_read(struct eventqueue *q, unsigned max, source_fn fn, void *data);

#endif
