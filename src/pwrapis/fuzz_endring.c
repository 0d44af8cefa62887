/*
 * Fuzz target: the ring of ended processes, whatever its pages hold. The first eight bytes are the
 * reader's position, the next eight the writer's, the rest is the data.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pwrapis/endring.h"

enum { BYTES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_end(void *data, const struct probe_end *end)
{
	unsigned *count = data;

	if (strlen(end->comm) >= sizeof(end->comm))
		abort();
	(*count)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(8) char ring[BYTES];
	uint64_t reader = 0, writer = 0;
	struct endring *r;
	unsigned count = 0;

	if (size < 16)
		return 0;
	memcpy(&reader, data, 8);
	memcpy(&writer, data + 8, 8);
	memset(ring, 0, sizeof(ring));
	memcpy(ring, data + 16, size - 16 < BYTES ? size - 16 : BYTES);
	if (endring_open_memory(&reader, &writer, ring, BYTES, &r) < 0)
		return 0;
	/* No record is shorter than its head: there is an end. */
	for (int i = 0; i < 4; i++)
		if (endring_read(r, 1000, on_end, &count) < 0)
			break;
	if (count > BYTES / sizeof(struct probe_end))
		abort();
	endring_close(r);
	return 0;
}
