/*
 * Names of folders and the numbers in them; see backend.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/parse.h"
#include "base/str.h"
#include "pwrapis/machine/backend.h"

/* cpu2 before cpu10. */
static int by_number(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* The kernel makes no other names; these can stand in paths and in texts as they are. */
static bool is_plain(const char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name > '~')
			return false;
	return true;
}

int machine_list(const struct machine *m, const char *path, char ***ret_names)
{
	char **names;
	size_t count = 0;
	int r = fs_list(m->root_fd, path, &names);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		names = calloc(1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	for (char **name = names; *name; name++) {
		if (is_plain(*name))
			names[count++] = *name;
		else
			free(*name);
	}
	names[count] = NULL;
	qsort(names, count, sizeof(*names), by_number);
	*ret_names = names;
	return 0;
}

int machine_numbered(const char *name, const char *prefix, unsigned limit)
{
	uint64_t number;

	if (!str_starts(name, prefix))
		return -1;
	name += strlen(prefix);
	/* 01 is none of the kernel's, and would be taken for 1. */
	if ((*name == '0' && name[1]) || parse_u64(name, 0, limit - 1, &number) < 0)
		return -1;
	return number;
}

void machine_plain_name(const char *text, char name[POWER_NAME_BYTES])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_.:+-";

	snprintf(name, POWER_NAME_BYTES, "%s", text);
	for (char *p = name; *(p += strspn(p, plain));)
		*p = '_';
}
