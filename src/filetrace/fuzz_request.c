/*
 * Fuzzing request.c: what is read is written and read again as the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "filetrace/request.h"
#include "filetrace/watchset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request a, b;
	char *text;
	size_t len;

	if (request_parse((const char *)data, size, &a) < 0)
		return 0;
	if (request_format(&a, &text, &len) < 0 || request_parse(text, len, &b) < 0)
		abort();
	if (a.number != b.number || str_vector_count(a.patterns) != str_vector_count(b.patterns))
		abort();
	for (size_t i = 0; a.patterns[i]; i++)
		if (!str_equal(a.patterns[i], b.patterns[i]) || a.patterns[i][0] != '/' ||
		    strlen(a.patterns[i]) >= WATCH_PATTERN_BYTES)
			abort();
	free(text);
	request_deinit(&a);
	request_deinit(&b);
	return 0;
}
