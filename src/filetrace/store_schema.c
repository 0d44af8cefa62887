/*
 * The tables of the store, and the way from each version to the next; docs/format/store.md
 * explains them.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/def.h"
#include "filetrace/storeint.h"

/* Numbers without a sign beyond 63 bits are kept as the negative ones of the same bits. */
static const char main_1[] =
	"CREATE TABLE main.boots (id INTEGER PRIMARY KEY, boot_id TEXT NOT NULL UNIQUE);"
	"CREATE TABLE main.paths (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);"
	"CREATE TABLE main.images (key INTEGER PRIMARY KEY, boot INTEGER NOT NULL,"
	" id INTEGER NOT NULL, parent INTEGER NOT NULL, start_ns INTEGER NOT NULL,"
	" exec_ns INTEGER NOT NULL, pid INTEGER NOT NULL, uid INTEGER NOT NULL,"
	" flags INTEGER NOT NULL, used INTEGER NOT NULL, comm BLOB, exe BLOB, args BLOB,"
	" UNIQUE (boot, id));"
	"CREATE INDEX main.images_used ON images (used);"
	"CREATE TABLE main.records (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" time_ns INTEGER NOT NULL, path INTEGER NOT NULL, method INTEGER NOT NULL,"
	" attribution INTEGER NOT NULL, coalesced INTEGER NOT NULL, op_count INTEGER NOT NULL,"
	" boot INTEGER NOT NULL, image INTEGER, pid INTEGER, tid INTEGER, uid INTEGER,"
	" login_uid INTEGER, session INTEGER);"
	"CREATE INDEX main.records_path ON records (path);"
	"CREATE INDEX main.records_uid ON records (uid);"
	"CREATE INDEX main.records_login ON records (login_uid);"
	"CREATE INDEX main.records_time ON records (time_ns);"
	"CREATE TABLE main.details (id INTEGER PRIMARY KEY, tty BLOB, cgroup BLOB, old BLOB,"
	" new BLOB, fields BLOB, diff_truncated INTEGER NOT NULL, diff_bytes INTEGER,"
	" diff BLOB);"
	"CREATE TABLE main.contents (id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE,"
	" bytes INTEGER NOT NULL, stored INTEGER NOT NULL, used INTEGER NOT NULL);"
	"CREATE INDEX main.contents_used ON contents (used);"
	"CREATE TABLE main.blobs (id INTEGER PRIMARY KEY, frame BLOB NOT NULL);"
	"CREATE TABLE main.baselines (path BLOB PRIMARY KEY, sha256 BLOB, state BLOB NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE INDEX main.baselines_sha256 ON baselines (sha256);"
	"CREATE TABLE main.watches (id INTEGER PRIMARY KEY, path BLOB NOT NULL,"
	" user INTEGER NOT NULL, files INTEGER NOT NULL, problem TEXT);"
	"CREATE TABLE main.present (id INTEGER PRIMARY KEY CHECK (id = 1), serial INTEGER"
	" NOT NULL DEFAULT 0, boot_id TEXT,"
	" position INTEGER NOT NULL DEFAULT 0, request INTEGER NOT NULL DEFAULT 0,"
	" backend TEXT, cannot_see BLOB, problem TEXT, lost INTEGER NOT NULL DEFAULT 0,"
	" files INTEGER NOT NULL DEFAULT 0, attributed_none INTEGER NOT NULL DEFAULT 0,"
	" attributed_partial INTEGER NOT NULL DEFAULT 0,"
	" attributed_full INTEGER NOT NULL DEFAULT 0);"
	"INSERT INTO main.present (id) VALUES (1);"
	"CREATE TABLE main.events (id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL,"
	" event BLOB NOT NULL);"
	"PRAGMA main.user_version = 1;";

static const char secret_1[] =
	"CREATE TABLE secret.keys (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL);"
	"CREATE TABLE secret.digests (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE,"
	" digest TEXT NOT NULL);"
	"PRAGMA secret.user_version = 1;";

/* A step leads from the version of its index to the next, and says so itself. */
static const struct file {
	const char *version, *entries, *check;
	const char *steps[SQL_VERSION];
} files[] = {
	{"PRAGMA main.user_version",
	 "SELECT count(*) FROM main.sqlite_schema",
	 "PRAGMA main.quick_check(1)",
	 {main_1}},
	{"PRAGMA secret.user_version",
	 "SELECT count(*) FROM secret.sqlite_schema",
	 "PRAGMA secret.quick_check(1)",
	 {secret_1}},
};

static int upgrade(sqlite3 *db, const struct file *f, int64_t version)
{
	int r = sql_exec(db, "BEGIN IMMEDIATE");

	for (; r == 0 && version < SQL_VERSION; version++)
		r = sql_exec(db, f->steps[version]);
	if (r == 0)
		r = sql_exec(db, "COMMIT");
	if (r < 0 && !sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

static int adopt(sqlite3 *db, const struct file *f)
{
	int64_t version, entries;
	int r = sql_number(db, f->version, &version);

	if (r == 0)
		r = sql_number(db, f->entries, &entries);
	if (r < 0)
		return r;
	if (version > SQL_VERSION)
		return -EPROTO;
	/* Tables without a version are not ours. */
	if (version < 0 || (version == 0 && entries > 0))
		return -EBADMSG;
	return version < SQL_VERSION ? upgrade(db, f, version) : 0;
}

/* SQLite's own check reads all of a database: only of one so small that it is done at once. What
 * is damaged in a large one is found when it is read. */
static int check(sqlite3 *db, const struct file *f)
{
	enum { CHECK_PAGES = 4096 };
	sqlite3_stmt *stmt;
	int64_t pages;
	int r = sql_number(db, "PRAGMA page_count", &pages);

	if (r < 0 || pages > CHECK_PAGES)
		return r;
	r = sql_prepare(db, &f->check, 1, &stmt);
	if (r < 0)
		return r;
	r = sql_step(stmt);
	if (r > 0)
		r = strcmp((const char *)sqlite3_column_text(stmt, 0) ?: "", "ok") ? -EBADMSG : 0;
	sql_finalize(&stmt, 1);
	return r;
}

int store_schema(sqlite3 *db)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int r = adopt(db, &files[i]);

		if (r == 0)
			r = check(db, &files[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int make_key(sqlite3 *db, struct redact_key *key)
{
	static const char *const sql = "INSERT INTO secret.keys (id, key) VALUES (1, ?1)";
	sqlite3_stmt *stmt;
	int r;

	if (getrandom(key->bytes, sizeof(key->bytes), 0) != sizeof(key->bytes))
		return -EIO;
	r = sql_prepare(db, &sql, 1, &stmt);
	if (r < 0)
		return r;
	sql_bind_blob(stmt, 1, key->bytes, sizeof(key->bytes));
	r = sql_run(stmt);
	sql_finalize(&stmt, 1);
	return r;
}

int store_load_key(struct store *s)
{
	static const char *const sql = "SELECT key FROM secret.keys WHERE id = 1";
	const void *bytes;
	sqlite3_stmt *stmt;
	size_t len = 0;
	int r = sql_prepare(s->db, &sql, 1, &stmt);

	if (r < 0)
		return r;
	r = sql_step(stmt);
	bytes = r > 0 ? sql_blob(stmt, 0, &len) : NULL;
	if (r > 0 && len != sizeof(s->key.bytes))
		r = -EBADMSG;
	if (r > 0)
		memcpy(s->key.bytes, bytes, len);
	sql_finalize(&stmt, 1);
	if (r < 0)
		return r;
	return r > 0 ? 0 : make_key(s->db, &s->key);
}
