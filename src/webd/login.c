/*
 * Asking the privileged half: one connection, one record, one answer (loginproto.h).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/def.h"
#include "base/fs.h"
#include "webd/handlers.h"

/* Longer than the other half ever takes: only a hang gets so far. */
enum { PATIENCE_MS = 150 * 1000 };

struct login_asking {
	struct request *rq;
	login_fn done;
	int fd;
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned open_handles;
};

static void on_handle_closed(uv_handle_t *handle)
{
	struct login_asking *a = handle->data;

	if (--a->open_handles)
		return;
	close(a->fd);
	free(a);
}

static void finish(struct login_asking *a)
{
	a->rq->webd->login_count--;
	a->rq = NULL;
	uv_close((uv_handle_t *)&a->poll, on_handle_closed);
	uv_close((uv_handle_t *)&a->timer, on_handle_closed);
}

static void cancel(struct request *rq)
{
	finish(rq->work);
}

static void tell(struct login_asking *a, const struct login_reply *reply, int fd)
{
	struct request *rq = a->rq;

	finish(a);
	a->done(rq, reply, fd);
}

static int take_descriptor(struct msghdr *message)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int fd;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* 0 and the descriptor, -1 for none; -EAGAIN; -EPROTO for what is no answer. */
static int receive(int from, struct login_reply *ret_reply, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {ret_reply, sizeof(*ret_reply)};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(from, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	*ret_fd = take_descriptor(&message);
	return n == sizeof(*ret_reply) && ret_reply->magic == LOGIN_MAGIC ? 0 : -EPROTO;
}

static void on_answer(uv_poll_t *poll, int status, int events)
{
	struct login_asking *a = poll->data;
	struct login_reply reply = {};
	int fd = -1, r = receive(a->fd, &reply, &fd);

	if (r == -EAGAIN || r == -EINTR)
		return;
	reply.user[sizeof(reply.user) - 1] = '\0';
	if (r < 0 || (reply.result == LOGIN_GRANTED) != (fd >= 0)) {
		if (fd >= 0)
			close(fd);
		fd = -1;
		reply = (struct login_reply){.result = LOGIN_FAILED};
	}
	tell(a, &reply, fd);
}

static void on_late(uv_timer_t *timer)
{
	const struct login_reply reply = {.result = LOGIN_FAILED};

	tell(timer->data, &reply, -1);
}

static int connect_below(const struct webd *w, int *ret_fd)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	const char *root = w->daemon->root ? w->daemon->root : "";

	if (fd < 0)
		return -errno;
	if (snprintf(sa.sun_path, sizeof(sa.sun_path), "%s" LOGIN_SOCKET_PATH, root) >=
	    (int)sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int wait_for_answer(struct request *rq, int fd, login_fn done)
{
	struct login_asking *a = calloc(1, sizeof(*a));
	uv_loop_t *loop = &rq->webd->daemon->loop;

	if (!a) {
		close(fd);
		return -ENOMEM;
	}
	*a = (struct login_asking){.rq = rq, .done = done, .fd = fd, .open_handles = 2};
	a->poll.data = a->timer.data = a;
	uv_poll_init(loop, &a->poll, fd);
	uv_timer_init(loop, &a->timer);
	uv_poll_start(&a->poll, UV_READABLE | UV_DISCONNECT, on_answer);
	uv_timer_start(&a->timer, on_late, PATIENCE_MS, 0);
	rq->webd->login_count++;
	request_park(rq, cancel, a);
	return 0;
}

int login_ask(struct request *rq, const struct login_request *request, login_fn done)
{
	int fd = -1, r;

	if (rq->webd->login_count >= LOGINS_MAX)
		return -EBUSY;
	r = connect_below(rq->webd, &fd);
	if (r < 0)
		return r;
	if (send(fd, request, sizeof(*request), MSG_NOSIGNAL) != sizeof(*request)) {
		r = -errno;
		close(fd);
		return r;
	}
	return wait_for_answer(rq, fd, done);
}
