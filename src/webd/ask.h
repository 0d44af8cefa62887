/*
 * What a browser sends, taken apart: a cookie, a body, an origin. All of it is anybody's; what is
 * not exactly right is refused, with a text for people.
 */
#ifndef WEBD_ASK_H
#define WEBD_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "webd/loginproto.h"

#define ASK_COOKIE "__Host-leonhard"

/* Bytes of bodies. What a query holds is bounded with the headers. */
enum { ASK_LOGIN_MAX = 4 * 1024, ASK_CALL_MAX = 256 * 1024 };

/*
 * The value of our cookie in a Cookie header (RFC 6265, 4.2), borrowed. False when it is not there,
 * or there twice: then somebody has put one beside ours.
 */
bool ask_cookie(const char *header, const char **ret_value, size_t *ret_len);

/* {"user": ..., "password": ...} into the record. -EINVAL and a static text, which is never set
 * together with a password in the record. */
int ask_login(const char *body, size_t len, struct login_request *ret_request,
	      const char **ret_problem);

/* A call of a method of a service. */
struct ask_call {
	json_t *root; /* owned, or NULL */
	const char *method;
	const json_t *parameters; /* borrowed; NULL for none */
	char interface[256];
};

/* {"method": ..., "parameters": {...}}. -EINVAL and a static text; -ENOMEM. */
int ask_call(const char *body, size_t len, struct ask_call *ret_call, const char **ret_problem);
/* The same of a query's texts; @parameters may be NULL. */
int ask_stream(const char *method, const char *parameters, struct ask_call *ret_call,
	       const char **ret_problem);
void ask_call_deinit(struct ask_call *c);

/* The text of a varlink call, with its NUL byte; the caller's. @after, unless NULL, is what the
 * parameter "after" is to be. -ENOMEM. */
int ask_call_text(const struct ask_call *c, const char *after, bool more, char **ret_text,
		  size_t *ret_len);

/* "application/json", with parameters or without. */
bool ask_is_json(const char *content_type);

/* Headers as the browser sent them, NULL where it sent none. */
struct ask_origin {
	const char *host, *origin, *site;
};

/*
 * Whether a page of ours has asked, as far as the browser tells: false when Sec-Fetch-Site or
 * Origin say otherwise. A program that says neither is let through, and *@ret_told is false.
 */
bool ask_same_origin(const struct ask_origin *o, bool *ret_told);

/* Headers with which two readers of one request could disagree on where it ends. */
struct ask_framing {
	const char *transfer_encoding, *content_length;
	unsigned encodings, lengths, hosts; /* how often each is there */
	bool http_1_0;
};
bool ask_framing_clear(const struct ask_framing *f);

/* Whether the client takes gzip, by its Accept-Encoding. */
bool ask_takes_gzip(const char *accept_encoding);
/* Whether If-None-Match names @etag, which has its quotes. */
bool ask_has_etag(const char *if_none_match, const char *etag);

/* Makes jansson wipe what it frees, since passwords come as JSON. Once, at the start. */
void ask_wipe_memory(void);

#endif
