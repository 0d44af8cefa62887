/*
 * What paths are, where we are, and what those who ask are told; see store.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/statecode.h"
#include "filetrace/storeint.h"

/* In the caller's transaction, or alone. */
static int run_alone(struct store *s, sqlite3_stmt *stmt)
{
	_cleanup_reset_ sqlite3_stmt *used = stmt;
	int r = store_enter(s);

	return r < 0 ? r : store_leave(s, sql_run(used));
}

int store_put_baseline(struct store *s, const char *path, const struct state *state)
{
	bool absent = state->kind == STATE_ABSENT;
	sqlite3_stmt *stmt = s->stmts[absent ? STMT_BASELINE_DROP : STMT_BASELINE_PUT];
	uint8_t bytes[STATECODE_BYTES_MAX];

	sql_bind_bytes(stmt, 1, path);
	if (absent)
		return run_alone(s, stmt);
	if (state->hashed)
		sql_bind_blob(stmt, 2, state->sha256.bytes, SHA256_BYTES);
	sql_bind_blob(stmt, 3, bytes, statecode_write(state, bytes));
	return run_alone(s, stmt);
}

int store_get_baseline(struct store *s, const char *path, struct state *ret_state)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_BASELINE_GET];
	size_t len = 0;
	const void *bytes = NULL;
	int r;

	sql_bind_bytes(stmt, 1, path);
	r = sql_step(stmt);
	if (r < 0)
		return r;
	if (r > 0)
		bytes = sql_blob(stmt, 0, &len);
	return statecode_read(bytes, len, ret_state);
}

static int tell_baseline(sqlite3_stmt *stmt,
			 int (*fn)(void *data, const char *path, const struct state *state),
			 void *data)
{
	_cleanup_free_ char *path = NULL;
	struct state state;
	size_t len;
	const void *bytes = sql_blob(stmt, 1, &len);
	int r = statecode_read(bytes, len, &state);

	if (r == 0)
		r = sql_dup(stmt, 0, &path);
	if (r == 0 && !path)
		r = -EBADMSG;
	return r < 0 ? r : fn(data, path, &state);
}

int store_each_baseline(struct store *s,
			int (*fn)(void *data, const char *path, const struct state *state),
			void *data)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_BASELINE_EACH];
	int r;

	while ((r = sql_step(stmt)) > 0) {
		r = tell_baseline(stmt, fn, data);
		if (r)
			return r;
	}
	return r;
}

int store_put_digest(struct store *s, const char *path, const char *digest)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[digest ? STMT_DIGEST_PUT : STMT_DIGEST_DROP];
	int r = store_enter(s);

	if (r < 0)
		return r;
	s->both = true;
	sql_bind_bytes(stmt, 1, path);
	if (digest)
		sql_bind_text(stmt, 2, digest);
	return store_leave(s, sql_run(stmt));
}

int store_get_digest(struct store *s, const char *path, char **ret_digest)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_DIGEST_GET];
	int r;

	sql_bind_bytes(stmt, 1, path);
	r = sql_step(stmt);
	if (r < 0)
		return r;
	if (r > 0)
		return sql_dup(stmt, 0, ret_digest);
	*ret_digest = NULL;
	return 0;
}

int store_put_position(struct store *s, const char *boot_id, uint64_t position)
{
	sqlite3_stmt *stmt = s->stmts[STMT_POSITION_PUT];

	sql_bind_text(stmt, 1, boot_id);
	sql_bind_int(stmt, 2, position);
	return run_alone(s, stmt);
}

int store_get_position(struct store *s, const char *boot_id, uint64_t *ret_position)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_POSITION_GET];
	int r;

	sql_bind_text(stmt, 1, boot_id);
	r = sql_step(stmt);
	if (r < 0)
		return r;
	*ret_position = r > 0 ? sqlite3_column_int64(stmt, 0) : 0;
	return 0;
}

static int add_watch(struct store *s, size_t i, const struct store_watch *w)
{
	sqlite3_stmt *stmt = s->stmts[STMT_WATCH_ADD];

	sql_bind_int(stmt, 1, i);
	sql_bind_bytes(stmt, 2, w->path);
	sql_bind_int(stmt, 3, w->user);
	sql_bind_int(stmt, 4, w->files);
	if (w->problem)
		sql_bind_text(stmt, 5, w->problem);
	return sql_run(stmt);
}

static int replace_watches(struct store *s, const struct store_watch *watches, size_t count,
			   uint64_t request)
{
	int r = sql_run(s->stmts[STMT_WATCH_CLEAR]);

	for (size_t i = 0; i < count && r == 0; i++)
		r = add_watch(s, i, &watches[i]);
	if (r < 0)
		return r;
	sql_bind_int(s->stmts[STMT_REQUEST_PUT], 1, request);
	return sql_run(s->stmts[STMT_REQUEST_PUT]);
}

int store_put_watches(struct store *s, const struct store_watch *watches, size_t count,
		      uint64_t request)
{
	int r = store_enter(s);

	return r < 0 ? r : store_leave(s, replace_watches(s, watches, count, request));
}

int store_has_watch(struct store *s, const char *path)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_WATCH_FIND];

	sql_bind_bytes(stmt, 1, path);
	return sql_step(stmt);
}

int store_put_status(struct store *s, const struct store_status *status)
{
	_cleanup_(strbuf_deinit) struct strbuf unseen = {};
	sqlite3_stmt *stmt = s->stmts[STMT_STATUS_PUT];
	int r = 0;

	for (const char *const *p = status->cannot_see; p && *p && r == 0; p++)
		r = strbuf_add(&unseen, *p, strlen(*p) + 1);
	if (r < 0)
		return r;
	if (status->backend)
		sql_bind_text(stmt, 1, status->backend);
	sql_bind_blob(stmt, 2, unseen.text, unseen.len);
	if (status->problem)
		sql_bind_text(stmt, 3, status->problem);
	sql_bind_int(stmt, 4, status->lost);
	sql_bind_int(stmt, 5, status->files);
	for (int i = 0; i < ATTRIBUTION_COUNT; i++)
		sql_bind_int(stmt, 6 + i, status->attributed[i]);
	return run_alone(s, stmt);
}
