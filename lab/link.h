/*
 * A connection that carries frames: a non-blocking descriptor, a parser and what waits to be sent.
 *
 * Frames leave in the order in which they were sent. The owner keeps the waiting bytes bounded by
 * sending data only within windows; link_congested() tells when to wait a little. A peer that never
 * reads meets a last bound, over what all windows and commands together can come to: -ENOBUFS.
 */
#ifndef LAB_LINK_H
#define LAB_LINK_H

#include "lab/pollset.h"
#include "lab/proto.h"
#include "lab/queue.h"

struct link {
	int fd; /* owned */
	struct lab_parser parser;
	struct queue out;
	lab_frame_fn fn;
	void *data;
};

/* Takes @fd and makes it non-blocking. @fn gets every frame of the other side, which is @peer. */
int link_init(struct link *l, int fd, enum lab_side peer, lab_frame_fn fn, void *data);
void link_deinit(struct link *l);

int link_send(struct link *l, enum lab_type type, uint16_t stream, uint8_t channel,
	      const void *payload, size_t len);
int link_send_u32(struct link *l, enum lab_type type, uint16_t stream, uint8_t channel, uint32_t v);

/* A command as one EXEC frame or more. */
int link_send_exec(struct link *l, uint16_t stream, const void *bytes, size_t len);

bool link_congested(const struct link *l);

/* Both return 0, -ECONNRESET when the other side is gone, or what the handler returned. */
int link_flush(struct link *l);
int link_read(struct link *l);

/* Adds the link to a turn; its callback reads and flushes. */
void link_poll(struct link *l, struct pollset *ps);

#endif
