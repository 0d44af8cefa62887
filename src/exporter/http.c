/*
 * The HTTP server: libmicrohttpd on the daemon's loop. GET and HEAD of /metrics, and a line of help
 * at /; nothing else.
 *
 * The library keeps an epoll descriptor of its own. The loop polls that one, lets the library run
 * when something is there, and asks it for how long it wants to sleep. Accepting is not its, so
 * that a new connection never waits behind others that do nothing (guests.h). A request for metrics
 * is parked until a look at the service is over (look.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/def.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "exporter/exporter.h"

enum {
	CONNECTION_BYTES = 8 * 1024, /* of one connection: headers, and what is read ahead */
	LIBRARY_CONNECTIONS = 256, /* more than there may be, for those that are being cut */
};

struct request {
	struct list_link link; /* in the exporter's parked, while it waits */
	struct exporter *exporter;
	struct MHD_Connection *connection;
	struct guest *guest;
	struct MHD_Response *response; /* NULL: none yet; else a reference */
	unsigned status; /* 0: not served yet */
};

static uint64_t request_ms(const struct exporter *e)
{
	return exporter_settings(e)->request_timeout_ns / NS_PER_MS;
}

static void on_time(uv_timer_t *timer);
static void kick(struct exporter *e);

/* ---- responses ---- */

static const struct page {
	unsigned status;
	const char *text;
} pages[] = {
	{MHD_HTTP_OK, "leonhard-power-exporter: metrics are at /metrics.\n"},
	{MHD_HTTP_NOT_FOUND, "There is nothing but /metrics.\n"},
	{MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD are understood.\n"},
	{MHD_HTTP_CONTENT_TOO_LARGE, "A request has no content here.\n"},
	{MHD_HTTP_INTERNAL_SERVER_ERROR, "There was not enough memory.\n"},
};

static struct MHD_Response *make_response(char *text, size_t len, enum MHD_ResponseMemoryMode mode,
					  const char *type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(len, text, mode);

	if (!response)
		return NULL;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	return response;
}

static struct MHD_Response *make_page(unsigned status)
{
	struct MHD_Response *response = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		const char *text = pages[i].text;

		if (pages[i].status == status)
			response = make_response((char *)text, strlen(text), MHD_RESPMEM_PERSISTENT,
						 "text/plain; charset=utf-8");
	}
	if (response && status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (response && status == MHD_HTTP_CONTENT_TOO_LARGE)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	return response;
}

static enum MHD_Result send_page(struct request *rq, unsigned status)
{
	struct MHD_Response *response = make_page(status);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	result = MHD_queue_response(rq->connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* ---- requests ---- */

static void park(struct request *rq)
{
	struct exporter *e = rq->exporter;

	MHD_suspend_connection(rq->connection);
	list_add_last(&e->parked, &rq->link);
	if (!look_is_under_way(&e->look))
		look_begin(&e->look, exporter_settings(e)->service_timeout_ns / NS_PER_MS);
}

void http_answer(struct exporter *e, char *text, size_t len)
{
	struct request *rq;

	while ((rq = list_first(&e->parked, struct request, link))) {
		list_remove(&rq->link);
		if (text)
			rq->response = make_response(text, len, MHD_RESPMEM_MUST_COPY,
						     METRICS_CONTENT_TYPE);
		rq->status = rq->response ? MHD_HTTP_OK : MHD_HTTP_INTERNAL_SERVER_ERROR;
		guest_works(&e->guests, rq->guest, request_ms(e));
		MHD_resume_connection(rq->connection);
	}
	free(text);
	kick(e);
}

/* After its look. */
static enum MHD_Result answer(struct request *rq)
{
	if (!rq->response)
		return send_page(rq, rq->status);
	return MHD_queue_response(rq->connection, rq->status, rq->response);
}

static bool has_content(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_CONTENT_LENGTH);

	return (length && !str_equal(length, "0")) ||
	       MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					   MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

/* Its headers are there. What is answered now ends the connection, as the library has it. */
static enum MHD_Result begin(struct request *rq)
{
	struct exporter *e = rq->exporter;

	guest_works(&e->guests, rq->guest,
		    request_ms(e) + exporter_settings(e)->service_timeout_ns / NS_PER_MS);
	if (has_content(rq->connection))
		return send_page(rq, MHD_HTTP_CONTENT_TOO_LARGE);
	return MHD_YES;
}

/* All of it is there. */
static enum MHD_Result serve(struct request *rq, const char *path, const char *method)
{
	rq->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	if (!str_equal(method, MHD_HTTP_METHOD_GET) && !str_equal(method, MHD_HTTP_METHOD_HEAD))
		return send_page(rq, MHD_HTTP_METHOD_NOT_ALLOWED);
	if (str_equal(path, "/"))
		return send_page(rq, MHD_HTTP_OK);
	if (!str_equal(path, "/metrics"))
		return send_page(rq, MHD_HTTP_NOT_FOUND);
	park(rq);
	return MHD_YES;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *path,
				  const char *method, const char *version, const char *bytes,
				  size_t *len, void **request)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct request *rq = *request;

	if (rq)
		return rq->status ? answer(rq) : serve(rq, path, method);
	if (!info || !info->socket_context)
		return MHD_NO;
	rq = calloc(1, sizeof(*rq));
	if (!rq)
		return MHD_NO;
	*rq = (struct request){
		.exporter = data,
		.connection = connection,
		.guest = info->socket_context,
	};
	*request = rq;
	return begin(rq);
}

static void on_completed(void *data, struct MHD_Connection *connection, void **request,
			 enum MHD_RequestTerminationCode code)
{
	struct exporter *e = data;
	struct request *rq = *request;

	*request = NULL;
	if (!rq)
		return;
	if (list_is_linked(&rq->link))
		list_remove(&rq->link);
	guest_waits(&e->guests, rq->guest, exporter_settings(e)->idle_timeout_ns / NS_PER_MS);
	if (rq->response)
		MHD_destroy_response(rq->response);
	free(rq);
}

/* ---- connections ---- */

static void on_connection(void *data, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct exporter *e = data;
	const union MHD_ConnectionInfo *fd;
	struct guest *guest;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context)
			guest_free(&e->guests, take_ptr(*context));
		return;
	}
	fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (guest_new(&e->guests, fd->connect_fd, request_ms(e), &guest) < 0)
		shutdown(fd->connect_fd, SHUT_RDWR);
	else
		*context = guest;
}

