/*
 * The socket that clients of the wire connect to. A socket that the service manager has passed is
 * that of the varlink front.
 */
#include <sys/socket.h>

#include "base/def.h"
#include "pwrapis/pwrapis.h"

static void accept_one(void *data, int fd)
{
	session_accept(data, fd);
}

static void refuse_one(void *data, int fd)
{
	session_refuse_socket(fd, 0, PWR_ERR_OVER_MAX_CONNECTION, "too many connections");
}

int listener_open(struct pwrapis *p)
{
	const char *path = pwrapis_settings(p)->sock_file;
	struct listener *l = &p->listener;
	uv_loop_t *loop = &p->daemon->loop;
	_cleanup_close_ int fd = -1;
	int r;

	l->socket.dir_fd = -1;
	accepting_init(&l->accepting, loop, accept_one, refuse_one, p);
	l->opened = true;
	r = namedsocket_make(p->daemon->root_fd, path, SOCK_STREAM, false, &l->socket, &fd);
	if (r == 0)
		r = accepting_start(&l->accepting, loop, take_fd(&fd));
	return r < 0 ? log_error_errno(r, "cannot listen on %s", path) : 0;
}

void listener_close(struct pwrapis *p)
{
	struct listener *l = &p->listener;

	if (!l->opened)
		return;
	l->opened = false;
	namedsocket_remove(&l->socket);
	accepting_close(&l->accepting, NULL);
}
