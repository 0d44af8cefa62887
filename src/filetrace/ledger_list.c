/*
 * Lists of records in the order of their ids; see ledger.h.
 *
 * A filter is turned into cursors: one for each path that fits, two for a user (effective, and
 * logged in), or one for all. A cursor is the next id by one index. They are merged in a heap, so
 * that a record is looked at only when one of them names it, and what the other parts of the
 * filter say is tested then. A window in time becomes bounds of ids first; times and ids grow
 * together, but for edits that took long and clocks that were set, so these are bounds and no more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/ledgerint.h"

enum { LOOKED_AT_MAX = 200000, USER_FEW = 5000, CURSORS_MAX = LEDGER_PATHS };

struct cursor {
	int64_t id; /* the next one, 0: at the end */
	int64_t key;
	enum ledger_stmt stmt; /* of READ_*_DOWN */
};

struct listing {
	struct ledger *l;
	const struct ledger_filter *filter;
	struct ledger_paths paths; /* when the filter has some */
	int64_t low, high; /* ids between them */
	struct cursor *heap; /* the next id first */
	size_t count;
};

static void listing_deinit(struct listing *g)
{
	ledger_paths_deinit(&g->paths);
	free(g->heap);
}

/* Whether @a comes before @b. */
static bool is_before(const struct listing *g, const struct cursor *a, const struct cursor *b)
{
	return g->filter->ascending ? a->id < b->id : a->id > b->id;
}

static void sift_down(struct listing *g, size_t i)
{
	for (;;) {
		size_t first = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < g->count; child++)
			if (is_before(g, &g->heap[child], &g->heap[first]))
				first = child;
		if (first == i)
			return;
		struct cursor c = g->heap[i];

		g->heap[i] = g->heap[first];
		g->heap[first] = c;
		i = first;
	}
}

/* The next id of a cursor behind @c->id; 0: from the start on. */
static int advance(struct listing *g, struct cursor *c)
{
	bool up = g->filter->ascending;
	_cleanup_reset_ sqlite3_stmt *next = g->l->stmts[c->stmt + up];
	int r;

	if (c->stmt != READ_ALL_DOWN)
		sql_bind_int(next, 1, c->key);
	sql_bind_int(next, 2, up && c->id ? c->id : g->low);
	sql_bind_int(next, 3, !up && c->id ? c->id : g->high);
	r = sql_step(next);
	if (r >= 0)
		c->id = r ? sqlite3_column_int64(next, 0) : 0;
	return r < 0 ? r : 0;
}

static int add_cursor(struct listing *g, enum ledger_stmt stmt, int64_t key)
{
	struct cursor c = {.key = key, .stmt = stmt};
	int r = advance(g, &c);

	if (r == 0 && c.id)
		g->heap[g->count++] = c;
	return r;
}

/* Takes the first cursor on; it goes when it has no more. */
static int pop(struct listing *g)
{
	int r = advance(g, &g->heap[0]);

	if (r < 0)
		return r;
	if (!g->heap[0].id)
		g->heap[0] = g->heap[--g->count];
	sift_down(g, 0);
	return 0;
}

/* Whether a user has so few records that they are the shorter way. */
static int has_few(struct listing *g, bool *ret_few)
{
	_cleanup_reset_ sqlite3_stmt *count = g->l->stmts[READ_USER_COUNT];
	int r;

	sql_bind_int(count, 1, g->filter->user);
	sql_bind_int(count, 2, USER_FEW);
	r = sql_step(count);
	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	*ret_few = sqlite3_column_int64(count, 0) < USER_FEW;
	return 0;
}

static int add_paths(struct listing *g)
{
	int r = 0;

	for (size_t i = 0; i < g->paths.id_count && r == 0; i++)
		r = add_cursor(g, READ_PATH_DOWN, g->paths.ids[i]);
	return r;
}

static int add_user(struct listing *g)
{
	int r = add_cursor(g, READ_UID_DOWN, g->filter->user);

	return r < 0 ? r : add_cursor(g, READ_LOGIN_DOWN, g->filter->user);
}

static int add_cursors(struct listing *g)
{
	const struct ledger_filter *f = g->filter;
	bool by_path = f->path && !g->paths.more, few = !by_path;
	int r = 0;

	g->heap = calloc(CURSORS_MAX, sizeof(*g->heap));
	if (!g->heap)
		return -ENOMEM;
	if (f->user >= 0 && by_path && g->paths.id_count > 1)
		r = has_few(g, &few);
	if (r == 0 && f->user >= 0 && few)
		r = add_user(g);
	else if (r == 0 && by_path)
		r = add_paths(g);
	else if (r == 0)
		r = add_cursor(g, READ_ALL_DOWN, 0);
	for (size_t i = g->count / 2; i-- > 0;)
		sift_down(g, i);
	return r;
}

