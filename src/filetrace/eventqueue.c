/*
 * Events that wait to be handed out; see eventqueue.h.
 */
#include "filetrace/eventqueue.h"

#include <stdlib.h>
#include <string.h>

#include "base/def.h"

struct queued {
	struct list_link link;
	struct ft_event event; /* the beginning of what follows */
};

void eventqueue_init(struct eventqueue *q)
{
	*q = (struct eventqueue){};
	list_init(&q->events);
}

static struct queued *first(struct eventqueue *q)
{
	return list_first(&q->events, struct queued, link);
}

static void drop(struct eventqueue *q, struct queued *e)
{
	list_remove(&e->link);
	free(e);
	q->count--;
}

void eventqueue_deinit(struct eventqueue *q)
{
	while (first(q))
		drop(q, first(q));
}

void eventqueue_add(struct eventqueue *q, const struct ft_event *event)
{
	struct queued *e = calloc(1, offsetof(struct queued, event) + event->size);

	if (!e) {
		q->lost++;
		return;
	}
	memcpy(&e->event, event, event->size);
	list_add_last(&q->events, &e->link);
	q->count++;
}

int eventqueue_read(struct eventqueue *q, unsigned max, source_fn fn, void *data)
{
	unsigned count = 0;
	int r = 0;

	while (r == 0 && count < max && first(q)) {
		struct queued *e = first(q);

		r = fn(data, &e->event);
		drop(q, e);
		count++;
	}
	return count;
}
