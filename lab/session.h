/*
 * The host's side of a link to an agent, or to a lab-run that passes frames on to one.
 *
 * A session holds the streams and guards the peer: frames for streams that do not exist, data
 * beyond a granted window or after its end, and everything else out of turn is -EPROTO. What is
 * done with a frame is the stream's own matter (struct stream_ops): pump.h moves bytes between a
 * stream and descriptors, relay.h passes frames on.
 */
#ifndef LAB_SESSION_H
#define LAB_SESSION_H

#include "lab/link.h"

struct stream;

struct stream_ops {
	/* DATA, EOF, CREDIT or EXIT, checked. After EXIT the stream is no longer in the session. */
	int (*frame)(void *owner, const struct lab_frame *f);
};

struct stream {
	uint16_t id;
	bool dead; /* its owner is gone: frames are dropped until EXIT */
	bool unread; /* the command has said that it reads no more */
	const struct stream_ops *ops;
	void *owner;
	uint32_t window[LAB_CHANNEL_COUNT]; /* may be sent (0), may still arrive (1, 2) */
	bool ended[LAB_CHANNEL_COUNT]; /* no more data: by us (0), from the guest (1, 2) */
};

struct session {
	struct link link;
	bool ready; /* the peer's HELLO has come */
	struct stream *streams[LAB_STREAM_COUNT_MAX];
};

/* Takes @fd. */
int session_init(struct session *s, int fd);
void session_deinit(struct session *s);

/* Starts an encoded command; -EMFILE when there are too many. @ret_stream is the session's. */
int session_exec(struct session *s, const void *exec, size_t len, const struct stream_ops *ops,
		 void *owner, struct stream **ret_stream);

/* Sends within the window for channel 0; -EPROTO beyond it. */
int session_data(struct session *s, struct stream *st, const void *bytes, size_t len);
int session_eof(struct session *s, struct stream *st, uint8_t channel);
int session_kill(struct session *s, struct stream *st, uint32_t sig);

/* Grants more; -EPROTO when the window would grow beyond LAB_WINDOW. */
int session_credit(struct session *s, struct stream *st, uint8_t channel, uint32_t bytes);

/* The owner goes away: the command is killed, what it still says is dropped. */
int session_abandon(struct session *s, struct stream *st);

#endif
