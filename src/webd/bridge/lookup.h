/*
 * Looking up users: a child of the bridge that answers one question (names.h) and ends.
 *
 * Name services may block, and load code of others. In a child that holds up nothing else that the
 * bridge carries, and takes nothing with it when it falls. To the bridge it is one more service,
 * behind a socket.
 */
#ifndef WEBD_LOOKUP_H
#define WEBD_LOOKUP_H

#include <sys/types.h>

/* As many at a time as one bridge may have. */
enum { LOOKUPS_MAX = 4 };

/* Starts one: its socket, which does not block, and the child. @root as of --root, or NULL. */
int lookup_start(const char *root, int *ret_fd, pid_t *ret_pid);
/* Ends it, whatever it does. */
void lookup_end(pid_t pid);

#endif
