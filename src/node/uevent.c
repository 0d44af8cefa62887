/*
 * Listening to uevents; see uevent.h. Anybody may listen. Only what the kernel itself has sent
 * counts: other processes can write to the socket, too.
 */
#include "node/uevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "base/def.h"

enum {
	GROUP_KERNEL = 1, /* udev's own messages go to group 2 */
	MESSAGE_BYTES = 8192, /* the kernel's are at most 2 KiB of keys and a path */
	BATCH = 64,
};

struct uevents {
	uv_poll_t poll;
	int fd;
	uevents_fn fn;
	void *data;
};

/* One message; 0 when there is no more, 1 when there may be, or a negative errno. */
static int receive(struct uevents *u)
{
	char bytes[MESSAGE_BYTES];
	struct sockaddr_nl from = {};
	struct iovec part = {.iov_base = bytes, .iov_len = sizeof(bytes)};
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1};
	ssize_t n = recvmsg(u->fd, &m, MSG_DONTWAIT);
	struct uevent e;

	if (n < 0)
		return errno == EAGAIN ? 0 : errno == EINTR ? 1 : -errno;
	if (from.nl_pid != 0 || m.msg_flags & MSG_TRUNC || uevent_parse(bytes, n, &e) < 0)
		return 1;
	if (uevent_matters(&e))
		u->fn(u->data, e.subsystem);
	return 1;
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
	struct uevents *u = handle->data;
	int r = 1;

	for (int i = 0; i < BATCH && r > 0; i++)
		r = receive(u);
	/* Full: what was lost may have mattered. */
	if (r == -ENOBUFS)
		u->fn(u->data, NULL);
	else if (r < 0)
		uv_poll_stop(&u->poll);
}

static int open_socket(void)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = GROUP_KERNEL};
	_cleanup_close_ int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return take_fd(&fd);
}

int uevents_open(uv_loop_t *loop, uevents_fn fn, void *data, struct uevents **ret_uevents)
{
	_cleanup_free_ struct uevents *u = calloc(1, sizeof(*u));
	_cleanup_close_ int fd = open_socket();
	int r;

	if (fd < 0 || !u)
		return fd < 0 ? fd : -ENOMEM;
	*u = (struct uevents){.fd = fd, .fn = fn, .data = data};
	r = uv_poll_init(loop, &u->poll, fd);
	if (r < 0)
		return r;
	u->poll.data = u;
	take_fd(&fd);
	/* Cannot fail for a handle that is new. */
	uv_poll_start(&u->poll, UV_READABLE, on_readable);
	*ret_uevents = take_ptr(u);
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct uevents *u = handle->data;

	close(u->fd);
	free(u);
}

void uevents_close(struct uevents *u)
{
	if (u)
		uv_close((uv_handle_t *)&u->poll, on_closed);
}
