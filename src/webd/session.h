/*
 * Who is logged in: a table of fixed size, each session known by 32 random bytes in a cookie.
 *
 * The table knows neither HTTP nor sockets nor clocks: who asks says what time it is (a clock that
 * goes on while the machine sleeps). Tokens are compared in a time that does not depend on them.
 */
#ifndef WEBD_SESSION_H
#define WEBD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "webd/loginproto.h"

enum {
	SESSIONS_MAX = 64,
	SESSIONS_PER_USER = 8,
	SESSION_TOKEN_BYTES = 32,
	SESSION_TOKEN_TEXT = 2 * SESSION_TOKEN_BYTES, /* in hexadecimal, without a NUL */
	SESSION_CALLS_MAX = 16,
	SESSION_STREAMS_MAX = 8,
};

struct link;

struct session {
	bool used;
	char id[SESSION_TOKEN_TEXT + 1], csrf[SESSION_TOKEN_TEXT + 1];
	char user[LOGIN_USER_MAX];
	uint64_t begun_ns, active_ns;
	struct link *link; /* its bridge; the owner's business, as is the line below */
	unsigned call_count, stream_count;
};

struct sessions {
	uint64_t idle_ns, absolute_ns; /* limits */
	struct session all[SESSIONS_MAX];
};

/*
 * A new session. -EUSERS when the user has as many as there may be and -ENOSPC when all have; a
 * negative errno when there is no randomness.
 */
int session_new(struct sessions *s, const char *user, uint64_t now_ns,
		struct session **ret_session);
/* Wipes it. Its work has ended and its link is the caller's. */
void session_end(struct session *s);

/* The session of a cookie's value, @len bytes of anybody; NULL for none and for one that is over.
 */
struct session *session_find(struct sessions *s, const char *id, size_t len, uint64_t now_ns);
bool session_over(const struct sessions *s, const struct session *one, uint64_t now_ns);
/* When it will be over, if nothing more happens. */
uint64_t session_end_ns(const struct sessions *s, const struct session *one);
void session_touch(struct session *s, uint64_t now_ns);

/* Whether @token is the one that its pages have; NULL is not. */
bool session_csrf_valid(const struct session *s, const char *token);

/* The one of @user in which nobody has done anything for longest; NULL when there is none. */
struct session *session_stalest(struct sessions *s, const char *user);

#endif
