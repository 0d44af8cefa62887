/*
 * Fuzzing the parser of /proc/stat.
 */
#include "pwrapis/machine/usage.h"

#include <stdlib.h>
#include <string.h>

#include "base/def.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct usage_times times[USAGE_CPUS_MAX];
	_cleanup_free_ char *text = malloc(size + 1);
	size_t count = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	/* The highest processor is one that was there. */
	if (usage_parse(text, times, &count) == 0 && count &&
	    (count > USAGE_CPUS_MAX || !times[count - 1].present))
		abort();
	return 0;
}
