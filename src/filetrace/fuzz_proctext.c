/*
 * Fuzzes proctext.c: the input is a text of /proc, taken for each of them.
 */
#include <assert.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/proctext.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_free_ char *text = malloc(len + 1);
	const struct ft_key key = {.ino = 42};
	char cgroup[FT_CGROUP_BYTES];
	struct proctext p;
	uint32_t uid;
	int32_t pid;

	if (!text)
		return 0;
	memcpy(text, bytes, len);
	text[len] = '\0';
	if (proctext_stat(text, &p) == 0)
		assert(p.parent >= 0 && memchr(p.comm, '\0', sizeof(p.comm)));
	proctext_euid(text, &uid);
	if (proctext_pid(text, &pid) == 0)
		assert(pid >= -1);
	proctext_cgroup(text, cgroup);
	assert(memchr(cgroup, '\0', sizeof(cgroup)));
	proctext_maps(text, &key);
	proctext_writable(text);
	return 0;
}
