/*
 * Depth and memory of JSON text; see shape.h.
 */
#include "rpc/shape.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/*
 * What jansson 2.14 allocates, with malloc's own overhead, on a machine of 64 bits; the bytes of
 * strings and keys come on top. An element's place in its array counts with the comma.
 */
static const uint8_t cost_of[256] = {
	['{'] = 224, /* object and its first buckets */
	['['] = 128, /* array and its first places */
	[':'] = 112, /* pair, and its part of the buckets */
	[','] = 56, /* number and place */
	['"'] = 80, /* string */
};

/* The place behind the string whose first quote is before @p, or the end of the text. */
static const char *skip_string(const char *p, const char *end)
{
	while (p < end && *p != '"')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : end;
}

int shape_check(const char *text, size_t len, unsigned depth_max)
{
	const char *end = text + len;
	size_t cost = len;
	unsigned depth = 0;

	for (const char *p = text; p < end;) {
		char c = *p++;

		cost += cost_of[(uint8_t)c];
		if (c == '"')
			p = skip_string(p, end);
		else if ((c == '{' || c == '[') && ++depth > depth_max)
			return -ELOOP;
		else if ((c == '}' || c == ']') && depth)
			depth--;
	}
	return cost > SHAPE_BYTES_MAX ? -E2BIG : 0;
}
