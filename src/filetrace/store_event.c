/*
 * Events of edits that are not finished; see store.h.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/storeint.h"

/* Row ids count up, also over those that are gone, as long as the last one is there: so the newest
 * STORE_EVENTS are those whose ids are above the last one's minus that. */
static int add(struct store *s, const struct ft_event *event)
{
	sqlite3_stmt *stmt = s->stmts[STMT_EVENT_ADD];
	int64_t id;
	int r;

	sql_bind_int(stmt, 1, event->time_ns);
	sql_bind_blob(stmt, 2, event, event->size);
	r = sql_run(stmt);
	id = sqlite3_last_insert_rowid(s->db);
	if (r < 0 || id <= STORE_EVENTS)
		return r;
	sql_bind_int(s->stmts[STMT_EVENT_BOUND], 1, id - STORE_EVENTS);
	return sql_run(s->stmts[STMT_EVENT_BOUND]);
}

int store_put_event(struct store *s, const struct ft_event *event)
{
	int r = store_enter(s);

	return r < 0 ? r : store_leave(s, add(s, event));
}

/* A row of the wrong size is left out, as an event from the ring would be. */
static int tell(sqlite3_stmt *stmt, int (*fn)(void *data, const struct ft_event *event), void *data)
{
	union ft_any_event aligned;
	size_t len;
	const void *bytes = sql_blob(stmt, 0, &len);

	if (len < sizeof(aligned.event) || len > sizeof(aligned))
		return 0;
	memcpy(&aligned, bytes, len);
	return aligned.event.size == len ? fn(data, &aligned.event) : 0;
}

int store_each_event(struct store *s, int (*fn)(void *data, const struct ft_event *event),
		     void *data)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_EVENT_EACH];
	int r;

	while ((r = sql_step(stmt)) > 0) {
		r = tell(stmt, fn, data);
		if (r)
			return r;
	}
	return r;
}

struct keeping {
	bool (*fn)(void *data, const struct ft_event *event);
	void *data;
	bool keep;
};

static int ask(void *data, const struct ft_event *event)
{
	struct keeping *k = data;

	k->keep = k->fn && k->fn(k->data, event);
	return 0;
}

/* A row may go while it is the present one. */
static int keep(struct store *s, struct keeping *k)
{
	_cleanup_reset_ sqlite3_stmt *each = s->stmts[STMT_EVENT_EACH];
	sqlite3_stmt *drop = s->stmts[STMT_EVENT_DROP];
	int r;

	while ((r = sql_step(each)) > 0) {
		k->keep = false;
		tell(each, ask, k);
		if (k->keep)
			continue;
		sql_bind_int(drop, 1, sqlite3_column_int64(each, 1));
		r = sql_run(drop);
		if (r < 0)
			return r;
	}
	return r;
}

int store_keep_events(struct store *s, bool (*fn)(void *data, const struct ft_event *event),
		      void *data)
{
	struct keeping k = {.fn = fn, .data = data};
	int r = store_enter(s);

	return r < 0 ? r : store_leave(s, keep(s, &k));
}
