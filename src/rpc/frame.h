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

/* How much may be read at a time: with it, a buffer holds a whole message and so much of the next.
 */
enum { FRAME_READ_BYTES = 64 * 1024 };

void frame_deinit(struct frame *f);

static inline size_t frame_len(const struct frame *f)
{
	return f->end - f->start;
}

/* Appends at most FRAME_READ_BYTES. -EMSGSIZE when the first message is too long already, -ENOMEM.
 */
int frame_add(struct frame *f, const char *bytes, size_t len);

/*
 * The first message, without the NUL byte that stands behind it: 1, or 0 when it is not there as a
 * whole, or -EMSGSIZE. The text is borrowed until frame_consume(), which drops that message.
 */
int frame_peek(struct frame *f, const char **ret_text, size_t *ret_len);
void frame_consume(struct frame *f);

#endif
