/*
 * Who is at the other end of a socket; see access.h. The kernel notes it when the connection is
 * made, and what the process becomes afterwards does not change it.
 */
#include "rpc/access.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/def.h"

/* Their number is not known before: the kernel says how much room it needs. */
static int read_groups(int fd, gid_t **ret_groups, size_t *ret_count)
{
	_cleanup_free_ gid_t *groups = NULL;
	socklen_t len = 32 * sizeof(gid_t);

	for (;;) {
		gid_t *grown = realloc(groups, len ? len : 1);

		if (!grown)
			return -ENOMEM;
		groups = grown;
		if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0)
			break;
		if (errno != ERANGE)
			return -errno;
	}
	*ret_groups = take_ptr(groups);
	*ret_count = len / sizeof(gid_t);
	return 0;
}

int peer_of_socket(int fd, struct peer *ret_peer)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	struct peer peer = {};
	int r;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -errno;
	/* Of a socket without a peer, or with one that is no process of this machine. */
	if (cred.uid == (uid_t)-1)
		return -ENOTCONN;
	peer = (struct peer){.pid = cred.pid, .uid = cred.uid, .gid = cred.gid};
	r = read_groups(fd, &peer.groups, &peer.group_count);
	if (r < 0)
		return r;
	*ret_peer = peer;
	return 0;
}

void peer_deinit(struct peer *p)
{
	free(p->groups);
	*p = (struct peer){};
}
