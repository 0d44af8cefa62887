/*
 * Deadlines that all lie the same span ahead when they are set: a list in the order of time, and
 * one timer, which runs only while there is a deadline. Setting and clearing cost a few pointers.
 */
#ifndef RPC_DEADLINE_H
#define RPC_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "core/list.h"

struct deadline {
	struct list_link link; /* while it is set */
	uint64_t at_ms; /* of the loop's clock */
	void *owner;
};

struct deadlines {
	uv_timer_t timer;
	uint64_t span_ms;
	void (*expired)(struct deadline *d); /* @d is not set any more */
	struct list list;
};

/* The timer's data pointer and uv_close() are the owner's. */
void deadlines_init(struct deadlines *l, uv_loop_t *loop, uint64_t span_ms,
		    void (*expired)(struct deadline *d));

/* A span from now, whether it was set or not. */
void deadline_set(struct deadlines *l, struct deadline *d);
void deadline_clear(struct deadlines *l, struct deadline *d);

static inline bool deadline_is_set(const struct deadline *d)
{
	return list_is_linked(&d->link);
}

#endif
