/*
 * Meminfo; see meminfo.h.
 */
#include "node/meminfo.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/str.h"

static const char *skip_spaces(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Behind "Node 0 " in the line at @p, or @p. */
static const char *skip_node(const char *p)
{
	const char *digits;

	if (!str_starts(p, "Node "))
		return p;
	digits = skip_spaces(p + strlen("Node "));
	for (p = digits; *p >= '0' && *p <= '9'; p++)
		;
	return skip_spaces(p);
}

/* The number at @p, and "kB" or nothing up to the end of the line. */
static int value(const char *p, uint64_t *ret_value)
{
	uint64_t v = 0;

	p = skip_spaces(p);
	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *p - '0', &v))
			return -ERANGE;
	p = skip_spaces(p);
	if (str_starts(p, "kB")) {
		p = skip_spaces(p + strlen("kB"));
		if (__builtin_mul_overflow(v, 1024, &v))
			return -ERANGE;
	}
	if (*p && *p != '\n')
		return -EINVAL;
	*ret_value = v;
	return 0;
}

int meminfo_find(const char *text, const char *key, uint64_t *ret_value)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *p;

		line += *line == '\n';
		p = skip_node(line);
		if (strncmp(p, key, len) == 0 && p[len] == ':')
			return value(p + len + 1, ret_value);
	}
	return -ENOENT;
}
