/*
 * A list of processors as the kernel writes it, "0-3,8".
 */
#ifndef PWRAPIS_MACHINE_CPULIST_H
#define PWRAPIS_MACHINE_CPULIST_H

#include "core/bitmap.h"

enum { CPULIST_MAX = 8192 };

/* The bitmap points into the struct: it must not be copied. */
struct cpulist {
	struct bitmap map;
	unsigned long words[BITMAP_WORDS(CPULIST_MAX)];
};

/* -EINVAL for a text that is none, -ERANGE for a processor over the bound; it is empty then. */
int cpulist_parse(const char *text, struct cpulist *ret_list);
/* Of the file @path below @root_fd; empty on failure. */
int cpulist_read(int root_fd, const char *path, struct cpulist *ret_list);

#endif
