/*
 * What is set, and the end of it: ListSettings and Release.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/cap.h"
#include "pwrapis/front.h"
#include "rpc/json.h"

enum { SETTINGS_TOLD_MAX = 4096 };

/* ---- ListSettings ---- */

struct telling {
	struct pwrapis *p;
	const uid_t *of; /* only of this user; NULL: of all */
	json_t *list;
	int r;
};

static void tell(struct telling *t, const struct lease_setting *s, uid_t uid, pid_t pid, bool keep)
{
	const struct power_item *item = power_item(s->item);
	const char *place =
		s->place ? s->place : machine_name(t->p->machine, item->domain, s->index);
	json_t *object;

	if (t->r < 0 || !place || (t->of && *t->of != uid) ||
	    json_array_size(t->list) == SETTINGS_TOLD_MAX)
		return;
	object = json_pack("{s:s, s:s, s:I, s:I, s:I, s:b}", "item", item->name, "place", place,
			   "uid", (json_int_t)uid, "pid", (json_int_t)pid, "since_ns",
			   (json_int_t)s->since_ns, "keep", keep);
	if (!object || reading_put(object, item, &s->value) < 0)
		t->r = -ENOMEM;
	if (json_array_append_new(t->list, object) < 0)
		t->r = -ENOMEM;
}

static void tell_lease(struct telling *t, const struct lease *l, uid_t uid, pid_t pid, bool keep)
{
	for (size_t i = 0; i < l->count; i++)
		tell(t, &l->settings[i], uid, pid, keep);
}

static void tell_all(struct telling *t)
{
	struct session *s;
	struct holder *h;

	for (list_each(s, &t->p->sessions, link)) {
		tell_lease(t, &s->token_lease, s->peer.uid, s->peer.pid, false);
		tell_lease(t, &s->own_lease, s->peer.uid, s->peer.pid, false);
	}
	for (list_each(h, &t->p->front->holders, link))
		tell_lease(t, &h->lease, h->uid, h->pid, h->kept);
}

static json_t *token_holder(const struct pwrapis *p)
{
	const struct session *owner = p->token.owner;

	return owner ? json_pack("{s:I, s:I}", "uid", (json_int_t)owner->peer.uid, "pid",
				 (json_int_t)owner->peer.pid)
		     : json_null();
}

void front_list_settings(struct rpc_call *call, const json_t *parameters, void *data)
{
	const struct front *f = data;
	struct telling t = {.p = f->p, .list = json_array()};
	bool all = !rpc_call_by_grant(call);

	if (!t.list)
		t.r = -ENOMEM;
	if (!all)
		t.of = &rpc_call_peer(call)->uid;
	tell_all(&t);
	if (t.r == 0) {
		rpc_reply(call, json_pack("{s:o, s:o}", "settings", t.list, "token",
					  all ? token_holder(f->p) : json_null()));
		return;
	}
	json_decref(t.list);
	rpc_failed(call, t.r, "cannot list settings");
}

/* ---- Release ---- */

/* Ends on their way. */
struct release {
	struct list_link link;
	struct front *f;
	struct rpc_call *call; /* NULL: it has ended */
	unsigned waiting; /* for so many answers, and for the end of asking */
	unsigned restored, conflicts;
	int r;
};

static void finish(struct release *x)
{
	if (--x->waiting)
		return;
	if (x->call && x->r < 0)
		rpc_failed(x->call, x->r, "not all could be put back; it is tried again");
	else if (x->call)
		rpc_reply(x->call, json_pack("{s:I, s:I}", "restored", (json_int_t)x->restored,
					     "conflicts", (json_int_t)x->conflicts));
	list_remove(&x->link);
	free(x);
}

static void on_ended(void *data, int r, const struct writer_reply *reply)
{
	struct release *x = data;

	control_note_end(x->f->p, r, reply);
	if (reply) {
		x->restored += reply->restored;
		x->conflicts += reply->conflicts;
	}
	/* That there is no such setting is as good; and with the link all is put back. */
	if (r < 0 && r != -ENOENT && r != -ECONNRESET && x->r == 0)
		x->r = r;
	finish(x);
}

static void ask(struct release *x, const struct writer_request *request)
{
	struct link *l = &x->f->p->writer;
	int r = l->fd < 0 ? -ENOTCONN : link_request(l, request, on_ended, x);

	if (r == 0)
		x->waiting++;
	else if (r != -ENOTCONN)
		link_drop(l);
}

static void end_lease(struct release *x, struct holder *h)
{
	const struct writer_request end = {.verb = WRITER_END, .lease = h->lease.number};

	if (!h->lease.number)
		return;
	lease_clear(&h->lease);
	ask(x, &end);
}

/* What is ended: an item by its name, at a place or at all. */
struct choice {
	const char *item, *place; /* NULL: all */
	bool is_cap; /* the item is the cap of the machine, which is others */
	struct cap cap;
};

static bool is_chosen(const struct choice *c, struct machine *m, const struct lease_setting *s)
{
	const struct power_item *row = power_item(s->item);
	const char *name = s->place ? s->place : machine_name(m, row->domain, s->index);

	if (c->is_cap)
		return cap_has(&c->cap, s->item, s->index);
	return (!c->item || str_equal(row->name, c->item)) &&
	       (!c->place || (name && str_equal(name, c->place)));
}

/* Goes on with a setting of which nothing is left but its place in the list. */
static void drop_chosen(struct release *x, struct holder *h, const struct choice *c)
{
	for (size_t i = h->lease.count; i-- > 0;) {
		const struct lease_setting what = h->lease.settings[i];
		struct writer_request request;

		if (!is_chosen(c, x->f->p->machine, &what))
			continue;
		set_request(x->f->p, &what, WRITER_DROP, h->lease.number, &request);
		lease_drop_at(&h->lease, i);
		ask(x, &request);
		/* A link that was dropped has taken the lease with it. */
		if (i > h->lease.count)
			return;
	}
}

static void release_of(struct release *x, struct holder *h, const struct choice *c)
{
	if (!h)
		return;
	if (c->item || c->place)
		drop_chosen(x, h, c);
	else
		end_lease(x, h);
}

static void on_closed(struct rpc_call *call, void *data)
{
	struct release *x = data;

	x->call = NULL;
}

/* Of a machine without a cap nothing is chosen. False: the call has ended. */
static bool choose(const struct front *f, struct rpc_call *call, const json_t *parameters,
		   struct choice *ret_choice)
{
	struct choice c = {
		.item = json_string_value(json_object_get(parameters, "item")),
		.place = json_string_value(json_object_get(parameters, "place")),
	};

	if (c.item && !front_find(f, call, c.item, &(unsigned){0}))
		return false;
	c.is_cap = c.item && str_equal(c.item, CAP_ITEM);
	if (c.is_cap)
		cap_find(f->p->machine, &c.cap);
	*ret_choice = c;
	return true;
}

void front_release(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct front *f = data;
	struct choice c;
	struct release *x;

	if (!choose(f, call, parameters, &c))
		return;
	x = calloc(1, sizeof(*x));
	if (!x) {
		rpc_failed(call, -ENOMEM, "cannot release");
		return;
	}
	*x = (struct release){.f = f, .call = call, .waiting = 1};
	list_add_last(&f->releases, &x->link);
	rpc_call_on_closed(call, on_closed, x);
	release_of(x, holder_of_connection(call), &c);
	release_of(x, holder_of_user(f, rpc_call_peer(call)->uid), &c);
	finish(x);
}
