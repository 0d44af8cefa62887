/*
 * The token, leases, and what becomes of both when a session ends, loses the token, or the
 * privileged half goes away.
 */
#include <errno.h>

#include "pwrapis/front.h"

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

int control_request(struct session *s)
{
	struct pwrapis *p = s->p;
	void *former;
	int r = token_request(&p->token, s, who_priority(&p->who, s->peer.uid), &former);

	if (r == 1)
		lose_token(former, "control was taken by a user of higher priority");
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
