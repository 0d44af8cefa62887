/*
 * Mounts; see mounts.h.
 */
#include "node/mounts.h"

#include <stddef.h>
#include <string.h>

#include "base/def.h"

static bool is_octal(const char *p)
{
	return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' &&
	       p[2] <= '7';
}

/* Puts bytes for \NNN, in place; a NUL among them ends the text, as it would anyway. */
static void unescape(char *p)
{
	char *to = p;

	while (*p) {
		if (*p == '\\' && is_octal(p + 1)) {
			*to++ = (p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0');
			p += 4;
		} else {
			*to++ = *p++;
		}
	}
	*to = '\0';
}

bool mounts_next(char **rest, struct mount *ret_mount)
{
	char *line, *fields[4];

	while ((line = strsep(rest, "\n"))) {
		size_t n = 0;

		while (n < ARRAY_SIZE(fields) && (fields[n] = strsep(&line, " \t")))
			if (*fields[n])
				unescape(fields[n++]);
		if (n < ARRAY_SIZE(fields))
			continue;
		*ret_mount = (struct mount){.source = fields[0],
					    .path = fields[1],
					    .type = fields[2],
					    .options = fields[3]};
		return true;
	}
	return false;
}

bool mount_has_option(const struct mount *m, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = m->options; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, name, len) == 0 && (!p[len] || p[len] == ',' || p[len] == '='))
			return true;
	}
	return false;
}
