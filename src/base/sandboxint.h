/*
 * The parts of sandbox.c that are a kernel interface each. -EOPNOTSUPP where the kernel lacks it.
 */
#ifndef BASE_SANDBOXINT_H
#define BASE_SANDBOXINT_H

#include "base/sandbox.h"

/* A Landlock ruleset for the paths of @s, to be enforced once the thread has no_new_privs. */
int sandboxfs_prepare(const struct sandbox *s, int *ret_ruleset_fd);
int sandboxfs_enforce(int ruleset_fd);

/* No new sockets but Unix and netlink ones. Needs no_new_privs. */
int sandboxnet_enforce(void);
/* No requests of ioctl(2) but these, 0 at the end: -E2BIG when they are too many. */
int sandboxnet_limit_ioctls(const uint32_t *requests);

#endif
