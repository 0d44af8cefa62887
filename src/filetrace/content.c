/*
 * Reading a content; see content.h.
 */
#include "filetrace/content.h"

#include <errno.h>

#include "filetrace/squeeze.h"
#include "filetrace/store.h"

int content_read(sqlite3_stmt *get, const struct sha256 *sha256, char **ret_bytes, size_t *ret_len)
{
	_cleanup_reset_ sqlite3_stmt *stmt = get;
	int64_t len;
	size_t frame_len;
	const void *frame;
	int r;

	sql_bind_blob(stmt, 1, sha256->bytes, SHA256_BYTES);
	r = sql_step(stmt);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	len = sqlite3_column_int64(stmt, 0);
	frame = sql_blob(stmt, 1, &frame_len);
	if (len < 0 || len > STORE_CONTENT_BYTES_MAX || !frame)
		return -EBADMSG;
	r = squeeze_expand(frame, frame_len, len, ret_bytes);
	if (r == 0)
		*ret_len = len;
	return r;
}
