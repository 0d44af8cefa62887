/*
 * A request's answer, and waiting for it; see request.h.
 */
#include "webd/request.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "webd/headers.h"

/* Sees a client go away while the HTTP library does not look at its socket. */
struct watch {
	uv_poll_t poll;
	struct request *request;
};

struct request *request_new(struct webd *w, struct MHD_Connection *connection,
			    struct client *client)
{
	struct request *rq = calloc(1, sizeof(*rq));

	if (!rq)
		return NULL;
	rq->webd = w;
	rq->connection = connection;
	rq->client = client;
	return rq;
}

static void wipe_body(struct request *rq)
{
	if (rq->body)
		explicit_bzero(rq->body, rq->body_len);
	free(rq->body);
	rq->body = NULL;
	rq->body_len = 0;
}

static void on_watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void unwatch(struct request *rq)
{
	if (rq->watch)
		uv_close((uv_handle_t *)&rq->watch->poll, on_watch_closed);
	rq->watch = NULL;
}

static void give_up(struct request *rq)
{
	void (*cancel)(struct request *) = rq->cancel;

	rq->cancel = NULL;
	if (cancel)
		cancel(rq);
}

void request_free(struct request *rq)
{
	unwatch(rq);
	give_up(rq);
	if (rq->response)
		MHD_destroy_response(rq->response);
	wipe_body(rq);
	free(rq);
}

const char *request_header(const struct request *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, name);
}

const char *request_query(const struct request *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* ---- waiting ---- */

static void resume(struct request *rq)
{
	unwatch(rq);
	if (!rq->parked)
		return;
	rq->parked = false;
	MHD_resume_connection(rq->connection);
	http_kick(rq->webd);
}

static void on_gone(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;
	struct request *rq = w->request;

	rq->gone = true;
	give_up(rq);
	resume(rq);
}

/* Without it the client is missed only when it is written to. */
static void watch(struct request *rq)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return;
	if (uv_poll_init(&rq->webd->daemon->loop, &w->poll, rq->client->fd) < 0) {
		free(w);
		return;
	}
	w->poll.data = w;
	w->request = rq;
	rq->watch = w;
	uv_poll_start(&w->poll, UV_DISCONNECT, on_gone);
}

void request_pause(struct request *rq)
{
	assert(!rq->parked);
	rq->parked = true;
	MHD_suspend_connection(rq->connection);
	watch(rq);
}

void request_go_on(struct request *rq)
{
	resume(rq);
}

void request_park(struct request *rq, void (*cancel)(struct request *rq), void *work)
{
	rq->cancel = cancel;
	rq->work = work;
	client_works(rq->client, 0);
	request_pause(rq);
}

/* ---- answering ---- */

void request_respond(struct request *rq, unsigned status, struct MHD_Response *response)
{
	assert(!rq->response);
	rq->cancel = NULL;
	rq->status = status;
	rq->response = response;
	resume(rq);
}

static struct MHD_Response *make_json(const char *text, size_t len)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(len, (char *)text, MHD_RESPMEM_MUST_COPY);

	if (!response)
		return NULL;
	if (headers_add(response) < 0 ||
	    !MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json") ||
	    !MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store")) {
		MHD_destroy_response(response);
		return NULL;
	}
	return response;
}

/* Without memory for an answer there is none: the connection is closed. */
void request_reply(struct request *rq, unsigned status, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct MHD_Response *response = text ? make_json(text, strlen(text)) : NULL;

	json_decref(body);
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	rq->gone |= !response;
	request_respond(rq, status, response);
}

void request_error(struct request *rq, unsigned status, const char *text)
{
	request_reply(rq, status, json_pack("{ss}", "error", text));
	/* What is left of such a request is not looked at. */
	if (status != MHD_HTTP_BAD_GATEWAY && status != MHD_HTTP_UNAUTHORIZED)
		request_add_header(rq, MHD_HTTP_HEADER_CONNECTION, "close");
}

void request_add_header(struct request *rq, const char *name, const char *value)
{
	if (rq->response && !MHD_add_response_header(rq->response, name, value))
		rq->gone = true;
}

void request_later(struct request *rq, unsigned status, const char *text, unsigned retry_after_s)
{
	char seconds[16];

	snprintf(seconds, sizeof(seconds), "%u", retry_after_s);
	request_reply(rq, status, json_pack("{ss}", "error", text));
	request_add_header(rq, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
}

/* ---- the body ---- */

void request_take_body(struct request *rq, char *bytes, size_t len)
{
	char *grown;

	if (!rq->response && rq->body_len + len <= (rq->route ? rq->route->body_max : 0)) {
		/* Not realloc(), which leaves a copy behind. */
		grown = malloc(rq->body_len + len);
		if (grown) {
			if (rq->body_len)
				memcpy(grown, rq->body, rq->body_len);
			memcpy(grown + rq->body_len, bytes, len);
			len += rq->body_len;
			wipe_body(rq);
			rq->body = grown;
			rq->body_len = len;
			return;
		}
	}
	if (!rq->response)
		request_error(rq, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large");
}
