/*
 * Deadlines with one timer; see deadline.h.
 */
#include "rpc/deadline.h"

#include <assert.h>
#include <stddef.h>

static void on_timer(uv_timer_t *timer)
{
	struct deadlines *l =
		(struct deadlines *)((char *)timer - offsetof(struct deadlines, timer));
	uint64_t now_ms = uv_now(timer->loop);
	struct deadline *d;

	while ((d = list_first(&l->list, struct deadline, link)) && d->at_ms <= now_ms) {
		deadline_clear(l, d);
		l->expired(d);
	}
	if (d)
		uv_timer_start(&l->timer, on_timer, d->at_ms - now_ms, 0);
}

void deadlines_init(struct deadlines *l, uv_loop_t *loop, uint64_t span_ms,
		    void (*expired)(struct deadline *d))
{
	/* Never fails, as little as starting it. */
	uv_timer_init(loop, &l->timer);
	l->span_ms = span_ms;
	l->expired = expired;
	list_init(&l->list);
}

void deadline_set(struct deadlines *l, struct deadline *d)
{
	assert(!uv_is_closing((uv_handle_t *)&l->timer));
	deadline_clear(l, d);
	d->at_ms = uv_now(l->timer.loop) + l->span_ms;
	if (list_is_empty(&l->list))
		uv_timer_start(&l->timer, on_timer, l->span_ms, 0);
	list_add_last(&l->list, &d->link);
}

/* The timer goes on when another deadline is left: it then finds out by itself when that one is. */
void deadline_clear(struct deadlines *l, struct deadline *d)
{
	if (!deadline_is_set(d))
		return;
	list_remove(&d->link);
	if (list_is_empty(&l->list))
		uv_timer_stop(&l->timer);
}
