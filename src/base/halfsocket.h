/*
 * The socket on which a daemon asks its privileged half: SOCK_SEQPACKET, so that a record is whole
 * or is none; mode 0600, and the daemon's own.
 */
#ifndef BASE_HALFSOCKET_H
#define BASE_HALFSOCKET_H

#include <sys/types.h>

/*
 * Takes the one that the service manager has passed, or makes @dir/@name below @root_fd, for
 * @owner. -EINVAL when what was passed is another kind of socket, or several.
 */
int halfsocket_listen(int root_fd, const char *dir, const char *name, uid_t owner, int backlog,
		      int *ret_fd);

#endif
