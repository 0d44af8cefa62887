/*
 * The socket on which webd asks.
 */
#include "base/halfsocket.h"
#include "webd/login/login.h"

enum { BACKLOG = 16 };

int login_listen(struct login *l, int *ret_fd)
{
	return halfsocket_listen(l->daemon->root_fd, LOGIN_SOCKET_DIR, LOGIN_SOCKET_NAME,
				 l->webd_uid, BACKLOG, ret_fd);
}
