/*
 * Fuzzing cpuinfo.c: whatever is in the file, names are texts that JSON takes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/def.h"
#include "base/str.h"
#include "node/cpuinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	struct cpuinfo info;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (cpuinfo_parse(text, &info) < 0)
		return 0;
	if (!str_utf8_valid(info.vendor, strlen(info.vendor)) ||
	    !str_utf8_valid(info.model, strlen(info.model)))
		abort();
	return 0;
}
