/*
 * Who is attached to the rings: the socket, its connections, their limits.
 *
 * Who connects gets one message: the memory of the ring for their class, or why not. After that the
 * connection says only that it is open. What a client sends ends it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/un.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/notify.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/ringsint.h"
#include "rpc/client.h"

enum {
	ACCEPT_BATCH = 16,
	PAUSE_MS = 100, /* after accepting has failed for want of descriptors */
	PASSED_MAX = 8,
	ADMIN_SHARE = 16,
	BACKLOG = 64,
};

struct attached {
	uv_poll_t poll;
	struct rings *rings;
	struct list_link link;
	int fd;
	uid_t uid;
	enum ring_kind kind;
};

/* ---- the message ---- */

static void say(int fd, int error, const struct ring *ring)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct powerring_hello hello = {
		.magic = POWERRING_MAGIC,
		.version = POWERRING_VERSION,
		.error = -error,
		.bytes = ring ? ring_bytes(ring) : 0,
	};
	struct iovec data = {.iov_base = &hello, .iov_len = sizeof(hello)};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
	int memory = ring ? ring_fd(ring) : -1;

	if (ring) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.align = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
						 .cmsg_type = SCM_RIGHTS,
						 .cmsg_len = CMSG_LEN(sizeof(memory))};
		memcpy(CMSG_DATA(&control.align), &memory, sizeof(memory));
	}
	/* A new connection has room for one; a client that has gone is seen by its poll. */
	sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* ---- connections ---- */

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void detach(struct attached *a)
{
	list_remove(&a->link);
	a->rings->attached_count--;
	rings_detach(a->rings, a->kind);
	uv_close((uv_handle_t *)&a->poll, on_closed);
	close(take_fd(&a->fd));
}

void rings_drop_all(struct rings *r)
{
	struct attached *a;

	while ((a = list_first(&r->attached, struct attached, link)))
		detach(a);
}

static void on_attached(uv_poll_t *poll, int status, int events)
{
	char byte;
	struct attached *a = poll->data;
	ssize_t n = recv(a->fd, &byte, sizeof(byte), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	detach(a);
}

/* Takes @fd if it succeeds. */
static int add(struct rings *r, int fd, uid_t uid, enum ring_kind kind)
{
	struct attached *a = calloc(1, sizeof(*a));
	int e;

	if (!a)
		return -ENOMEM;
	e = rings_attach(r, kind);
	if (e < 0) {
		free(a);
		return e;
	}
	e = uv_poll_init(&r->p->daemon->loop, &a->poll, fd);
	if (e < 0) {
		rings_detach(r, kind);
		free(a);
		return e;
	}
	a->rings = r;
	a->fd = fd;
	a->uid = uid;
	a->kind = kind;
	a->poll.data = a;
	r->attached_count++;
	list_add_last(&r->attached, &a->link);
	uv_poll_start(&a->poll, UV_READABLE, on_attached);
	say(fd, 0, r->rings[kind]);
	return 0;
}

static unsigned count_of_user(struct rings *r, uid_t uid)
{
	struct attached *a;
	unsigned count = 0;

	for (list_each(a, &r->attached, link))
		count += a->uid == uid;
	return count;
}

/* 0, -EACCES or -EUSERS. */
static int judge(struct rings *r, const struct peer *peer, enum access_class class)
{
	unsigned most = RINGS_ATTACHED_MAX;

	if (class < ACCESS_OBSERVE)
		return -EACCES;
	if (class < ACCESS_ADMIN)
		most -= most / ADMIN_SHARE;
	if (r->attached_count >= most ||
	    (peer->uid != 0 && count_of_user(r, peer->uid) >= RINGS_PER_USER_MAX))
		return -EUSERS;
	return 0;
}

static void welcome(struct rings *r, int fd)
{
	enum access_class class;
	struct peer peer;
	int e;

	rings_check_access(r);
	if (peer_of_socket(fd, &peer) < 0) {
		close(fd);
		return;
	}
	class = who_class(&r->p->who, &peer);
	e = judge(r, &peer, class);
	if (e == 0)
		e = add(r, fd, peer.uid, class >= ACCESS_CONTROL ? RING_FRESH : RING_COARSE);
	peer_deinit(&peer);
	if (e == 0)
		return;
	say(fd, e, NULL);
	close(fd);
}

/* ---- the socket ---- */

static void on_connect(uv_poll_t *poll, int status, int events);

static void on_pause_over(uv_timer_t *timer)
{
	struct rings *r = timer->data;

	uv_poll_start(&r->poll, UV_READABLE, on_connect);
}

static void on_connect(uv_poll_t *poll, int status, int events)
{
	struct rings *r = poll->data;

	for (int i = 0; i < ACCEPT_BATCH; i++) {
		int fd = accept4(r->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			welcome(r, fd);
			continue;
		}
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return;
		/* No descriptor is left, and the connection would be announced again and again. */
		uv_poll_stop(&r->poll);
		uv_timer_start(&r->pause, on_pause_over, PAUSE_MS, 0);
		return;
	}
}

static bool has_option(int fd, int option, int expected)
{
	int value;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == expected;
}

/* The only socket of this kind that listens can be one that the service manager has passed. */
static int find_passed(void)
{
	for (int fd = NOTIFY_LISTEN_FDS_START; fd < NOTIFY_LISTEN_FDS_START + PASSED_MAX; fd++)
		if (has_option(fd, SO_DOMAIN, AF_UNIX) && has_option(fd, SO_TYPE, SOCK_SEQPACKET) &&
		    has_option(fd, SO_ACCEPTCONN, 1))
			return fd;
	return -1;
}

/* Bound by way of its folder, so that no link leads out of the root. A daemon that is confined
 * cannot remove the name; the next one replaces it. */
static int bind_in(int dir_fd, int fd)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	snprintf(sa.sun_path, sizeof(sa.sun_path), "/proc/self/fd/%d/" RINGS_SOCKET, dir_fd);
	if (unlinkat(dir_fd, RINGS_SOCKET, 0) < 0 && errno != ENOENT)
		return -errno;
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    fchmodat(dir_fd, RINGS_SOCKET, 0666, 0) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return 0;
}

