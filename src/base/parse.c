/*
 * Numbers from text; see parse.h.
 */
#include "base/parse.h"

#include <errno.h>
#include <string.h>

int parse_digits(const char **p, uint64_t *ret_value)
{
	const char *end = *p;
	uint64_t v = 0;

	for (; *end >= '0' && *end <= '9'; end++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *end - '0', &v))
			return -ERANGE;
	if (end == *p)
		return -EINVAL;
	*p = end;
	*ret_value = v;
	return 0;
}

static int bounded(uint64_t v, uint64_t min, uint64_t max, uint64_t *ret_value)
{
	if (v < min || v > max)
		return -ERANGE;
	*ret_value = v;
	return 0;
}

int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value)
{
	uint64_t v;
	int r = parse_digits(&text, &v);

	if (r < 0)
		return r;
	if (*text)
		return -EINVAL;
	return bounded(v, min, max, ret_value);
}

int parse_bytes(const char *text, uint64_t min, uint64_t max, uint64_t *ret_bytes)
{
	static const char suffixes[] = "KMGT";
	const char *s;
	uint64_t v;
	int r = parse_digits(&text, &v);

	if (r < 0)
		return r;
	if (*text) {
		s = strchr(suffixes, *text);
		if (!s || text[1])
			return -EINVAL;
		if (__builtin_mul_overflow(v, UINT64_C(1) << (10 * (s - suffixes + 1)), &v))
			return -ERANGE;
	}
	return bounded(v, min, max, ret_bytes);
}
