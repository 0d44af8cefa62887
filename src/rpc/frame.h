/*
 * The input of a connection, cut into messages: text, each with a NUL byte behind it.
 *
 * The buffer grows with the message that is in it, up to RPC_MESSAGE_MAX, and is given back as
 * soon as nothing is left, so that a connection between two calls holds no memory here. Every byte
 * is looked at once, however many pieces a message comes in. A struct that is all zero is empty.
 */
#ifndef RPC_FRAME_H
#define RPC_FRAME_H

#include <stddef.h>

struct frame {
	char *bytes; /* NULL while nothing is there */
	size_t cap;
	size_t start, end; /* what has come and was not consumed */
	size_t scanned; /* no NUL byte from start to here */
};

enum { FRAME_FIRST_BYTES = 4096 };

void frame_deinit(struct frame *f);

static inline size_t frame_len(const struct frame *f)
{
	return f->end - f->start;
}

/*
 * Where to read into, and at most how much: at least one byte. -EMSGSIZE when the message is too
 * long already, -ENOMEM. frame_added() says how much was read; after none at all, 0.
 */
int frame_room(struct frame *f, char **ret_room, size_t *ret_len);
void frame_added(struct frame *f, size_t len);

/*
 * The first message, without the NUL byte that stands behind it: 1, or 0 when it is not there as a
 * whole, or -EMSGSIZE. The text is borrowed until frame_consume(), which drops that message.
 */
int frame_peek(struct frame *f, const char **ret_text, size_t *ret_len);
void frame_consume(struct frame *f);

#endif
