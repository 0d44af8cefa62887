/*
 * /proc/mounts: what is mounted where (fstab(5), with blanks written as \040).
 */
#ifndef NODE_MOUNTS_H
#define NODE_MOUNTS_H

#include <stdbool.h>

struct mount {
	const char *source, *path, *type, *options; /* in the text that is read; unescaped */
};

/*
 * Takes the next line off *@rest, which is cut up for it and in the end NULL; lines that are none
 * are passed over. Whether there was one.
 */
bool mounts_next(char **rest, struct mount *ret_mount);

/* Whether @name is one of the options, alone or with a value. */
bool mount_has_option(const struct mount *m, const char *name);

#endif
