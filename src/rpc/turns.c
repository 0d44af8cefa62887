/*
 * Users and their turns; see turns.h.
 */
#include "rpc/turns.h"

#include <assert.h>
#include <stdlib.h>

void turns_init(struct turns *t, size_t bytes_max, void (*wake)(void *data),
		void (*serve)(void *owner), void *data)
{
	*t = (struct turns){.bytes_max = bytes_max, .wake = wake, .serve = serve, .data = data};
	list_init(&t->users);
	list_init(&t->waiting);
}

struct user *turns_user_find(struct turns *t, uid_t uid)
{
	struct user *u;

	for (list_each(u, &t->users, link))
		if (u->uid == uid)
			return u;
	return NULL;
}

struct user *turns_user_get(struct turns *t, uid_t uid)
{
	struct user *u = turns_user_find(t, uid);

	if (!u) {
		u = calloc(1, sizeof(*u));
		if (!u)
			return NULL;
		u->uid = uid;
		list_init(&u->waiting);
		list_add_first(&t->users, &u->link);
	}
	u->connection_count++;
	return u;
}

bool turns_within_bytes(const struct turns *t, const struct user *u)
{
	return u->uid == 0 || u->bytes <= t->bytes_max;
}

static void enqueue(struct turns *t, struct user *u)
{
	if (list_is_linked(&u->turn) || list_is_empty(&u->waiting) || !turns_within_bytes(t, u))
		return;
	t->count++;
	list_add_last(&t->waiting, &u->turn);
	t->wake(t->data);
}

static void dequeue(struct turns *t, struct user *u)
{
	if (!list_is_linked(&u->turn))
		return;
	t->count--;
	list_remove(&u->turn);
}

void turns_user_put(struct turns *t, struct user *u)
{
	assert(u->connection_count);
	if (--u->connection_count)
		return;
	dequeue(t, u);
	list_remove(&u->link);
	free(u);
}

/* A user who had too much waiting gets turns again once it is less. */
void turns_account(struct turns *t, struct user *u, ssize_t bytes)
{
	u->bytes += bytes;
	enqueue(t, u);
}

void turns_add(struct turns *t, struct turn *place)
{
	if (turn_is_awaited(place))
		return;
	list_add_last(&place->user->waiting, &place->wait);
	enqueue(t, place->user);
}

void turns_remove(struct turns *t, struct turn *place)
{
	if (!turn_is_awaited(place))
		return;
	list_remove(&place->wait);
	if (list_is_empty(&place->user->waiting))
		dequeue(t, place->user);
}

/*
 * The user goes to the end of the list before the message is served: serving may close the
 * connection, and with it the user may be gone.
 */
void turns_run(struct turns *t)
{
	struct user *u;

	for (unsigned n = t->count; n && (u = list_first(&t->waiting, struct user, turn)); n--) {
		struct turn *place = list_first(&u->waiting, struct turn, wait);

		dequeue(t, u);
		turns_remove(t, place);
		enqueue(t, u);
		t->serve(place->owner);
	}
}
