/*
 * The link to the privileged half; see link.h. Each connection has a poll handle of its own, which
 * outlives it until libuv lets go of it.
 */
#include "pwrapis/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/namedsocket.h"

struct pending {
	struct list_link at;
	struct writer_request request;
	bool sent;
	link_fn fn;
	void *data;
};

/* ---- connecting ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct link *l, int events)
{
	if (events == l->events)
		return;
	l->events = events;
	uv_poll_start(&l->poll, events, on_poll);
}

static void rest_longer(struct link *l)
{
	l->pause_ms = l->pause_ms ? 2 * l->pause_ms : LINK_PAUSE_MIN_MS;
	if (l->pause_ms > LINK_PAUSE_MAX_MS)
		l->pause_ms = LINK_PAUSE_MAX_MS;
	l->not_before_ms = uv_now(l->loop) + l->pause_ms;
}

/* The handle of the last connection may not be gone yet: then it is as if nobody were there. */
static int connect_now(struct link *l)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (l->closed || l->polling || uv_now(l->loop) < l->not_before_ms)
		return -ENOTCONN;
	r = namedsocket_connect(l->root_fd, WRITER_SOCKET_PATH, SOCK_SEQPACKET, &fd);
	if (r == 0)
		r = uv_poll_init(l->loop, &l->poll, fd);
	if (r < 0) {
		rest_longer(l);
		return -ENOTCONN;
	}
	l->poll.data = l;
	l->polling = true;
	l->fd = take_fd(&fd);
	l->events = 0;
	watch(l, UV_READABLE);
	return 0;
}

/* ---- the end of a connection ---- */

static void on_poll_closed(uv_handle_t *handle)
{
	struct link *l = handle->data;

	l->polling = false;
}

static void hang_up(struct link *l)
{
	if (l->fd < 0)
		return;
	deadline_clear(&l->deadlines, &l->answer);
	uv_close((uv_handle_t *)&l->poll, on_poll_closed);
	close(take_fd(&l->fd));
}

static void tell_dropped(struct link *l)
{
	struct pending *p;

	while ((p = list_first(&l->dropped, struct pending, at))) {
		link_fn fn = p->fn;
		void *data = p->data;

		list_remove(&p->at);
		free(p);
		if (fn)
			fn(data, -ECONNRESET, NULL);
	}
}

/* Who is told may ask again, which is refused until the handle is gone. */
void link_drop(struct link *l)
{
	if (l->fd < 0)
		return;
	hang_up(l);
	rest_longer(l);
	list_move_all(&l->dropped, &l->requests);
	l->request_count = 0;
	tell_dropped(l);
	l->lost(l->data);
}

static void on_answer_expired(struct deadline *d)
{
	link_drop(d->owner);
}

/* ---- records ---- */

static void update_deadline(struct link *l)
{
	struct pending *p = list_first(&l->requests, struct pending, at);

	if (p)
		deadline_set(&l->deadlines, &l->answer);
	else
		deadline_clear(&l->deadlines, &l->answer);
}

