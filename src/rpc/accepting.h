/*
 * Accepting from a listening socket on a libuv loop: some connections in each turn, so that who is
 * connected is served as well.
 *
 * Without free descriptors each new connection is refused with the help of one that is kept for
 * this; when there is not even that, nothing is accepted for a tenth of a second or until a
 * descriptor is free. At rest it causes no wake-up.
 */
#ifndef RPC_ACCEPTING_H
#define RPC_ACCEPTING_H

#include <stdbool.h>
#include <uv.h>

struct accepting {
	uv_poll_t poll;
	uv_timer_t pause;
	int fd, reserve_fd; /* owned; -1: none */
	bool started, paused, closed;
	void (*accept)(void *data, int fd); /* takes @fd, which does not block */
	void (*refuse)(void *data, int fd); /* says that there are too many; does not close */
	void *data;
};

/* No handle is open before; the timer's is from here on, that of the socket once it has started. */
void accepting_init(struct accepting *a, uv_loop_t *loop, void (*accept)(void *data, int fd),
		    void (*refuse)(void *data, int fd), void *data);
/* Takes @fd, also when it fails. */
int accepting_start(struct accepting *a, uv_loop_t *loop, int fd);
/* A descriptor is free: goes on if it had stopped for want of one. */
void accepting_resume(struct accepting *a);
/* @closed, which may be NULL, is called for each open handle, whose data are those of
 * accepting_init() then. */
void accepting_close(struct accepting *a, uv_close_cb closed);

#endif
