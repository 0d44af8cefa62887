/*
 * Fuzzes the reader of the ring: the input is what a kernel might have written to it.
 */
#include <string.h>

#include "filetrace/ring.h"

enum { RING_BYTES = 4096 };

/* Every byte of the event is read: what is not there would be noticed. */
static int look(void *data, const struct ft_event *event)
{
	volatile unsigned char *sum = data;

	for (uint32_t i = 0; i < event->size; i++)
		*sum ^= ((const unsigned char *)event)[i];
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static _Alignas(8) char data[RING_BYTES];
	uint64_t reader = 0, writer;
	unsigned char sum = 0;
	struct ring *r;

	if (len < 2)
		return 0;
	/* The writer's position may be a wrong one, too. */
	writer = (bytes[0] | bytes[1] << 8) & ~7U;
	len -= 2;
	if (len > RING_BYTES)
		len = RING_BYTES;
	memset(data, 0, sizeof(data));
	memcpy(data, bytes + 2, len);
	if (ring_open_memory(&reader, &writer, data, RING_BYTES, &r) < 0)
		return 0;
	while (ring_read(r, 3, look, &sum) > 0)
		ring_commit(r);
	ring_close(r);
	return 0;
}