/* 0 when all is sent, 1 when the socket is full, or a negative errno. */
static int send_more(struct link *l)
{
	struct pending *p;

	for (list_each(p, &l->requests, at)) {
		ssize_t n;

		if (p->sent)
			continue;
		n = send(l->fd, &p->request, sizeof(p->request), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 1 : -errno;
		p->sent = true;
	}
	return 0;
}

/* Answers come in the order of the requests. */
static int take_reply(struct link *l, const struct writer_reply *reply)
{
	struct pending *p = list_first(&l->requests, struct pending, at);

	if (reply->magic != WRITER_MAGIC || !p || !p->sent ||
	    reply->sequence != p->request.sequence || reply->error > 0)
		return -EPROTO;
	list_remove(&p->at);
	l->request_count--;
	l->pause_ms = 0;
	update_deadline(l);
	if (p->fn)
		p->fn(p->data, reply->error, reply);
	free(p);
	return 0;
}

/* There is room for one descriptor: the kernel drops what is beyond, and then none is taken. */
static void take_passed(struct link *l, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(&l->passed_fd, CMSG_DATA(c), sizeof(int));
	if (m->msg_flags & MSG_CTRUNC && l->passed_fd >= 0)
		close(take_fd(&l->passed_fd));
}

static int receive_one(struct link *l, struct writer_reply *ret_reply)
{
	union {
		struct cmsghdr head;
		char room[CMSG_LEN(sizeof(int))];
	} control = {};
	struct writer_reply reply;
	struct iovec iov = {.iov_base = &reply, .iov_len = sizeof(reply)};
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};
	ssize_t n = recvmsg(l->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	take_passed(l, &m);
	if (n != sizeof(reply) || m.msg_flags & MSG_TRUNC)
		return -EPROTO;
	*ret_reply = reply;
	return 0;
}

static int receive(struct link *l)
{
	/* What is said may end the link. */
	while (l->fd >= 0) {
		struct writer_reply reply;
		int r = receive_one(l, &reply);

		if (r == 0)
			r = take_reply(l, &reply);
		cleanup_close_p(&l->passed_fd);
		l->passed_fd = -1;
		if (r == -EAGAIN || r == -EINTR)
			return 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int go_on(struct link *l)
{
	int r = send_more(l);

	if (r < 0)
		return r;
	watch(l, UV_READABLE | (r == 1 ? UV_WRITABLE : 0));
	return 0;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct link *l = poll->data;
	int r = status;

	if (r == 0 && (events & UV_READABLE))
		r = receive(l);
	if (r == 0 && l->fd >= 0)
		r = go_on(l);
	if (r < 0)
		link_drop(l);
}

int link_open(struct link *l)
{
	return l->fd < 0 ? connect_now(l) : 0;
}

int link_request(struct link *l, const struct writer_request *request, link_fn fn, void *data)
{
	struct pending *p;
	int r = link_open(l);

	if (r < 0)
		return r;
	if (l->request_count == LINK_REQUESTS_MAX)
		return -ENOBUFS;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->request = *request;
	p->request.magic = WRITER_MAGIC;
	p->request.sequence = ++l->sequence;
	p->fn = fn;
	p->data = data;
	list_add_last(&l->requests, &p->at);
	if (l->request_count++ == 0)
		update_deadline(l);
	/* A failure is told by the poll. */
	if (go_on(l) < 0)
		watch(l, UV_READABLE | UV_WRITABLE);
	return 0;
}

int link_take_fd(struct link *l)
{
	return take_fd(&l->passed_fd);
}

static void forget_in(struct list *requests, const void *data)
{
	struct pending *p;

	for (list_each(p, requests, at))
		if (p->data == data)
			p->fn = NULL;
}

void link_forget(struct link *l, const void *data)
{
	forget_in(&l->requests, data);
	forget_in(&l->dropped, data);
}

/* ---- beginning and end ---- */

static void forget_all(struct list *requests)
{
	struct pending *p;

	while ((p = list_first(requests, struct pending, at))) {
		list_remove(&p->at);
		free(p);
	}
}

void link_init(struct link *l, uv_loop_t *loop, int root_fd, uint64_t timeout_ms,
	       void (*lost)(void *data), void *data)
{
	*l = (struct link){.loop = loop, .root_fd = root_fd, .fd = -1, .lost = lost, .data = data};
	l->passed_fd = -1;
	l->answer.owner = l;
	list_init(&l->requests);
	list_init(&l->dropped);
	deadlines_init(&l->deadlines, loop, timeout_ms, on_answer_expired);
}

void link_close(struct link *l)
{
	if (l->closed)
		return;
	l->closed = true;
	forget_all(&l->requests);
	forget_all(&l->dropped);
	l->request_count = 0;
	hang_up(l);
	uv_close((uv_handle_t *)&l->deadlines.timer, NULL);
}
