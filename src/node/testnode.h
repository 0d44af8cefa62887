/*
 * For tests of the daemon: a machine in a folder, the daemon that serves it, and clients that speak
 * to it. What fails here fails the test.
 */
#ifndef NODE_TESTNODE_H
#define NODE_TESTNODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/def.h"
#include "base/testroot.h"
#include "rpc/testclient.h"

enum { QUIET_MS = 600 };

/* The machine. */
extern const struct testroot *root;

/* For cmocka: the group's; a test with the probe's folders as tmpfiles.d would make them; one
 * without. */
int testnode_group(void **state);
int testnode_whole(void **state);
int testnode_bare(void **state);
int testnode_teardown(void **state);

/* Tells the daemon to end, which it must do with success. SIGHUP makes it reload. */
void testnode_stop(void);
void testnode_reload(void);

/* What the probe does: waits for a request and takes it; writes a result that tells of "kvm". */
bool testnode_requested(void);
void testnode_take_request(void);
void testnode_put_result(uint64_t started_ns, const char *kvm);

struct client *client_new(void);
/* One call by a client of its own. */
json_t *client_ask(const char *method, json_t *parameters);

/* What a reply says about the power "kvm". */
const char *reply_kvm(json_t *reply);
/* That it is ProbeFailed, for a reason that holds @text. */
void assert_failed(const json_t *reply, const char *text);

#endif
