/*
 * The one connection of the daemon: a record, its answer, in order; and what is tried again later.
 *
 *	on_visitor()	of the right user: the only one, until it ends
 *	on_record()	each is carried out and answered before the next one is read
 *	client_close()	all leases are over; then the next one in the queue may come
 *
 * The daemon is not trusted: what is no record ends the connection, as does a client that does not
 * take its answers.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/log.h"
#include "base/time.h"
#include "pwrapis/writer/writer.h"

/* So many records are answered before signals are looked at again. */
enum { TURN_RECORDS = 32 };

static struct log_limit odd_limit = {.interval_ns = 60 * NS_PER_S, .burst = 5};

static void on_visitor(uv_poll_t *poll, int status, int events);
static void on_record(uv_poll_t *poll, int status, int events);

/* ---- what is owed ---- */

static void on_retry(uv_timer_t *timer)
{
	struct writer *w = timer->data;

	keeper_retry(w->keeper);
	if (!keeper_is_behind(w->keeper))
		log_notice("everything is put back now");
	client_arm_retry(w);
}

/* The first wait is short; each one after it is twice as long, up to a bound. */
void client_arm_retry(struct writer *w)
{
	const struct writer_settings *s = writer_settings(w);

	if (!keeper_is_behind(w->keeper)) {
		w->wait_ns = 0;
		uv_timer_stop(&w->retry);
		return;
	}
	if (uv_is_active((uv_handle_t *)&w->retry))
		return;
	w->wait_ns = w->wait_ns ? 2 * w->wait_ns : s->retry_ns;
	if (w->wait_ns > s->longest_retry_ns)
		w->wait_ns = s->longest_retry_ns;
	uv_timer_start(&w->retry, on_retry, w->wait_ns / NS_PER_MS, 0);
}

/* ---- the end of the connection ---- */

static void put_back(struct writer *w)
{
	unsigned restored, conflicts;
	int r = keeper_end_all(w->keeper, &restored, &conflicts);

	if (restored || conflicts)
		log_info("the daemon has gone: %u put back, %u were set by others", restored,
			 conflicts);
	if (r < 0)
		log_warning("not everything could be put back yet: %s", strerror(-r));
}

static void end_connection(struct writer *w)
{
	uv_poll_stop(&w->client);
	close(take_fd(&w->client_fd));
	put_back(w);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct writer *w = handle->data;

	if (!w->daemon->stopping)
		uv_poll_start(&w->listener, UV_READABLE, on_visitor);
}

void client_close(struct writer *w)
{
	if (w->client_fd < 0)
		return;
	end_connection(w);
	uv_close((uv_handle_t *)&w->client, on_client_closed);
	if (!w->daemon->stopping)
		client_arm_retry(w);
}

/* ---- records ---- */

/* @fd goes with it, unless it is -1. */
static bool send_reply(const struct writer *w, const struct writer_reply *reply, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS,
			      .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec iov = {.iov_base = (void *)reply, .iov_len = sizeof(*reply)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
	}
	return sendmsg(w->client_fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(*reply);
}

static bool answer(struct writer *w, const struct writer_request *request)
{
	_cleanup_close_ int fd = -1;
	struct writer_reply reply;

	keeper_answer(w->keeper, request, &reply, &fd);
	if (send_reply(w, &reply, fd))
		return true;
	log_limited(&odd_limit, LOG_LEVEL_WARNING, "the daemon does not take its answers");
	return false;
}

/* 1 for a record that was answered, 0 for none yet, -1 for the end. */
static int next_record(struct writer *w)
{
	struct writer_request request = {};
	ssize_t n = recv(w->client_fd, &request, sizeof(request), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	if (keeper_is_request(&request, n))
		return answer(w, &request) ? 1 : -1;
	log_limited(&odd_limit, LOG_LEVEL_WARNING, "the daemon has sent no valid record");
	return -1;
}

static void on_record(uv_poll_t *poll, int status, int events)
{
	struct writer *w = poll->data;
	int r = 1;

	for (int i = 0; i < TURN_RECORDS && r > 0; i++)
		r = next_record(w);
	if (r < 0)
		client_close(w);
	else
		client_arm_retry(w);
}

/* ---- its beginning ---- */

static bool may_ask(const struct writer *w, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       peer.uid == w->client_uid;
}

static void on_visitor(uv_poll_t *poll, int status, int events)
{
	struct writer *w = poll->data;
	_cleanup_close_ int fd = accept4(w->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (!may_ask(w, fd)) {
		log_limited(&odd_limit, LOG_LEVEL_WARNING,
			    "somebody other than the daemon has connected");
		return;
	}
	if (uv_poll_init(&w->daemon->loop, &w->client, fd) < 0)
		return;
	w->client.data = w;
	w->client_fd = take_fd(&fd);
	uv_poll_stop(&w->listener);
	uv_poll_start(&w->client, UV_READABLE, on_record);
}

int client_watch(struct writer *w)
{
	int r = uv_poll_init(&w->daemon->loop, &w->listener, w->listen_fd);

	if (r < 0)
		return r;
	uv_timer_init(&w->daemon->loop, &w->retry);
	w->listener.data = w->retry.data = w;
	w->watching = true;
	client_arm_retry(w);
	return uv_poll_start(&w->listener, UV_READABLE, on_visitor);
}

void client_stop(struct writer *w)
{
	client_close(w);
	if (!w->watching)
		return;
	uv_close((uv_handle_t *)&w->listener, NULL);
	uv_close((uv_handle_t *)&w->retry, NULL);
}
