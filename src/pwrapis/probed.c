/*
 * The daemon's side of the probe; see probed.h. A connection brings a set of descriptors, message
 * by message; the set that was there goes when the connection does.
 */
#include "pwrapis/probed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/namedsocket.h"
#include "base/str.h"

/* ---- the set ---- */

static void set_init(struct probed_set *s)
{
	*s = (struct probed_set){
		.pressure_fd = -1,
		.pressure_error = -ENOTCONN,
		.ends_fd = -1,
		.ends_error = -ENOTCONN,
	};
}

static void set_deinit(struct probed_set *s)
{
	for (unsigned i = 0; i < s->cpu_count; i++)
		for (int k = 0; k < PROBE_FDS_MAX; k++)
			cleanup_close_p(&s->cpus[i].fds[k]);
	free(s->cpus);
	cleanup_close_p(&s->pressure_fd);
	cleanup_close_p(&s->ends_fd);
	set_init(s);
}

static void tell(struct probed *p)
{
	for (unsigned i = 0; i < p->listener_count; i++)
		p->listeners[i].fn(p->listeners[i].data);
}

/* What is there goes; who listens looks at the empty set while the descriptors are still open. */
static void drop_set(struct probed *p)
{
	struct probed_set old = p->set;

	set_init(&p->set);
	tell(p);
	set_deinit(&old);
}

/* ---- connecting ---- */

/* "0-3"; of a longer list its beginning. "" when it is not known. */
static void read_on_line(const struct probed *p, char on_line[PROBED_LIST_BYTES])
{
	_cleanup_free_ char *line = NULL;

	if (fs_read_line(p->root_fd, "/sys/devices/system/cpu/online", &line) < 0)
		*on_line = '\0';
	else
		snprintf(on_line, PROBED_LIST_BYTES, "%s", line);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void rest_longer(struct probed *p)
{
	p->pause_ms = p->pause_ms ? 2 * p->pause_ms : PROBED_PAUSE_MIN_MS;
	if (p->pause_ms > PROBED_PAUSE_MAX_MS)
		p->pause_ms = PROBED_PAUSE_MAX_MS;
	p->not_before_ms = uv_now(p->loop) + p->pause_ms;
}

static bool may_connect(const struct probed *p)
{
	return p->hold_count && !p->closed && !p->polling && uv_now(p->loop) >= p->not_before_ms;
}

static void connect_now(struct probed *p)
{
	_cleanup_close_ int fd = -1;

	if (!may_connect(p))
		return;
	read_on_line(p, p->on_line);
	if (namedsocket_connect(p->root_fd, PROBE_SOCKET_PATH, SOCK_SEQPACKET, &fd) < 0 ||
	    uv_poll_init(p->loop, &p->poll, fd) < 0) {
		rest_longer(p);
		return;
	}
	p->poll.data = p;
	p->polling = true;
	p->fd = take_fd(&fd);
	uv_poll_start(&p->poll, UV_READABLE, on_poll);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct probed *p = handle->data;

	p->polling = false;
	/* What was asked anew, or held again meanwhile. */
	connect_now(p);
}

static void hang_up(struct probed *p)
{
	if (p->fd < 0)
		return;
	uv_close((uv_handle_t *)&p->poll, on_poll_closed);
	close(take_fd(&p->fd));
	drop_set(p);
}

/* ---- messages ---- */

/* A message and what came with it. */
struct arrived {
	struct probe_message message;
	int fds[PROBE_FDS_MAX];
	unsigned fd_count;
};

static void arrived_drop(struct arrived *a)
{
	for (unsigned i = 0; i < a->fd_count; i++)
		cleanup_close_p(&a->fds[i]);
}

static int take_counters(struct probed *p, struct arrived *a)
{
	struct probed_set *s = &p->set;
	const struct probe_message *m = &a->message;
	struct probed_counters *c;

	/* In ascending order, each once. */
	if (m->cpu >= PROBE_CPUS_MAX || m->cpu < s->cpu_count ||
	    a->fd_count != (unsigned)__builtin_popcount(m->counters) ||
	    m->counters >> PROBE_COUNTER_KINDS)
		return -EPROTO;
	if (!s->cpus)
		s->cpus = calloc(PROBE_CPUS_MAX, sizeof(*s->cpus));
	if (!s->cpus)
		return -ENOMEM;
	for (; s->cpu_count <= m->cpu; s->cpu_count++)
		s->cpus[s->cpu_count] =
			(struct probed_counters){.error = -ENODEV, .fds = {-1, -1, -1, -1}};
	c = &s->cpus[m->cpu];
	c->error = m->error;
	c->flags = m->flags;
	c->kinds = m->counters;
	for (unsigned i = 0; i < a->fd_count; i++)
		c->fds[i] = take_fd(&a->fds[i]);
	return 0;
}

static int take_pressure(struct probed *p, struct arrived *a)
{
	if (p->set.pressure_fd >= 0)
		return -EPROTO;
	p->set.pressure_error = a->message.error;
	if (a->fd_count)
		p->set.pressure_fd = take_fd(&a->fds[0]);
	return 0;
}

static bool is_ring_size(uint32_t bytes)
{
	return bytes >= 4096 && bytes <= 1 << 24 && (bytes & (bytes - 1)) == 0;
}

static int take_ends(struct probed *p, struct arrived *a)
{
	if (p->set.ends_fd >= 0 || (a->fd_count && !is_ring_size(a->message.bytes)))
		return -EPROTO;
	p->set.ends_error = a->message.error;
	p->set.ends_bytes = a->message.bytes;
	if (a->fd_count)
		p->set.ends_fd = take_fd(&a->fds[0]);
	return 0;
}

static int take_complete(struct probed *p, struct arrived *a)
{
	p->set.complete = true;
	p->pause_ms = 0;
	tell(p);
	return 0;
}

static const struct {
	unsigned fds_max; /* of one without an error, at least one where there may be any */
	int (*take)(struct probed *p, struct arrived *a);
} kinds[PROBE_KINDS] = {
	[PROBE_COUNTERS] = {PROBE_FDS_MAX, take_counters},
	[PROBE_PRESSURE] = {1, take_pressure},
	[PROBE_ENDS] = {1, take_ends},
	[PROBE_COMPLETE] = {0, take_complete},
};

static int take_message(struct probed *p, struct arrived *a)
{
	const struct probe_message *m = &a->message;
	unsigned least, most;

	if (m->magic != PROBE_MAGIC || m->kind >= PROBE_KINDS || !kinds[m->kind].take ||
	    m->error > 0 || p->set.complete)
		return -EPROTO;
	most = m->error ? 0 : kinds[m->kind].fds_max;
	least = most ? 1 : 0;
	if (a->fd_count < least || a->fd_count > most)
		return -EPROTO;
	return kinds[m->kind].take(p, a);
}

static void take_descriptors(struct msghdr *m, struct arrived *a)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(a->fds, CMSG_DATA(c), count * sizeof(int));
		a->fd_count = count;
	}
}

