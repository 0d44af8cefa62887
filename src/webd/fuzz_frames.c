/*
 * The frames between webd and a bridge, from anybody.
 */
#include <stdint.h>
#include <stdlib.h>

#include "webd/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says in which pieces the rest comes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frames f = {};
	struct frames_one frame;
	size_t piece = size ? data[0] + 1 : 1;
	int r = 0;

	for (size_t at = 1; at < size && r >= 0; at += piece) {
		size_t n = size - at < piece ? size - at : piece;

		if (frames_add(&f, data + at, n) < 0)
			abort();
		while ((r = frames_next(&f, &frame)) > 0) {
			if (frame.len > FRAMES_PAYLOAD_MAX ||
			    (frame.len && frame.payload[frame.len - 1] > 255))
				abort();
		}
	}
	frames_deinit(&f);
	return 0;
}
