/*
 * Frames between webd and a bridge; see frames.h.
 */
#include "webd/frames.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"

enum { CAP_MAX = 2 * (FRAMES_HEADER_BYTES + FRAMES_PAYLOAD_MAX), FIRST_BYTES = 4096 };

void frames_deinit(struct frames *f)
{
	free(f->bytes);
	*f = (struct frames){};
}

uint32_t frames_get_u32(const uint8_t bytes[4])
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

void frames_put_u32(uint8_t bytes[4], uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = value >> 8 * i;
}

void frames_put_header(uint8_t header[FRAMES_HEADER_BYTES], enum frames_type type, uint32_t channel,
		       size_t len)
{
	frames_put_u32(header, len);
	frames_put_u32(header + 4, channel);
	header[8] = type;
}

static int make_room(struct frames *f, size_t len)
{
	size_t have = f->end - f->start, cap = f->cap ? f->cap : FIRST_BYTES;
	uint8_t *grown;

	if (have + len > CAP_MAX)
		return -EMSGSIZE;
	if (f->start) {
		memmove(f->bytes, f->bytes + f->start, have);
		f->start = 0;
		f->end = have;
	}
	while (cap < have + len)
		cap *= 2;
	if (cap <= f->cap)
		return 0;
	grown = realloc(f->bytes, cap);
	if (!grown)
		return -ENOMEM;
	f->bytes = grown;
	f->cap = cap;
	return 0;
}

int frames_add(struct frames *f, const void *bytes, size_t len)
{
	int r = 0;

	if (f->end + len > f->cap)
		r = make_room(f, len);
	if (r < 0 || len == 0)
		return r;
	memcpy(f->bytes + f->end, bytes, len);
	f->end += len;
	return 0;
}

int frames_next(struct frames *f, struct frames_one *ret_frame)
{
	size_t have = f->end - f->start, len;
	const uint8_t *at;

	if (have == 0)
		frames_deinit(f);
	if (have < FRAMES_HEADER_BYTES)
		return 0;
	at = f->bytes + f->start;
	len = frames_get_u32(at);
	if (len > FRAMES_PAYLOAD_MAX || at[8] < FRAMES_OPEN || at[8] > FRAMES_CLOSE)
		return -EPROTO;
	if (have < FRAMES_HEADER_BYTES + len)
		return 0;
	*ret_frame = (struct frames_one){
		.type = at[8],
		.channel = frames_get_u32(at + 4),
		.payload = at + FRAMES_HEADER_BYTES,
		.len = len,
	};
	f->start += FRAMES_HEADER_BYTES + len;
	return 1;
}
