/*
 * The daemon's end of the privileged half: records out, answers in, matched by their sequence.
 *
 * Connects when something is to be asked; after a failure not before a pause, which doubles up to
 * ten seconds. An answer that takes too long, or is none, ends the connection: the other half then
 * puts back everything that was ever set over it.
 */
#ifndef PWRAPIS_LINK_H
#define PWRAPIS_LINK_H

#include <uv.h>

#include "core/list.h"
#include "pwrapis/writerproto.h"
#include "rpc/deadline.h"

/* Every session waits for one answer at a time, and each of its leases may be ending. */
enum { LINK_REQUESTS_MAX = 16384, LINK_PAUSE_MIN_MS = 100, LINK_PAUSE_MAX_MS = 10000 };

/* @r: what the half has answered, or -ECONNRESET when the link is lost; @reply is NULL then. */
typedef void (*link_fn)(void *data, int r, const struct writer_reply *reply);

struct link {
	uv_loop_t *loop;
	int root_fd; /* borrowed */
	uv_poll_t poll;
	int fd; /* -1: not connected */
	int events;
	bool polling; /* the handle is not closed */
	bool closed; /* for good */
	uint64_t sequence;
	uint64_t pause_ms, not_before_ms;
	struct deadlines deadlines;
	struct deadline answer;
	struct list requests; /* in the order of their sequence */
	size_t request_count;
	struct list dropped; /* of a link that is lost, while they are told */
	int passed_fd; /* came with the answer that is being told; -1: none */
	/* After every request was told: all leases are over. Requests may be made from here. */
	void (*lost)(void *data);
	void *data;
};

void link_init(struct link *l, uv_loop_t *loop, int root_fd, uint64_t timeout_ms,
	       void (*lost)(void *data), void *data);
/* Requests that wait are forgotten, not told. */
void link_close(struct link *l);

/* Connects unless it is: 0, or -ENOTCONN. */
int link_open(struct link *l);

/*
 * Queues a request; its magic and sequence are set here. -ENOTCONN when the other half is not there
 * (now), -ENOBUFS, -ENOMEM: then @fn is not called. @fn may be NULL. Never calls back itself.
 */
int link_request(struct link *l, const struct writer_request *request, link_fn fn, void *data);
/*
 * While an answer is told: the descriptor that came with it, which is the caller's then; -1: none
 * did. What nobody takes is closed.
 */
int link_take_fd(struct link *l);
/* Requests of @data go on, but are not told any more. */
void link_forget(struct link *l, const void *data);
/* Ends the connection, as if the other half had. */
void link_drop(struct link *l);

#endif