/* Who has gone already has no address any more. */
static void on_visitor(void *data, int fd)
{
	struct exporter *e = data;
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	if (getpeername(fd, (struct sockaddr *)&sa, &len) < 0 || !guests_make_room(&e->guests))
		close(fd);
	else
		MHD_add_connection(e->mhd, fd, (struct sockaddr *)&sa, len);
	kick(e);
}

/* Closing says it. */
static void refuse_visitor(void *data, int fd)
{
}

/* ---- the loop ---- */

static void run(struct exporter *e)
{
	MHD_UNSIGNED_LONG_LONG ms;

	uv_idle_stop(&e->mhd_idle);
	uv_timer_stop(&e->mhd_timer);
	MHD_run(e->mhd);
	if (MHD_get_timeout(e->mhd, &ms) != MHD_YES)
		return;
	if (ms)
		uv_timer_start(&e->mhd_timer, on_time, ms, 0);
	else
		kick(e);
}

static void on_time(uv_timer_t *timer)
{
	run(timer->data);
}

static void on_idle(uv_idle_t *idle)
{
	run(idle->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	run(poll->data);
}

/* Not by a timer of 0 ms, which a timer must not start again: others would not get their turn. */
static void kick(struct exporter *e)
{
	if (e->watching)
		uv_idle_start(&e->mhd_idle, on_idle);
}

/* ---- start and end ---- */

static int watch(struct exporter *e)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(e->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	uv_loop_t *loop = &e->daemon->loop;
	int r;

	e->mhd_poll.data = e->mhd_timer.data = e->mhd_idle.data = e;
	uv_timer_init(loop, &e->mhd_timer);
	uv_idle_init(loop, &e->mhd_idle);
	uv_poll_init(loop, &e->mhd_poll, info->epoll_fd);
	accepting_init(&e->accepting, loop, on_visitor, refuse_visitor, e);
	e->watching = true;
	r = uv_poll_start(&e->mhd_poll, UV_READABLE, on_ready);
	return r < 0 ? r : accepting_start(&e->accepting, loop, take_fd(&e->listen_fd));
}

int http_start(struct exporter *e)
{
	const unsigned flags = MHD_USE_EPOLL | MHD_USE_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET;
	int r;

	e->mhd = MHD_start_daemon(flags, 0, NULL, NULL, on_request, e, MHD_OPTION_NOTIFY_COMPLETED,
				  on_completed, e, MHD_OPTION_NOTIFY_CONNECTION, on_connection, e,
				  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
				  MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIBRARY_CONNECTIONS,
				  MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_STRICT_FOR_CLIENT,
				  1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
	if (!e->mhd) {
		log_error("cannot start the HTTP server");
		return -EIO;
	}
	r = watch(e);
	return r < 0 ? log_error_errno(r, "cannot watch the HTTP server") : 0;
}

void http_stop(struct exporter *e)
{
	if (e->watching) {
		accepting_close(&e->accepting, NULL);
		uv_close((uv_handle_t *)&e->mhd_poll, NULL);
		uv_close((uv_handle_t *)&e->mhd_timer, NULL);
		uv_close((uv_handle_t *)&e->mhd_idle, NULL);
	}
	e->watching = false;
	if (e->mhd) {
		/* The library ends with no request parked. */
		http_answer(e, NULL, 0);
		MHD_stop_daemon(take_ptr(e->mhd));
	}
	if (e->listen_fd >= 0)
		close(take_fd(&e->listen_fd));
	namedsocket_remove(&e->socket);
}
