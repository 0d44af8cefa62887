/*
 * For tests: a daemon in threads of the test, which speaks the wire and does what the test says.
 *
 * Every connection has a thread. The handler of a request answers it, wrongly if it is told to, or
 * not at all, and returns false to end the connection. What a client sends that wire_check() does
 * not take fails the test.
 */
#ifndef LIBPWRAPI_TESTSERVER_H
#define LIBPWRAPI_TESTSERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "libpwrapi/wire.h"

typedef bool (*testserver_fn)(int fd, const struct wire_head *request, const void *data);

/* Starts it with an answer, in a folder of its own, and points the library there. */
void testserver_start(testserver_fn handler);

const char *testserver_path(void);

/* From the next request on. */
void testserver_handle(testserver_fn handler);

/* Ends all connections; with it gone, nothing listens. */
void testserver_stop(void);

/* So many connections were accepted since the start. */
unsigned testserver_accepted(void);

/* The last request's head, and its data if it fits @size. */
void testserver_last(struct wire_head *ret_head, void *ret_data, size_t size);

/* ---- for handlers ---- */

void testserver_send(int fd, const void *bytes, size_t size);
void testserver_reply(int fd, const struct wire_head *request, uint16_t result, const void *data,
		      uint32_t bytes);
void testserver_event(int fd, bool is_event, const void *data, uint32_t bytes);

/* The smallest reply that the operation may have, all zero but for what must not be. */
bool testserver_good(int fd, const struct wire_head *request, const void *data);

/* Registers, or fails the test. */
void testserver_register(void);

#endif
