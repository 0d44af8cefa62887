/*
 * The client on a loop; see client.h.
 *
 * Calls are written as they are made, as far as the socket takes them. Their replies come in the
 * same order, so a list of those that wait is all there is to know. What a call finds wrong with
 * the connection is told by the loop, never from within the call.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "core/list.h"
#include "rpc/address.h"
#include "rpc/client.h"
#include "rpc/frame.h"
#include "rpc/message.h"
#include "rpc/output.h"

enum { UNSENT_MAX = 1024 * 1024, QUEUE_FULL_MS = 20 };

struct waiting {
	struct list_link link;
	rpc_client_fn fn;
	void *data;
	bool more;
};

struct rpc_client {
	uv_loop_t *loop;
	uv_poll_t poll; /* once connected */
	uv_timer_t timer; /* tries again to connect, or tells of a loss */
	unsigned open_handles;
	int fd; /* -1: not connected */
	char *root, *address;
	struct frame in;
	struct output out;
	struct list waiting;
	json_t *nothing; /* for replies without parameters */
	int lost; /* why, a negative errno */
	void (*on_lost)(struct rpc_client *c, int r, void *data); /* may be NULL */
	void *lost_data;
	bool closing;
};

static void client_free(struct rpc_client *c)
{
	json_decref(c->nothing);
	free(c->root);
	free(c->address);
	free(c);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct rpc_client *c = handle->data;

	if (--c->open_handles == 0 && c->closing)
		client_free(c);
}

static void disconnect(struct rpc_client *c)
{
	if (c->fd >= 0) {
		uv_close((uv_handle_t *)&c->poll, on_handle_closed);
		close(take_fd(&c->fd));
	}
	frame_deinit(&c->in);
	output_deinit(&c->out);
}

/* The next that waits, out of the list and the caller's; or NULL. */
static struct waiting *take_first(struct rpc_client *c)
{
	struct waiting *w = list_first(&c->waiting, struct waiting, link);

	if (w)
		list_remove(&w->link);
	return w;
}

/* The connection is gone: everybody who waits is told. A callback may close the client. */
static void lose(struct rpc_client *c, int r)
{
	struct waiting *w;

	c->lost = r;
	disconnect(c);
	while (!c->closing && (w = take_first(c))) {
		_cleanup_free_ struct waiting *owned = w;

		w->fn(c, r, NULL, w->data);
	}
	if (!c->closing && c->on_lost)
		c->on_lost(c, r, c->lost_data);
}

static void on_timer_lost(uv_timer_t *timer)
{
	struct rpc_client *c = timer->data;

	lose(c, c->lost);
}

static void lose_later(struct rpc_client *c, int r)
{
	c->lost = r;
	uv_timer_start(&c->timer, on_timer_lost, 0, 0);
}

/* ---- replies ---- */

static int take_reply(struct rpc_client *c, const struct message_reply *reply)
{
	struct waiting *w = list_first(&c->waiting, struct waiting, link);
	_cleanup_free_ struct waiting *over = NULL;
	struct rpc_answer answer = {
		.error = reply->error,
		.parameters = reply->parameters ?: c->nothing,
		.continues = reply->continues,
	};

	if (!w || (reply->continues && !w->more))
		return -EPROTO;
	if (!reply->continues)
		over = take_first(c);
	w->fn(c, 0, &answer, w->data);
	return 0;
}

/* Everything that is there as a whole. */
static int take_replies(struct rpc_client *c)
{
	const char *text;
	size_t len;
	int r = 0;

	while (!c->closing && (r = frame_peek(&c->in, &text, &len)) == 1) {
		_cleanup_(message_reply_deinit) struct message_reply reply = {};
		char reason[MESSAGE_REASON_MAX];

		r = message_parse_reply(text, len, &reply, reason);
		frame_consume(&c->in);
		if (r == 0)
			r = take_reply(c, &reply);
		if (r < 0)
			return r == -EINVAL ? -EPROTO : r;
	}
	return c->closing ? 0 : r;
}

/* 1 when something was read, 0 when there is nothing now, or a negative errno. */
static int receive(struct rpc_client *c)
{
	char bytes[FRAME_READ_BYTES];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	int r;

	if (n == 0)
		return -ECONNRESET;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	r = frame_add(&c->in, bytes, n);
	return r < 0 ? r : 1;
}

