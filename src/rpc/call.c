/*
 * Calls, as handlers see them: their peer, replies, streams and ends. A call ends once: by a reply,
 * an error, a stream that has overrun, a class that was taken away, or with its connection.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "rpc/serverint.h"

enum { PATH_MAX_BYTES = 200 };

struct rpc_call *call_new(struct connection *c, const struct method *m,
			  const struct message_call *message)
{
	struct rpc_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	*call = (struct rpc_call){
		.connection = c,
		.method = m,
		.class = connection_class(c),
		.by_grant = m && m->member->granted && connection_class(c) < m->member->access,
		.more = message->more,
		.oneway = message->oneway,
	};
	c->call = call;
	return call;
}

static void call_free(struct rpc_call *call)
{
	struct connection *c = call->connection;

	c->call = NULL;
	free(call);
	if (!c->serving)
		connection_update(c);
}

bool call_judge(struct rpc_call *call)
{
	return connection_class(call->connection) >= call->method->member->access ||
	       (call->by_grant && connection_is_granted(call->connection));
}

/* A handler that closes the server when it is told must not come back to this call. */
void call_drop(struct rpc_call *call)
{
	call->connection->call = NULL;
	if (call->closed)
		call->closed(call, call->closed_data);
	call_free(call);
}

/* ---- what is sent ---- */

/* What was appended waits for the end of the turn, or is written when it is much. */
static void queued(struct connection *c, size_t len)
{
	c->turn_bytes += len;
	connection_account(c);
	if (c->out.len >= OUTPUT_BATCH_BYTES && !c->blocked)
		connection_write(c);
	connection_mark_dirty(c);
}

/* A reply that cannot be queued would leave the peer waiting, or reading that of the next call. */
static void send_error(struct rpc_call *call, const char *error, const json_t *parameters)
{
	struct connection *c = call->connection;

	if (call->oneway)
		return;
	if (message_write_error(&c->out, error, parameters) < 0)
		c->lost = true;
	queued(c, 0);
}

static void send_failed(struct rpc_call *call, int r, const char *reason)
{
	json_auto_t *parameters = json_pack("{ss si}", "reason", reason, "errno", r < 0 ? -r : r);

	send_error(call, RPC_OWN "Failed", parameters);
}

static void send_overrun(struct rpc_call *call)
{
	json_auto_t *parameters = json_pack("{sI}", "missed", (json_int_t)call->missed);

	send_error(call, RPC_OWN "Overrun", parameters);
}

void call_end_with(struct rpc_call *call, const char *error, json_t *parameters)
{
	json_auto_t *owned = parameters;

	send_error(call, error, owned);
	call_drop(call);
}

/* ---- what handlers got wrong ---- */

static const char not_fitting[] = "the service made a reply that does not fit its interface";

static void report(struct rpc_call *call, const char *what, const char *path)
{
	server_problem(call->connection->server, "%s: %s does not fit the interface%s%s",
		       call->method->name, what, *path ? " at " : "", path);
}

/* Whether @parameters fit @type, and were written; else why not is told to whoever logs. */
static int write_checked(struct rpc_call *call, const char *error, const struct idl_type *type,
			 const json_t *parameters, bool continues)
{
	struct output *out = &call->connection->out;
	char path[PATH_MAX_BYTES] = "";
	int r;

	if (idl_check(type, parameters, path, sizeof(path)) < 0) {
		report(call, error ? error : "a reply", path);
		return -EINVAL;
	}
	r = error ? message_write_error(out, error, parameters)
		  : message_write_reply(out, parameters, continues);
	if (r == -EMSGSIZE)
		server_problem(call->connection->server, "%s: a reply is over %d bytes",
			       call->method->name, RPC_MESSAGE_MAX);
	else if (r == -EINVAL)
		report(call, "a reply", "");
	return r;
}

/* Ends a call for which @r, of write_checked(), says whether it has got its answer. */
static void end_written(struct rpc_call *call, int r)
{
	if (r == 0)
		queued(call->connection, 0);
	else if (r == -EINVAL)
		send_failed(call, 0, not_fitting);
	else
		send_failed(call, r, "the reply could not be made");
	call_free(call);
}

/* A stream that has gaps, or that was to end anyway, does not end as if it had none. */
static bool end_otherwise(struct rpc_call *call)
{
	if (call->overrun)
		send_overrun(call);
	else if (call->broken)
		send_failed(call, 0, not_fitting);
	else if (!call->oneway)
		return false;
	call_free(call);
	return true;
}

/* ---- what handlers call ---- */

const struct peer *rpc_call_peer(const struct rpc_call *call)
{
	return &call->connection->peer;
}

