/*
 * Walks all that is under watch, and tells of each directory and file that is there.
 *
 * Parts of patterns that are links are resolved within the root, and what is below is told by the
 * path of the pattern. Links found in a walk are told as links, not followed. A file system mounted
 * below is walked too; /proc and /sys are not, nor is what cannot be opened (it is counted). Depth
 * is bounded, and so is the number of files.
 */
#ifndef FILETRACE_SCAN_H
#define FILETRACE_SCAN_H

#include <stdint.h>

#include "filetrace/watchset.h"

enum { SCAN_DEPTH = 64, SCAN_FILES = 65536 };

struct scan_fns {
	/* A directory in which something can be under watch; @fd O_RDONLY, borrowed. Before its
	 * entries. */
	int (*directory)(void *data, const char *path, int fd, enum reach reach);
	/* A file, link or other entry under watch; @fd is O_PATH. */
	int (*file)(void *data, const char *path, int fd);
};

struct scan_result {
	uint64_t files, directories, refused; /* refused: EACCES and the like */
	bool cut; /* there is more than the bounds allow */
};

/*
 * All of @set, or what of it is at @below and under it (NULL: all; an absolute path without a slash
 * at its end, or "/"). Directories above @below are not told. What goes away meanwhile is left out.
 * A non-zero result of a function ends the scan and is returned.
 */
int scan(int root_fd, const struct watchset *set, const char *below, const struct scan_fns *fns,
	 void *data, struct scan_result *ret_result);

#endif
