/*
 * Differences that are not in the store, since they are large: made by libuv's pool, so that others
 * are answered meanwhile; see trace.h. One for each user and few at a time, each of bounded size.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/diff.h"
#include "filetrace/trace/trace.h"

enum { MAKINGS_MAX = 4, TEXT_BYTES_MAX = 16 * 1024 * 1024 };

struct making {
	struct list_link link;
	uv_work_t work;
	struct trace *trace;
	struct rpc_call *call; /* NULL when nobody waits any more */
	uid_t uid;
	char *path; /* escaped; all owned */
	struct trace_sides sides;
	char *text;
	size_t len;
	int r; /* of diff_unified() */
};

void trace_sides_deinit(struct trace_sides *s)
{
	free(s->old);
	free(s->new);
	*s = (struct trace_sides){};
}

static void making_free(struct making *m)
{
	trace_sides_deinit(&m->sides);
	free(m->path);
	free(m->text);
	free(m);
}

static size_t held_bytes(const struct making *m)
{
	return m->sides.old_len + m->sides.new_len;
}

/* In the pool: touches nothing but @m, which nobody else does meanwhile. */
static void make(uv_work_t *work)
{
	struct making *m = work->data;
	const struct trace_sides *s = &m->sides;

	m->r = diff_unified(m->path, s->old, s->old_len, s->new, s->new_len, TEXT_BYTES_MAX,
			    &m->text, &m->len);
}

static void answer(struct making *m)
{
	if (m->r == -EFBIG)
		trace_no_content(m->call, "it is larger than 16 MiB; read both sides");
	else if (m->r < 0)
		rpc_failed(m->call, m->r, trace_reason(m->r));
	else if (!m->text)
		trace_no_content(m->call, "there is no difference");
	else
		trace_read_begin(m->trace, m->call, take_ptr(m->text), m->len);
}

static void on_made(uv_work_t *work, int status)
{
	struct making *m = work->data;

	list_remove(&m->link);
	m->trace->reading_bytes -= held_bytes(m);
	if (m->call)
		answer(m);
	making_free(m);
}

static void on_closed(struct rpc_call *call, void *data)
{
	struct making *m = data;

	m->call = NULL;
}

static bool has_turn(struct trace *t, uid_t uid)
{
	unsigned count = 0;
	struct making *m;

	for (list_each(m, &t->makings, link)) {
		if (m->uid == uid)
			return false;
		count++;
	}
	return count < MAKINGS_MAX;
}

/* Takes what is in @sides. */
static int begin(struct trace *t, struct rpc_call *call, const char *path,
		 struct trace_sides *sides)
{
	struct making *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	*m = (struct making){.trace = t, .call = call, .uid = rpc_call_peer(call)->uid};
	m->work.data = m;
	m->sides = *sides;
	*sides = (struct trace_sides){};
	r = str_escape(path, strlen(path), &m->path);
	if (r == 0)
		r = uv_queue_work(&t->daemon->loop, &m->work, make, on_made);
	if (r < 0) {
		making_free(m);
		return r;
	}
	t->reading_bytes += held_bytes(m);
	list_add_last(&t->makings, &m->link);
	rpc_call_on_closed(call, on_closed, m);
	return 0;
}

void trace_make_diff(struct trace *t, struct rpc_call *call, const char *path,
		     struct trace_sides *sides)
{
	int r = has_turn(t, rpc_call_peer(call)->uid) ? begin(t, call, path, sides) : -EBUSY;

	trace_sides_deinit(sides);
	if (r == -EBUSY)
		rpc_failed(call, r, "a difference is being made already; try again");
	else if (r < 0)
		rpc_failed(call, r, trace_reason(r));
}
