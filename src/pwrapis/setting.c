/*
 * Set: asked of the privileged half and answered when that has answered. The call may have ended by
 * then: what a connection has set ends with it, since the end of the lease is asked for behind the
 * setting; what is kept stays.
 *
 * The cap of the machine may be several settings (cap.h): one after the other, and when one of them
 * fails those before it are taken back to what the holder had set, or else to what was there.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/cap.h"
#include "pwrapis/front.h"
#include "rpc/json.h"

/* What is asked for, and what that is in the machine's table. */
struct wish {
	unsigned item, place; /* of the catalogue */
	struct power_value value;
	unsigned count;
	struct lease_setting parts[POWER_ZONES_MAX];
};

/* What a holder had set before. */
struct former {
	bool had;
	struct power_value value;
};

/* A setting on its way. */
struct setting {
	struct list_link link;
	struct holder *holder;
	struct rpc_call *call; /* NULL: it has ended */
	uint64_t lease; /* the number of the holder's lease then */
	unsigned item, place; /* that were asked for */
	unsigned count, done;
	struct former *former; /* owned, as the list */
	struct lease_setting parts[];
};

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

static void refuse(struct rpc_call *call, const struct front *f, unsigned number, unsigned index,
		   const char *reason)
{
	const struct power_item *item = catalogue_item(number);
	const char *place = machine_name(f->p->machine, item->domain, index);

	rpc_error(call, FRONT_INTERFACE ".Refused",
		  json_pack("{s:s, s:s, s:s}", "item", item->name, "place", place ? place : "",
			    "reason", reason));
}

/* The other half is not there, or what it says is wrong with the setting. */
static void failed(struct rpc_call *call, const struct front *f, unsigned item, unsigned place,
		   int r)
{
	if (r == -ENOTCONN || r == -ECONNRESET || r == -ENOBUFS || r == -ENOMEM)
		rpc_failed(call, r, "the half of the power API that writes cannot be asked");
	else
		refuse(call, f, item, place, reason_of(r));
}

/* Item and place. False: the call has ended. */
static bool find_what(const struct front *f, struct rpc_call *call, const json_t *parameters,
		      struct wish *w)
{
	const char *name = json_string_value(json_object_get(parameters, "item"));
	const char *place = json_string_value(json_object_get(parameters, "place"));

	if (!front_find(f, call, name, &w->item))
		return false;
	if (machine_index(f->p->machine, catalogue_item(w->item)->domain, place, &w->place) < 0) {
		rpc_error(call, FRONT_INTERFACE ".NoSuchPlace",
			  json_pack("{s:s, s:s}", "item", name, "place", place));
		return false;
	}
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
static bool may(const struct front *f, struct rpc_call *call, const struct wish *w)
{
	const struct power_item *item = catalogue_item(w->item);
	const struct session *owner = f->p->token.owner;
	bool held = false;

	if (item->flags & POWER_ACT && rpc_call_class(call) < ACCESS_ADMIN) {
		front_deny(call);
		return false;
	}
	for (unsigned i = 0; i < w->count; i++)
		held |= is_held(f, rpc_call_peer(call), w->parts[i].item);
	if (!held)
		return true;
	rpc_error(call, FRONT_INTERFACE ".ControlHeld",
		  json_pack("{s:I, s:I}", "uid", (json_int_t)owner->peer.uid, "pid",
			    (json_int_t)owner->peer.pid));
	return false;
}

/* ---- what it is in the table ---- */

static int spread_cap(const struct front *f, struct wish *w)
{
	struct cap cap;
	int r = cap_find(f->p->machine, &cap);

	if (r < 0)
		return r;
	w->count = cap.count;
	for (unsigned i = 0; i < cap.count; i++)
		w->parts[i] = (struct lease_setting){
			.item = item_number(cap.item),
			.index = cap.places[i],
			.value = {.number = w->value.number / cap.count},
		};
	return 0;
}

static int resolve(const struct front *f, struct wish *w)
{
	if (w->item >= power_item_count())
		return spread_cap(f, w);
	w->count = 1;
	w->parts[0] = (struct lease_setting){.item = w->item, .index = w->place, .value = w->value};
	return 0;
}

/* What only root may look at is checked by the other half alone. */
static int check(const struct front *f, const struct wish *w)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < w->count; i++) {
		const struct lease_setting *s = &w->parts[i];

		r = machine_check(f->p->machine, s->item, s->index, &s->value);
		r = r == -EACCES ? 0 : r;
	}
	return r;
}

/* ---- on its way ---- */

static void free_setting(struct setting *s)
{
	list_remove(&s->link);
	free(s->former);
	free(s);
}

void settings_free(struct front *f)
{
	struct setting *s;

	while ((s = list_first(&f->settings, struct setting, link)))
		free_setting(s);
}

static void reply(const struct setting *s)
{
	struct pwrapis *p = s->holder->p;
	struct power_value now;
	json_t *answer = json_object();
	int r = catalogue_read(p, s->item, s->place, &now);

	if (r == 0)
		r = reading_put(answer, catalogue_item(s->item), &now);
	/* A number that is none is no problem of the setting. */
	json_object_del(answer, "problem");
	rpc_reply(s->call, answer);
}

