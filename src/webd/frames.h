/*
 * What webd and a bridge say to each other: frames over a stream socket, each of a channel.
 *
 *	u32 length of the payload, little-endian, at most FRAMES_PAYLOAD_MAX
 *	u32 channel, little-endian
 *	u8  type
 *	    payload
 *
 *	to the bridge
 *		OPEN	an interface's name: connect to its socket; or the name of names.h
 *		DATA	bytes for the service, at most FRAMES_CALL_MAX in a channel's life
 *		CREDIT	u32: so many bytes more may come
 *		CLOSE	nothing: the channel is gone
 *	from it
 *		DATA	bytes of the service, never more than there is credit for
 *		CLOSE	u32: the errno for which the channel has ended, 0 at its end
 *
 * A channel begins with FRAMES_CREDIT of credit. Its number is webd's choice and is used once, so
 * that frames which cross a CLOSE on their way mean nothing and are dropped.
 */
#ifndef WEBD_FRAMES_H
#define WEBD_FRAMES_H

#include <stddef.h>
#include <stdint.h>

enum {
	FRAMES_HEADER_BYTES = 9,
	FRAMES_PAYLOAD_MAX = 64 * 1024,
	FRAMES_CREDIT = 64 * 1024,
	FRAMES_CALL_MAX = 1024 * 1024,
	FRAMES_CHANNELS_MAX = 32,
	FRAMES_INTERFACE_MAX = 255,
};

enum frames_type { FRAMES_OPEN = 1, FRAMES_DATA, FRAMES_CREDIT_MORE, FRAMES_CLOSE };

struct frames_one {
	enum frames_type type;
	uint32_t channel;
	const uint8_t *payload; /* borrowed from the buffer */
	size_t len;
};

/* The input side. All zero is empty; a buffer with nothing in it holds no memory. */
struct frames {
	uint8_t *bytes;
	size_t start, end, cap;
};

void frames_deinit(struct frames *f);

/* -ENOMEM; -EMSGSIZE when more waits than two frames: the caller takes them out first. */
int frames_add(struct frames *f, const void *bytes, size_t len);

/* The next whole frame, valid until the next call of either function: 1, 0 when there is none yet,
 * -EPROTO for what is no frame. */
int frames_next(struct frames *f, struct frames_one *ret_frame);

void frames_put_header(uint8_t header[FRAMES_HEADER_BYTES], enum frames_type type, uint32_t channel,
		       size_t len);
void frames_put_u32(uint8_t bytes[4], uint32_t value);
uint32_t frames_get_u32(const uint8_t bytes[4]);

#endif
