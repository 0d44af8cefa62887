/*
 * SQLite, as the store uses it; see sql.h.
 */
#include "filetrace/sql.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"

/* SQLite opens by name only. It follows the link in /proc to the folder's real path itself. */
void sql_path(int dirfd, const char *name, char ret_path[SQL_PATH_BYTES])
{
	int n = snprintf(ret_path, SQL_PATH_BYTES, "/proc/self/fd/%d/%s", dirfd, name);

	assert(n > 0 && n < SQL_PATH_BYTES);
}

/* A disk can be full in more ways than one. */
static bool is_full(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

/* What the system said: SQLite remembers it for most operations, but not for a commit. */
static int system_error(sqlite3 *db, int code, int said)
{
	int remembered = db ? sqlite3_system_errno(db) : 0;

	if (is_full(said) || is_full(remembered))
		return -ENOSPC;
	return code == SQLITE_CANTOPEN && remembered ? -remembered : -EIO;
}

int sql_error(sqlite3 *db, int code)
{
	int said = errno;
	static const struct {
		int code, error;
	} errors[] = {
		{SQLITE_FULL, -ENOSPC},	       {SQLITE_CORRUPT, -EBADMSG},
		{SQLITE_NOTADB, -EBADMSG},     {SQLITE_BUSY, -EBUSY},
		{SQLITE_LOCKED, -EBUSY},       {SQLITE_NOMEM, -ENOMEM},
		{SQLITE_TOOBIG, -EFBIG},       {SQLITE_READONLY, -EROFS},
		{SQLITE_CONSTRAINT, -EBADMSG}, {SQLITE_ERROR, -EBADMSG},
		{SQLITE_SCHEMA, -EBADMSG},     {SQLITE_FORMAT, -EBADMSG},
		{SQLITE_MISMATCH, -EBADMSG},
	};

	if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
		return 0;
	if (code == SQLITE_IOERR_SHORT_READ)
		return -EBADMSG;
	if (code == SQLITE_IOERR_NOMEM)
		return -ENOMEM;
	/* A reader that came while the writer set up its memory: it will be there soon. */
	if (code == SQLITE_READONLY_CANTINIT || code == SQLITE_READONLY_RECOVERY)
		return -EBUSY;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].code == (code & 0xff))
			return errors[i].error;
	return system_error(db, code & 0xff, said);
}

int sql_exec(sqlite3 *db, const char *sql)
{
	errno = 0;
	return sql_error(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static void finalize_p(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}

int sql_number(sqlite3 *db, const char *sql, int64_t *ret_number)
{
	_cleanup_(finalize_p) sqlite3_stmt *stmt = NULL;
	int r = sql_error(db, sqlite3_prepare_v2(db, sql, -1, &stmt, NULL));

	if (r == 0)
		r = sql_step(stmt);
	if (r <= 0)
		return r < 0 ? r : -ENODATA;
	*ret_number = sqlite3_column_int64(stmt, 0);
	return 0;
}

int sql_prepare(sqlite3 *db, const char *const *sql, size_t count, sqlite3_stmt **ret_stmts)
{
	for (size_t i = 0; i < count; i++) {
		int r = sql_error(db, sqlite3_prepare_v3(db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
							 &ret_stmts[i], NULL));

		if (r < 0) {
			sql_finalize(ret_stmts, i);
			return r;
		}
	}
	return 0;
}

void sql_finalize(sqlite3_stmt **stmts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sqlite3_finalize(stmts[i]);
		stmts[i] = NULL;
	}
}

void sql_reset_p(sqlite3_stmt **stmt)
{
	if (!*stmt)
		return;
	sqlite3_reset(*stmt);
	sqlite3_clear_bindings(*stmt);
}

void sql_bind_int(sqlite3_stmt *stmt, int i, int64_t value)
{
	int code = sqlite3_bind_int64(stmt, i, value);

	assert(code == SQLITE_OK);
}

/* Nothing is copied, so that a bind can only fail where a statement has no such parameter. */
void sql_bind_blob(sqlite3_stmt *stmt, int i, const void *bytes, size_t len)
{
	int code = sqlite3_bind_blob64(stmt, i, bytes, len, SQLITE_STATIC);

	assert(code == SQLITE_OK);
}

void sql_bind_bytes(sqlite3_stmt *stmt, int i, const char *string)
{
	sql_bind_blob(stmt, i, string, string ? strlen(string) : 0);
}

void sql_bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
	int code = sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);

	assert(code == SQLITE_OK);
}

int sql_step(sqlite3_stmt *stmt)
{
	sqlite3 *db = sqlite3_db_handle(stmt);
	int code;

	errno = 0;
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		return 1;
	return code == SQLITE_DONE ? 0 : sql_error(db, sqlite3_extended_errcode(db));
}

int sql_run(sqlite3_stmt *stmt)
{
	_cleanup_reset_ sqlite3_stmt *used = stmt;
	int r = sql_step(used);

	return r > 0 ? 0 : r;
}

const void *sql_blob(sqlite3_stmt *stmt, int i, size_t *ret_len)
{
	const void *bytes = sqlite3_column_blob(stmt, i);

	*ret_len = bytes ? sqlite3_column_bytes(stmt, i) : 0;
	return bytes;
}

int sql_dup(sqlite3_stmt *stmt, int i, char **ret_string)
{
	size_t len;
	const void *bytes;
	char *copy;

	if (sqlite3_column_type(stmt, i) == SQLITE_NULL) {
		*ret_string = NULL;
		return 0;
	}
	bytes = sql_blob(stmt, i, &len);
	if (bytes && memchr(bytes, '\0', len))
		return -EBADMSG;
	copy = bytes ? strndup(bytes, len) : strdup("");
	if (!copy)
		return -ENOMEM;
	*ret_string = copy;
	return 0;
}

int sql_copy(sqlite3_stmt *stmt, int i, char *buf, size_t size)
{
	size_t len;
	const void *bytes = sql_blob(stmt, i, &len);

	if (len >= size)
		return -EBADMSG;
	if (len)
		memcpy(buf, bytes, len);
	memset(buf + len, 0, size - len);
	return 0;
}
