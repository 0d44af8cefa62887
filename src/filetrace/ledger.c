/*
 * The ledger: a store that somebody else writes; see ledger.h.
 *
 * A reader has no right to make a file. In WAL mode SQLite needs two beside the database: the log
 * (-wal) and memory that readers and writer share (-shm); the writer leaves both when it goes. With
 * a writer that was killed, SQLite sees that nobody keeps the memory up to date, and reads the log
 * itself. Where the files are missing, because somebody copied the database or cleaned up, the
 * database is opened for one call, without the memory: then there is no writer.
 */
#include "filetrace/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/def.h"
#include "filetrace/content.h"
#include "filetrace/ledgerint.h"

enum { BUSY_MS = 1000, TRIES = 50, TRY_NS = 10 * 1000 * 1000 };

int ledger_new(int dirfd, struct ledger **ret_ledger)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->dirfd = fcntl(dirfd, F_DUPFD_CLOEXEC, 3);
	if (l->dirfd < 0) {
		free(l);
		return -errno;
	}
	*ret_ledger = l;
	return 0;
}

static void disconnect(struct ledger *l)
{
	sql_finalize(l->stmts, READ_COUNT);
	sqlite3_close(l->db);
	l->db = NULL;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	disconnect(l);
	close(l->dirfd);
	free(l);
}

/* The size of a file of the store; -1 without one. */
static int64_t size_of(const struct ledger *l, const char *name)
{
	struct stat st;

	return fstatat(l->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -1 : st.st_size;
}

/* Opens it with the files that there are. A log without the memory is read as by one who has all
 * for himself; locks need a right to write, and are left out. */
static int open_file(struct ledger *l)
{
	enum { FLAGS = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI };
	bool log = size_of(l, SQL_MAIN "-wal") > 0;
	char path[SQL_PATH_BYTES], uri[SQL_PATH_BYTES + 32];
	int code;

	sql_path(l->dirfd, SQL_MAIN, path);
	l->brief = size_of(l, SQL_MAIN "-shm") < 0;
	snprintf(uri, sizeof(uri), "file:%s%s", path, l->brief && !log ? "?immutable=1" : "");
	code = sqlite3_open_v2(uri, &l->db, FLAGS, l->brief && log ? "unix-none" : NULL);
	if (code != SQLITE_OK)
		return sql_error(l->db, code);
	sqlite3_extended_result_codes(l->db, 1);
	sqlite3_busy_timeout(l->db, BUSY_MS);
	sqlite3_db_config(l->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(l->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(l->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (l->brief && log)
		return sql_exec(l->db, "PRAGMA main.locking_mode = EXCLUSIVE;");
	return 0;
}

/* The version of what is open. 0: the writer has not got that far yet. */
static int check_version(int64_t version)
{
	if (version == 0)
		return -ENOENT;
	return version == SQL_VERSION ? 0 : -EPROTO;
}

static int connect_file(struct ledger *l)
{
	int64_t version;
	int r = open_file(l);

	if (r == 0)
		r = sql_exec(l->db, "PRAGMA main.cache_size = -1024; PRAGMA query_only = ON;"
				    "PRAGMA temp_store = MEMORY;");
	if (r == 0)
		r = sql_number(l->db, "PRAGMA main.user_version", &version);
	if (r == 0)
		r = check_version(version);
	if (r == 0)
		r = sql_prepare(l->db, ledger_sql, READ_COUNT, l->stmts);
	if (r < 0)
		disconnect(l);
	return r;
}

/* What is open is still what has the name; a damaged store is set aside while we look. */
static int look(struct ledger *l)
{
	struct stat st;

	if (fstatat(l->dirfd, SQL_MAIN, &st, AT_SYMLINK_NOFOLLOW) < 0 || !st.st_size) {
		disconnect(l);
		return -ENOENT;
	}
	if (l->db && st.st_dev == l->file.st_dev && st.st_ino == l->file.st_ino)
		return 0;
	disconnect(l);
	l->file = st;
	return connect_file(l);
}

static int begin(struct ledger *l)
{
	_cleanup_reset_ sqlite3_stmt *version = NULL;
	int r = look(l);

	if (r == 0)
		r = sql_run(l->stmts[READ_BEGIN]);
	if (r < 0)
		return r;
	version = l->stmts[READ_VERSION];
	r = sql_step(version);
	if (r > 0)
		r = check_version(sqlite3_column_int64(version, 0));
	return r;
}

int ledger_enter(struct ledger *l)
{
	const struct timespec pause = {.tv_nsec = TRY_NS};
	int r;

	for (int i = 0;; i++) {
		r = begin(l);
		if (r == 0)
			return 0;
		/* Whatever went wrong, the next one begins from the start. */
		disconnect(l);
		if (r != -EBUSY || i == TRIES)
			return r;
		nanosleep(&pause, NULL);
	}
}

int ledger_leave(struct ledger *l, int r)
{
	int end = sql_run(l->stmts[READ_END]);

	if (l->brief || end < 0 || r == -EBADMSG || r == -EIO)
		disconnect(l);
	return r;
}

int ledger_content(struct ledger *l, const struct sha256 *sha256, char **ret_bytes, size_t *ret_len)
{
	int r = ledger_enter(l);

	if (r < 0)
		return r;
	return ledger_leave(l, content_read(l->stmts[READ_CONTENT], sha256, ret_bytes, ret_len));
}
