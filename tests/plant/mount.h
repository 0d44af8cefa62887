/*
 * The tree as a file system of FUSE.
 */
#ifndef PLANT_MOUNT_H
#define PLANT_MOUNT_H

#include "tree.h"

struct mount;

/* Mounts at @path; the errno of mount, negative. */
int mount_new(struct tree *tree, const char *path, struct mount **ret_mount);
/* Unmounts. Takes NULL. */
void mount_free(struct mount *m);
void mount_free_p(struct mount **m);

/* To poll for input. */
int mount_fd(const struct mount *m);
/* Answers one request. -ENODEV when somebody has unmounted it. */
int mount_serve(struct mount *m);
/* Sends answers that were slow on purpose; milliseconds to the next one, -1 for none. */
int mount_late(struct mount *m);

#endif
