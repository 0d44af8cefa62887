/*
 * The socket that Prometheus connects to: the one that systemd passes, or one of the settings.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/log.h"
#include "base/notify.h"
#include "exporter/exporter.h"

enum { BACKLOG = 64 };

static int take_passed(int count, int *ret_fd)
{
	int type = 0, listens = 0;
	socklen_t len = sizeof(type);

	if (count != 1 ||
	    getsockopt(NOTIFY_LISTEN_FDS_START, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
	    getsockopt(NOTIFY_LISTEN_FDS_START, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 ||
	    type != SOCK_STREAM || !listens)
		return -EINVAL;
	if (fcntl(NOTIFY_LISTEN_FDS_START, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	*ret_fd = NOTIFY_LISTEN_FDS_START;
	return 0;
}

static int bind_network(const struct endpoint *endpoint, int *ret_fd)
{
	static const int on = 1;
	const struct sockaddr *sa = (const struct sockaddr *)&endpoint->address;
	_cleanup_close_ int fd =
		socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, sa, endpoint->len) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

int exporter_listen(struct exporter *e)
{
	const struct endpoint *endpoint = &exporter_settings(e)->listen;
	int count = notify_listen_fds(), r;

	if (count < 0)
		return log_error_errno(count, "cannot take the socket of the service manager");
	if (count)
		r = take_passed(count, &e->listen_fd);
	else if (*endpoint->path)
		r = namedsocket_make(e->daemon->root_fd, endpoint->path, SOCK_STREAM, false,
				     &e->socket, &e->listen_fd);
	else
		r = bind_network(endpoint, &e->listen_fd);
	if (r == 0)
		return 0;
	if (count)
		return log_error_errno(r, "one listening stream socket is wanted of the service "
					  "manager");
	return log_error_errno(r, "cannot listen%s%s", *endpoint->path ? " on " : "",
			       endpoint->path);
}