static void finish(struct setting *s, int r)
{
	struct holder *h = s->holder;

	if (s->call && r < 0)
		failed(s->call, h->p->front, s->item, s->place, r);
	else if (s->call)
		reply(s);
	free_setting(s);
	h->pending--;
	h->p->pinned_count--;
	holder_free_if_gone(h);
}

static int request(struct setting *s, const struct lease_setting *what, uint32_t verb, link_fn fn)
{
	struct pwrapis *p = s->holder->p;
	struct writer_request r;

	set_request(p, what, verb, s->lease, &r);
	return link_request(&p->writer, &r, fn, fn ? s : NULL);
}

/* Of one that has been set. The other half takes requests in their order, so nobody waits. */
static int take_back_one(struct setting *s, unsigned i)
{
	struct lease_setting what = s->parts[i];
	struct lease *l = &s->holder->lease;

	if (!s->former[i].had) {
		lease_drop(l, what.item, what.index);
		return request(s, &what, WRITER_DROP, NULL);
	}
	what.value = s->former[i].value;
	lease_put(l, what.item, what.index, &what.value);
	return request(s, &what, WRITER_SET, NULL);
}

/* What cannot be taken back one by one goes with the lease. */
static void take_back(struct setting *s)
{
	int r = 0;

	while (r == 0 && s->done)
		r = take_back_one(s, --s->done);
	if (r < 0)
		control_end_lease(s->holder->p, &s->holder->lease);
}

static void on_set(void *data, int r, const struct writer_reply *answer);

static int set_next(struct setting *s)
{
	const struct lease_setting *what = &s->parts[s->done];
	const struct power_value *had = lease_get(&s->holder->lease, what->item, what->index);

	s->former[s->done] = (struct former){.had = had};
	if (had)
		s->former[s->done].value = *had;
	return request(s, what, WRITER_SET, on_set);
}

static void on_set(void *data, int r, const struct writer_reply *answer)
{
	struct setting *s = data;
	struct lease *l = &s->holder->lease;
	const struct lease_setting *what = &s->parts[s->done];
	bool lost = l->number != s->lease;

	/* A lease that has ended meanwhile takes with it what was set. */
	if (r == 0)
		r = lost ? -ECONNRESET : lease_put(l, what->item, what->index, &what->value);
	if (r == 0 && ++s->done < s->count) {
		r = set_next(s);
		if (r == 0)
			return;
	}
	if (r < 0 && !lost)
		take_back(s);
	finish(s, r);
}

static void on_closed(struct rpc_call *call, void *data)
{
	struct setting *s = data;

	s->call = NULL;
}

static int begin(struct front *f, struct rpc_call *call, struct holder *h, const struct wish *w)
{
	struct setting *s = calloc(1, sizeof(*s) + w->count * sizeof(s->parts[0]));
	int r;

	if (!s)
		return -ENOMEM;
	if (!h->lease.number)
		h->lease.number = ++f->p->lease_number;
	*s = (struct setting){.holder = h,
			      .call = call,
			      .lease = h->lease.number,
			      .item = w->item,
			      .place = w->place,
			      .count = w->count,
			      .former = calloc(w->count, sizeof(*s->former))};
	memcpy(s->parts, w->parts, w->count * sizeof(s->parts[0]));
	list_add_last(&f->settings, &s->link);
	r = s->former ? set_next(s) : -ENOMEM;
	if (r < 0) {
		free_setting(s);
		return r;
	}
	h->pending++;
	f->p->pinned_count++;
	rpc_call_on_closed(call, on_closed, s);
	return 0;
}

/* NULL, or why not; @w is complete then. */
static const char *prepare(const struct front *f, const json_t *parameters, struct wish *w)
{
	const struct power_item *item = catalogue_item(w->item);
	const char *wrong;
	int r;

	if (!(item->flags & POWER_CONTROL))
		return "it can only be read";
	wrong = take_value(item, parameters, &w->value);
	if (wrong)
		return wrong;
	r = resolve(f, w);
	if (r == 0)
		r = check(f, w);
	return r < 0 ? reason_of(r) : NULL;
}

void front_set(struct rpc_call *call, const json_t *parameters, void *data)
{
	_cleanup_free_ struct wish *w = calloc(1, sizeof(*w));
	struct front *f = data;
	struct holder *h;
	const char *wrong;
	int r;

	if (!w) {
		rpc_failed(call, -ENOMEM, "cannot set");
		return;
	}
	if (!find_what(f, call, parameters, w))
		return;
	wrong = prepare(f, parameters, w);
	if (wrong) {
		refuse(call, f, w->item, w->place, wrong);
		return;
	}
	if (!may(f, call, w))
		return;
	h = holder_get(f, call, json_is_true(json_object_get(parameters, "keep")));
	r = h ? begin(f, call, h, w) : -ENOMEM;
	if (r < 0)
		failed(call, f, w->item, w->place, r);
}
