/*
 * One call of a method, and its one reply.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "rpc/message.h"
#include "webd/ask.h"
#include "webd/handlers.h"
#include "webd/link.h"

/* A page that calls by itself says so, and does not keep its session alive. */
#define BACKGROUND_HEADER "X-Leonhard-Background"

struct calling {
	struct request *rq;
	struct session *session;
	struct channel *channel;
	uv_timer_t timer;
};

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* It is over, whichever way; the request is still there. */
static struct request *leave(struct calling *c)
{
	struct request *rq = c->rq;

	c->session->call_count--;
	c->rq = NULL;
	c->session = NULL;
	uv_close((uv_handle_t *)&c->timer, on_timer_closed);
	return rq;
}

static void cancel(struct request *rq)
{
	struct calling *c = rq->work;

	channel_close(c->channel);
	leave(c);
}

static json_t *answer_of(const struct message_reply *reply)
{
	json_t *parameters =
		reply->parameters ? json_incref((json_t *)reply->parameters) : json_object();

	return reply->error ? json_pack("{ss so}", "error", reply->error, "parameters", parameters)
			    : json_pack("{so}", "parameters", parameters);
}

static void on_message(struct channel *channel, char *text, size_t len, void *data)
{
	struct calling *c = data;
	struct message_reply reply;
	char reason[MESSAGE_REASON_MAX];
	int r = message_parse_reply(text, len, &reply, reason);

	channel_close(channel);
	if (r < 0) {
		request_error(leave(c), MHD_HTTP_BAD_GATEWAY, "the service has sent no reply");
		return;
	}
	request_reply(leave(c), MHD_HTTP_OK, answer_of(&reply));
	message_reply_deinit(&reply);
}

static void on_closed(int r, void *data)
{
	request_unreachable(leave(data), r);
}

static const struct channel_ops ops = {.message = on_message, .closed = on_closed};

static void on_late(uv_timer_t *timer)
{
	struct calling *c = timer->data;

	channel_close(c->channel);
	request_unreachable(leave(c), -ETIMEDOUT);
}

static int send_call(struct calling *c, const struct ask_call *call)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = ask_call_text(call, NULL, false, &text, &len);

	return r < 0 ? r
		     : link_call(c->session->link, call->interface, text, len, &ops, c,
				 &c->channel);
}

static int begin(struct request *rq, const struct ask_call *call)
{
	struct calling *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->rq = rq;
	c->session = rq->session;
	r = send_call(c, call);
	if (r < 0) {
		free(c);
		return r;
	}
	c->session->call_count++;
	uv_timer_init(&rq->webd->daemon->loop, &c->timer);
	c->timer.data = c;
	uv_timer_start(&c->timer, on_late, webd_settings(rq->webd)->call_timeout_ns / NS_PER_MS, 0);
	request_park(rq, cancel, c);
	return 0;
}

void handle_call(struct request *rq)
{
	struct ask_call call;
	const char *problem;
	int r;

	if (rq->session->call_count >= SESSION_CALLS_MAX) {
		request_later(rq, MHD_HTTP_TOO_MANY_REQUESTS, "too many calls at once", 1);
		return;
	}
	r = ask_call(rq->body ? rq->body : "", rq->body_len, &call, &problem);
	if (r < 0) {
		request_error(rq, MHD_HTTP_BAD_REQUEST, problem);
		return;
	}
	if (!request_header(rq, BACKGROUND_HEADER))
		session_touch(rq->session, webd_now_ns());
	r = begin(rq, &call);
	ask_call_deinit(&call);
	if (r < 0)
		request_unreachable(rq, r);
}
