/*
 * Follow: streams of new records; see trace.h.
 *
 * A stream is a place in the store: the id of the last record that was told. When there is news it
 * goes on from there, and when its reader is slow it goes on once there is room. So nothing is
 * dropped, and nothing is held in memory. What a filter leaves out is passed over window by window,
 * as in list.c.
 */
#include <errno.h>

#include "base/def.h"
#include "filetrace/trace/json_record.h"
#include "filetrace/trace/trace.h"

enum {
	BATCH = 256,
	WINDOW_IDS = 50000,
};

struct stream {
	struct list_link link;
	struct rpc_call *call;
	struct trace *trace;
	char *path; /* owned; of filter */
	struct ledger_filter filter;
	int64_t last; /* what was told, or passed over */
	unsigned store; /* the view's number of the store that @last is of */
	bool behind; /* waits for room */
	bool admin;
};

static void tell(struct stream *s);

static void stream_free(struct stream *s)
{
	free(s->path);
	free(s);
}

static void on_drain(struct rpc_call *call, void *data)
{
	struct stream *s = data;

	s->behind = false;
	tell(s);
}

/* Goes on in another turn of the loop, or when there is room. */
static int wait_for_room(struct stream *s)
{
	s->behind = true;
	rpc_stream_on_drain(s->call, on_drain, s);
	return 1;
}

static int tell_row(void *data, const struct ledger_row *row)
{
	struct stream *s = data;
	json_t *j;

	if (!rpc_stream_ready(s->call))
		return wait_for_room(s);
	j = json_summary(&row->record, row->exe, s->admin);
	if (!j)
		return -ENOMEM;
	/* One that fails ends the stream by itself. */
	if (rpc_stream(s->call, json_pack("{s:o}", "record", j)) < 0)
		return 1;
	s->last = row->record.id;
	return 0;
}

/* After another store has taken the place of ours, all that is in it is new. */
static int find_end(struct stream *s, int64_t *ret_newest)
{
	struct view *v = &s->trace->view;
	int64_t oldest, newest;
	int r = view_ends(v, &oldest, &newest);

	if (r < 0)
		return r;
	if (s->store != v->stores)
		s->last = 0;
	s->store = v->stores;
	if (s->last < oldest - 1)
		s->last = oldest - 1;
	*ret_newest = newest;
	return 0;
}

/* Tells what there is in the next window. 1 when there may be more to tell now. */
static int tell_window(struct stream *s)
{
	struct ledger_filter *f = &s->filter;
	struct ledger *l;
	int64_t newest;
	bool more;
	int r = find_end(s, &newest);

	if (r < 0 || newest <= s->last)
		return r;
	f->after = s->last;
	f->before = newest - s->last < WINDOW_IDS ? newest + 1 : s->last + WINDOW_IDS;
	r = view_get(&s->trace->view, &l);
	if (r == 0)
		r = ledger_list(l, f, BATCH, tell_row, s, &more);
	if (r != 0)
		return r < 0 ? r : 0;
	/* All that fits was told: the rest of the window does not. */
	if (!more)
		s->last = f->before - 1;
	return s->last < newest;
}

/* A store that is not there, or makes no sense, is read again when it has changed. The stream goes
 * on by the next turn of the loop, so that others get theirs. */
static void tell(struct stream *s)
{
	int r;

	if (s->behind)
		return;
	r = tell_window(s);
	if (r > 0)
		wait_for_room(s);
	else if (r < 0 && r != -ENOMEM)
		view_drop(&s->trace->view);
}

void trace_follow_news(struct trace *t)
{
	struct stream *s;

	for (list_each(s, &t->streams, link))
		tell(s);
}

static void on_closed(struct rpc_call *call, void *data)
{
	struct stream *s = data;

	list_remove(&s->link);
	trace_news_enough(s->trace);
	stream_free(s);
}

/* From now on, unless an id was given; with no store yet, all that will be in it. */
static int begin(struct stream *s, bool from_now)
{
	int64_t oldest, newest = 0;
	int r = view_ends(&s->trace->view, &oldest, &newest);

	if (from_now)
		s->last = newest;
	s->store = s->trace->view.stores;
	return r == -ENOENT ? 0 : r;
}

void trace_follow(struct trace *t, struct rpc_call *call, const json_t *parameters)
{
	bool from_now = !json_is_string(json_object_get(parameters, "after"));
	struct stream *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		rpc_failed(call, -ENOMEM, trace_reason(-ENOMEM));
		return;
	}
	*s = (struct stream){.call = call, .trace = t, .admin = trace_is_admin(call)};
	s->filter.ascending = true;
	if (!trace_take_filter(call, parameters, &s->path, &s->filter) ||
	    !trace_take_id(call, parameters, "after", 0, 0, &s->last)) {
		stream_free(s);
		return;
	}
	/* Listening begins before the end is looked for, so that nothing falls in between. */
	trace_news_want(t);
	r = begin(s, from_now);
	if (r < 0) {
		trace_news_enough(t);
		stream_free(s);
		trace_failed(t, call, r);
		return;
	}
	list_add_last(&t->streams, &s->link);
	rpc_call_on_closed(call, on_closed, s);
	tell(s);
}

void trace_follow_init(struct trace *t)
{
	list_init(&t->streams);
}
