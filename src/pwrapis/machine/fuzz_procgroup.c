/*
 * Fuzzes what is read of a process's group and processors: the input is either file.
 */
#include <stdlib.h>
#include <string.h>

#include "pwrapis/machine/cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char path[PROCGROUP_PATH_BYTES], name[POWER_NAME_BYTES], *text = malloc(len + 1);
	struct cpulist list;
	size_t unit_len;

	if (!text)
		return 0;
	memcpy(text, bytes, len);
	text[len] = '\0';
	for (int i = 0; i < 2; i++) {
		if (procgroup_parse(text, i ? "cpuset" : NULL, path) < 0)
			continue;
		if (*path != '/')
			abort();
		if (cgroup_unit_of(path, name, &unit_len) == 0 &&
		    (!cgroup_is_unit(name) || unit_len > strlen(path)))
			abort();
		if (cgroup_own_of(path, CGROUP_WATT, name) == 0 && !*name)
			abort();
	}
	procgroup_parse_allowed(text, &list);
	free(text);
	return 0;
}
