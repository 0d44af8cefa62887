/*
 * One turn of a poll loop: what is waited for is said anew on every turn.
 *
 * So nothing has to be unregistered, and an object may be freed between turns. Within a turn no
 * object that was added may be freed: callbacks mark, the owner sweeps before the next turn.
 */
#ifndef LAB_POLLSET_H
#define LAB_POLLSET_H

#include <poll.h>

enum { POLLSET_MAX = 512 };

/* @revents as from poll(2). A negative return value ends the turn. */
typedef int (*pollset_fn)(void *data, short revents);

struct pollset {
	unsigned count;
	struct pollfd fds[POLLSET_MAX];
	struct {
		pollset_fn fn;
		void *data;
	} calls[POLLSET_MAX];
};

void pollset_init(struct pollset *ps);

/* Does nothing for a negative @fd or for no events. */
void pollset_add(struct pollset *ps, int fd, short events, pollset_fn fn, void *data);

/* Waits at most @timeout_ms (-1: for ever) and calls back: 0, or what a callback returned. */
int pollset_turn(struct pollset *ps, int timeout_ms);

#endif