static int read_on(struct rpc_client *c)
{
	int r = receive(c);
	int taken = r == 1 ? take_replies(c) : 0;

	return taken < 0 ? taken : r;
}

/* ---- the socket ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

/* A peer that has closed may have said why before: that is read, and then the end. */
static int write_on(struct rpc_client *c)
{
	int r = output_flush(&c->out, c->fd);

	if (r == -EPIPE || r == -ECONNRESET) {
		output_deinit(&c->out);
		r = 0;
	}
	if (r < 0)
		return r;
	return uv_poll_start(&c->poll, UV_READABLE | (r == 1 ? UV_WRITABLE : 0), on_poll);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct rpc_client *c = poll->data;
	int r = 0;

	/* An error of the socket comes behind what can still be read. */
	if (status < 0) {
		do
			r = read_on(c);
		while (r == 1 && !c->closing);
		r = r < 0 ? r : -ECONNRESET;
	}
	if (events & UV_WRITABLE)
		r = write_on(c);
	if (r >= 0 && (events & UV_READABLE))
		r = read_on(c);
	if (r < 0 && !c->closing)
		lose(c, r);
}

static int begin(struct rpc_client *c)
{
	int r = uv_poll_init(c->loop, &c->poll, c->fd);

	if (r < 0) {
		close(take_fd(&c->fd));
		return r;
	}
	c->poll.data = c;
	c->open_handles++;
	return write_on(c);
}

static void on_timer_connect(uv_timer_t *timer);

/* The queue of the service may be full; nothing but time tells when it is not. */
static int try_connect(struct rpc_client *c)
{
	int r = address_connect(c->root, c->address, &c->fd);

	if (r == -EAGAIN)
		return uv_timer_start(&c->timer, on_timer_connect, QUEUE_FULL_MS, 0);
	return r < 0 ? r : begin(c);
}

static void on_timer_connect(uv_timer_t *timer)
{
	struct rpc_client *c = timer->data;
	int r = try_connect(c);

	if (r < 0)
		lose(c, r);
}

/* ---- what services call ---- */

int rpc_client_new(uv_loop_t *loop, const char *root, const char *address,
		   struct rpc_client **ret_client)
{
	struct rpc_client *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->loop = loop;
	c->fd = -1;
	list_init(&c->waiting);
	c->root = strdup(root ? root : "");
	c->address = strdup(address);
	c->nothing = json_object();
	if (!c->root || !c->address || !c->nothing) {
		client_free(c);
		return -ENOMEM;
	}
	uv_timer_init(loop, &c->timer);
	c->timer.data = c;
	c->open_handles = 1;
	r = try_connect(c);
	if (r < 0) {
		rpc_client_close(c);
		return r;
	}
	*ret_client = c;
	return 0;
}

void rpc_client_on_lost(struct rpc_client *c, void (*fn)(struct rpc_client *c, int r, void *data),
			void *data)
{
	c->on_lost = fn;
	c->lost_data = data;
}

void rpc_client_close(struct rpc_client *c)
{
	struct waiting *w;

	if (!c || c->closing)
		return;
	c->closing = true;
	disconnect(c);
	uv_close((uv_handle_t *)&c->timer, on_handle_closed);
	while ((w = take_first(c)))
		free(w);
}

static int send_call(struct rpc_client *c, const char *method, const json_t *parameters,
		     bool oneway, bool more)
{
	int r;

	if (c->lost || c->closing)
		return -ENOTCONN;
	if (c->out.len > UNSENT_MAX)
		return -ENOBUFS;
	r = message_write_call(&c->out, method, parameters, oneway, more);
	if (r < 0 || c->fd < 0)
		return r;
	r = write_on(c);
	if (r < 0)
		lose_later(c, r);
	return 0;
}

int rpc_client_call(struct rpc_client *c, const char *method, const json_t *parameters, bool more,
		    rpc_client_fn fn, void *data)
{
	_cleanup_free_ struct waiting *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	*w = (struct waiting){.fn = fn, .data = data, .more = more};
	r = send_call(c, method, parameters, false, more);
	if (r < 0)
		return r;
	list_add_last(&c->waiting, &w->link);
	take_ptr(w);
	return 0;
}

int rpc_client_oneway(struct rpc_client *c, const char *method, const json_t *parameters)
{
	return send_call(c, method, parameters, true, false);
}
