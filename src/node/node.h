/*
 * The daemon leonhard-node: what its parts share.
 */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include <uv.h>

#include "base/daemon.h"
#include "core/list.h"
#include "node/describe.h"
#include "node/native.h"
#include "node/machine.h"
#include "node/settings.h"
#include "rpc/server.h"

struct uevents;

struct node {
	struct daemon *daemon;
	struct machine machine;
	struct describe_fixed fixed;
	struct rpc_server *server;
	char hypervisor[HYPERVISOR_SIGNATURE_MAX];

	/* results.c: the folder of the probe's results. */
	uv_fs_event_t results;

	/* ask.c: calls that wait for a trial, and since when. */
	struct list waiting;
	uv_timer_t deadline;
	uint64_t asked_ns; /* CLOCK_BOOTTIME */

	/* watch.c: streams, what they have been told, and what tells of news. */
	struct list streams;
	uv_timer_t settle;
	struct uevents *uevents;
	json_t *told;
};

static inline const struct settings *node_settings(const struct node *n)
{
	return n->daemon->conf;
}

/* The powers now, the caller's; with *@ret_probed_ns, unless NULL, when trials were made, or 0. */
int node_collect(struct node *n, const char *group, json_t **ret_powers, uint64_t *ret_probed_ns);

/* methods.c: the handlers of api/io.leonhard.Node.varlink; their data is the struct node. */
extern const struct rpc_method node_methods[];

/*
 * Watches for new results of the probe, in the folder that has the name now: tried again whenever
 * somebody waits for one, since there may have been none before, or another.
 */
void node_results_init(struct node *n);
void node_results_watch(struct node *n);
void node_results_close(struct node *n);

/* Takes a call of Probe: replies when there is a new result, or says why there is none. */
void node_ask(struct node *n, struct rpc_call *call);
/* Asks for a trial without waiting for it. 0 or a negative errno. */
int node_ask_quietly(struct node *n);
/* A new result may be there. */
void node_ask_result(struct node *n);
void node_ask_init(struct node *n);
void node_ask_close(struct node *n);

/* Takes a call of Watch with "more". */
void node_watch(struct node *n, struct rpc_call *call);
/* Something may have changed. */
void node_watch_changed(struct node *n);
void node_watch_init(struct node *n);
void node_watch_close(struct node *n);

#endif
