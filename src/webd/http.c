/*
 * The HTTP server: libmicrohttpd with TLS, on the daemon's loop.
 *
 * The library keeps an epoll descriptor of its own. The loop polls that one, lets the library run
 * when something is there, and asks it for how long it wants to sleep. Accepting is done here, so
 * that a new connection never waits behind others that do nothing (client.h).
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/log.h"
#include "webd/request.h"
#include "webd/webd.h"

enum {
	ACCEPT_BATCH = 32,
	CONNECTION_BYTES = 16 * 1024, /* of one connection: headers and what is read ahead */
	SWEEP_MS = 1000,
	EAGER_TURNS = 32,
	LAZY_DOUBLINGS = 5, /* at most 32 ms */
};

static const char priorities[] =
	"SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CAMELLIA-128-GCM:%SERVER_PRECEDENCE";

static uint64_t deadline(const struct webd *w, uint64_t span_ns)
{
	return uv_now(&w->daemon->loop) + span_ns / NS_PER_MS;
}

/* ---- requests ---- */

static enum MHD_Result hand_over(struct request *rq)
{
	struct MHD_Response *response = rq->response;
	enum MHD_Result result;

	rq->response = NULL;
	if (rq->gone || !response) {
		if (response)
			MHD_destroy_response(response);
		return MHD_NO;
	}
	result = MHD_queue_response(rq->connection, rq->status, response);
	MHD_destroy_response(response);
	return result;
}

/* Streams have no end; their client is looked after by themselves. */
static void expect_reading(struct request *rq)
{
	if (!rq->cancel)
		client_works(rq->client,
			     deadline(rq->webd, webd_settings(rq->webd)->idle_timeout_ns));
	else
		client_works(rq->client, 0);
}

static enum MHD_Result serve_asset(struct request *rq, const char *path)
{
	const struct asset *asset = assets_find(&rq->webd->assets, path);
	struct MHD_Response *response;

	if (!asset) {
		request_error(rq, MHD_HTTP_NOT_FOUND, "there is no such page");
		return hand_over(rq);
	}
	response = asset_response(asset, request_header(rq, MHD_HTTP_HEADER_ACCEPT_ENCODING),
				  request_header(rq, MHD_HTTP_HEADER_IF_NONE_MATCH), &rq->status);
	return MHD_queue_response(rq->connection, rq->status, response);
}

/* All of it is there. */
static enum MHD_Result serve(struct request *rq, const char *path)
{
	if (!rq->response && !rq->gone) {
		if (!rq->route) {
			expect_reading(rq);
			return serve_asset(rq, path);
		}
		rq->route->handle(rq);
		rq->session = NULL;
	}
	if (rq->parked)
		return MHD_YES;
	expect_reading(rq);
	return hand_over(rq);
}

static enum MHD_Result begin(struct webd *w, struct MHD_Connection *connection, const char *path,
			     const char *method, const char *version, void **request)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct client *client = info ? info->socket_context : NULL;
	struct request *rq = client ? request_new(w, connection, client) : NULL;

	if (!rq)
		return MHD_NO;
	*request = rq;
	/* Until its body is there, it may still have to make room for others. */
	client_waits(client, deadline(w, webd_settings(w)->request_timeout_ns));
	request_check(rq, path, method, version);
	if (!rq->response && !rq->gone)
		return MHD_YES;
	expect_reading(rq);
	return hand_over(rq);
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *path,
				  const char *method, const char *version, const char *bytes,
				  size_t *len, void **request)
{
	struct request *rq = *request;

	if (!rq)
		return begin(data, connection, path, method, version, request);
	if (*len) {
		request_take_body(rq, (char *)bytes, *len);
		/* It may hold a password; the library is done with it. */
		explicit_bzero((char *)bytes, *len);
		*len = 0;
		return MHD_YES;
	}
	return serve(rq, path);
}

static void on_completed(void *data, struct MHD_Connection *connection, void **request,
			 enum MHD_RequestTerminationCode code)
{
	struct webd *w = data;
	struct request *rq = *request;

	if (!rq)
		return;
	*request = NULL;
	client_waits(rq->client, deadline(w, webd_settings(w)->idle_timeout_ns));
	request_free(rq);
}

/* ---- connections ---- */

static bool anybody_there(const struct webd *w)
{
	bool there = w->clients.count;

	for (size_t i = 0; i < SESSIONS_MAX; i++)
		there |= w->sessions.all[i].used;
	return there;
}

/* Once a second while anybody is there: it looks for times that are over. */
static void on_sweep(uv_timer_t *timer)
{
	struct webd *w = timer->data;

	clients_expire(&w->clients, uv_now(&w->daemon->loop));
	webd_sweep_sessions(w);
	if (!anybody_there(w))
		uv_timer_stop(timer);
}

static void start_sweep(struct webd *w)
{
	if (!uv_is_active((uv_handle_t *)&w->sweep))
		uv_timer_start(&w->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
}

static void on_connection(void *data, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct webd *w = data;
	const union MHD_ConnectionInfo *fd, *address;
	struct client *client;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context)
			client_free(*context);
		*context = NULL;
		return;
	}
	fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	address = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (client_new(&w->clients, fd->connect_fd, address->client_addr, &client) < 0) {
		shutdown(fd->connect_fd, SHUT_RDWR);
		return;
	}
	client_waits(client, deadline(w, webd_settings(w)->request_timeout_ns));
	start_sweep(w);
	*context = client;
}