/* There is room for as many descriptors as a message may have: the kernel drops what is beyond. */
static int receive_one(struct probed *p)
{
	_cleanup_(arrived_drop) struct arrived a = {.fds = {-1, -1, -1, -1}};
	union {
		struct cmsghdr head;
		char room[CMSG_LEN(PROBE_FDS_MAX * sizeof(int))];
	} control = {};
	struct iovec iov = {.iov_base = &a.message, .iov_len = sizeof(a.message)};
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_LEN(PROBE_FDS_MAX * sizeof(int)),
	};
	ssize_t n = recvmsg(p->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	take_descriptors(&m, &a);
	if (n == 0)
		return -ECONNRESET;
	if (n != sizeof(a.message) || m.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return -EPROTO;
	return take_message(p, &a);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct probed *p = poll->data;
	/* One at a time: others have their turn in between. */
	int r = status < 0 ? status : receive_one(p);

	if (r == 0 || r == -EAGAIN || r == -EINTR)
		return;
	rest_longer(p);
	hang_up(p);
}

/* ---- what others see ---- */

void probed_init(struct probed *p, uv_loop_t *loop, int root_fd)
{
	*p = (struct probed){.loop = loop, .root_fd = root_fd, .fd = -1};
	set_init(&p->set);
}

void probed_close(struct probed *p)
{
	if (p->closed)
		return;
	p->closed = true;
	p->listener_count = 0;
	hang_up(p);
}

void probed_listen(struct probed *p, probed_fn fn, void *data)
{
	if (p->listener_count == PROBED_LISTENERS_MAX)
		abort();
	p->listeners[p->listener_count].fn = fn;
	p->listeners[p->listener_count++].data = data;
}

void probed_hold(struct probed *p)
{
	if (p->hold_count++ == 0)
		connect_now(p);
}

void probed_release(struct probed *p)
{
	if (--p->hold_count == 0)
		hang_up(p);
}

/* With other processors on line everything is asked for anew. */
void probed_beat(struct probed *p)
{
	char on_line[PROBED_LIST_BYTES];

	if (p->fd < 0) {
		connect_now(p);
		return;
	}
	read_on_line(p, on_line);
	if (p->set.complete && !str_equal(on_line, p->on_line))
		hang_up(p);
}

static int descriptor(int fd, int error)
{
	if (fd >= 0)
		return fd;
	return error < 0 ? error : -ENOTCONN;
}

int probed_pressure_fd(const struct probed *p)
{
	return descriptor(p->set.pressure_fd, p->set.pressure_error);
}

int probed_ends_fd(const struct probed *p, uint32_t *ret_bytes)
{
	int fd = descriptor(p->set.ends_fd, p->set.ends_error);

	if (fd >= 0)
		*ret_bytes = p->set.ends_bytes;
	return fd;
}

const struct probed_counters *probed_counters(const struct probed *p, unsigned cpu)
{
	return cpu < p->set.cpu_count ? &p->set.cpus[cpu] : NULL;
}
