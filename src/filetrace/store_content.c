/*
 * Contents in the store, by their hash; see store.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/content.h"
#include "filetrace/storeint.h"

int store_use_content(struct store *s, const struct state *state, int64_t block)
{
	sqlite3_stmt *stmt = s->stmts[STMT_CONTENT_USE];

	if (state->kind == STATE_ABSENT || !state->hashed)
		return 0;
	sql_bind_blob(stmt, 1, state->sha256.bytes, SHA256_BYTES);
	sql_bind_int(stmt, 2, block);
	return sql_run(stmt);
}

int store_content_bytes(struct store *s, int64_t *ret_bytes)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_CONTENT_SUM];
	int r;

	if (s->content_bytes < 0) {
		r = sql_step(stmt);
		if (r <= 0)
			return r < 0 ? r : -EBADMSG;
		s->content_bytes = sqlite3_column_int64(stmt, 0);
	}
	*ret_bytes = s->content_bytes;
	return 0;
}

/* 1 when it is there. */
static int has_content(struct store *s, const struct sha256 *sha256)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_CONTENT_GET];

	sql_bind_blob(stmt, 1, sha256->bytes, SHA256_BYTES);
	return sql_step(stmt);
}

static int add_frame(struct store *s, const struct sha256 *sha256, size_t len, int64_t block,
		     const void *frame, size_t frame_len)
{
	sqlite3_stmt *content = s->stmts[STMT_CONTENT_ADD], *blob = s->stmts[STMT_BLOB_ADD];
	int64_t sum;
	int r = store_content_bytes(s, &sum);

	if (r < 0)
		return r;
	sql_bind_blob(content, 1, sha256->bytes, SHA256_BYTES);
	sql_bind_int(content, 2, len);
	sql_bind_int(content, 3, frame_len);
	sql_bind_int(content, 4, block);
	r = sql_run(content);
	if (r < 0)
		return r;
	sql_bind_int(blob, 1, sqlite3_last_insert_rowid(s->db));
	sql_bind_blob(blob, 2, frame, frame_len);
	r = sql_run(blob);
	if (r == 0)
		s->content_bytes = sum + frame_len;
	return r;
}

static int put_content(struct store *s, const struct sha256 *sha256, const void *bytes, size_t len)
{
	const struct state state = {.kind = STATE_FILE, .hashed = true, .sha256 = *sha256};
	_cleanup_free_ void *frame = NULL;
	size_t frame_len;
	int64_t last_id, block;
	int r = store_last_id(s, &last_id);

	if (r < 0)
		return r;
	block = store_block(last_id + 1);
	r = has_content(s, sha256);
	if (r != 0)
		return r < 0 ? r : store_use_content(s, &state, block);
	r = squeeze_bytes(s->squeeze, bytes, len, &frame, &frame_len);
	return r < 0 ? r : add_frame(s, sha256, len, block, frame, frame_len);
}

int store_put_content(struct store *s, const struct sha256 *sha256, const void *bytes, size_t len)
{
	int r;

	if (len > STORE_CONTENT_BYTES_MAX)
		return -EFBIG;
	r = store_enter(s);
	return r < 0 ? r : store_leave(s, put_content(s, sha256, bytes, len));
}

int store_get_content(struct store *s, const struct sha256 *sha256, char **ret_bytes,
		      size_t *ret_len)
{
	return content_read(s->stmts[STMT_CONTENT_GET], sha256, ret_bytes, ret_len);
}
