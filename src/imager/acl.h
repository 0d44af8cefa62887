/*
 * POSIX access control lists of an archive, as the attributes the kernel knows them by.
 */
#ifndef IMAGER_ACL_H
#define IMAGER_ACL_H

#include "err.h"

struct archive_entry;
struct node;

/* Sets system.posix_acl_access and _default of @node where @ae has more than its mode says. */
int acl_read(struct archive_entry *ae, const char *path, struct node *node, struct err *err);

#endif
