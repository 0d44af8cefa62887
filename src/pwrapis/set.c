/*
 * What a call asks the privileged half for. Settings: one after the other through the privileged
 * half; and when one of them fails, those before it are put back to what this session had set, or
 * else to what was there before it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "pwrapis/pwrapis.h"

/* Stands for what the lease had not set. */
#define POWER_NOTHING UINT32_MAX

int call_set(struct call *c, unsigned item, unsigned index, const struct power_value *value)
{
	struct batch *b = &c->batch;
	struct lease_setting *grown;

	if (c->granted_only && !who_is_granted(&c->session->p->who, &c->session->peer, item))
		return PWR_ERR_NOT_AUTHED;
	if (b->count == b->room) {
		b->room = b->room ? 2 * b->room : 8;
		grown = reallocarray(b->list, b->room, sizeof(*grown));
		if (!grown)
			return PWR_ERR_SYS_EXCEPTION;
		b->list = grown;
	}
	b->list[b->count++] = (struct lease_setting){.item = item, .index = index, .value = *value};
	return PWR_SUCCESS;
}

static void go_on(struct call *c);

/* The lease, while it is the one with which the batch began: it may have ended meanwhile. */
static struct lease *lease_of(struct call *c)
{
	struct session *s = c->session;

	if (s->token_lease.number == c->batch.lease)
		return &s->token_lease;
	return s->own_lease.number == c->batch.lease ? &s->own_lease : NULL;
}

void set_request(const struct pwrapis *p, const struct lease_setting *setting, uint32_t verb,
		 uint64_t lease, struct writer_request *ret_request)
{
	enum power_domain domain = power_item(setting->item)->domain;
	const char *name =
		setting->place ? setting->place : machine_name(p->machine, domain, setting->index);

	*ret_request = (struct writer_request){
		.verb = verb,
		.lease = lease,
		.item = setting->item,
		.index = setting->index,
		.value = setting->value,
	};
	if (name)
		strncpy(ret_request->name, name, sizeof(ret_request->name) - 1);
}

static int ask(struct call *c, const struct lease_setting *setting, uint32_t verb, link_fn fn)
{
	struct session *s = c->session;
	struct writer_request request;

	set_request(s->p, setting, verb, c->batch.lease, &request);
	return link_request(&s->p->writer, &request, fn, s);
}

/* ---- back ---- */

/* What is set and cannot be put back one by one is put back with the lease. */
static void give_lease_up(struct call *c)
{
	struct lease *l = lease_of(c);

	if (l)
		control_end_lease(c->session->p, l);
	c->batch.done = 0;
}

static void on_undone(void *data, int r, const struct writer_reply *reply)
{
	struct call *c = &((struct session *)data)->call;
	struct lease *l = lease_of(c);
	const struct lease_setting *before = &c->batch.before[c->batch.done];

	if (r < 0)
		give_lease_up(c);
	else if (l && before->item != POWER_NOTHING)
		lease_put(l, before->item, before->index, &before->value);
	else if (l)
		lease_drop(l, c->batch.list[c->batch.done].item,
			   c->batch.list[c->batch.done].index);
	go_on(c);
}

static int undo_one(struct call *c)
{
	struct batch *b = &c->batch;
	const struct lease_setting *before;

	b->done--;
	before = &b->before[b->done];
	if (before->item != POWER_NOTHING)
		return ask(c, before, WRITER_SET, on_undone);
	return ask(c, &b->list[b->done], WRITER_DROP, on_undone);
}

static void fail(struct call *c, int r)
{
	c->batch.undoing = true;
	c->batch.error = r;
}

/* ---- forth ---- */

static void on_set(void *data, int r, const struct writer_reply *reply)
{
	struct call *c = &((struct session *)data)->call;
	struct batch *b = &c->batch;
	const struct lease_setting *set = &b->list[b->done];
	struct lease *l = lease_of(c);

	/* A lease that has ended takes with it what was set meanwhile: the end was asked for after
	 * it. */
	if (r == 0 && l) {
		b->done++;
		r = lease_put(l, set->item, set->index, &set->value);
	}
	if (r < 0)
		fail(c, r);
	go_on(c);
}

static int set_one(struct call *c)
{
	struct batch *b = &c->batch;
	const struct lease_setting *set = &b->list[b->done];
	const struct power_value *had = lease_get(lease_of(c), set->item, set->index);

	b->before[b->done] =
		had ? (struct lease_setting){.item = set->item, .index = set->index, .value = *had}
		    : (struct lease_setting){.item = POWER_NOTHING};
	return ask(c, set, WRITER_SET, on_set);
}

static void conclude(struct call *c)
{
	struct batch *b = &c->batch;

	if (b->undoing)
		call_end(c, call_code(c, b->error));
	else
		call_end(c, b->done == b->count ? PWR_SUCCESS : PWR_ERR_NOT_AUTHED);
}

/* One step; a step that cannot be asked for is a failure of the one before. */
static void go_on(struct call *c)
{
	struct batch *b = &c->batch;
	int r = 0;

	if (lease_of(c) && !b->undoing && b->done < b->count) {
		r = set_one(c);
		if (r == 0)
			return;
		fail(c, r);
	}
	if (lease_of(c) && b->undoing && b->done) {
		r = undo_one(c);
		if (r == 0)
			return;
		give_lease_up(c);
	}
	conclude(c);
}

int call_commit(struct call *c)
{
	struct session *s = c->session;
	struct lease *l = control_lease(s);
	struct batch *b = &c->batch;
	int r;

	if (!b->count)
		return PWR_ERR_NOT_SUPPORTED;
	b->before = calloc(b->count, sizeof(*b->before));
	if (!b->before)
		return PWR_ERR_SYS_EXCEPTION;
	if (!l->number)
		l->number = ++s->p->lease_number;
	b->lease = l->number;
	r = set_one(c);
	if (r == 0) {
		b->counted = true;
		s->p->pinned_count++;
		return CALL_WAITS;
	}
	/* Nothing was asked for with a lease that is new: it holds nothing. */
	if (!l->count)
		lease_clear(l);
	return call_code(c, r);
}

/* ---- reading ---- */

static void on_number(void *data, int r, const struct writer_reply *reply)
{
	struct call *c = &((struct session *)data)->call;
	int code = r < 0 ? call_code(c, r) : c->finish(c, reply->value.number);

	if (code != CALL_WAITS)
		call_end(c, code);
}

int call_read_guarded(struct call *c, unsigned item, unsigned index, call_number_fn finish)
{
	const struct lease_setting what = {.item = item, .index = index};
	int r;

	c->finish = finish;
	r = ask(c, &what, WRITER_READ, on_number);
	return r < 0 ? call_code(c, r) : CALL_WAITS;
}

void set_leave(struct session *s)
{
	link_forget(&s->p->writer, s);
	if (s->call.batch.counted)
		s->p->pinned_count--;
	free(s->call.batch.list);
	free(s->call.batch.before);
	s->call.batch = (struct batch){};
}
