/*
 * The connections of the HTTP server; see guests.h.
 */
#include "exporter/guests.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/def.h"

static void cut(struct guests *g, struct guest *guest)
{
	list_remove(&guest->link);
	list_add_last(&g->cut, &guest->link);
	guest->is_cut = true;
	g->count--;
	shutdown(guest->fd, SHUT_RDWR);
}

/* ---- deadlines ---- */

static void on_time(uv_timer_t *timer);

/* The next one of all; there are few. */
static void set_timer(struct guests *g)
{
	struct list *const lists[] = {&g->waiting, &g->busy};
	uint64_t now_ms = uv_now(g->timer.loop), next_ms = UINT64_MAX;
	struct guest *guest;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (list_each(guest, lists[i], link))
			if (guest->deadline_ms < next_ms)
				next_ms = guest->deadline_ms;
	}
	if (next_ms == UINT64_MAX)
		uv_timer_stop(&g->timer);
	else
		uv_timer_start(&g->timer, on_time, next_ms > now_ms ? next_ms - now_ms : 0, 0);
}

static void cut_late(struct guests *g, struct list *list)
{
	uint64_t now_ms = uv_now(g->timer.loop);
	struct guest *guest;

	for (list_each(guest, list, link))
		if (guest->deadline_ms <= now_ms)
			cut(g, guest);
}

static void on_time(uv_timer_t *timer)
{
	struct guests *g = timer->data;

	cut_late(g, &g->waiting);
	cut_late(g, &g->busy);
	set_timer(g);
}

static void put(struct guests *g, struct guest *guest, struct list *list, uint64_t patience_ms)
{
	if (guest->is_cut)
		return;
	list_remove(&guest->link);
	list_add_last(list, &guest->link);
	guest->deadline_ms = uv_now(g->timer.loop) + patience_ms;
	set_timer(g);
}

/* ---- coming and going ---- */

void guests_init(struct guests *g, uv_loop_t *loop, unsigned max)
{
	*g = (struct guests){.max = max};
	list_init(&g->waiting);
	list_init(&g->busy);
	list_init(&g->cut);
	uv_timer_init(loop, &g->timer);
	g->timer.data = g;
}

void guests_close(struct guests *g)
{
	uv_close((uv_handle_t *)&g->timer, NULL);
}

bool guests_make_room(struct guests *g)
{
	struct guest *oldest = list_first(&g->waiting, struct guest, link);

	if (g->count < g->max)
		return true;
	if (!oldest)
		return false;
	cut(g, oldest);
	return true;
}

int guest_new(struct guests *g, int fd, uint64_t patience_ms, struct guest **ret_guest)
{
	struct guest *guest = calloc(1, sizeof(*guest));

	if (!guest)
		return -ENOMEM;
	guest->fd = fd;
	guest->deadline_ms = uv_now(g->timer.loop) + patience_ms;
	list_add_last(&g->waiting, &guest->link);
	g->count++;
	set_timer(g);
	*ret_guest = guest;
	return 0;
}

void guest_free(struct guests *g, struct guest *guest)
{
	list_remove(&guest->link);
	if (!guest->is_cut)
		g->count--;
	free(guest);
	set_timer(g);
}

void guest_waits(struct guests *g, struct guest *guest, uint64_t patience_ms)
{
	put(g, guest, &g->waiting, patience_ms);
}

void guest_works(struct guests *g, struct guest *guest, uint64_t patience_ms)
{
	put(g, guest, &g->busy, patience_ms);
}