static void admit(struct webd *w, int fd, const struct sockaddr *sa, socklen_t len)
{
	static const int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!clients_make_room(&w->clients, sa))
		close(fd);
	else
		MHD_add_connection(w->mhd, fd, sa, len);
}

static void on_visitor(uv_poll_t *poll, int status, int events)
{
	struct webd *w = poll->data;
	struct sockaddr_storage sa;

	for (int i = 0; i < ACCEPT_BATCH; i++) {
		socklen_t len = sizeof(sa);
		int fd = accept4(w->listen_fd, (struct sockaddr *)&sa, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			break;
		admit(w, fd, (struct sockaddr *)&sa, len);
	}
	http_kick(w);
}

/* ---- the loop ---- */

/*
 * The library wants to run again at once while a connection has work left, and also, in vain, while
 * a client has sent a part of its TLS handshake. So it runs again at once some times, and then more
 * and more seldom, until something comes: half a handshake must not cost a processor.
 */
static unsigned again_ms(struct webd *w)
{
	unsigned doublings = w->turns / EAGER_TURNS;

	w->turns++;
	if (doublings == 0)
		return 0;
	return doublings <= LAZY_DOUBLINGS ? 1u << (doublings - 1) : 1u << LAZY_DOUBLINGS;
}

static void run(struct webd *w);

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
	struct webd *w = poll->data;

	w->turns = 0;
	run(w);
}

/* Not by a timer of 0 ms, which a timer must not start again: others would not get their turn. */
static void run_after(struct webd *w, uint64_t ms)
{
	if (ms) {
		uv_idle_stop(&w->mhd_idle);
		uv_timer_start(&w->mhd_timer, on_time, ms, 0);
	} else {
		uv_idle_start(&w->mhd_idle, on_idle);
	}
}

static void run(struct webd *w)
{
	MHD_UNSIGNED_LONG_LONG ms;

	uv_idle_stop(&w->mhd_idle);
	uv_timer_stop(&w->mhd_timer);
	w->kicked = false;
	MHD_run(w->mhd);
	/* A handler may have answered another request: the library does not count that. */
	if (w->kicked)
		run_after(w, 0);
	else if (MHD_get_timeout(w->mhd, &ms) == MHD_YES)
		run_after(w, ms ? ms : again_ms(w));
}

void http_kick(struct webd *w)
{
	w->kicked = true;
	w->turns = 0;
	if (w->watching)
		run_after(w, 0);
}

/* ---- start and end ---- */

static struct MHD_Daemon *start_library(struct webd *w)
{
	const unsigned flags =
		MHD_USE_EPOLL | MHD_USE_TLS | MHD_USE_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET;

	return MHD_start_daemon(flags, 0, NULL, NULL, on_request, w, MHD_OPTION_NOTIFY_COMPLETED,
				on_completed, w, MHD_OPTION_NOTIFY_CONNECTION, on_connection, w,
				MHD_OPTION_HTTPS_CERT_CALLBACK, tls_retrieve,
				MHD_OPTION_HTTPS_PRIORITIES, priorities,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
				MHD_OPTION_CONNECTION_LIMIT, 2048u, MHD_OPTION_CONNECTION_TIMEOUT,
				0u, MHD_OPTION_STRICT_FOR_CLIENT, 1,
				MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
}

static int watch(struct webd *w)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(w->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	uv_loop_t *loop = &w->daemon->loop;
	int r;

	w->listener.data = w->mhd_poll.data = w->mhd_timer.data = w->mhd_idle.data = w->sweep.data =
		w;
	uv_timer_init(loop, &w->mhd_timer);
	uv_timer_init(loop, &w->sweep);
	uv_idle_init(loop, &w->mhd_idle);
	uv_poll_init(loop, &w->listener, w->listen_fd);
	uv_poll_init(loop, &w->mhd_poll, info->epoll_fd);
	w->watching = true;
	r = uv_poll_start(&w->mhd_poll, UV_READABLE, on_ready);
	return r < 0 ? r : uv_poll_start(&w->listener, UV_READABLE, on_visitor);
}

int http_start(struct webd *w)
{
	int r;

	w->mhd = start_library(w);
	if (!w->mhd) {
		log_error("cannot start the HTTP server");
		return -EIO;
	}
	r = watch(w);
	return r < 0 ? log_error_errno(r, "cannot watch the HTTP server") : 0;
}

void http_stop(struct webd *w)
{
	if (w->watching) {
		uv_close((uv_handle_t *)&w->listener, NULL);
		uv_close((uv_handle_t *)&w->mhd_poll, NULL);
		uv_close((uv_handle_t *)&w->mhd_timer, NULL);
		uv_close((uv_handle_t *)&w->mhd_idle, NULL);
		uv_close((uv_handle_t *)&w->sweep, NULL);
	}
	w->watching = false;
	if (w->mhd)
		MHD_stop_daemon(w->mhd);
	w->mhd = NULL;
	if (w->listen_fd >= 0)
		close(w->listen_fd);
	w->listen_fd = -1;
}
