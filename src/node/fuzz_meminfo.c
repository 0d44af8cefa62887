/*
 * Fuzzing meminfo.c and the distances of numa.c.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/def.h"
#include "node/meminfo.h"
#include "node/numa.h"
#include "rpc/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	json_t *distances;
	uint64_t value;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	meminfo_find(text, "MemTotal", &value);
	meminfo_find(text, "", &value);
	if (numa_parse_distances(text, &distances) == 0)
		json_decref(distances);
	return 0;
}
