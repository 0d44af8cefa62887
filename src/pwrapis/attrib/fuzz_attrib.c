/*
 * Fuzz target: texts of /proc that attribution reads. The first byte says which.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "pwrapis/attrib/groups.h"
#include "pwrapis/attrib/procs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_schedstat(const char *text)
{
	uint64_t ns;

	if (procs_parse_schedstat(text, &ns) == 0 && strspn(text, "0123456789") == 0)
		abort();
}

static void try_cgroup(char *text)
{
	struct groups *g;
	const char *unit, *path;
	size_t len;

	if (groups_new(-1, &g) < 0)
		return;
	path = groups_path_in(g, text);
	if (path && *path != '/')
		abort();
	len = path ? groups_unit(path, &unit) : 0;
	/* A piece of it, without a slash. */
	if (len && (unit <= path || unit + len > path + strlen(path) || memchr(unit, '/', len)))
		abort();
	groups_free(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = NULL;

	if (size == 0)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	if (!text)
		return 0;
	if (*data & 1)
		try_schedstat(text);
	else
		try_cgroup(text);
	return 0;
}
