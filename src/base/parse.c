/*
 * Numbers from text; see parse.h.
 */
#include "base/parse.h"

#include <errno.h>
#include <string.h>

/* Reads leading digits; @ret_rest is what follows them. */
static int digits(const char *text, uint64_t *ret_value, const char **ret_rest)
{
	const char *p = text;
	uint64_t v = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *p - '0', &v))
			return -ERANGE;
	if (p == text)
		return -EINVAL;
	*ret_value = v;
	*ret_rest = p;
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
	const char *rest;
	uint64_t v;
	int r = digits(text, &v, &rest);

	if (r < 0)
		return r;
	if (*rest)
		return -EINVAL;
	return bounded(v, min, max, ret_value);
}

int parse_bytes(const char *text, uint64_t min, uint64_t max, uint64_t *ret_bytes)
{
	static const char suffixes[] = "KMGT";
	const char *rest, *s;
	uint64_t v;
	int r = digits(text, &v, &rest);

	if (r < 0)
		return r;
	if (*rest) {
		s = strchr(suffixes, *rest);
		if (!s || rest[1])
			return -EINVAL;
		if (__builtin_mul_overflow(v, UINT64_C(1) << (10 * (s - suffixes + 1)), &v))
			return -ERANGE;
	}
	return bounded(v, min, max, ret_bytes);
}