enum access_class rpc_call_class(const struct rpc_call *call)
{
	return call->class;
}

bool rpc_call_by_grant(const struct rpc_call *call)
{
	return call->by_grant;
}

bool rpc_call_more(const struct rpc_call *call)
{
	return call->more;
}

bool rpc_expect_more(struct rpc_call *call)
{
	if (call->more)
		return true;
	rpc_error(call, RPC_OWN "ExpectedMore", NULL);
	return false;
}

void rpc_reply(struct rpc_call *call, json_t *parameters)
{
	json_auto_t *owned = parameters;

	if (end_otherwise(call))
		return;
	end_written(call, write_checked(call, NULL, &call->method->member->reply, owned, false));
}

/* The error of that name in any interface that is served. */
static const struct idl_member *find_error(const struct rpc_call *call, const char *name)
{
	const char *dot = strrchr(name, '.');
	const struct idl *idl =
		dot ? server_find_idl(call->connection->server, name, dot - name) : NULL;

	return idl ? idl_find(idl, IDL_ERROR, dot + 1) : NULL;
}

void rpc_error(struct rpc_call *call, const char *name, json_t *parameters)
{
	json_auto_t *owned = parameters;
	const struct idl_member *error = find_error(call, name);

	if (end_otherwise(call))
		return;
	if (error) {
		end_written(call, write_checked(call, name, &error->type, owned, false));
		return;
	}
	server_problem(call->connection->server, "%s: no interface has the error %s",
		       call->method->name, name);
	end_written(call, -EINVAL);
}

void rpc_invalid(struct rpc_call *call, const char *parameter)
{
	rpc_error(call, RPC_STANDARD "InvalidParameter", json_pack("{ss}", "parameter", parameter));
}

void rpc_failed(struct rpc_call *call, int r, const char *reason)
{
	rpc_error(call, RPC_OWN "Failed",
		  json_pack("{ss si}", "reason", reason, "errno", r < 0 ? -r : r));
}

void rpc_call_on_closed(struct rpc_call *call, void (*closed)(struct rpc_call *, void *),
			void *data)
{
	call->closed = closed;
	call->closed_data = data;
}

void *rpc_call_state(const struct rpc_call *call)
{
	return call->connection->state;
}

void rpc_call_set_state(struct rpc_call *call, void *state, void (*gone)(void *state))
{
	call->connection->state = state;
	call->connection->gone = gone;
}

/* ---- streams ---- */

static int overrun(struct rpc_call *call)
{
	call->overrun = true;
	call->missed++;
	connection_mark_dirty(call->connection);
	return -ENOBUFS;
}

/* Whether what now is queued, from @before bytes on, is more than a stream may have. */
static bool is_too_much(const struct connection *c, size_t before)
{
	return before >= OUTPUT_BATCH_BYTES &&
	       (c->out.len > RPC_OUTPUT_MAX || !connection_within_bytes(c));
}

int rpc_stream(struct rpc_call *call, json_t *parameters)
{
	json_auto_t *owned = parameters;
	struct connection *c = call->connection;
	size_t before = c->out.len;
	int r;

	assert(call->more);
	if (call->broken)
		return -EINVAL;
	if (call->overrun)
		return overrun(call);
	r = write_checked(call, NULL, &call->method->member->reply, owned, true);
	if (r == -ENOMEM)
		return overrun(call);
	if (r < 0) {
		call->broken = true;
		connection_mark_dirty(c);
		return -EINVAL;
	}
	if (is_too_much(c, before)) {
		output_cut(&c->out, before);
		return overrun(call);
	}
	queued(c, c->out.len - before);
	return 0;
}

bool rpc_stream_ready(const struct rpc_call *call)
{
	const struct connection *c = call->connection;

	return !call->overrun && !call->broken && !c->lost && c->out.len < OUTPUT_BATCH_BYTES &&
	       c->turn_bytes < OUTPUT_BATCH_BYTES;
}

void rpc_stream_on_drain(struct rpc_call *call, void (*drained)(struct rpc_call *, void *),
			 void *data)
{
	call->drained = drained;
	call->drained_data = data;
	connection_mark_dirty(call->connection);
}

void call_flushed(struct rpc_call *call)
{
	void (*drained)(struct rpc_call *, void *) = call->drained;

	if (call->broken) {
		send_failed(call, 0, not_fitting);
		call_drop(call);
	} else if (call->overrun && call->connection->out.len == 0) {
		send_overrun(call);
		call_drop(call);
	} else if (drained && rpc_stream_ready(call)) {
		call->drained = NULL;
		drained(call, call->drained_data);
	}
}
