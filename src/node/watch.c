/*
 * Streams of powers; see node.h.
 *
 * A stream tells a state, so one whose reader is slow leaves out what is old by the time there is
 * room: it is told the powers of then. Uevents are listened to only while there is a stream.
 */
#include <errno.h>

#include "base/def.h"
#include "base/log.h"
#include "base/time.h"
#include "node/node.h"
#include "node/uevent.h"
#include "rpc/json.h"

struct stream {
	struct list_link link;
	struct rpc_call *call;
	struct node *node;
	bool behind; /* waits for room */
};

static void tell(struct stream *s);

static void on_drain(struct rpc_call *call, void *data)
{
	struct stream *s = data;

	s->behind = false;
	tell(s);
}

static void tell(struct stream *s)
{
	if (s->behind)
		return;
	if (rpc_stream_ready(s->call)) {
		rpc_stream(s->call, json_pack("{s:O}", "powers", s->node->told));
		return;
	}
	s->behind = true;
	rpc_stream_on_drain(s->call, on_drain, s);
}

/* Collects, and tells everybody when something differs. */
static int look(struct node *n)
{
	_cleanup_json_ json_t *powers = NULL;
	struct stream *s;
	int r = node_collect(n, NULL, &powers, NULL);

	if (r < 0)
		return r;
	if (n->told && json_equal(n->told, powers))
		return 0;
	json_decref(n->told);
	n->told = take_ptr(powers);
	for (list_each(s, &n->streams, link))
		tell(s);
	return 0;
}

static void on_settled(uv_timer_t *handle)
{
	int r = look(handle->data);

	if (r < 0)
		log_error_errno(r, "cannot look at the powers again");
}

void node_watch_changed(struct node *n)
{
	if (list_is_empty(&n->streams) || uv_is_active((uv_handle_t *)&n->settle))
		return;
	uv_timer_start(&n->settle, on_settled, node_settings(n)->watch_settle_ns / NS_PER_MS, 0);
}

/* With the last stream ends everything that could wake us. */
static void remove_stream(struct stream *s)
{
	struct node *n = s->node;

	list_remove(&s->link);
	free(s);
	if (!list_is_empty(&n->streams))
		return;
	uv_timer_stop(&n->settle);
	uevents_close(take_ptr(n->uevents));
	json_decref(take_ptr(n->told));
}

static void on_closed(struct rpc_call *call, void *data)
{
	remove_stream(data);
}

static void on_uevent(void *data, const char *subsystem)
{
	node_watch_changed(data);
}

/* For the first stream. Without uevents, streams still tell of new results of the probe. */
static int begin(struct node *n)
{
	int r;

	node_results_watch(n);
	r = uevents_open(&n->daemon->loop, on_uevent, n, &n->uevents);
	if (r < 0)
		log_warning("cannot listen to uevents: %s", uv_strerror(r));
	return node_collect(n, NULL, &n->told, NULL);
}

void node_watch(struct node *n, struct rpc_call *call)
{
	struct stream *s = calloc(1, sizeof(*s));
	int r = s ? 0 : -ENOMEM;

	if (r == 0 && list_is_empty(&n->streams))
		r = begin(n);
	if (r < 0) {
		free(s);
		if (list_is_empty(&n->streams))
			uevents_close(take_ptr(n->uevents));
		rpc_failed(call, r, "cannot collect");
		return;
	}
	*s = (struct stream){.call = call, .node = n};
	list_add_last(&n->streams, &s->link);
	rpc_call_on_closed(call, on_closed, s);
	tell(s);
}

void node_watch_init(struct node *n)
{
	list_init(&n->streams);
	uv_timer_init(&n->daemon->loop, &n->settle);
	n->settle.data = n;
}

void node_watch_close(struct node *n)
{
	uv_close((uv_handle_t *)&n->settle, NULL);
}
