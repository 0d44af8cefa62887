/*
 * Fuzzing statecode.c: what is read is written again as the same bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filetrace/statecode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[STATECODE_BYTES_MAX];
	struct state state;

	if (statecode_read(data, size, &state) < 0)
		return 0;
	if (statecode_write(&state, again) != size || (size && memcmp(again, data, size) != 0))
		abort();
	return 0;
}
