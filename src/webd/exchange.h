/*
 * One message to what is behind a session's bridge, and the one that answers it, for a request that
 * is parked meanwhile. It ends with the answer, with the channel, with the client, or when it takes
 * longer than call_timeout; all but the first are answered here.
 */
#ifndef WEBD_EXCHANGE_H
#define WEBD_EXCHANGE_H

#include "webd/request.h"

/* Answers the request. @text is NUL-terminated, and the bridge's own. */
typedef void (*exchange_fn)(struct request *rq, const char *text, size_t len);

/* Whether the session has room for one more; when it has not, the request is answered. */
bool exchange_has_room(struct request *rq);

/* Sends the message of @len bytes, its NUL byte among them, over a channel of that name, and parks
 * the request; when that fails the request is answered. */
void exchange_begin(struct request *rq, const char *name, const char *text, size_t len,
		    exchange_fn answer);

#endif
