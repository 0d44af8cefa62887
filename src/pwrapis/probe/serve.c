/*
 * The one connection of the daemon: what there is is opened and sent, a message after the other, as
 * fast as the socket takes them; then nothing happens until the daemon goes, or connects again.
 *
 *	on_visitor()	of the right user; the only one, until it ends
 *	on_client()	the next message; or, when it can be read, the end: nothing is ever read
 *
 * A descriptor is closed here as soon as it is sent. What is kept is the program that tells of
 * ends, as long as the connection lasts.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/log.h"
#include "base/time.h"
#include "pwrapis/probe/probe.h"

static struct log_limit odd_limit = {.interval_ns = 60 * NS_PER_S, .burst = 5};

/* ---- what is sent ---- */

static void parcel_drop(struct parcel *parcel)
{
	for (unsigned i = 0; i < parcel->fd_count; i++)
		close(parcel->fds[i]);
	*parcel = (struct parcel){};
}

static void begin_parcel(struct probe *p, enum probe_kind kind)
{
	p->parcel = (struct parcel){.message = {.magic = PROBE_MAGIC, .kind = kind}};
}

static int open_pressure(struct probe *p)
{
	int r = pressure_open(p->daemon->root_fd, &p->parcel.fds[0]);

	p->parcel.fd_count = r == 0;
	return r;
}

static int open_ends(struct probe *p)
{
	int r = ends_open(&p->ends);

	if (r < 0)
		return r;
	p->parcel.fds[0] = dup(ends_fd(p->ends));
	if (p->parcel.fds[0] < 0)
		return -errno;
	p->parcel.fd_count = 1;
	p->parcel.message.bytes = PROBE_RING_BYTES;
	return 0;
}

/* The next message after the one that was sent; false when that was the last one. */
static bool next_parcel(struct probe *p)
{
	int r = 0;

	if (p->next == PROBE_KINDS)
		return false;
	begin_parcel(p, p->next);
	if (p->next == PROBE_COUNTERS) {
		p->parcel.message.cpu = p->next_cpu;
		r = counters_open(p->next_cpu, &p->parcel);
	} else if (p->next == PROBE_PRESSURE) {
		r = open_pressure(p);
	} else if (p->next == PROBE_ENDS) {
		r = open_ends(p);
	}
	p->parcel.message.error = r;
	return true;
}

/* Behind the message that was sent. */
static void step(struct probe *p)
{
	if (p->next != PROBE_COUNTERS) {
		p->next++;
		return;
	}
	do
		p->next_cpu++;
	while (p->next_cpu < PROBE_CPUS_MAX && !p->on_line[p->next_cpu]);
	if (p->next_cpu == PROBE_CPUS_MAX)
		p->next++;
}

/* The first processor on line, or none of them. */
static void rewind_steps(struct probe *p)
{
	int r = counters_processors(p->daemon->root_fd, p->on_line);

	if (r < 0)
		log_limited(&odd_limit, LOG_LEVEL_WARNING,
			    "cannot tell which processors are on line: %s", strerror(-r));
	p->next = PROBE_COUNTERS;
	for (p->next_cpu = 0; p->next_cpu < PROBE_CPUS_MAX && !p->on_line[p->next_cpu];)
		p->next_cpu++;
	if (p->next_cpu == PROBE_CPUS_MAX)
		p->next++;
}

/* 0, or a negative errno: -EAGAIN when the socket is full. */
static int send_parcel(const struct probe *p)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(PROBE_FDS_MAX * sizeof(int))];
	} control = {};
	struct probe_message message = p->parcel.message;
	struct iovec iov = {.iov_base = &message, .iov_len = sizeof(message)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	size_t bytes = p->parcel.fd_count * sizeof(int);

	if (bytes) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(bytes);
		control.head = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
						.cmsg_type = SCM_RIGHTS,
						.cmsg_len = CMSG_LEN(bytes)};
		memcpy(CMSG_DATA(&control.head), p->parcel.fds, bytes);
	}
	return sendmsg(p->client_fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* ---- the connection ---- */

static void on_client(uv_poll_t *poll, int status, int events);
static void on_visitor(uv_poll_t *poll, int status, int events);

static void on_client_closed(uv_handle_t *handle)
{
	struct probe *p = handle->data;

	if (!p->daemon->stopping)
		uv_poll_start(&p->listener, UV_READABLE, on_visitor);
}

static void hang_up(struct probe *p)
{
	if (p->client_fd < 0)
		return;
	parcel_drop(&p->parcel);
	ends_close(take_ptr(p->ends));
	uv_close((uv_handle_t *)&p->client, on_client_closed);
	close(take_fd(&p->client_fd));
}

/* One message, so that signals are looked at in between. */
static int go_on(struct probe *p)
{
	int r;

	if (!p->parcel.message.magic && !next_parcel(p)) {
		uv_poll_start(&p->client, UV_READABLE | UV_DISCONNECT, on_client);
		return 0;
	}
	r = send_parcel(p);
	if (r == -EAGAIN || r == -EINTR)
		return 0;
	if (r < 0)
		return r;
	parcel_drop(&p->parcel);
	step(p);
	return 0;
}

static void on_client(uv_poll_t *poll, int status, int events)
{
	struct probe *p = poll->data;

	/* It ends, or says something, which nobody asked for. */
	if (status < 0 || (events & (UV_READABLE | UV_DISCONNECT))) {
		hang_up(p);
		return;
	}
	if (go_on(p) < 0) {
		log_limited(&odd_limit, LOG_LEVEL_WARNING, "the daemon does not take what it has");
		hang_up(p);
	}
}

static bool may_have(const struct probe *p, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       peer.uid == p->client_uid;
}

static void on_visitor(uv_poll_t *poll, int status, int events)
{
	struct probe *p = poll->data;
	_cleanup_close_ int fd = accept4(p->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (!may_have(p, fd)) {
		log_limited(&odd_limit, LOG_LEVEL_WARNING,
			    "somebody other than the daemon has connected");
		return;
	}
	if (uv_poll_init(&p->daemon->loop, &p->client, fd) < 0)
		return;
	p->client.data = p;
	p->client_fd = take_fd(&fd);
	rewind_steps(p);
	uv_poll_stop(&p->listener);
	uv_poll_start(&p->client, UV_READABLE | UV_WRITABLE | UV_DISCONNECT, on_client);
}

int serve_watch(struct probe *p)
{
	int r = uv_poll_init(&p->daemon->loop, &p->listener, p->listen_fd);

	if (r < 0)
		return r;
	p->listener.data = p;
	p->watching = true;
	return uv_poll_start(&p->listener, UV_READABLE, on_visitor);
}

void serve_stop(struct probe *p)
{
	hang_up(p);
	if (p->watching)
		uv_close((uv_handle_t *)&p->listener, NULL);
}
