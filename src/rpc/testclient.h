/*
 * For tests of daemons: a varlink client that knows no interface, and takes whatever a daemon in a
 * folder that plays a machine replies. What fails here fails the test.
 */
#ifndef RPC_TESTCLIENT_H
#define RPC_TESTCLIENT_H

#include <stdbool.h>

#include "base/testroot.h"
#include "rpc/json.h"

enum { PATIENCE_MS = 20000 };

/* A user of every system, who owns nothing. */
enum { SOMEBODY = 1 };

struct client;

/* To @interface ("io.leonhard.Node"), whose daemon may still be starting. */
struct client *client_connect(const struct testroot *root, const char *interface);
/* The same as somebody who is not root, when the test is: that is what the kernel tells the daemon.
 */
struct client *client_connect_somebody(const struct testroot *root, const char *interface);
struct client *client_connect_as(const struct testroot *root, const char *interface, uid_t uid);
void client_free_p(struct client **c);
#define _cleanup_client_ _cleanup_(client_free_p)

/* Calls @method of the interface. Takes @parameters, which may be NULL. */
void client_send(struct client *c, const char *method, json_t *parameters, bool more);
/* The next reply, the caller's; NULL when none comes in time. */
json_t *client_receive(struct client *c, int ms);
/* The reply to a call, which must come. */
json_t *client_call(struct client *c, const char *method, json_t *parameters, bool more);

/* A member of a reply's parameters, borrowed. */
json_t *reply_member(const json_t *reply, const char *name);
/* That the reply is this error ("io.leonhard.Rpc.Failed"), with a text that holds @text in one of
 * its parameters (NULL: any). */
void assert_error(const json_t *reply, const char *name, const char *text);

void pause_ms(unsigned ms);

#endif
