/*
 * Lists of numbers as the kernel writes them for processors and nodes: "0-3,8,10-11", or nothing.
 */
#ifndef NODE_CPULIST_H
#define NODE_CPULIST_H

#include "core/bitmap.h"
#include "node/machine.h"

enum {
	CPULIST_MAX = 8192, /* numbers below it: more than any kernel is built for */
	CPULIST_BYTES_MAX = 64 * 1024, /* of the text */
};

/* Not to be copied: the bitmap lies over the words beside it. */
struct cpulist {
	struct bitmap map;
	unsigned long words[BITMAP_WORDS(CPULIST_MAX)];
};

/* As of bitmap_parse_list(); on failure the list is empty. */
int cpulist_parse(struct cpulist *l, const char *text);

/* Reads the file; on failure, with an errno of the file or as above, the list is empty. */
__attribute__((format(printf, 3, 4))) int cpulist_read(struct cpulist *l, const struct machine *m,
						       const char *path, ...);

#endif
