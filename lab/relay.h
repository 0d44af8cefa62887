/*
 * A running lab's control socket: other programs of the same user run commands in its guest.
 *
 * A client speaks the lab's protocol as if to the agent. Every stream of a client becomes a stream
 * of the guest; frames are passed on with the number changed, and windows are granted from end to
 * end, so a slow client holds up nobody else. A client that breaks the protocol is disconnected,
 * and what it ran is killed.
 */
#ifndef LAB_RELAY_H
#define LAB_RELAY_H

#include "lab/session.h"

struct relay;

/* Serves the listening socket @fd, which is taken, on behalf of @session, which is borrowed. */
int relay_new(int fd, struct session *session, struct relay **ret_relay);
void relay_free(struct relay *r);

/* Disconnects all clients, whose streams are the session's: before that ends. Takes NULL. */
void relay_drop_clients(struct relay *r);

/* Before every turn: frees the clients that are gone and adds the others. */
void relay_poll(struct relay *r, struct pollset *ps);

#endif
