/*
 * os-release; see osrelease.h.
 */
#include "node/osrelease.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"

/* The value at @p, up to the end of its line: quotes go, a backslash protects one character but in
 * single quotes. @ret_value has room for the line. */
static void unquote(const char *p, char *ret_value)
{
	char quote = '\0';

	for (; *p && *p != '\n'; p++) {
		if (quote ? *p == quote : *p == '"' || *p == '\'') {
			quote = quote ? '\0' : *p;
			continue;
		}
		if (*p == '\\' && quote != '\'' && p[1] && p[1] != '\n')
			p++;
		*ret_value++ = *p;
	}
	*ret_value = '\0';
}

int osrelease_find(const char *text, const char *key, char **ret_value)
{
	const char *found = NULL;
	size_t len = strlen(key);
	char *value;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0 && line[len] == '=')
			found = line + len + 1;
	}
	if (!found)
		return -ENOENT;
	value = malloc(strcspn(found, "\n") + 1);
	if (!value)
		return -ENOMEM;
	unquote(found, value);
	*ret_value = value;
	return 0;
}
