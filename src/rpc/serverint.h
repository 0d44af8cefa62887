/*
 * What the files of the server share; the essay is at the top of server.c. Not for services.
 */
#ifndef RPC_SERVERINT_H
#define RPC_SERVERINT_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/namedsocket.h"
#include "core/list.h"
#include "rpc/accepting.h"
#include "rpc/deadline.h"
#include "rpc/frame.h"
#include "rpc/message.h"
#include "rpc/output.h"
#include "rpc/server.h"
#include "rpc/turns.h"

/* Replies of the standard interface and of our own, by full name. */
#define RPC_STANDARD "org.varlink.service."
#define RPC_OWN "io.leonhard.Rpc."

enum {
	/* So much output is written before the turn of the loop ends; less may always be queued. */
	OUTPUT_BATCH_BYTES = 64 * 1024,
	/* Input beyond the message that waits: so much, then reading stops until its turn. */
	INPUT_AHEAD_BYTES = 16 * 1024,
	/* A message or buffer larger than this, once freed, gives its memory back to the system. */
	TRIM_BYTES = 64 * 1024,
	/* The same for output, which streams fill and empty all the time. */
	OUTPUT_TRIM_BYTES = 256 * 1024,
	/* Of all connections, the part that only administrators may take. */
	ADMIN_SHARE = 16,
};

/* A method that is served: found by its full name. */
struct method {
	char *name; /* owned: "io.leonhard.Node.Describe" */
	const struct idl_member *member;
	const struct idl *idl;
	rpc_handler handle;
	void *data;
};

/* A call that has not ended. */
struct rpc_call {
	struct connection *connection;
	const struct method *method;
	enum access_class class;
	bool more, oneway;
	bool by_grant; /* the class alone would not do */
	/* It is to end by itself: with Overrun, or with Failed. */
	bool overrun, broken;
	int64_t missed;
	void (*drained)(struct rpc_call *, void *);
	void *drained_data;
	void (*closed)(struct rpc_call *, void *);
	void *closed_data;
};

struct connection {
	struct rpc_server *server;
	uv_poll_t poll;
	int fd;
	int events; /* that libuv watches for */
	struct turn turn; /* the user, and the place among what waits of theirs */
	struct peer peer;
	enum access_class class; /* as of the generation of access.conf */
	unsigned class_generation;
	struct frame in;
	struct output out;
	size_t turn_bytes; /* queued since the last flush */
	size_t accounted_bytes; /* of the buffers, in the user's */
	uint64_t stall_until; /* the place in the output that the stall's deadline is about */
	struct rpc_call *call;
	void *state; /* of the service */
	void (*gone)(void *state);
	struct deadline message, stall;
	bool serving; /* a handler runs */
	bool ended; /* the peer sends no more */
	bool blocked; /* the peer must read before more can be written */
	bool lost; /* a write has failed */
	bool closing;
	struct list_link link; /* in the server's connections */
	struct list_link flush; /* in the server's dirty */
};

struct rpc_server {
	uv_loop_t *loop;
	struct rpc_server_config config;
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t idle;
	struct deadlines messages, stalls;
	unsigned open_handles;
	bool closing, awake, trim;

	/* listen.c */
	struct accepting accepting;
	struct namedsocket socket; /* that was made here */

	/* connection.c */
	struct list connections;
	struct list dirty; /* connections with something to do at the end of the turn */
	struct turns turns;
	unsigned connection_count, dirty_count;

	/* watch.c */
	struct access *access; /* NULL: no file could be taken yet, only root is let in */
	unsigned access_generation;
	uv_fs_event_t watch;
	uv_timer_t watch_delay;
	struct stat access_stat; /* of the file that was loaded; zero when there was none */

	/* server.c: sorted by name */
	struct idl **idls;
	size_t idl_count;
	struct method *methods;
	size_t method_count;
};

/* server.c */
__attribute__((format(printf, 2, 3))) void server_problem(struct rpc_server *s, const char *format,
							  ...);
/* Counts a handle that server_on_handle_closed() is told of; the last one frees the server. */
void server_handle_opened(struct rpc_server *s);
void server_handle_closed(struct rpc_server *s);
void server_on_handle_closed(uv_handle_t *handle); /* its data is the server */
/* What was put off is done at the end of this turn of the loop. */
void server_wake(struct rpc_server *s);
const struct method *server_find_method(const struct rpc_server *s, const char *name);
const struct idl *server_find_idl(const struct rpc_server *s, const char *name, size_t len);

/* listen.c */
void listen_init(struct rpc_server *s);
void listen_close(struct rpc_server *s);

/* connection.c */
void connection_accept(struct rpc_server *s, int fd); /* takes @fd */
/* Says io.leonhard.Rpc.TooManyConnections; does not close. */
void connection_refuse_socket(int fd, unsigned limit);
/* Sends an error, as far as the peer's buffer takes it at once, and closes. */
void connection_refuse(struct connection *c, const char *error, json_t *parameters);
void connection_close(struct connection *c);
/* Writes what can be written; a failure is only noted, for the end of the turn. */
void connection_write(struct connection *c);
/* Writes, and does what waited for that; may close. */
void connection_flush(struct connection *c);
/* After a change of input, call or class: reading, waiting for a turn and deadlines follow. */
void connection_update(struct connection *c);
void connection_mark_dirty(struct connection *c);
/* The user is charged for what the buffers hold now; and whether that is not too much. */
void connection_account(struct connection *c);
bool connection_within_bytes(const struct connection *c);
/* The class of the peer, by the current access.conf. */
enum access_class connection_class(struct connection *c);
/* Whether the service has granted the peer anything; and whether it may call anything at all. */
bool connection_is_granted(const struct connection *c);
bool connection_is_let_in(struct connection *c);
void connection_message_expired(struct deadline *d);
void connection_stall_expired(struct deadline *d);

/* serve.c */
/* The first message of a connection, @owner, which is there as a whole. */
void serve(void *owner);

/* call.c */
struct rpc_call *call_new(struct connection *c, const struct method *m,
			  const struct message_call *message);
/* Whether the peer may call the method now; of a call that is there by a grant, whether it still
 * may stay. */
bool call_judge(struct rpc_call *call);
/* Ends a call, telling its handler. */
void call_drop(struct rpc_call *call);
/* The same after an error was sent to the peer. */
void call_end_with(struct rpc_call *call, const char *error, json_t *parameters);
/* After a flush: streams that have overrun end, those that wait for room go on. */
void call_flushed(struct rpc_call *call);

/* standard.c */
int standard_add(struct rpc_server *s);

/* watch.c */
void watch_init(struct rpc_server *s); /* loads access.conf, whatever is in it */
void watch_start(struct rpc_server *s);
enum access_class watch_class_of(const struct rpc_server *s, const struct peer *p);
void watch_close(struct rpc_server *s);

#endif
