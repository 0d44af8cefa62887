/*
 * What store.c and ledger.c share of SQLite: opening below a directory, statements that are
 * prepared once, and errors as errno.
 *
 * Values are bound, never written into SQL. What is bound is borrowed until the statement has run.
 */
#ifndef FILETRACE_SQL_H
#define FILETRACE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The version of the tables (PRAGMA user_version); docs/format/store.md. */
enum { SQL_VERSION = 1 };

#define SQL_MAIN "trace.sqlite"
#define SQL_SECRET "secret.sqlite"

enum { SQL_PATH_BYTES = 64 };

/* A path of SQLite's for the file @name below @dirfd. */
void sql_path(int dirfd, const char *name, char ret_path[SQL_PATH_BYTES]);

/*
 * The negative errno of a result code; 0 for those of success. -ENOSPC for a full disk, -EBADMSG
 * for a file that is damaged or none of SQLite's, -EBUSY, -ENOMEM; the system's own for what
 * cannot be opened; -EIO for the rest.
 */
int sql_error(sqlite3 *db, int code);

/* Statements without parameters. */
int sql_exec(sqlite3 *db, const char *sql);
/* The first column of the first row; -ENODATA without one. */
int sql_number(sqlite3 *db, const char *sql, int64_t *ret_number);

/* Prepares @count statements; all or none. */
int sql_prepare(sqlite3 *db, const char *const *sql, size_t count, sqlite3_stmt **ret_stmts);
void sql_finalize(sqlite3_stmt **stmts, size_t count);

/* For _cleanup_: a statement that goes out of use is reset, and lets go of what was bound. */
void sql_reset_p(sqlite3_stmt **stmt);
#define _cleanup_reset_ __attribute__((cleanup(sql_reset_p)))

/* Parameters, from 1 on. A NULL pointer is NULL. */
void sql_bind_int(sqlite3_stmt *stmt, int i, int64_t value);
void sql_bind_blob(sqlite3_stmt *stmt, int i, const void *bytes, size_t len);
void sql_bind_bytes(sqlite3_stmt *stmt, int i, const char *string); /* without its NUL */
void sql_bind_text(sqlite3_stmt *stmt, int i, const char *text);

/* 1 for a row, 0 at the end. */
int sql_step(sqlite3_stmt *stmt);
/* Runs what gives no rows, and resets it. */
int sql_run(sqlite3_stmt *stmt);

/* Columns, from 0 on. Bytes and texts are copied; NULL is NULL. -EBADMSG with a NUL inside. */
int sql_dup(sqlite3_stmt *stmt, int i, char **ret_string);
/* Borrowed until the next step; *@ret_len 0 for NULL and for what is empty. */
const void *sql_blob(sqlite3_stmt *stmt, int i, size_t *ret_len);
/* Into an array of @size bytes with a NUL; -EBADMSG when it is too long. */
int sql_copy(sqlite3_stmt *stmt, int i, char *buf, size_t size);

#endif
