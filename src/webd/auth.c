/*
 * Logging in and out, and the session in between.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "webd/ask.h"
#include "webd/handlers.h"
#include "webd/link.h"

#define COOKIE_ATTRIBUTES "; Path=/; Secure; HttpOnly; SameSite=Strict"

static const char busy[] = "too many attempts at once";

static void on_bridge_gone(void *data)
{
	struct session *s = data;

	log_info("the session of %s has ended: its bridge has gone", s->user);
	session_end(s);
}

void webd_end_session(struct webd *w, struct session *s)
{
	link_close(s->link);
	session_end(s);
}

void webd_sweep_sessions(struct webd *w)
{
	uint64_t now_ns = webd_now_ns();

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *s = &w->sessions.all[i];

		if (s->used && session_over(&w->sessions, s, now_ns)) {
			log_info("the session of %s is over", s->user);
			webd_end_session(w, s);
		}
	}
}

/* ---- what a page is told ---- */

static json_t *describe(const struct webd *w, const struct session *s)
{
	uint64_t left_ns = session_end_ns(&w->sessions, s) - webd_now_ns();

	return json_pack("{ss ss sI}", "user", s->user, "csrf", s->csrf, "expires_ns",
			 (json_int_t)(time_now_ns(CLOCK_REALTIME) + left_ns));
}

void handle_session(struct request *rq)
{
	request_reply(rq, MHD_HTTP_OK, describe(rq->webd, rq->session));
}

void handle_logout(struct request *rq)
{
	log_info("%s has logged out", rq->session->user);
	webd_end_session(rq->webd, rq->session);
	request_reply(rq, MHD_HTTP_OK, json_object());
	request_add_header(rq, MHD_HTTP_HEADER_SET_COOKIE,
			   ASK_COOKIE "=" COOKIE_ATTRIBUTES "; Max-Age=0");
}

/* ---- login ---- */

/* Who has too many of them gives up the one that was used least. */
static int make_session(struct webd *w, const char *user, struct session **ret_session)
{
	int r = session_new(&w->sessions, user, webd_now_ns(), ret_session);

	if (r != -EUSERS)
		return r;
	webd_end_session(w, session_stalest(&w->sessions, user));
	return session_new(&w->sessions, user, webd_now_ns(), ret_session);
}

static int begin_session(struct request *rq, const char *user, int fd)
{
	char cookie[sizeof(ASK_COOKIE) + SESSION_TOKEN_TEXT + sizeof(COOKIE_ATTRIBUTES)];
	struct session *s;
	int r = make_session(rq->webd, user, &s);

	if (r < 0) {
		close(fd);
		return r;
	}
	r = link_new(&rq->webd->daemon->loop, fd, on_bridge_gone, s, &s->link);
	if (r < 0) {
		session_end(s);
		return r;
	}
	snprintf(cookie, sizeof(cookie), ASK_COOKIE "=%s" COOKIE_ATTRIBUTES, s->id);
	request_reply(rq, MHD_HTTP_OK, describe(rq->webd, s));
	request_add_header(rq, MHD_HTTP_HEADER_SET_COOKIE, cookie);
	explicit_bzero(cookie, sizeof(cookie));
	return 0;
}

static void on_granted(struct request *rq, const struct login_reply *reply, int fd)
{
	int r = begin_session(rq, reply->user, fd);

	if (r < 0) {
		log_error_errno(r, "cannot begin a session of %s", reply->user);
		request_later(rq, MHD_HTTP_SERVICE_UNAVAILABLE, "no room for another session", 60);
	}
}

static void on_login(struct request *rq, const struct login_reply *reply, int fd)
{
	switch (reply->result) {
	case LOGIN_GRANTED:
		on_granted(rq, reply, fd);
		break;
	case LOGIN_DENIED:
		request_error(rq, MHD_HTTP_UNAUTHORIZED, "user or password is wrong");
		break;
	case LOGIN_EXPIRED:
		request_error(rq, MHD_HTTP_UNAUTHORIZED,
			      "the password has expired; change it with passwd in a terminal");
		break;
	case LOGIN_LATER:
		request_later(rq, MHD_HTTP_TOO_MANY_REQUESTS, "too many attempts",
			      reply->retry_after_s);
		break;
	default:
		request_error(rq, MHD_HTTP_BAD_GATEWAY, "logging in does not work at the moment");
	}
}

static void ask(struct request *rq, const struct login_request *request)
{
	int r = login_ask(rq, request, on_login);

	if (r == -EAGAIN || r == -EBUSY) {
		request_later(rq, MHD_HTTP_TOO_MANY_REQUESTS, busy, 1);
	} else if (r < 0) {
		log_error_errno(r, "cannot ask " LOGIN_SOCKET_PATH);
		request_error(rq, MHD_HTTP_BAD_GATEWAY, "logging in does not work at the moment");
	}
}

void handle_login(struct request *rq)
{
	struct login_request request;
	const char *problem;

	if (ask_login(rq->body ? rq->body : "", rq->body_len, &request, &problem) < 0) {
		request_error(rq, MHD_HTTP_BAD_REQUEST, problem);
		return;
	}
	explicit_bzero(rq->body, rq->body_len);
	snprintf(request.address, sizeof(request.address), "%s", rq->client->text);
	ask(rq, &request);
	explicit_bzero(&request, sizeof(request));
}
