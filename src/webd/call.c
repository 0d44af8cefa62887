/*
 * One call of a method, and its one reply.
 */
#include "base/def.h"
#include "rpc/message.h"
#include "webd/ask.h"
#include "webd/exchange.h"
#include "webd/handlers.h"

/* A page that calls by itself says so, and does not keep its session alive. */
#define BACKGROUND_HEADER "X-Leonhard-Background"

static json_t *answer_of(const struct message_reply *reply)
{
	json_t *parameters =
		reply->parameters ? json_incref((json_t *)reply->parameters) : json_object();

	return reply->error ? json_pack("{ss so}", "error", reply->error, "parameters", parameters)
			    : json_pack("{so}", "parameters", parameters);
}

static void answer(struct request *rq, const char *text, size_t len)
{
	struct message_reply reply;
	char reason[MESSAGE_REASON_MAX];

	if (message_parse_reply(text, len, &reply, reason) < 0) {
		request_error(rq, MHD_HTTP_BAD_GATEWAY, "the service has sent no reply");
		return;
	}
	request_reply(rq, MHD_HTTP_OK, answer_of(&reply));
	message_reply_deinit(&reply);
}

static void send_call(struct request *rq, const struct ask_call *call)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = ask_call_text(call, NULL, false, &text, &len);

	if (r < 0)
		request_unreachable(rq, r);
	else
		exchange_begin(rq, call->interface, text, len, answer);
}

void handle_call(struct request *rq)
{
	struct ask_call call;
	const char *problem;

	if (!exchange_has_room(rq))
		return;
	if (ask_call(rq->body ? rq->body : "", rq->body_len, &call, &problem) < 0) {
		request_error(rq, MHD_HTTP_BAD_REQUEST, problem);
		return;
	}
	if (!request_header(rq, BACKGROUND_HEADER))
		session_touch(rq->session, webd_now_ns());
	send_call(rq, &call);
	ask_call_deinit(&call);
}
