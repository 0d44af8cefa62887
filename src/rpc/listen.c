/*
 * The listening socket: passed by the service manager, or made here.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/notify.h"
#include "rpc/serverint.h"

/* ---- sockets of the service manager ---- */

static bool has_option(int fd, int option, int expected)
{
	int value;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == expected;
}

static bool is_listening(int fd)
{
	return has_option(fd, SO_DOMAIN, AF_UNIX) && has_option(fd, SO_TYPE, SOCK_STREAM) &&
	       has_option(fd, SO_ACCEPTCONN, 1);
}

/* 1 and the first socket that can be served, 0 when none was passed, -EINVAL for others only. */
static int take_passed(int *ret_fd)
{
	int count = notify_listen_fds();

	for (int fd = NOTIFY_LISTEN_FDS_START; fd < NOTIFY_LISTEN_FDS_START + count; fd++) {
		if (!is_listening(fd))
			continue;
		if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
			return -errno;
		*ret_fd = fd;
		return 1;
	}
	return count ? -EINVAL : 0;
}

/* ---- beginning and end ---- */

static void accept_one(void *data, int fd)
{
	connection_accept(data, fd);
}

static void refuse_one(void *data, int fd)
{
	const struct rpc_server *s = data;

	connection_refuse_socket(fd, s->connection_count);
}

int rpc_server_listen(struct rpc_server *s, const char *path)
{
	_cleanup_close_ int fd = -1;
	int r = take_passed(&fd);

	if (r == 0)
		r = namedsocket_make(s->config.root_fd, path, SOCK_STREAM, true, &s->socket, &fd);
	if (r >= 0)
		r = accepting_start(&s->accepting, s->loop, take_fd(&fd));
	if (s->accepting.started)
		server_handle_opened(s);
	return r < 0 ? r : 0;
}

void listen_init(struct rpc_server *s)
{
	s->socket.dir_fd = -1;
	accepting_init(&s->accepting, s->loop, accept_one, refuse_one, s);
	server_handle_opened(s);
}

void listen_close(struct rpc_server *s)
{
	namedsocket_remove(&s->socket);
	accepting_close(&s->accepting, server_on_handle_closed);
}
