/*
 * Lists of processors; see cpulist.h.
 */
#include "pwrapis/machine/cpulist.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"

/* "0,2,4,…,8190" is the longest list there can be; it stays below. */
enum { CPULIST_BYTES = 65536 };

int cpulist_parse(const char *text, struct cpulist *ret_list)
{
	bitmap_init(&ret_list->map, ret_list->words, CPULIST_MAX);
	return bitmap_parse_list(&ret_list->map, text, strlen(text));
}

int cpulist_read(int root_fd, const char *path, struct cpulist *ret_list)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	bitmap_init(&ret_list->map, ret_list->words, CPULIST_MAX);
	r = fs_read(root_fd, path, CPULIST_BYTES, &text, &len);
	if (r < 0)
		return r;
	return bitmap_parse_list(&ret_list->map, text, len);
}
