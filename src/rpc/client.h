/*
 * A varlink client: asynchronous on a libuv loop for services, and blocking for tools.
 *
 * An address is an interface name or a full method name, whose socket is /run/leonhard/INTERFACE
 * below the root; or "unix:/path" of any varlink service.
 */
#ifndef RPC_CLIENT_H
#define RPC_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define RPC_SOCKET_DIR "/run/leonhard"

/* What a reply is. The json values are borrowed. */
struct rpc_answer {
	const char *error; /* full name, or NULL */
	const json_t *parameters; /* never NULL: an empty object when the peer sent none */
	bool continues;
};

/* ---- blocking ---- */

struct rpc_link;

/* Connects. -ENOENT, -ECONNREFUSED: nobody serves it; -EACCES. @root as of --root, or NULL. */
int rpc_link_open(const char *root, const char *address, struct rpc_link **ret_link);
void rpc_link_free(struct rpc_link *l);
void rpc_link_free_p(struct rpc_link **l);

/* Called for each reply; a non-zero result stops reading and is what rpc_link_call() returns. */
typedef int (*rpc_answer_fn)(void *data, const struct rpc_answer *answer);

/*
 * Sends a call and waits for its reply, or with @more for all of them. @parameters is borrowed, may
 * be NULL. @timeout_ms bounds the wait for each reply, 0: none (streams). -ETIMEDOUT, -ECONNRESET
 * when the peer went away, -EPROTO when it broke the protocol, -EMSGSIZE for a message over the
 * limit, -EINTR when a signal arrived (Ctrl-C). An error reply is an answer, not a failure.
 */
int rpc_link_call(struct rpc_link *l, const char *method, const json_t *parameters, bool more,
		  int timeout_ms, rpc_answer_fn fn, void *data);

/* Sends a call to which no reply will come; @timeout_ms bounds the wait until it is sent. Fails as
 * rpc_link_call() does. */
int rpc_link_oneway(struct rpc_link *l, const char *method, const json_t *parameters,
		    int timeout_ms);

/* ---- on a loop ---- */

struct rpc_client;

/* @answer: NULL when the connection is lost (@r says why), else one reply. */
typedef void (*rpc_client_fn)(struct rpc_client *c, int r, const struct rpc_answer *answer,
			      void *data);

/* Connects in the background; calls made before are sent once it is there. */
int rpc_client_new(uv_loop_t *loop, const char *root, const char *address,
		   struct rpc_client **ret_client);
/* @fn is told once that the connection is lost, after all calls that wait, also when none does. It
 * may close the client. */
void rpc_client_on_lost(struct rpc_client *c, void (*fn)(struct rpc_client *c, int r, void *data),
			void *data);
/* Closes; no callback is called any more. Frees itself when libuv has let go of the handles. */
void rpc_client_close(struct rpc_client *c);

/* Queues a call; replies come in order. @parameters is borrowed. -EMSGSIZE, -ENOBUFS over 1 MiB of
 * unsent calls, -ENOTCONN after the connection was lost. @fn may be NULL with @oneway only. */
int rpc_client_call(struct rpc_client *c, const char *method, const json_t *parameters, bool more,
		    rpc_client_fn fn, void *data);
int rpc_client_oneway(struct rpc_client *c, const char *method, const json_t *parameters);

#endif
