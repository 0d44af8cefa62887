/*
 * Bytes of a client, in pieces: the first byte says how many come at a time.
 * Whatever they are, the same messages come out as of the bytes in one piece, and nothing is read
 * that did not come.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pwrapis/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Takes all messages into the sum. */
static uint64_t drain(struct input *in, uint64_t sum, int *ret_end)
{
	struct wire_head head;
	const uint8_t *data;

	while ((*ret_end = input_peek(in, &head, &data)) == 1) {
		sum = sum * 31 + head.sequence + 1;
		for (uint32_t i = 0; i < head.data_bytes; i++)
			sum = sum * 31 + data[i];
		input_consume(in);
	}
	return sum;
}

static uint64_t feed(const uint8_t *bytes, size_t len, size_t step)
{
	struct input in = {};
	uint64_t sum = 0;
	int end = 0;

	while (len && end == 0) {
		size_t n = input_wanted(&in);

		assert(n && in.room <= sizeof(struct wire_head) + WIRE_REQUEST_MAX +
					       2 * INPUT_AHEAD_BYTES);
		n = n < step ? n : step;
		n = n < len ? n : len;
		if (input_add(&in, bytes, n) < 0)
			abort();
		bytes += n;
		len -= n;
		sum = drain(&in, sum, &end);
	}
	assert(end == 0 || end == -EPROTO);
	input_deinit(&in);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	size_t step = len ? bytes[0] + 1 : 1;

	if (!len)
		return 0;
	assert(feed(bytes + 1, len - 1, step) == feed(bytes + 1, len - 1, SIZE_MAX));
	return 0;
}
