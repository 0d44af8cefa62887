/*
 * Set: a holder is a connection that has set something, or a user who keeps something set. Each has
 * one lease, as a session of the wire has.
 *
 * A setting is asked of the privileged half and answered when that has answered. Its call may have
 * ended by then: what a connection has set ends with it, since the end of the lease is asked for
 * behind the setting; what is kept stays.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/front.h"
#include "rpc/json.h"

/* A setting on its way. */
struct setting {
	struct list_link link;
	struct holder *holder;
	struct rpc_call *call; /* NULL: it has ended */
	struct lease_setting what;
	uint64_t lease; /* the number of the holder's lease then */
};

/* ---- holders ---- */

static void free_if_gone(struct holder *h)
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
	free_if_gone(h);
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

/* NULL: no memory. */
static struct holder *find_holder(struct front *f, struct rpc_call *call, bool keep)
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
	struct setting *s;
	struct holder *h;

	while ((s = list_first(&f->settings, struct setting, link))) {
		list_remove(&s->link);
		free(s);
	}
	while ((h = list_first(&f->holders, struct holder, link))) {
		list_remove(&h->link);
		lease_clear(&h->lease);
		free(h);
	}
}

/* ---- what is asked for ---- */

static const struct {
	int error;
	const char *text;
} reasons[] = {
	{ERANGE, "it is out of the range that the machine takes now"},
	{EINVAL, "it is nothing that the machine takes"},
	{EOPNOTSUPP, "this machine does not have it, or does not let it be set"},
	{ENODEV, "it is gone"},
	{EBUSY, "too much is set already, or it is busy, or its processors are off line"},
	{ENOSPC, "what was there before cannot be noted: the disk is full, or too much is set"},
	{EACCES, "the kernel does not allow it"},
	{EIO, "the machine has set something else"},
	{ENOTUNIQ, "it is not the same for all processors, and could not be put back"},
};

static const char *reason_of(int r)
{
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].error == -r)
			return reasons[i].text;
	return strerror(-r);
}

static void refuse(struct rpc_call *call, const struct front *f, const struct lease_setting *what,
		   const char *reason)
{
	const struct power_item *item = catalogue_item(what->item);
	const char *place = machine_name(f->p->machine, item->domain, what->index);

	rpc_error(call, FRONT_INTERFACE ".Refused",
		  json_pack("{s:s, s:s, s:s}", "item", item->name, "place", place ? place : "",
			    "reason", reason));
}

/* The other half is not there, or what it says is wrong with the setting. */
static void failed(struct rpc_call *call, const struct front *f, const struct lease_setting *what,
		   int r)
{
	if (r == -ENOTCONN || r == -ECONNRESET || r == -ENOBUFS || r == -ENOMEM)
		rpc_failed(call, r, "the half of the power API that writes cannot be asked");
	else
		refuse(call, f, what, reason_of(r));
}

/* Item and place. False: the call has ended. */
static bool find_what(const struct front *f, struct rpc_call *call, const json_t *parameters,
		      struct lease_setting *what)
{
	const char *name = json_string_value(json_object_get(parameters, "item"));
	const char *place = json_string_value(json_object_get(parameters, "place"));
	unsigned index;

	if (!front_find(f, call, name, &what->item))
		return false;
	if (machine_index(f->p->machine, catalogue_item(what->item)->domain, place, &index) < 0) {
		rpc_error(call, FRONT_INTERFACE ".NoSuchPlace",
			  json_pack("{s:s, s:s}", "item", name, "place", place));
		return false;
	}
	what->index = index;
	return true;
}

/* NULL, or what is wrong with it. */
static const char *take_value(const struct power_item *item, const json_t *parameters,
			      struct power_value *value)
{
	const json_t *number = json_object_get(parameters, "number");
	const char *text = json_string_value(json_object_get(parameters, "text"));

	if (item->unit == POWER_TEXT) {
		if (!text || json_is_number(number))
			return "it takes a text";
		if (strlen(text) >= POWER_TEXT_BYTES)
			return reason_of(-EINVAL);
		strcpy(value->text, text);
		return NULL;
	}
	if (text || !json_is_number(number))
		return "it takes a number";
	value->number = json_number_value(number);
	return isfinite(value->number) ? NULL : reason_of(-EINVAL);
}

