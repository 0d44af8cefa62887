/*
 * One message and the one that answers it; see exchange.h.
 */
#include "webd/exchange.h"

#include <errno.h>

#include "base/def.h"
#include "webd/handlers.h"
#include "webd/link.h"

struct exchange {
	struct request *rq;
	struct session *session;
	struct channel *channel;
	exchange_fn answer;
	uv_timer_t timer;
};

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* It is over, whichever way; the request is still there. */
static struct request *leave(struct exchange *x)
{
	struct request *rq = x->rq;

	x->session->call_count--;
	x->rq = NULL;
	x->session = NULL;
	uv_close((uv_handle_t *)&x->timer, on_timer_closed);
	return rq;
}

static void cancel(struct request *rq)
{
	struct exchange *x = rq->work;

	channel_close(x->channel);
	leave(x);
}

static void on_message(struct channel *channel, char *text, size_t len, void *data)
{
	struct exchange *x = data;

	/* The text stays until we return. */
	channel_close(channel);
	x->answer(leave(x), text, len);
}

static void on_closed(int r, void *data)
{
	request_unreachable(leave(data), r);
}

static const struct channel_ops ops = {.message = on_message, .closed = on_closed};

static void on_late(uv_timer_t *timer)
{
	struct exchange *x = timer->data;

	channel_close(x->channel);
	request_unreachable(leave(x), -ETIMEDOUT);
}

bool exchange_has_room(struct request *rq)
{
	if (rq->session->call_count < SESSION_CALLS_MAX)
		return true;
	request_later(rq, MHD_HTTP_TOO_MANY_REQUESTS, "too many calls at once", 1);
	return false;
}

static int begin(struct request *rq, const char *name, const char *text, size_t len,
		 exchange_fn answer)
{
	struct exchange *x = calloc(1, sizeof(*x));
	int r;

	if (!x)
		return -ENOMEM;
	*x = (struct exchange){.rq = rq, .session = rq->session, .answer = answer};
	r = link_call(x->session->link, name, text, len, &ops, x, &x->channel);
	if (r < 0) {
		free(x);
		return r;
	}
	x->session->call_count++;
	uv_timer_init(&rq->webd->daemon->loop, &x->timer);
	x->timer.data = x;
	uv_timer_start(&x->timer, on_late, webd_settings(rq->webd)->call_timeout_ns / NS_PER_MS, 0);
	request_park(rq, cancel, x);
	return 0;
}

void exchange_begin(struct request *rq, const char *name, const char *text, size_t len,
		    exchange_fn answer)
{
	int r = begin(rq, name, text, len, answer);

	if (r < 0)
		request_unreachable(rq, r);
}
