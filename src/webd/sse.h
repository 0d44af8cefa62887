/*
 * Server-sent events as text (HTML Living Standard, 9.2): what a stream of replies looks like.
 */
#ifndef WEBD_SSE_H
#define WEBD_SSE_H

#include <jansson.h>

#include "rpc/message.h"
#include "rpc/output.h"

/* "event: NAME", with "id:" unless @id is NULL, and the value on one line. -ENOMEM; nothing is
 * appended then. */
int sse_add(struct output *o, const char *name, const char *id, const json_t *data);

/* One reply as a "reply", or an "error". */
int sse_add_reply(struct output *o, const struct message_reply *reply);

/* What the stream can be gone on with: the member "id" of the parameters, or of the one object in
 * them. Borrowed; NULL when there is none that fits a line of plain letters. */
const char *sse_id_of(const json_t *parameters);

#endif
