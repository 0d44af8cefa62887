/*
 * One message of a connection: read, judged, and given to its handler. In this order: whether the
 * peer may call anything, whether it is a call, whether there is such a method, whether the peer
 * may call it, whether the parameters fit.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "rpc/serverint.h"

/* How much of the place of a wrong parameter is told. */
enum { PATH_MAX_BYTES = 200 };

static void end_not_found(struct rpc_call *call, const char *name)
{
	const char *dot = strrchr(name, '.');

	if (server_find_idl(call->connection->server, name, dot - name))
		call_end_with(call, RPC_STANDARD "MethodNotFound",
			      json_pack("{ss}", "method", name));
	else
		call_end_with(call, RPC_STANDARD "InterfaceNotFound",
			      json_pack("{ss%}", "interface", name, (size_t)(dot - name)));
}

static void dispatch(struct rpc_call *call, const struct message_call *message)
{
	const struct method *m = call->method;
	char path[PATH_MAX_BYTES];

	if (!m)
		end_not_found(call, message->method);
	else if (!call_judge(call))
		call_end_with(call, RPC_STANDARD "PermissionDenied", NULL);
	else if (idl_check(&m->member->type, message->parameters, path, sizeof(path)) < 0)
		rpc_invalid(call, path);
	else
		m->handle(call, message->parameters, m->data);
}

static void serve_message(struct connection *c, const struct message_call *message)
{
	const struct method *m = server_find_method(c->server, message->method);
	struct rpc_call *call = call_new(c, m, message);

	/* Without an answer the order of the replies would be lost. */
	if (!call) {
		connection_close(c);
		return;
	}
	c->serving = true;
	dispatch(call, message);
	c->serving = false;
	connection_update(c);
}

void serve(void *owner)
{
	struct connection *c = owner;
	_cleanup_(message_call_deinit) struct message_call message = {};
	char reason[MESSAGE_REASON_MAX];
	const char *text;
	size_t len;
	int r;

	deadline_clear(&c->server->messages, &c->message);
	if (!connection_is_let_in(c)) {
		connection_refuse(c, RPC_STANDARD "PermissionDenied", NULL);
		return;
	}
	frame_peek(&c->in, &text, &len);
	r = message_parse_call(text, len, &message, reason);
	frame_consume(&c->in);
	if (len > TRIM_BYTES)
		c->server->trim = true;
	if (r == 0)
		serve_message(c, &message);
	else if (r == -EINVAL)
		connection_refuse(c, RPC_OWN "InvalidMessage", json_pack("{ss}", "reason", reason));
	else
		connection_close(c);
}
