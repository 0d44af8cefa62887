/*
 * The store: opening, transactions, and where we are; see store.h.
 */
#include "filetrace/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/storeint.h"

enum {
	BUSY_MS = 5000,
	RESERVE_LEAVES = 16 * 1024 * 1024, /* on a smaller disk it is for store_retain() */
};

/* Settings of the connection. The log is written through at a checkpoint only: the file is sound
 * after a loss of power, and a commit costs no more than a write. */
static const char settings[] = "PRAGMA main.page_size = 4096;"
			       "PRAGMA main.auto_vacuum = INCREMENTAL;"
			       "PRAGMA secret.secure_delete = ON;"
			       "PRAGMA main.journal_mode = WAL;"
			       "PRAGMA secret.journal_mode = WAL;"
			       "PRAGMA main.synchronous = NORMAL;"
			       "PRAGMA secret.synchronous = NORMAL;"
			       "PRAGMA main.journal_size_limit = 4194304;"
			       "PRAGMA secret.journal_size_limit = 65536;"
			       "PRAGMA main.cache_size = -768;"
			       "PRAGMA secret.cache_size = -64;"
			       "PRAGMA main.mmap_size = 0;"
			       "PRAGMA temp_store = MEMORY;";

/* Readers cannot make the files that go with the log, so these stay when the writer goes. */
static int keep_log(sqlite3 *db, const char *name)
{
	int on = 1;

	return sql_error(db, sqlite3_file_control(db, name, SQLITE_FCNTL_PERSIST_WAL, &on));
}

static int attach_secret(struct store *s)
{
	static const char *const sql = "ATTACH ?1 AS secret";
	char path[SQL_PATH_BYTES];
	sqlite3_stmt *stmt;
	int r = sql_prepare(s->db, &sql, 1, &stmt);

	if (r < 0)
		return r;
	sql_path(s->dirfd, SQL_SECRET, path);
	sql_bind_text(stmt, 1, path);
	r = sql_run(stmt);
	sql_finalize(&stmt, 1);
	return r;
}

static int connect_files(struct store *s)
{
	char path[SQL_PATH_BYTES];
	int r;

	sql_path(s->dirfd, SQL_MAIN, path);
	r = sql_error(s->db, sqlite3_open_v2(path, &s->db,
					     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
	if (r < 0)
		return r;
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	r = attach_secret(s);
	if (r == 0)
		r = sql_exec(s->db, settings);
	if (r == 0)
		r = keep_log(s->db, "main");
	return r < 0 ? r : keep_log(s->db, "secret");
}

static int open_all(struct store *s, int dirfd)
{
	int r;

	s->dirfd = fcntl(dirfd, F_DUPFD_CLOEXEC, 3);
	if (s->dirfd < 0)
		return -errno;
	r = store_make_files(s->dirfd);
	if (r == 0)
		r = squeeze_new(&s->squeeze);
	if (r == 0)
		r = connect_files(s);
	if (r == 0)
		r = store_schema(s->db);
	if (r == 0)
		r = sql_prepare(s->db, store_sql, STMT_COUNT, s->stmts);
	if (r == 0)
		r = store_load_key(s);
	if (r == 0)
		store_make_reserve(s->dirfd, RESERVE_LEAVES);
	return r;
}

int store_open(int dirfd, struct store **ret_store)
{
	struct store *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->dirfd = s->last_id = s->content_bytes = -1;
	r = open_all(s, dirfd);
	if (r < 0) {
		store_close(s);
		return r;
	}
	*ret_store = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->depth)
		store_rollback(s);
	sql_finalize(s->stmts, STMT_COUNT);
	sqlite3_close(s->db);
	squeeze_free(s->squeeze);
	if (s->dirfd >= 0)
		close(s->dirfd);
	explicit_bzero(&s->key, sizeof(s->key));
	free(s);
}

void store_redact_key(const struct store *s, struct redact_key *ret_key)
{
	*ret_key = s->key;
}

/* Takes back what was written; SQLite may have done so already. */
static void undo(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		sql_run(s->stmts[STMT_ROLLBACK]);
	s->boot_id[0] = '\0';
	s->last_id = s->content_bytes = -1;
}

int store_begin(struct store *s)
{
	int r;

	if (s->depth)
		return -EALREADY;
	r = sql_run(s->stmts[STMT_BEGIN]);
	if (r < 0)
		return r;
	s->depth = 1;
	s->failed = 0;
	s->both = false;
	return 0;
}

static int get_serial(struct store *s, int64_t *ret_serial)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_SERIAL_GET];
	int r = sql_step(stmt);

	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	*ret_serial = sqlite3_column_int64(stmt, 0);
	return 0;
}

/*
 * SQLite commits trace.sqlite, then secret.sqlite. When only the second one fails, the transaction
 * has happened, but for digests that stay what they were; who were told that it had not would store
 * its records twice. The serial shows it.
 */
static int commit_both(struct store *s)
{
	int64_t serial = 0, now;
	int r = get_serial(s, &serial);

	if (r < 0)
		return r;
	sql_bind_int(s->stmts[STMT_SERIAL_PUT], 1, ++serial);
	r = sql_run(s->stmts[STMT_SERIAL_PUT]);
	if (r < 0)
		return r;
	r = sql_run(s->stmts[STMT_COMMIT]);
	if (r == 0)
		return 0;
	undo(s);
	return get_serial(s, &now) == 0 && now == serial ? 0 : r;
}

int store_commit(struct store *s)
{
	int r = s->failed;

	if (!s->depth)
		return -EINVAL;
	if (r == 0)
		r = s->both ? commit_both(s) : sql_run(s->stmts[STMT_COMMIT]);
	if (r < 0)
		undo(s);
	s->depth = 0;
	s->failed = 0;
	return r;
}

void store_rollback(struct store *s)
{
	undo(s);
	s->depth = 0;
	s->failed = 0;
}

int store_end(struct store *s, int r)
{
	if (r >= 0)
		r = store_commit(s);
	if (r < 0)
		store_rollback(s);
	return r;
}

int store_enter(struct store *s)
{
	if (!s->depth)
		return store_begin(s);
	if (s->failed)
		return s->failed;
	s->depth++;
	return 0;
}

int store_leave(struct store *s, int r)
{
	if (r < 0) {
		undo(s);
		s->failed = r;
	}
	if (s->depth > 1) {
		s->depth--;
		return r;
	}
	return store_commit(s);
}
