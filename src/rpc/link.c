/*
 * The blocking client; see client.h.
 *
 * A link whose last call did not end in order (a timeout, a signal, a stream that was left) has
 * replies on their way that nobody wants: its socket is closed, and the next call connects again.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/time.h"
#include "rpc/address.h"
#include "rpc/client.h"
#include "rpc/frame.h"
#include "rpc/message.h"
#include "rpc/output.h"

enum { QUEUE_FULL_TRIES = 500, QUEUE_FULL_MS = 10 };

struct rpc_link {
	char *root, *address;
	int fd; /* -1: not connected */
	struct frame in;
	struct output out;
	json_t *nothing; /* for replies without parameters */
};

static void disconnect(struct rpc_link *l)
{
	cleanup_close_p(&l->fd);
	l->fd = -1;
	frame_deinit(&l->in);
	output_deinit(&l->out);
}

static int reconnect(struct rpc_link *l)
{
	int r = address_connect(l->root, l->address, &l->fd);

	for (int i = 0; r == -EAGAIN && i < QUEUE_FULL_TRIES; i++) {
		if (poll(NULL, 0, QUEUE_FULL_MS) < 0)
			return -errno;
		r = address_connect(l->root, l->address, &l->fd);
	}
	return r;
}

int rpc_link_open(const char *root, const char *address, struct rpc_link **ret_link)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->fd = -1;
	l->root = strdup(root ? root : "");
	l->address = strdup(address);
	l->nothing = json_object();
	if (!l->root || !l->address || !l->nothing)
		return -ENOMEM;
	r = reconnect(l);
	if (r < 0)
		return r;
	*ret_link = take_ptr(l);
	return 0;
}

void rpc_link_free(struct rpc_link *l)
{
	if (!l)
		return;
	disconnect(l);
	json_decref(l->nothing);
	free(l->root);
	free(l->address);
	free(l);
}

void rpc_link_free_p(struct rpc_link **l)
{
	rpc_link_free(*l);
}

/* A time to wait until, 0 for none. */
static uint64_t deadline_in(int timeout_ms)
{
	return timeout_ms > 0 ? time_now_ns(CLOCK_MONOTONIC) + timeout_ms * NS_PER_MS : 0;
}

static int wait_for(struct rpc_link *l, short events, uint64_t deadline_ns)
{
	struct pollfd p = {.fd = l->fd, .events = events};
	int left_ms = -1, n;

	if (deadline_ns) {
		uint64_t now_ns = time_now_ns(CLOCK_MONOTONIC);

		if (now_ns >= deadline_ns)
			return -ETIMEDOUT;
		left_ms = (deadline_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
	}
	n = poll(&p, 1, left_ms);
	return n < 0 ? -errno : n == 0 ? -ETIMEDOUT : 0;
}

static int send_all(struct rpc_link *l, uint64_t deadline_ns)
{
	int r;

	while ((r = output_flush(&l->out, l->fd)) == 1) {
		r = wait_for(l, POLLOUT, deadline_ns);
		if (r < 0)
			return r;
	}
	return r == -EPIPE ? -ECONNRESET : r;
}

/* A peer that has closed may have said why before: that is read instead. */
static int send_call(struct rpc_link *l, uint64_t deadline_ns)
{
	int r = send_all(l, deadline_ns);

	return r == -ECONNRESET ? 0 : r;
}

static int receive(struct rpc_link *l)
{
	size_t room_len;
	char *room;
	ssize_t n;
	int r = frame_room(&l->in, &room, &room_len);

	if (r < 0)
		return r;
	n = recv(l->fd, room, room_len, MSG_DONTWAIT);
	frame_added(&l->in, n < 0 ? 0 : n);
	if (n == 0)
		return -ECONNRESET;
	return n < 0 && errno != EAGAIN && errno != EINTR ? -errno : 0;
}

/* Waits until a message is there as a whole. */
static int wait_for_message(struct rpc_link *l, uint64_t deadline_ns, const char **ret_text,
			    size_t *ret_len)
{
	int r;

	while ((r = frame_peek(&l->in, ret_text, ret_len)) == 0) {
		r = wait_for(l, POLLIN, deadline_ns);
		if (r == 0)
			r = receive(l);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : 0;
}

static int next_reply(struct rpc_link *l, uint64_t deadline_ns, struct message_reply *ret_reply)
{
	char reason[MESSAGE_REASON_MAX];
	const char *text;
	size_t len;
	int r = wait_for_message(l, deadline_ns, &text, &len);

	if (r < 0)
		return r;
	r = message_parse_reply(text, len, ret_reply, reason);
	frame_consume(&l->in);
	return r == -EINVAL ? -EPROTO : r;
}

/* One reply, handed on; *@ret_over says that it was the last. */
static int answer_one(struct rpc_link *l, bool more, int timeout_ms, rpc_answer_fn fn, void *data,
		      bool *ret_over)
{
	_cleanup_(message_reply_deinit) struct message_reply reply = {};
	int r = next_reply(l, deadline_in(timeout_ms), &reply);

	if (r == 0 && reply.continues && !more)
		r = -EPROTO;
	if (r < 0)
		return r;
	*ret_over = !reply.continues;
	return fn(data, &(struct rpc_answer){.error = reply.error,
					     .parameters = reply.parameters ?: l->nothing,
					     .continues = reply.continues});
}

int rpc_link_call(struct rpc_link *l, const char *method, const json_t *parameters, bool more,
		  int timeout_ms, rpc_answer_fn fn, void *data)
{
	bool over = false;
	int r = l->fd < 0 ? reconnect(l) : 0;

	if (r == 0)
		r = message_write_call(&l->out, method, parameters, false, more);
	if (r < 0)
		return r;
	r = send_call(l, deadline_in(timeout_ms));
	while (r == 0 && !over)
		r = answer_one(l, more, timeout_ms, fn, data, &over);
	if (!over || frame_len(&l->in))
		disconnect(l);
	return r;
}

int rpc_link_oneway(struct rpc_link *l, const char *method, const json_t *parameters,
		    int timeout_ms)
{
	int r = l->fd < 0 ? reconnect(l) : 0;

	if (r == 0)
		r = message_write_call(&l->out, method, parameters, true, false);
	if (r < 0)
		return r;
	r = send_all(l, deadline_in(timeout_ms));
	if (r < 0)
		disconnect(l);
	return r;
}
