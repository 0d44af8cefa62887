/*
 * The files a profile adds to the tree or puts in the place of others: its folder tree/.
 */
#ifndef IMAGER_OVERLAY_H
#define IMAGER_OVERLAY_H

#include <stdint.h>

#include "err.h"

struct spool;
struct tree;

/*
 * Enters what is in tree/ of the profile folder @dirfd, if there is one; @profile names the folder
 * in messages. All of it belongs to root, is as old as @epoch_s, and has the mode 0644, or 0755
 * if executable or a directory, unless the file tree.modes beside it says otherwise. A directory
 * that is in the tree already stays as it is, unless tree.modes names it.
 */
int overlay_read(int dirfd, const char *profile, int64_t epoch_s, struct tree *tree,
		 struct spool *spool, struct err *err);

#endif
