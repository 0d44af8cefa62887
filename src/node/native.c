/*
 * In whose namespaces this process is; see native.h. The first ones have numbers of their own,
 * which the kernel promises to keep (include/uapi/linux/nsfs.h since Linux 6.17, and long before
 * that).
 */
#include "node/native.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/def.h"

bool namespaces_are_first(void)
{
	static const struct {
		const char *path;
		uint64_t inode;
	} first[] = {
		{"/proc/self/ns/cgroup", 0xeffffffb},
		{"/proc/self/ns/pid", 0xeffffffc},
		{"/proc/self/ns/uts", 0xeffffffe},
	};
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		if (stat(first[i].path, &st) < 0 || st.st_ino != first[i].inode)
			return false;
	return true;
}
