/*
 * Our two clients behind one: the blocking one, and the one on a loop, which is run until the
 * answer is there. A call collects all of its replies.
 */
#ifndef TESTS_PEERS_CALLER_H
#define TESTS_PEERS_CALLER_H

#include <jansson.h>
#include <stdbool.h>

#include "rpc/client.h"

struct caller {
	struct rpc_link *link; /* NULL: on the loop */
	uv_loop_t loop;
	struct rpc_client *client;
	/* of the call that is under way on the loop */
	struct answers *answers;
	bool done;
	int result;
};

/* What a call was answered with; the caller's. */
struct answers {
	json_t *replies; /* an array */
	char *error; /* full name, or NULL */
};

void answers_deinit(struct answers *a);

/* 0 or a negative errno. */
int caller_init(struct caller *c, const char *root, const char *address, bool on_loop);
void caller_deinit(struct caller *c);

/* Calls "org.varlink.certification.NAME" and waits for its last reply. An error is an answer. */
int caller_call(struct caller *c, const char *name, const json_t *parameters, bool more,
		struct answers *ret_answers);
int caller_oneway(struct caller *c, const char *name, const json_t *parameters);

#endif
