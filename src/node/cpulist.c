/*
 * Lists of processors; see cpulist.h.
 */
#include "node/cpulist.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"

int cpulist_parse(struct cpulist *l, const char *text)
{
	bitmap_init(&l->map, l->words, CPULIST_MAX);
	return bitmap_parse_list(&l->map, text, strlen(text));
}

int cpulist_read(struct cpulist *l, const struct machine *m, const char *path, ...)
{
	_cleanup_free_ char *text = NULL;
	char full[MACHINE_PATH_MAX];
	va_list args;
	int n, r;

	bitmap_init(&l->map, l->words, CPULIST_MAX);
	va_start(args, path);
	n = vsnprintf(full, sizeof(full), path, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(full))
		return -ENAMETOOLONG;
	r = machine_text(m, full, CPULIST_BYTES_MAX, &text);
	return r < 0 ? r : cpulist_parse(l, text);
}
