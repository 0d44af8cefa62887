/*
 * One process, as /proc shows it.
 */
#ifndef FILETRACE_FANREAD_H
#define FILETRACE_FANREAD_H

#include <stdbool.h>

#include "filetrace/proctext.h"

struct fan_reading {
	struct proctext text;
	struct ft_actor actor; /* its image is 0 */
	struct ft_image image; /* without ids */
	char args[FT_ARGS_BYTES];
	uint64_t program; /* a hash of what it executes */
};

/* @r is all zeroes before. -ENOENT when it is gone, -EBADMSG for a text that makes no sense. */
int fan_reading_read(int root_fd, int32_t pid, struct fan_reading *r);

/* Whether the process of @pidfd has still its number, so that what was just read is of it: it
 * lives, or nobody has waited for it. */
bool fan_reading_is_of(int32_t pid, int pidfd);

#endif
