/*
 * The connections of the HTTP server: how many there may be, and how long each may take.
 *
 * The HTTP library bounds the time between two bytes; here the time of a whole request is bounded,
 * so that a byte now and then gains nothing. For a new connection there is always room: the one
 * that has waited for longest without a request makes it. A connection is cut by shutting its
 * socket down: the library sees its end, and closes it.
 */
#ifndef EXPORTER_GUESTS_H
#define EXPORTER_GUESTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "core/list.h"

struct guests {
	uv_timer_t timer; /* at the next deadline; not running while nobody is there */
	struct list waiting, busy, cut; /* waiting: by age */
	unsigned count, max; /* count: without those that are cut */
};

struct guest {
	struct list_link link;
	int fd;
	bool is_cut;
	uint64_t deadline_ms;
};

void guests_init(struct guests *g, uv_loop_t *loop, unsigned max);
/* All guests are gone by then. */
void guests_close(struct guests *g);

/* Makes room for one more; false when all are busy. */
bool guests_make_room(struct guests *g);
/* -ENOMEM. */
int guest_new(struct guests *g, int fd, uint64_t patience_ms, struct guest **ret_guest);
void guest_free(struct guests *g, struct guest *guest);

/* It waits for a request, or has one that is being answered, no longer than that. */
void guest_waits(struct guests *g, struct guest *guest, uint64_t patience_ms);
void guest_works(struct guests *g, struct guest *guest, uint64_t patience_ms);

#endif
