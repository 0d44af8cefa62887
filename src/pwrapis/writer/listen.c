/*
 * The socket on which the daemon asks.
 */
#include "base/halfsocket.h"
#include "pwrapis/writer/writer.h"

#define SOCKET_DIR "/run/leonhard"
#define SOCKET_NAME "pwrapis-writer"

_Static_assert(sizeof(SOCKET_DIR "/" SOCKET_NAME) == sizeof(WRITER_SOCKET_PATH),
	       "both halves mean one socket");

enum { BACKLOG = 4 };

int writer_listen(struct writer *w, int *ret_fd)
{
	return halfsocket_listen(w->daemon->root_fd, SOCKET_DIR, SOCKET_NAME, w->client_uid,
				 BACKLOG, ret_fd);
}
