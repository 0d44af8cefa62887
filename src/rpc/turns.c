/*
 * Users and their turns: one message per user and turn of the loop, however many connections they
 * hold. A user is here as long as a connection is, and is found by a walk: there are at most as
 * many as connections, and a walk is needed only when one comes.
 */
#include <assert.h>

#include "base/def.h"
#include "rpc/serverint.h"

struct user *user_find(struct rpc_server *s, uid_t uid)
{
	struct user *u;

	for (list_each(u, &s->users, link))
		if (u->uid == uid)
			return u;
	return NULL;
}

struct user *user_get(struct rpc_server *s, uid_t uid)
{
	struct user *u = user_find(s, uid);

	if (!u) {
		u = calloc(1, sizeof(*u));
		if (!u)
			return NULL;
		u->uid = uid;
		list_init(&u->waiting);
		list_add_first(&s->users, &u->link);
	}
	u->connection_count++;
	return u;
}

static void enqueue(struct rpc_server *s, struct user *u)
{
	if (list_is_linked(&u->turn) || list_is_empty(&u->waiting) || !user_within_bytes(u))
		return;
	s->turn_count++;
	list_add_last(&s->turns, &u->turn);
	server_wake(s);
}

static void dequeue(struct rpc_server *s, struct user *u)
{
	if (!list_is_linked(&u->turn))
		return;
	s->turn_count--;
	list_remove(&u->turn);
}

void user_put(struct rpc_server *s, struct user *u)
{
	assert(u->connection_count);
	if (--u->connection_count)
		return;
	dequeue(s, u);
	list_remove(&u->link);
	free(u);
}

bool user_within_bytes(const struct user *u)
{
	return u->uid == 0 || u->bytes <= RPC_USER_BYTES;
}

/* A user who had too much waiting gets turns again once it is less. */
void user_account(struct connection *c)
{
	size_t bytes = c->in.cap + c->out.cap;

	if (bytes == c->accounted_bytes)
		return;
	c->user->bytes += bytes - c->accounted_bytes;
	c->accounted_bytes = bytes;
	enqueue(c->server, c->user);
}

void turns_add(struct connection *c)
{
	if (list_is_linked(&c->wait))
		return;
	list_add_last(&c->user->waiting, &c->wait);
	enqueue(c->server, c->user);
}

void turns_remove(struct connection *c)
{
	if (!list_is_linked(&c->wait))
		return;
	list_remove(&c->wait);
	if (list_is_empty(&c->user->waiting))
		dequeue(c->server, c->user);
}

/*
 * The user goes to the end of the list before the message is served: serving may close the
 * connection, and with it the user may be gone.
 */
void turns_run(struct rpc_server *s)
{
	struct user *u;

	for (unsigned n = s->turn_count; n && (u = list_first(&s->turns, struct user, turn)); n--) {
		struct connection *c = list_first(&u->waiting, struct connection, wait);

		dequeue(s, u);
		turns_remove(c);
		enqueue(s, u);
		serve(c);
	}
}
