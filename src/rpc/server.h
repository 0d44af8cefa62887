/*
 * A varlink server on a libuv loop: one Unix socket, any number of interfaces.
 *
 * What it guarantees, whatever its clients do:
 *
 *  - a handler sees only calls that the peer's class allows, or a grant where the interface says
 *    that grants count, whose parameters fit the interface; a
 *    reply that does not fit is a bug here and becomes an error of the call, not a wrong answer;
 *  - a message is at most RPC_MESSAGE_MAX bytes and nests at most IDL_DEPTH_MAX deep; the rest of a
 *    message must follow its first byte within RPC_MESSAGE_MS;
 *  - replies of one connection come in the order of its calls: one call at a time is served, and
 *    nothing more is read meanwhile than fits the input buffer;
 *  - users get turns: one message per user and turn of the loop, whatever number of connections
 *    they hold; each user (but root) has at most RPC_USER_CONNECTIONS, all together
 *    RPC_CONNECTIONS, and the next one is answered with an error and closed; the last sixteenth of
 *    them is kept for administrators;
 *  - the buffers of all connections of a user (but root) hold RPC_USER_BYTES; beyond it there is no
 *    turn, no room for a large message and none for a stream's replies, until it is less; what
 *    still waits for its turn after RPC_MESSAGE_MS is refused then;
 *  - a peer that does not read holds at most RPC_OUTPUT_MAX bytes, for at most RPC_STALL_MS; a
 *    stream to it ends with io.leonhard.Rpc.Overrun{missed} instead of growing;
 *  - idle, it causes no wake-up at all.
 *
 * Single-threaded: everything is called from the loop's thread. The details are in docs/rpc.md.
 */
#ifndef RPC_SERVER_H
#define RPC_SERVER_H

#include <jansson.h>
#include <stdint.h>
#include <uv.h>

#include "rpc/access.h"
#include "rpc/idl.h"

enum {
	RPC_MESSAGE_MAX = 1024 * 1024, /* without the NUL */
	RPC_OUTPUT_MAX = 1024 * 1024, /* of streams; one reply may always be queued */
	RPC_MESSAGE_MS = 10 * 1000,
	RPC_STALL_MS = 60 * 1000,
	RPC_USER_CONNECTIONS = 64,
	RPC_CONNECTIONS = 1024,
	RPC_USER_BYTES = 16 * 1024 * 1024, /* of the buffers of a user's connections */
};

struct rpc_server;
struct rpc_call;

/*
 * Serves one call: replies now, or keeps @call and replies later; every call ends with exactly one
 * of rpc_reply() and rpc_error(). @parameters is borrowed for the duration of the handler. @data is
 * that of rpc_server_add(). For "oneway" calls replies are dropped; the handler need not care.
 */
typedef void (*rpc_handler)(struct rpc_call *call, const json_t *parameters, void *data);

struct rpc_method {
	const char *name; /* "List"; NULL ends a table */
	rpc_handler handle;
};

struct rpc_server_config {
	/* For org.varlink.service.GetInfo, whose vendor and url are ours. Borrowed. */
	const char *product, *version;
	int root_fd; /* for access.conf and the socket; borrowed */
	/* Told what a daemon should log: a bad access.conf that was not taken, names in it that
	 * are not known, replies that do not fit their interface. May be NULL. */
	void (*problem)(void *data, const char *text);
	/* Whether the service's own settings have granted this peer anything, whatever its class:
	 * it may call the methods whose access line says "or granted", and no others. Cheap: asked
	 * at each message of a peer whose class is too low. NULL: nobody has been. */
	bool (*granted)(void *data, const struct peer *peer);
	void *data;
	/* Limits for tests; 0 means the constants above. */
	unsigned message_ms, stall_ms, user_connections, connections;
};

int rpc_server_new(uv_loop_t *loop, const struct rpc_server_config *config,
		   struct rpc_server **ret_server);

/*
 * Adds an interface: @text is embedded from api/ (meson.build: rpc_embed). Every method of it must
 * be in @methods and the other way round, else -EINVAL: a programmer's mistake that start-up shows.
 */
int rpc_server_add(struct rpc_server *s, const char *text, const struct rpc_method *methods,
		   void *data);

/*
 * Listens on the socket that the service manager passed, when it passed one; else makes @path below
 * the root, mode 0666 in a directory of mode 0755. A socket file that nobody listens on is
 * replaced; one with a live server is -EADDRINUSE.
 */
int rpc_server_listen(struct rpc_server *s, const char *path);

/* Ends streams and connections, removes the socket it made, and frees itself once libuv has let go
 * of the handles: the loop must run on until then. Not from a handler whose call has not ended. */
void rpc_server_close(struct rpc_server *s);

/* The peer of a call and its class. Valid until the call ends. */
const struct peer *rpc_call_peer(const struct rpc_call *call);
enum access_class rpc_call_class(const struct rpc_call *call);
/* The class does not allow the method: it is here since something was granted to the caller. Which
 * that is, the handler of each method whose access line says "or granted" looks up, and refuses all
 * else. */
bool rpc_call_by_grant(const struct rpc_call *call);

/* Whether the caller asked for a stream ("more"). A handler that can only stream replies
 * io.leonhard.Rpc.ExpectedMore otherwise: rpc_expect_more() does so and returns false. */
bool rpc_call_more(const struct rpc_call *call);
bool rpc_expect_more(struct rpc_call *call);

/* The last or only reply; takes @parameters (NULL: none). The call is gone afterwards. */
void rpc_reply(struct rpc_call *call, json_t *parameters);

/*
 * One reply of a stream, more to come; takes @parameters. Only for calls with "more".
 *
 * 0; -ENOBUFS when the peer's output is full: the reply was dropped and counted. The call is still
 * there, and everything that follows is dropped and counted, too, until the peer has read what it
 * has; then the stream ends by itself with Overrun, and @closed (below) is called. -EINVAL for a
 * reply that does not fit the interface: the stream ends in the same way, with Failed. @closed is
 * never called from here.
 */
int rpc_stream(struct rpc_call *call, json_t *parameters);

/*
 * Whether there is room for another reply, of whatever size; when not, a handler that produces from
 * a store stops, and goes on in the callback, called once when the output has drained. Never called
 * after @closed. After a batch of 64 KiB it says no until the next turn of the loop, even when the
 * peer keeps up, so that a loop over it ends.
 */
bool rpc_stream_ready(const struct rpc_call *call);
void rpc_stream_on_drain(struct rpc_call *call, void (*drained)(struct rpc_call *, void *),
			 void *data);

/* Ends the call with an error of an interface that is served: full name; takes @parameters. */
void rpc_error(struct rpc_call *call, const char *name, json_t *parameters);
/* org.varlink.service.InvalidParameter. */
void rpc_invalid(struct rpc_call *call, const char *parameter);
/* io.leonhard.Rpc.Failed{reason, errno}: something on this machine did not work. */
void rpc_failed(struct rpc_call *call, int r, const char *reason);

/* Called once when a kept call ends otherwise: the peer went away, overran, lost its class, or the
 * server closes. The call is gone when it returns. Every handler that keeps a call sets it. */
void rpc_call_on_closed(struct rpc_call *call, void (*closed)(struct rpc_call *, void *),
			void *data);

/*
 * What the service keeps for the connection of a call, from one call to the next: one pointer, NULL
 * at first. @gone is called with it once the connection has ended, after its call was told so.
 */
void *rpc_call_state(const struct rpc_call *call);
void rpc_call_set_state(struct rpc_call *call, void *state, void (*gone)(void *state));

#endif
