/*
 * The host's loop: runs commands over a session, one after another, while serving all the rest.
 *
 * It ends with -ECONNRESET when the peer is gone, -EPROTO when it broke the protocol, -ETIMEDOUT
 * at the deadline, and -EINTR when a signal asked to stop; then the loop's @signal says which.
 */
#ifndef LAB_LOOP_H
#define LAB_LOOP_H

#include "lab/session.h"

struct loop {
	struct session *session;
	int signal_fd;
	int signal;
	int64_t deadline_ms; /* of the monotonic clock; 0 for none */
	bool lost; /* the peer is gone */
	/* What else is to be served; may be NULL. */
	void (*poll)(void *data, struct pollset *ps);
	void *data;
};

/* Blocks the signals that ask to stop, and ignores SIGPIPE: to be called before any child. */
int loop_init(struct loop *l);
void loop_deinit(struct loop *l);

/* Sets a deadline from now; 0 takes it away. */
void loop_set_timeout(struct loop *l, uint64_t timeout_ms);

/* Waits until the agent is there. */
int loop_wait_ready(struct loop *l);

/* Waits until the peer is gone, which here is no error. */
int loop_wait_gone(struct loop *l);

/* Runs @e with @fds, which are taken; @ret_status is as of pump_status(). */
int loop_run(struct loop *l, const struct lab_exec *e, const int fds[LAB_CHANNEL_COUNT],
	     int *ret_status);

#endif
