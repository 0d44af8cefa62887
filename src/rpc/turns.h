/*
 * Users and their turns: one message per user and turn of the loop, however many connections they
 * hold, so that the time a message waits is bounded by the number of users.
 *
 * A user is here as long as a connection is, and is found by a walk: there are at most as many as
 * connections, and a walk is needed only when one comes. A user (but root) whose bytes are over the
 * bound gets no turn until they are less.
 */
#ifndef RPC_TURNS_H
#define RPC_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/list.h"

/* Everybody who is connected, by user id. Gone with the last connection. */
struct user {
	uid_t uid;
	unsigned connection_count;
	size_t bytes; /* of the buffers of all connections, as far as they are accounted for */
	struct list waiting; /* places of connections with a message that waits for its turn */
	struct list_link link; /* among the users */
	struct list_link turn; /* while the user is to have one */
};

/* A connection's place among those of its user. */
struct turn {
	struct user *user;
	struct list_link wait;
	void *owner;
};

struct turns {
	struct list users;
	struct list waiting; /* users of whom a message waits */
	unsigned count; /* of these */
	size_t bytes_max;
	void (*wake)(void *data); /* turns_run() is to be called at the end of this turn */
	void (*serve)(void *owner); /* one message; may end the connection */
	void *data;
};

void turns_init(struct turns *t, size_t bytes_max, void (*wake)(void *data),
		void (*serve)(void *owner), void *data);

struct user *turns_user_get(struct turns *t, uid_t uid); /* counts a connection; NULL: no memory */
struct user *turns_user_find(struct turns *t, uid_t uid); /* or NULL */
void turns_user_put(struct turns *t, struct user *u);
bool turns_within_bytes(const struct turns *t, const struct user *u);
/* So many more, or less. */
void turns_account(struct turns *t, struct user *u, ssize_t bytes);

/* A message waits; waits no more. Either may be said again. */
void turns_add(struct turns *t, struct turn *place);
void turns_remove(struct turns *t, struct turn *place);
/* One message of each user who has one waiting. */
void turns_run(struct turns *t);

static inline bool turn_is_awaited(const struct turn *place)
{
	return list_is_linked(&place->wait);
}

#endif
