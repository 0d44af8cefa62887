/*
 * Which requests there are, and what is looked at before one is handled.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "webd/ask.h"
#include "webd/handlers.h"

#define CSRF_HEADER "X-Leonhard-Csrf"

enum { EMPTY_BODY_MAX = 1024 };

static const struct route routes[] = {
	{"/api/call", "POST", ASK_CALL_MAX, ROUTE_SESSION | ROUTE_CSRF, handle_call},
	{"/api/interfaces", "GET", 0, ROUTE_SESSION, handle_interfaces},
	{"/api/login", "POST", ASK_LOGIN_MAX, 0, handle_login},
	{"/api/logout", "POST", EMPTY_BODY_MAX, ROUTE_SESSION | ROUTE_CSRF, handle_logout},
	{"/api/session", "GET", 0, ROUTE_SESSION, handle_session},
	{"/api/stream", "GET", 0, ROUTE_SESSION | ROUTE_PAGE, handle_stream},
	{"/api/users", "GET", 0, ROUTE_SESSION, handle_users},
};

const struct route *route_find(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		if (str_equal(routes[i].path, path))
			return &routes[i];
	}
	return NULL;
}

/* ---- the headers ---- */

static enum MHD_Result count_header(void *data, enum MHD_ValueKind kind, const char *name,
				    const char *value)
{
	struct ask_framing *f = data;

	if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
		f->encodings++;
		f->transfer_encoding = value;
	} else if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
		f->lengths++;
		f->content_length = value;
	} else if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
		f->hosts++;
	}
	return MHD_YES;
}

static bool check_framing(struct request *rq, const char *version)
{
	struct ask_framing f = {.http_1_0 = str_equal(version, "HTTP/1.0")};

	MHD_get_connection_values(rq->connection, MHD_HEADER_KIND, count_header, &f);
	if (ask_framing_clear(&f))
		return true;
	request_error(rq, MHD_HTTP_BAD_REQUEST, "it is not clear where the request ends");
	return false;
}

static bool check_method(struct request *rq, const char *method)
{
	const char *wanted = rq->route ? rq->route->method : "GET";

	if (str_equal(method, wanted) || (!rq->route && str_equal(method, "HEAD")))
		return true;
	request_error(rq, MHD_HTTP_METHOD_NOT_ALLOWED, "not with this method");
	request_add_header(rq, MHD_HTTP_HEADER_ALLOW, rq->route ? wanted : "GET, HEAD");
	return false;
}

static bool check_body(struct request *rq)
{
	const char *length = request_header(rq, MHD_HTTP_HEADER_CONTENT_LENGTH);
	size_t max = rq->route ? rq->route->body_max : 0;

	if (length && (strlen(length) > 9 || strtoul(length, NULL, 10) > max)) {
		request_error(rq, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large");
		return false;
	}
	if (!max || ask_is_json(request_header(rq, MHD_HTTP_HEADER_CONTENT_TYPE)))
		return true;
	request_error(rq, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "the body has to be application/json");
	return false;
}

static void find_session(struct request *rq)
{
	const char *id;
	size_t len;

	if (ask_cookie(request_header(rq, MHD_HTTP_HEADER_COOKIE), &id, &len))
		rq->session = session_find(&rq->webd->sessions, id, len, webd_now_ns());
}

static bool check_session(struct request *rq, bool told)
{
	unsigned flags = rq->route->flags;
	bool csrf;

	if (!(flags & ROUTE_SESSION))
		return true;
	find_session(rq);
	if (!rq->session) {
		request_error(rq, MHD_HTTP_UNAUTHORIZED, "not logged in");
		return false;
	}
	csrf = session_csrf_valid(rq->session, request_header(rq, CSRF_HEADER));
	if (flags & (ROUTE_CSRF | ROUTE_PAGE) && !csrf && !(flags & ROUTE_PAGE && told)) {
		request_error(rq, MHD_HTTP_FORBIDDEN, "the header " CSRF_HEADER " is wrong");
		return false;
	}
	return true;
}

static bool check_origin(struct request *rq, bool *ret_told)
{
	const struct ask_origin origin = {
		.host = request_header(rq, MHD_HTTP_HEADER_HOST),
		.origin = request_header(rq, MHD_HTTP_HEADER_ORIGIN),
		.site = request_header(rq, "Sec-Fetch-Site"),
	};

	*ret_told = false;
	if (ask_same_origin(&origin, ret_told))
		return true;
	request_error(rq, MHD_HTTP_FORBIDDEN, "a page of another site has asked");
	return false;
}

void request_check(struct request *rq, const char *path, const char *method, const char *version)
{
	bool told;

	rq->route = route_find(path);
	if (!check_framing(rq, version))
		return;
	if (!rq->route && str_starts(path, "/api/")) {
		request_error(rq, MHD_HTTP_NOT_FOUND, "there is no such request");
		return;
	}
	if (!check_method(rq, method) || !rq->route)
		return;
	if (check_origin(rq, &told) && check_body(rq))
		check_session(rq, told);
}

/* ---- the smallest of the handlers, and what several share ---- */

void handle_interfaces(struct request *rq)
{
	json_t *list;
	int r = catalog_list(&rq->webd->catalog, &list);

	request_reply(rq, MHD_HTTP_OK, r < 0 ? NULL : json_pack("{so}", "interfaces", list));
}

void request_unreachable(struct request *rq, int r)
{
	static const struct {
		int r;
		unsigned status;
		const char *text;
	} problems[] = {
		{-ENOENT, MHD_HTTP_BAD_GATEWAY, "the service is not there"},
		{-ECONNREFUSED, MHD_HTTP_BAD_GATEWAY, "the service is not running"},
		{-EACCES, MHD_HTTP_BAD_GATEWAY, "the service cannot be reached"},
		{-EAGAIN, MHD_HTTP_BAD_GATEWAY, "the service has too much to do"},
		{-ETIMEDOUT, MHD_HTTP_GATEWAY_TIMEOUT, "the service has not answered in time"},
		{-ECANCELED, MHD_HTTP_UNAUTHORIZED, "the session is over"},
		{-ECONNRESET, MHD_HTTP_BAD_GATEWAY, "the session's bridge has ended"},
		{-EMFILE, MHD_HTTP_TOO_MANY_REQUESTS, "too many calls at once"},
		{-EMSGSIZE, MHD_HTTP_BAD_GATEWAY, "a message is too long"},
		{0, MHD_HTTP_BAD_GATEWAY, "the service has hung up"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(problems); i++) {
		if (problems[i].r == r) {
			request_error(rq, problems[i].status, problems[i].text);
			return;
		}
	}
	request_error(rq, MHD_HTTP_BAD_GATEWAY, strerror(-r));
}
