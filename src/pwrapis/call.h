/*
 * A call: one request of a session, from its head to its code.
 *
 * A handler is given the data of the request, whole, aligned, with a NUL behind it, of a size that
 * the table of operations allows; and returns a code of the published API, or CALL_WAITS: then
 * call_end() is called later. The reply's data are sent with PWR_SUCCESS alone.
 */
#ifndef PWRAPIS_CALL_H
#define PWRAPIS_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"
#include "pwrapis/lease.h"
#include "rpc/idl.h"

enum { CALL_WAITS = -1 };

struct session;
struct call;

/* What an errno of the machine or of the privileged half means to this operation. */
struct call_code {
	int error; /* positive; 0 ends the table */
	int code;
};

/* Settings that are made together, or not at all. */
struct batch {
	struct lease_setting *list; /* owned */
	size_t count, room;
	size_t done; /* so many are set; when it is undone, so many still are */
	uint64_t lease; /* the number of the lease when it began */
	bool undoing;
	bool counted; /* in the daemon's */
	int error; /* why it is undone */
	struct lease_setting
		*before; /* owned: what the lease had set, item POWER_NOTHING: nothing */
};

struct measure;
struct query;

/* The end of a read through the privileged half: a code, or CALL_WAITS after another one. */
typedef int (*call_number_fn)(struct call *c, double number);

struct call {
	struct session *session;
	const struct op *op; /* NULL: there is no call */
	struct wire_head head;
	void *data; /* owned */
	void *reply; /* owned */
	size_t reply_len;
	enum access_class class; /* of the session, at this call */
	bool granted_only; /* only items that were granted to it may be set */
	const struct call_code *codes; /* of the operation; NULL: the common ones */
	struct batch batch;
	/* What it waits for; owned. */
	struct query *query;
	struct measure *measure;
	int (*perf)(struct call *c, int r); /* perfdata.h */
	call_number_fn finish; /* of a guarded read */
};

/* Serves the first message of the session, @owner, which is whole. */
void call_serve(void *owner);
/* Replies, and the session goes on. */
void call_end(struct call *c, int code);
/* Frees it without a reply. */
void call_forget(struct call *c);

/* Room for the reply's data, zeroed; NULL: no memory, the code for it is PWR_ERR_SYS_EXCEPTION. */
void *call_reply(struct call *c, size_t len);
/* Less of it than was asked for. */
void call_reply_cut(struct call *c, size_t len);

/* The code for a negative errno. */
int call_code(const struct call *c, int r);

/* Has the privileged half read what this one may not: CALL_WAITS, or a code. */
int call_read_guarded(struct call *c, unsigned item, unsigned index, call_number_fn finish);

/* Adds a setting to the batch; 0, or a code: PWR_ERR_NOT_AUTHED where it was not granted. */
int call_set(struct call *c, unsigned item, unsigned index, const struct power_value *value);
/* Has them set: CALL_WAITS, or a code when it cannot begin. */
int call_commit(struct call *c);

#endif