static int make_socket(struct rings *r)
{
	_cleanup_close_ int dir_fd = -1, fd = -1;
	int root_fd = r->p->daemon->root_fd, e = fs_mkdir(root_fd, RPC_SOCKET_DIR, 0755);

	if (e == 0)
		e = fs_open(root_fd, RPC_SOCKET_DIR, O_PATH | O_DIRECTORY, 0, &dir_fd);
	if (e < 0)
		return e;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	e = fd < 0 ? -errno : bind_in(dir_fd, fd);
	if (e < 0)
		return e;
	r->listen_fd = take_fd(&fd);
	return 0;
}

static int open_socket(struct rings *r)
{
	r->listen_fd = find_passed();
	if (r->listen_fd < 0)
		return make_socket(r);
	return fcntl(r->listen_fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static struct rings *new_rings(struct pwrapis *p)
{
	struct rings *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	*r = (struct rings){.p = p, .listen_fd = -1, .load_count = p->who.load_count};
	list_init(&r->attached);
	powerlook_init(&r->look, p, &r->power, NULL);
	return r;
}

int rings_open(struct pwrapis *p)
{
	struct rings *r = new_rings(p);
	uv_loop_t *loop = &p->daemon->loop;
	int e = r ? open_socket(r) : -ENOMEM;

	if (e == 0)
		e = uv_poll_init(loop, &r->poll, r->listen_fd);
	if (e < 0) {
		free(r);
		return log_error_errno(e,
				       "cannot share readings at " RPC_SOCKET_DIR "/" RINGS_SOCKET);
	}
	uv_timer_init(loop, &r->pause);
	uv_timer_init(loop, &r->timer);
	r->poll.data = r->pause.data = r->timer.data = r;
	p->rings = r;
	uv_poll_start(&r->poll, UV_READABLE, on_connect);
	return 0;
}

void rings_close(struct pwrapis *p)
{
	struct rings *r = p->rings;

	if (!r)
		return;
	rings_drop_all(r);
	uv_close((uv_handle_t *)&r->poll, NULL);
	uv_close((uv_handle_t *)&r->pause, NULL);
	uv_close((uv_handle_t *)&r->timer, NULL);
	close(take_fd(&r->listen_fd));
}

void rings_free(struct pwrapis *p)
{
	if (!p->rings)
		return;
	rings_deinit(p->rings);
	free(take_ptr(p->rings));
}
