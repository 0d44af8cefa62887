/*
 * The connection to the daemon, which many threads share.
 *
 * A thread of its own reads, and gives each reply to the call with its number; events and data go
 * to delivery.h. A connection that ends wakes every call that waits for it, and is made again: at
 * once, and then ever less often until it succeeds. Nothing raises SIGPIPE, no descriptor passes
 * an exec.
 *
 * Functions that a call reaches return codes of pwrerr.h.
 */
#ifndef LIBPWRAPI_CONNECTION_H
#define LIBPWRAPI_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

struct connection;

struct connection_reply {
	uint32_t bytes;
	void *data; /* malloc'd */
};

/* How long a call waits: 30 s. A variable for tests. */
extern unsigned connection_timeout_ms;

/* Connects and starts the thread. A negative errno. */
int connection_new(const char *path, struct connection **ret_connection);

struct connection *connection_ref(struct connection *c);
void connection_unref(struct connection *c);

/* Ends it for good: calls return with PWR_ERR_DISCONNECTED. Takes a reference. */
void connection_stop(struct connection *c);

/* In a child of fork(): closes the child's descriptor, and leaves the rest as it lies. */
void connection_abandon(struct connection *c);

/* Sends a request and waits for its reply, in which the daemon said PWR_SUCCESS. */
int connection_ask(struct connection *c, uint16_t operation, const void *request, size_t bytes,
		   struct connection_reply *ret_reply);

#endif
