/*
 * Holders: a connection that has set something, or a user who keeps something set. Each has one
 * lease, as a session of the wire has.
 */
#include <stdlib.h>

#include "pwrapis/front.h"

void holder_free_if_gone(struct holder *h)
{
	if (!h->gone || h->pending)
		return;
	list_remove(&h->link);
	lease_clear(&h->lease);
	free(h);
}

/* The connection has ended. */
static void on_gone(void *state)
{
	struct holder *h = state;

	control_end_lease(h->p, &h->lease);
	h->gone = true;
	holder_free_if_gone(h);
}

struct holder *holder_of_connection(const struct rpc_call *call)
{
	return rpc_call_state(call);
}

struct holder *holder_of_user(struct front *f, uid_t uid)
{
	struct holder *h;

	for (list_each(h, &f->holders, link))
		if (h->kept && h->uid == uid)
			return h;
	return NULL;
}

static struct holder *new_holder(struct front *f, const struct peer *peer, bool keep)
{
	struct holder *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	*h = (struct holder){.p = f->p, .uid = peer->uid, .pid = peer->pid, .kept = keep};
	list_add_last(&f->holders, &h->link);
	return h;
}

struct holder *holder_get(struct front *f, struct rpc_call *call, bool keep)
{
	const struct peer *peer = rpc_call_peer(call);
	struct holder *h = keep ? holder_of_user(f, peer->uid) : holder_of_connection(call);

	if (!h)
		h = new_holder(f, peer, keep);
	if (h && !keep)
		rpc_call_set_state(call, h, on_gone);
	if (h)
		h->pid = peer->pid;
	return h;
}

void holders_lost(struct front *f)
{
	struct holder *h;

	for (list_each(h, &f->holders, link))
		lease_clear(&h->lease);
}

void holders_free(struct front *f)
{
	struct holder *h;

	settings_free(f);
	while ((h = list_first(&f->holders, struct holder, link))) {
		list_remove(&h->link);
		lease_clear(&h->lease);
		free(h);
	}
}
