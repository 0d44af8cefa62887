/*
 * Fuzzes the input buffer: a stream of bytes gives the same messages in pieces as it does at once.
 *
 * The first byte says how the pieces are cut, and whether messages are taken as they come or late.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What the buffer must give: the messages of @bytes, one after the other. */
struct expected {
	const uint8_t *bytes;
	size_t len, at;
};

static void take_all(struct frame *f, struct expected *e)
{
	const char *text;
	size_t len;

	while (frame_peek(f, &text, &len) == 1) {
		assert(e->at + len < e->len);
		assert(memcmp(text, e->bytes + e->at, len) == 0);
		assert(e->bytes[e->at + len] == 0 && !memchr(text, 0, len) && text[len] == 0);
		e->at += len + 1;
		frame_consume(f);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct frame f = {};
	struct expected e = {.bytes = bytes + 1, .len = len - 1};
	unsigned cut;
	bool late;

	if (len == 0)
		return 0;
	cut = bytes[0] >> 1;
	late = bytes[0] & 1;
	for (size_t at = 0; at < e.len;) {
		size_t room_len, n = 1 + cut % 67;
		char *room;

		if (frame_room(&f, &room, &room_len) < 0)
			abort();
		n = n < room_len ? n : room_len;
		n = n < e.len - at ? n : e.len - at;
		memcpy(room, e.bytes + at, n);
		frame_added(&f, n);
		at += n;
		cut = cut * 5 + 1;
		if (!late || cut % 8 == 0)
			take_all(&f, &e);
	}
	take_all(&f, &e);
	/* What is left is the part without an end. */
	assert(frame_len(&f) == e.len - e.at);
	assert((f.bytes == NULL) == (frame_len(&f) == 0));
	frame_deinit(&f);
	return 0;
}
