/*
 * Looks at the power service: everything that is told, by a few calls over one connection, as who
 * this process is. One look is under way at most; whoever wants one meanwhile gets the same.
 */
#ifndef EXPORTER_LOOK_H
#define EXPORTER_LOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <uv.h>

#include "exporter/metrics.h"

struct rpc_client;

/* @replies: borrowed, an array of "readings"; empty when the service is not up. */
typedef void (*look_fn)(void *data, const json_t *replies, const struct metrics_look *look);

struct look {
	uv_loop_t *loop;
	const char *root;
	look_fn fn;
	void *data;

	uv_timer_t timer;
	struct rpc_client *client; /* NULL: not connected */
	json_t *replies; /* owned */
	unsigned answered;
	bool under_way, up, failed, told;
	int problem; /* why there was none; told in the log once */
	uint64_t begun_ns, errors;
};

/* @root as of --root. */
void look_init(struct look *l, uv_loop_t *loop, const char *root, look_fn fn, void *data);
void look_close(struct look *l);

bool look_is_under_way(const struct look *l);
/* Begins one; @fn is called in any case, and not before this returns. */
void look_begin(struct look *l, uint64_t timeout_ms);

#endif
