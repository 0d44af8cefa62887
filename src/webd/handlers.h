/*
 * The handlers of the routes; the interface is in docs/console-http.md.
 */
#ifndef WEBD_HANDLERS_H
#define WEBD_HANDLERS_H

#include "webd/request.h"

/* auth.c */
void handle_login(struct request *rq);
void handle_logout(struct request *rq);
void handle_session(struct request *rq);
/* call.c */
void handle_call(struct request *rq);
/* stream.c */
void handle_stream(struct request *rq);
/* users.c */
void handle_users(struct request *rq);
/* routes.c */
void handle_interfaces(struct request *rq);

/* login.c: asks the privileged half. @request is copied; @done is called once, unless the request
 * goes away first. @fd is the caller's, -1 without a bridge. */
typedef void (*login_fn)(struct request *rq, const struct login_reply *reply, int fd);
int login_ask(struct request *rq, const struct login_request *request, login_fn done);

/* A problem with reaching a service, as a status and a text. */
void request_unreachable(struct request *rq, int r);

#endif