/* Ids of the window in time: of its part that comes first, when it is a large one. */
static int bound_by_time(struct listing *g)
{
	const struct ledger_filter *f = g->filter;
	_cleanup_reset_ sqlite3_stmt *window =
		g->l->stmts[f->ascending ? READ_WINDOW_UP : READ_WINDOW_DOWN];
	int64_t min, max, count;
	int r;

	if (!f->since_ns && !f->until_ns)
		return 0;
	sql_bind_int(window, 1, f->since_ns ?: INT64_MIN);
	sql_bind_int(window, 2, f->until_ns ?: INT64_MAX);
	sql_bind_int(window, 3, LOOKED_AT_MAX);
	r = sql_step(window);
	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	min = sqlite3_column_int64(window, 0);
	max = sqlite3_column_int64(window, 1);
	count = sqlite3_column_int64(window, 2);
	if (count == 0)
		g->high = g->low;
	if (count && (f->ascending || count < LOOKED_AT_MAX) && min - 1 > g->low)
		g->low = min - 1;
	if (count && (!f->ascending || count < LOOKED_AT_MAX) && max + 1 < g->high)
		g->high = max + 1;
	return 0;
}

static int prepare(struct listing *g)
{
	const struct ledger_filter *f = g->filter;
	int r = 0;

	g->low = f->after;
	g->high = f->before ?: INT64_MAX;
	if (f->path)
		r = ledger_paths_find(g->l, f->path, &g->paths);
	if (r == 0)
		r = bound_by_time(g);
	return r < 0 ? r : add_cursors(g);
}

static bool is_user(sqlite3_stmt *key, int i, int64_t user)
{
	return sqlite3_column_type(key, i) != SQLITE_NULL && sqlite3_column_int64(key, i) == user;
}

/* 1 when a record fits, all parts of the filter taken together. */
static int fits(struct listing *g, int64_t id)
{
	const struct ledger_filter *f = g->filter;
	_cleanup_reset_ sqlite3_stmt *key = g->l->stmts[READ_KEY];
	int64_t time_ns;
	int r;

	if (!f->path && f->user < 0 && !f->since_ns && !f->until_ns)
		return 1;
	sql_bind_int(key, 1, id);
	r = sql_step(key);
	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	time_ns = sqlite3_column_int64(key, 1);
	return (!f->path || ledger_paths_has(&g->paths, sqlite3_column_int64(key, 0))) &&
	       (!f->since_ns || time_ns >= f->since_ns) &&
	       (!f->until_ns || time_ns <= f->until_ns) &&
	       (f->user < 0 || is_user(key, 2, f->user) || is_user(key, 3, f->user));
}

static int tell(struct listing *g, int64_t id, int (*fn)(void *data, const struct ledger_row *row),
		void *data)
{
	_cleanup_free_ char *exe = NULL;
	struct ledger_row row = {};
	int64_t boot;
	int r = ledger_row(g->l, id, &row.record, &exe, &boot);

	if (r < 0)
		return r == -ENOENT ? -EBADMSG : r;
	row.exe = exe;
	r = fn(data, &row);
	record_deinit(&row.record);
	return r;
}

/* The next record that fits: 1, 0 at the end, or when enough was looked at (*@looked). */
static int next(struct listing *g, unsigned *looked, int64_t *ret_id)
{
	while (g->count && *looked < LOOKED_AT_MAX) {
		int64_t id = g->heap[0].id;
		int r = 0;

		++*looked;
		/* A user who is both is named twice. */
		while (r == 0 && g->count && g->heap[0].id == id)
			r = pop(g);
		if (r == 0)
			r = fits(g, id);
		if (r)
			*ret_id = id;
		if (r)
			return r;
	}
	return 0;
}

static int list(struct listing *g, unsigned limit,
		int (*fn)(void *data, const struct ledger_row *row), void *data, bool *ret_more)
{
	unsigned looked = 0;
	int64_t id;
	int r = prepare(g);

	for (unsigned told = 0; r == 0; told++) {
		r = next(g, &looked, &id);
		if (r > 0 && told == limit) {
			*ret_more = true;
			return 0;
		}
		if (r <= 0)
			break;
		r = tell(g, id, fn, data);
	}
	if (r == 0)
		*ret_more = g->count > 0;
	return r;
}

int ledger_list(struct ledger *l, const struct ledger_filter *filter, unsigned limit,
		int (*fn)(void *data, const struct ledger_row *row), void *data, bool *ret_more)
{
	_cleanup_(listing_deinit) struct listing g = {.l = l, .filter = filter};
	bool more = false;
	int r = ledger_enter(l);

	if (r < 0)
		return r;
	r = ledger_leave(l, list(&g, limit, fn, data, &more));
	if (r == 0)
		*ret_more = more;
	return r;
}
