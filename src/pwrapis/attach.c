/*
 * Who is attached to the rings: the socket, its connections, their limits.
 *
 * Who connects gets one message: the memory of the ring for their class, or why not. After that the
 * connection says only that it is open. What a client sends ends it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/notify.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/ringsint.h"
#include "rpc/client.h"

enum { PASSED_MAX = 8, ADMIN_SHARE = 16 };

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
	accepting_resume(&a->rings->accepting);
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

static void accept_one(void *data, int fd)
{
	welcome(data, fd);
}

static void refuse_one(void *data, int fd)
{
	say(fd, -EUSERS, NULL);
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

/* A daemon that is confined cannot remove the name; the next one replaces it. */
static int open_socket(struct rings *r, int *ret_fd)
{
	int fd = find_passed();

	if (fd < 0)
		return namedsocket_make(r->p->daemon->root_fd, RPC_SOCKET_DIR "/" RINGS_SOCKET,
					SOCK_SEQPACKET, false, &r->socket, ret_fd);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static struct rings *new_rings(struct pwrapis *p)
{
	struct rings *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	*r = (struct rings){.p = p, .socket.dir_fd = -1, .load_count = p->who.load_count};
	list_init(&r->attached);
	powerlook_init(&r->look, p, &r->power, NULL);
	accepting_init(&r->accepting, &p->daemon->loop, accept_one, refuse_one, r);
	uv_timer_init(&p->daemon->loop, &r->timer);
	r->timer.data = r;
	return r;
}

int rings_open(struct pwrapis *p)
{
	struct rings *r = new_rings(p);
	_cleanup_close_ int fd = -1;
	int e = -ENOMEM;

	p->rings = r;
	if (r)
		e = open_socket(r, &fd);
	if (e == 0)
		e = accepting_start(&r->accepting, &p->daemon->loop, take_fd(&fd));
	if (e < 0)
		return log_error_errno(e,
				       "cannot share readings at " RPC_SOCKET_DIR "/" RINGS_SOCKET);
	return 0;
}

void rings_close(struct pwrapis *p)
{
	struct rings *r = p->rings;

	if (!r)
		return;
	rings_drop_all(r);
	namedsocket_remove(&r->socket);
	accepting_close(&r->accepting, NULL);
	uv_close((uv_handle_t *)&r->timer, NULL);
}

void rings_free(struct pwrapis *p)
{
	if (!p->rings)
		return;
	rings_deinit(p->rings);
	free(take_ptr(p->rings));
}
