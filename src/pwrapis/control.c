/*
 * The token, leases, and what becomes of both when a session ends, loses the token, or the
 * privileged half goes away.
 */
#include <errno.h>

#include "pwrapis/front.h"
#include "pwrapis/rings.h"

enum { ASKED_MS = 1000 };

struct lease *control_lease(struct session *s)
{
	return token_is_owned_by(&s->p->token, s) ? &s->token_lease : &s->own_lease;
}

/* The privileged half tries all that it owes at each end, so the last answer tells of all. */
void control_note_end(struct pwrapis *p, int r, const struct writer_reply *reply)
{
	if (!reply)
		return;
	p->end_error = r == -ENOENT ? 0 : r;
	p->conflict_count += reply->conflicts;
}

static void on_ended(void *data, int r, const struct writer_reply *reply)
{
	control_note_end(data, r, reply);
}

/*
 * Where it cannot be asked for, the link is ended: the privileged half then puts back everything,
 * which is more than was to be, but not less.
 */
void control_end_lease(struct pwrapis *p, struct lease *l)
{
	const struct writer_request end = {.verb = WRITER_END, .lease = l->number};
	bool held = l->number;

	lease_clear(l);
	if (!held || p->writer.fd < 0)
		return;
	if (link_request(&p->writer, &end, on_ended, p) < 0)
		link_drop(&p->writer);
}

/* ---- the token ---- */

static void lose_token(struct session *s, const char *why)
{
	session_event(s, PWR_COM_EVTTYPE_AUTH_RELEASED, why);
	control_end_lease(s->p, &s->token_lease);
	sched_token_gone(s->p->sched, s);
}

/* Once a second at most, however often somebody asks. */
static void tell_asked(struct session *owner, const struct session *asker)
{
	uint64_t now_ms = uv_now(&owner->p->daemon->loop);
	char text[96];

	if (owner->asked_ms && now_ms - owner->asked_ms < ASKED_MS)
		return;
	owner->asked_ms = now_ms;
	snprintf(text, sizeof(text), "control was asked for by user %u, process %d",
		 (unsigned)asker->peer.uid, (int)asker->peer.pid);
	session_notice(owner, PWR_COM_EVTTYPE_AUTH_REQUESTED, text);
}

int control_request(struct session *s)
{
	struct pwrapis *p = s->p;
	void *former;
	int r = token_request(&p->token, s, who_priority(&p->who, s->peer.uid), &former);

	if (r == 1)
		lose_token(former, "control was taken by a user of higher priority");
	if (r < 0)
		tell_asked(p->token.owner, s);
	return r < 0 ? PWR_ERR_CONTROL_AUTH_REQUESTED : PWR_SUCCESS;
}

int control_release(struct session *s)
{
	if (token_release(&s->p->token, s) < 0)
		return PWR_ERR_CONTROL_AUTH_OWNERED_BY_OTHERS;
	control_end_lease(s->p, &s->token_lease);
	sched_token_gone(s->p->sched, s);
	return PWR_SUCCESS;
}

/* ---- places that come and go ---- */

int control_leave_places(struct pwrapis *p)
{
	struct session *s;
	struct holder *h;
	int r = 0;

	for (list_each(s, &p->sessions, link)) {
		r = r < 0 ? r : lease_leave_places(&s->token_lease, p->machine);
		r = r < 0 ? r : lease_leave_places(&s->own_lease, p->machine);
	}
	if (p->front)
		for (list_each(h, &p->front->holders, link))
			r = r < 0 ? r : lease_leave_places(&h->lease, p->machine);
	return r;
}

void control_find_places(struct pwrapis *p)
{
	struct session *s;
	struct holder *h;

	for (list_each(s, &p->sessions, link)) {
		lease_find_places(&s->token_lease, p->machine);
		lease_find_places(&s->own_lease, p->machine);
	}
	if (!p->front)
		return;
	for (list_each(h, &p->front->holders, link))
		lease_find_places(&h->lease, p->machine);
}

/* ---- ends ---- */

void control_leave(struct session *s)
{
	token_release(&s->p->token, s);
	control_end_lease(s->p, &s->token_lease);
	control_end_lease(s->p, &s->own_lease);
	sched_token_gone(s->p->sched, s);
}

void control_lost(void *data)
{
	static const char why[] = "what was set has been put back: the privileged half was lost";
	struct pwrapis *p = data;
	struct session *s;

	if (p->stopping)
		return;
	log_warning("the link to leonhard-pwrapis-writer is lost; all leases are over");
	if (p->front)
		holders_lost(p->front);
	sched_lost(p->sched);
	powerlook_forget(&p->look);
	rings_lost(p);
	for (list_each(s, &p->sessions, link)) {
		bool owner = token_is_owned_by(&p->token, s);
		bool held = s->token_lease.number || s->own_lease.number;

		token_release(&p->token, s);
		lease_clear(&s->token_lease);
		lease_clear(&s->own_lease);
		if (owner || held)
			session_event(s, PWR_COM_EVTTYPE_AUTH_RELEASED, why);
	}
}
