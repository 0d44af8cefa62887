/*
 * A call with many replies, as server-sent events.
 *
 * Replies wait in a buffer until the client has room. When it is full, no more are taken from the
 * bridge, which stops reading the service: what that does then is the service's own rule (it ends
 * the stream with Overrun, docs/rpc.md). A client that takes nothing for too long is cut.
 *
 * The stream belongs to the response, which the HTTP library frees last. The request, the channel
 * and the session may go before: leave() lets go of them.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "rpc/message.h"
#include "webd/ask.h"
#include "webd/handlers.h"
#include "webd/headers.h"
#include "webd/link.h"
#include "webd/sse.h"

enum {
	BUFFER_BYTES = 64 * 1024, /* beyond it the service has to wait */
	BLOCK_BYTES = 4096, /* that the HTTP library asks for at a time */
	COMMENT_MS = 20 * 1000,
};

struct stream {
	struct webd *webd;
	struct request *rq; /* NULL: it has gone */
	struct session *session; /* NULL with the channel */
	struct channel *channel; /* NULL: no more replies come */
	struct output out;
	uint64_t moved_ms; /* when the client has last taken something */
	uv_timer_t timer;
};

static void wake(struct stream *st)
{
	if (st->rq)
		request_go_on(st->rq);
}

static void leave_channel(struct stream *st)
{
	if (st->session)
		st->session->stream_count--;
	st->session = NULL;
	st->channel = NULL;
}

/* Out of memory it ends without a word. */
static void say_end(struct stream *st, const char *reason)
{
	json_t *data = json_pack("{ss}", "reason", reason);

	if (data)
		sse_add(&st->out, "end", NULL, data);
	json_decref(data);
}

/* ---- from the service ---- */

static bool is_ready(void *data)
{
	const struct stream *st = data;

	return st->out.len < BUFFER_BYTES;
}

static void end(struct stream *st, struct channel *channel, const char *reason)
{
	channel_close(channel);
	leave_channel(st);
	say_end(st, reason);
}

static void on_message(struct channel *channel, char *text, size_t len, void *data)
{
	struct stream *st = data;
	struct message_reply reply;
	char reason[MESSAGE_REASON_MAX];

	if (st->out.len == 0)
		st->moved_ms = uv_now(&st->webd->daemon->loop);
	if (message_parse_reply(text, len, &reply, reason) < 0) {
		end(st, channel, "service");
	} else {
		int r = sse_add_reply(&st->out, &reply);

		if (r < 0)
			end(st, channel, "memory");
		else if (!reply.continues)
			end(st, channel, "done");
		message_reply_deinit(&reply);
	}
	wake(st);
}

static void say_error(struct stream *st, int r)
{
	json_t *data = json_pack("{ss}", "error",
				 r == -ENOENT || r == -ECONNREFUSED ? "the service is not there"
								    : strerror(-r));

	if (data)
		sse_add(&st->out, "error", NULL, data);
	json_decref(data);
}

static void on_closed(int r, void *data)
{
	struct stream *st = data;

	leave_channel(st);
	if (r < 0 && r != -ECANCELED)
		say_error(st, r);
	say_end(st, r == -ECANCELED ? "session" : "service");
	wake(st);
}

static const struct channel_ops ops = {
	.message = on_message, .ready = is_ready, .closed = on_closed};

/* ---- to the client ---- */

static ssize_t take(struct stream *st, char *buf, size_t max)
{
	size_t len = st->out.len < max ? st->out.len : max;

	memcpy(buf, st->out.bytes + st->out.start, len);
	st->out.start += len;
	st->out.len -= len;
	st->moved_ms = uv_now(&st->webd->daemon->loop);
	if (st->out.len == 0)
		output_deinit(&st->out);
	if (st->channel && is_ready(st))
		channel_go_on(st->channel);
	return len;
}

static ssize_t on_room(void *data, uint64_t at, char *buf, size_t max)
{
	struct stream *st = data;

	if (!st->rq)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (st->out.len)
		return take(st, buf, max);
	if (!st->channel)
		return MHD_CONTENT_READER_END_OF_STREAM;
	request_pause(st->rq);
	return 0;
}

