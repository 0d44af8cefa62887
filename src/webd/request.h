/*
 * One HTTP request, from its headers to its response.
 *
 * A handler answers at once, or parks the request and answers later. While a request is parked its
 * connection is watched: when the client goes away, the work for it is given up.
 */
#ifndef WEBD_REQUEST_H
#define WEBD_REQUEST_H

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>

#include "webd/webd.h"

struct request;

enum route_flag {
	ROUTE_SESSION = 1, /* who is not logged in gets 401 */
	ROUTE_CSRF = 2, /* and wants the token of the page */
	ROUTE_PAGE = 4, /* or, where a page cannot send one, the browser's word */
};

struct route {
	const char *path, *method;
	size_t body_max; /* 0: none is taken */
	unsigned flags;
	void (*handle)(struct request *rq);
};

struct request {
	struct webd *webd;
	struct MHD_Connection *connection;
	struct client *client;
	const struct route *route; /* NULL: an asset, or an error */
	struct session *session; /* while its headers are looked at, and in the handler */
	char *body; /* owned */
	size_t body_len;
	/* The response, once there is one; handed to the library when it asks. */
	struct MHD_Response *response;
	unsigned status;
	bool parked, gone;
	struct watch *watch; /* of the connection, while parked */
	void (*cancel)(struct request *rq); /* gives up @work, which is there no more then */
	void *work;
};

/* routes.c */
const struct route *route_find(const char *path);

const char *request_header(const struct request *rq, const char *name);
const char *request_query(const struct request *rq, const char *name);

/* Answers with JSON, which is taken; NULL is an answer of its own: no memory. */
void request_reply(struct request *rq, unsigned status, json_t *body);
void request_error(struct request *rq, unsigned status, const char *text);
void request_later(struct request *rq, unsigned status, const char *text, unsigned retry_after_s);
/* Another header for an answer that there is already. */
void request_add_header(struct request *rq, const char *name, const char *value);
/* Answers with what the caller has made, which is taken. */
void request_respond(struct request *rq, unsigned status, struct MHD_Response *response);

/* From a handler: @cancel is called when the client goes away first. */
void request_park(struct request *rq, void (*cancel)(struct request *rq), void *work);

/* For a response that is made piece by piece: waits, and goes on. */
void request_pause(struct request *rq);
void request_go_on(struct request *rq);

/* http.c calls these. */
struct request *request_new(struct webd *w, struct MHD_Connection *connection,
			    struct client *client);
void request_free(struct request *rq);
/* Looks at the headers: answers with an error, or does nothing. */
void request_check(struct request *rq, const char *path, const char *method, const char *version);
/* The body, or a part of it. */
void request_take_body(struct request *rq, char *bytes, size_t len);

#endif
