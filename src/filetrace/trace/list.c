/*
 * List: records from the newest to the oldest, or the other way round; see trace.h.
 *
 * A filter that fits few records makes SQLite look at many. The range of ids is therefore gone
 * through window by window, one window in a turn of the loop and listings by turns, so that no call
 * keeps others waiting for longer than one window takes. A reply is under RPC_MESSAGE_MAX.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/trace/json_record.h"
#include "filetrace/trace/trace.h"

enum {
	LIMIT_MAX = 1000,
	LIMIT_DEFAULT = 100,
	WINDOW_IDS = 50000,
};

struct listing {
	struct list_link link;
	struct rpc_call *call;
	struct trace *trace;
	struct ledger_filter filter;
	char *path; /* owned; of filter */
	json_t *records; /* owned */
	size_t bytes;
	unsigned limit;
	int64_t low, high; /* what was not looked at: the ids between, without them */
	bool admin;
	bool more;
};

static void listing_free(struct listing *l)
{
	free(l->path);
	json_decref(l->records);
	free(l);
}

/* One too many, or one for which there is no room, ends it: there are more. */
static int add(void *data, const struct ledger_row *row)
{
	struct listing *l = data;
	_cleanup_json_ json_t *j = NULL;

	if (json_array_size(l->records) >= l->limit) {
		l->more = true;
		return 1;
	}
	j = json_summary(&row->record, row->exe, l->admin);
	if (!j)
		return -ENOMEM;
	l->bytes += json_size(j) + 1;
	if (l->bytes > TRACE_REPLY_BYTES) {
		l->more = true;
		return 1;
	}
	return json_array_append_new(l->records, take_ptr(j)) < 0 ? -ENOMEM : 0;
}

/* The next window into the filter; and takes it out of what is left. */
static void take_window(struct listing *l)
{
	struct ledger_filter *f = &l->filter;
	bool last = l->high - l->low <= WINDOW_IDS;

	f->after = l->low;
	f->before = l->high;
	if (f->ascending) {
		if (!last)
			f->before = l->low + WINDOW_IDS;
		l->low = f->before - 1;
	} else {
		if (!last)
			f->after = l->high - WINDOW_IDS;
		l->high = f->after + 1;
	}
}

/* Looks at one window. 1 when the list is whole, 0 when not, or a negative errno. */
static int look(struct listing *l)
{
	size_t count = json_array_size(l->records);
	struct ledger *ledger;
	bool more;
	int r;

	if (l->high - l->low < 2)
		return 1;
	r = view_get(&l->trace->view, &ledger);
	if (r < 0)
		return r;
	take_window(l);
	/* One more than is told: it tells whether there are others. */
	r = ledger_list(ledger, &l->filter, l->limit - count + 1, add, l, &more);
	if (r < 0)
		return r;
	return l->more || l->high - l->low < 2;
}

/* Takes @l. */
static void reply(struct listing *l, int r)
{
	struct rpc_call *call = l->call;

	if (r < 0)
		trace_failed(l->trace, call, r);
	else
		rpc_reply(call, json_pack("{s:O, s:b}", "records", l->records, "more", l->more));
	listing_free(l);
}

static void on_closed(struct rpc_call *call, void *data)
{
	struct listing *l = data;

	list_remove(&l->link);
	listing_free(l);
}

/* One window of the first one, which then stands behind the others. */
static void on_turn(uv_timer_t *timer)
{
	struct trace *t = timer->data;
	struct listing *l = list_first(&t->listings, struct listing, link);
	int r;

	if (!l)
		return;
	list_remove(&l->link);
	r = look(l);
	if (r == 0)
		list_add_last(&t->listings, &l->link);
	else
		reply(l, r);
	if (!list_is_empty(&t->listings))
		uv_timer_start(&t->turn, on_turn, 0, 0);
}

/* The range of ids that there are, and that are asked for. */
static int set_range(struct listing *l, int64_t before)
{
	int64_t oldest, newest;
	int r = view_ends(&l->trace->view, &oldest, &newest);

	if (r < 0)
		return r;
	if (l->low < oldest - 1)
		l->low = oldest - 1;
	l->high = newest < INT64_MAX ? newest + 1 : INT64_MAX;
	if (before && before < l->high)
		l->high = before;
	return 0;
}

static void begin(struct listing *l, int64_t before)
{
	struct trace *t = l->trace;
	int r = set_range(l, before);

	if (r == 0)
		r = look(l);
	if (r != 0) {
		reply(l, r);
		return;
	}
	list_add_last(&t->listings, &l->link);
	rpc_call_on_closed(l->call, on_closed, l);
	uv_timer_start(&t->turn, on_turn, 0, 0);
}

/* A number of parameters that is optional, and not negative. */
static bool take_number(struct rpc_call *call, const json_t *parameters, const char *name,
			int64_t fallback, int64_t min, int64_t max, int64_t *ret_value)
{
	const json_t *j = json_object_get(parameters, name);
	int64_t value = json_is_integer(j) ? json_integer_value(j) : fallback;

	if (value < min || value > max) {
		rpc_invalid(call, name);
		return false;
	}
	*ret_value = value;
	return true;
}

void trace_list(struct trace *t, struct rpc_call *call, const json_t *parameters)
{
	struct listing *l = calloc(1, sizeof(*l));
	int64_t before, limit;

	if (!l || !(l->records = json_array())) {
		free(l);
		rpc_failed(call, -ENOMEM, "there is no memory for a list");
		return;
	}
	l->call = call;
	l->trace = t;
	l->admin = trace_is_admin(call);
	l->filter.ascending = json_is_string(json_object_get(parameters, "after"));
	if (!trace_take_filter(call, parameters, &l->path, &l->filter) ||
	    !take_number(call, parameters, "since_ns", 0, 0, INT64_MAX, &l->filter.since_ns) ||
	    !take_number(call, parameters, "until_ns", 0, 0, INT64_MAX, &l->filter.until_ns) ||
	    !take_number(call, parameters, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX, &limit) ||
	    !trace_take_id(call, parameters, "before", 1, 0, &before) ||
	    !trace_take_id(call, parameters, "after", 0, 0, &l->low)) {
		listing_free(l);
		return;
	}
	l->limit = limit;
	begin(l, before);
}

void trace_list_init(struct trace *t)
{
	list_init(&t->listings);
	uv_timer_init(&t->daemon->loop, &t->turn);
	t->turn.data = t;
}

void trace_list_close(struct trace *t)
{
	uv_close((uv_handle_t *)&t->turn, NULL);
}
