/*
 * Asking the probe for a trial, and waiting for its result; see node.h.
 *
 * A result answers a request when its first trial began after the request was made: one that was
 * under way by then may have looked at things too early. Calls that come while others wait join
 * them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/time.h"
#include "node/node.h"
#include "node/places.h"
#include "node/result.h"
#include "rpc/json.h"

struct waiter {
	struct list_link link;
	struct rpc_call *call;
	struct node *node;
};

static void refuse(struct rpc_call *call, const char *reason)
{
	rpc_error(call, "io.leonhard.Node.ProbeFailed", json_pack("{s:s}", "reason", reason));
}

/* The deadline ends with the last who waits. */
static void remove_waiter(struct waiter *w)
{
	struct node *n = w->node;

	list_remove(&w->link);
	free(w);
	if (list_is_empty(&n->waiting))
		uv_timer_stop(&n->deadline);
}

static void on_closed(struct rpc_call *call, void *data)
{
	remove_waiter(data);
}

/* Replies to all who wait, with the powers or with why there are none. */
static void answer(struct node *n, json_t *powers, const char *reason)
{
	struct waiter *w;

	while ((w = list_first(&n->waiting, struct waiter, link))) {
		struct rpc_call *call = w->call;

		remove_waiter(w);
		if (powers)
			rpc_reply(call, json_pack("{s:O}", "powers", powers));
		else
			refuse(call, reason);
	}
}

static void on_deadline(uv_timer_t *handle)
{
	char span[TIME_TEXT_MAX], reason[512];
	struct node *n = handle->data;

	time_format_span(node_settings(n)->probe_timeout_ns, span);
	snprintf(reason, sizeof(reason),
		 "no new result within %s; leonhard-node-probe.path has to be active, and "
		 "leonhard-node-probe.service must not have failed; without systemd run "
		 "leonhard-node-probe as root",
		 span);
	answer(n, NULL, reason);
}

void node_ask_result(struct node *n)
{
	_cleanup_(result_free_p) struct result *result = NULL;
	_cleanup_json_ json_t *powers = NULL;

	if (list_is_empty(&n->waiting) || result_read(&n->machine, &result) < 0 ||
	    result->started_ns < n->asked_ns)
		return;
	if (node_collect(n, NULL, &powers, NULL) < 0)
		answer(n, NULL, "the result is there, but there was no memory to read it");
	else
		answer(n, powers, NULL);
}

int node_ask_quietly(struct node *n)
{
	_cleanup_close_ int fd = -1;

	return fs_open(n->machine.root_fd, NODE_REQUEST_PATH, O_WRONLY | O_CREAT | O_TRUNC, 0644,
		       &fd);
}

/* The first who waits makes the request; 0 or a negative errno. */
static int begin(struct node *n)
{
	uint64_t asked_ns = time_now_ns(CLOCK_BOOTTIME);
	int r;

	node_results_watch(n);
	r = node_ask_quietly(n);
	if (r < 0)
		return r;
	n->asked_ns = asked_ns;
	return uv_timer_start(&n->deadline, on_deadline,
			      node_settings(n)->probe_timeout_ns / NS_PER_MS, 0);
}

void node_ask(struct node *n, struct rpc_call *call)
{
	struct waiter *w = calloc(1, sizeof(*w));
	char reason[256];
	int r = 0;

	if (!w) {
		rpc_failed(call, -ENOMEM, "cannot wait for a result");
		return;
	}
	if (list_is_empty(&n->waiting))
		r = begin(n);
	if (r < 0) {
		free(w);
		snprintf(reason, sizeof(reason),
			 "cannot ask for a trial by way of %s: %s; leonhard-node-probe, run as "
			 "root, makes one",
			 NODE_REQUEST_PATH, strerror(-r));
		refuse(call, reason);
		return;
	}
	*w = (struct waiter){.call = call, .node = n};
	list_add_last(&n->waiting, &w->link);
	rpc_call_on_closed(call, on_closed, w);
}

void node_ask_init(struct node *n)
{
	list_init(&n->waiting);
	uv_timer_init(&n->daemon->loop, &n->deadline);
	n->deadline.data = n;
}

void node_ask_close(struct node *n)
{
	answer(n, NULL, "the service ends");
	uv_close((uv_handle_t *)&n->deadline, NULL);
}