/* Whether the token is somebody else's, of no lower priority, and this is not granted. */
static bool is_held(const struct front *f, const struct peer *peer, unsigned item)
{
	const struct session *owner = f->p->token.owner;

	return owner && owner->peer.uid != peer->uid &&
	       who_priority(&f->p->who, peer->uid) <= f->p->token.priority &&
	       !who_is_granted(&f->p->who, peer, item);
}

/* False: the call has ended. */
static bool may(const struct front *f, struct rpc_call *call, const struct lease_setting *what)
{
	const struct power_item *item = catalogue_item(what->item);
	const struct session *owner = f->p->token.owner;

	if (!(item->flags & POWER_CONTROL)) {
		refuse(call, f, what, "it can only be read");
		return false;
	}
	if (item->flags & POWER_ACT && rpc_call_class(call) < ACCESS_ADMIN) {
		front_deny(call);
		return false;
	}
	if (!is_held(f, rpc_call_peer(call), what->item))
		return true;
	rpc_error(call, FRONT_INTERFACE ".ControlHeld",
		  json_pack("{s:I, s:I}", "uid", (json_int_t)owner->peer.uid, "pid",
			    (json_int_t)owner->peer.pid));
	return false;
}

/* ---- Set ---- */

static void reply(struct rpc_call *call, const struct front *f, const struct lease_setting *what)
{
	struct power_value now;
	json_t *answer = json_object();
	int r = machine_read(f->p->machine, what->item, what->index, &now);

	if (r == 0)
		r = reading_put(answer, power_item(what->item), &now);
	/* A number that is none is no problem of the setting. */
	json_object_del(answer, "problem");
	rpc_reply(call, answer);
}

static void on_set(void *data, int r, const struct writer_reply *answer)
{
	struct setting *s = data;
	struct holder *h = s->holder;
	const struct front *f = h->p->front;

	/* A lease that has ended meanwhile takes with it what was set. */
	if (r == 0 && h->lease.number == s->lease)
		r = lease_put(&h->lease, s->what.item, s->what.index, &s->what.value);
	else if (r == 0)
		r = -ECONNRESET;
	if (s->call && r < 0)
		failed(s->call, f, &s->what, r);
	else if (s->call)
		reply(s->call, f, &s->what);
	list_remove(&s->link);
	free(s);
	h->p->pinned_count--;
	h->pending--;
	free_if_gone(h);
}

static void on_closed(struct rpc_call *call, void *data)
{
	struct setting *s = data;

	s->call = NULL;
}

static int ask(struct front *f, struct rpc_call *call, struct holder *h,
	       const struct lease_setting *what)
{
	struct setting *s = calloc(1, sizeof(*s));
	struct writer_request request;
	int r;

	if (!s)
		return -ENOMEM;
	if (!h->lease.number)
		h->lease.number = ++f->p->lease_number;
	*s = (struct setting){.holder = h, .call = call, .what = *what, .lease = h->lease.number};
	set_request(f->p, what, WRITER_SET, s->lease, &request);
	r = link_request(&f->p->writer, &request, on_set, s);
	if (r < 0) {
		free(s);
		return r;
	}
	h->pending++;
	f->p->pinned_count++;
	list_add_last(&f->settings, &s->link);
	rpc_call_on_closed(call, on_closed, s);
	return 0;
}

void front_set(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct front *f = data;
	struct lease_setting what = {};
	struct holder *h;
	const char *wrong;
	int r;

	beat_look(f->p);
	if (!find_what(f, call, parameters, &what) || !may(f, call, &what))
		return;
	wrong = take_value(catalogue_item(what.item), parameters, &what.value);
	if (wrong) {
		refuse(call, f, &what, wrong);
		return;
	}
	/* What only root may look at is checked by the other half alone. */
	r = machine_check(f->p->machine, what.item, what.index, &what.value);
	if (r < 0 && r != -EACCES) {
		refuse(call, f, &what, reason_of(r));
		return;
	}
	h = find_holder(f, call, json_is_true(json_object_get(parameters, "keep")));
	r = h ? ask(f, call, h, &what) : -ENOMEM;
	if (r < 0)
		failed(call, f, &what, r);
}
