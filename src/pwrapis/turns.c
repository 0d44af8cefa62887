/*
 * Users and their turns: one message per user and turn of the loop, however many sessions they
 * hold. A user is here as long as a session is, and is found by a walk: a walk is needed only when
 * a session comes.
 */
#include <assert.h>
#include <stdlib.h>

#include "pwrapis/pwrapis.h"

struct user *user_find(struct pwrapis *p, uid_t uid)
{
	struct user *u;

	for (list_each(u, &p->users, link))
		if (u->uid == uid)
			return u;
	return NULL;
}

struct user *user_get(struct pwrapis *p, uid_t uid)
{
	struct user *u = user_find(p, uid);

	if (!u) {
		u = calloc(1, sizeof(*u));
		if (!u)
			return NULL;
		u->uid = uid;
		list_init(&u->waiting);
		list_add_first(&p->users, &u->link);
	}
	u->session_count++;
	return u;
}

static void enqueue(struct pwrapis *p, struct user *u)
{
	if (list_is_linked(&u->turn) || list_is_empty(&u->waiting))
		return;
	p->turn_count++;
	list_add_last(&p->turns, &u->turn);
	loop_wake(p);
}

static void dequeue(struct pwrapis *p, struct user *u)
{
	if (!list_is_linked(&u->turn))
		return;
	p->turn_count--;
	list_remove(&u->turn);
}

void user_put(struct pwrapis *p, struct user *u)
{
	assert(u->session_count);
	if (--u->session_count)
		return;
	dequeue(p, u);
	list_remove(&u->link);
	free(u);
}

void turns_add(struct session *s)
{
	if (list_is_linked(&s->wait))
		return;
	list_add_last(&s->user->waiting, &s->wait);
	enqueue(s->p, s->user);
}

void turns_remove(struct session *s)
{
	if (!list_is_linked(&s->wait))
		return;
	list_remove(&s->wait);
	if (list_is_empty(&s->user->waiting))
		dequeue(s->p, s->user);
}

/* The user goes to the end of the list before the message is served: serving may close the session,
 * and with it the user may be gone. */
void turns_run(struct pwrapis *p)
{
	struct user *u;

	for (unsigned n = p->turn_count; n && (u = list_first(&p->turns, struct user, turn)); n--) {
		struct session *s = list_first(&u->waiting, struct session, wait);

		dequeue(p, u);
		turns_remove(s);
		enqueue(p, u);
		call_serve(s);
	}
}