static void on_tick(uv_timer_t *timer)
{
	struct stream *st = timer->data;
	uint64_t stall_ms = webd_settings(st->webd)->stall_timeout_ns / NS_PER_MS;

	if (!st->rq)
		return;
	if (st->out.len && uv_now(timer->loop) - st->moved_ms >= stall_ms)
		client_cut(st->rq->client);
	else if (!st->out.len && output_add(&st->out, ":\n\n", 3) == 0)
		st->moved_ms = uv_now(timer->loop);
	wake(st);
}

/* ---- beginning and end ---- */

/* The client has gone, or the response. */
static void leave(struct stream *st)
{
	if (st->channel)
		channel_close(st->channel);
	leave_channel(st);
	st->rq = NULL;
}

static void cancel(struct request *rq)
{
	leave(rq->work);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct stream *st = handle->data;

	output_deinit(&st->out);
	free(st);
}

static void on_response_freed(void *data)
{
	struct stream *st = data;

	leave(st);
	uv_close((uv_handle_t *)&st->timer, on_timer_closed);
}

static struct stream *stream_new(struct request *rq)
{
	static const char hello[] = "retry: 2000\n\n";
	struct stream *st = calloc(1, sizeof(*st));

	if (!st)
		return NULL;
	if (output_add(&st->out, hello, sizeof(hello) - 1) < 0) {
		free(st);
		return NULL;
	}
	st->webd = rq->webd;
	st->rq = rq;
	st->moved_ms = uv_now(&rq->webd->daemon->loop);
	uv_timer_init(&rq->webd->daemon->loop, &st->timer);
	st->timer.data = st;
	return st;
}

static struct MHD_Response *make_response(struct stream *st)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_room, st, on_response_freed);

	if (!response) {
		on_response_freed(st);
		return NULL;
	}
	if (headers_add(response) < 0 ||
	    !MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream") ||
	    !MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store")) {
		MHD_destroy_response(response);
		return NULL;
	}
	return response;
}

static void start_timer(struct stream *st)
{
	uint64_t stall_ms = webd_settings(st->webd)->stall_timeout_ns / NS_PER_MS;
	uint64_t tick_ms = stall_ms < COMMENT_MS ? stall_ms : COMMENT_MS;

	uv_timer_start(&st->timer, on_tick, tick_ms, tick_ms);
}

static int send_call(struct stream *st, struct session *session, const struct ask_call *call)
{
	_cleanup_free_ char *text = NULL;
	const char *after = request_header(st->rq, "Last-Event-ID");
	size_t len;
	int r;

	if (after && !catalog_takes(&st->webd->catalog, call->method, "after"))
		after = NULL;
	r = ask_call_text(call, after, true, &text, &len);
	if (r == 0)
		r = link_call(session->link, call->interface, text, len, &ops, st, &st->channel);
	if (r < 0)
		return r;
	st->session = session;
	session->stream_count++;
	return 0;
}

static void begin(struct request *rq, const struct ask_call *call)
{
	struct stream *st = stream_new(rq);
	struct MHD_Response *response = st ? make_response(st) : NULL;
	int r;

	if (!response) {
		request_reply(rq, MHD_HTTP_OK, NULL);
		return;
	}
	r = send_call(st, rq->session, call);
	if (r < 0) {
		MHD_destroy_response(response);
		request_unreachable(rq, r);
		return;
	}
	start_timer(st);
	request_respond(rq, MHD_HTTP_OK, response);
	rq->cancel = cancel;
	rq->work = st;
}

void handle_stream(struct request *rq)
{
	const char *method = request_query(rq, "method");
	const char *parameters = request_query(rq, "parameters"), *problem;
	struct ask_call call;

	if (rq->session->stream_count >= SESSION_STREAMS_MAX) {
		request_later(rq, MHD_HTTP_TOO_MANY_REQUESTS, "too many streams at once", 5);
		return;
	}
	if (ask_stream(method, parameters, &call, &problem) < 0) {
		request_error(rq, MHD_HTTP_BAD_REQUEST, problem);
		return;
	}
	begin(rq, &call);
	ask_call_deinit(&call);
}
