/*
 * What the store says to SQLite: all of its statements; see storeint.h.
 */
#include "filetrace/content.h"
#include "filetrace/storeint.h"

#define UNUSED_CONTENT \
	"NOT EXISTS (SELECT 1 FROM main.baselines AS b WHERE b.sha256 = contents.sha256)"

const char *const store_sql[STMT_COUNT] = {
	[STMT_BEGIN] = "BEGIN IMMEDIATE",
	[STMT_COMMIT] = "COMMIT",
	[STMT_ROLLBACK] = "ROLLBACK",
	[STMT_LAST_ID] = "SELECT seq FROM main.sqlite_sequence WHERE name = 'records'",
	[STMT_BOOT_FIND] = "SELECT id FROM main.boots WHERE boot_id = ?1",
	[STMT_BOOT_ADD] = "INSERT INTO main.boots (boot_id) VALUES (?1)",
	[STMT_PATH_FIND] = "SELECT id FROM main.paths WHERE path = ?1",
	[STMT_PATH_ADD] = "INSERT INTO main.paths (path) VALUES (?1)",
	/* Told twice, the one with more arguments counts. */
	[STMT_IMAGE_PUT] =
		"INSERT INTO main.images (boot, id, parent, start_ns, exec_ns, pid, uid, flags,"
		" used, comm, exe, args)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
		" ON CONFLICT (boot, id) DO UPDATE SET parent = excluded.parent,"
		" start_ns = excluded.start_ns, exec_ns = excluded.exec_ns, pid = excluded.pid,"
		" uid = excluded.uid, flags = excluded.flags, comm = excluded.comm,"
		" exe = excluded.exe, args = excluded.args"
		" WHERE length(excluded.args) >= length(images.args)",
	[STMT_IMAGE_FIND] = "SELECT key, parent, used FROM main.images WHERE boot = ?1 AND id = ?2",
	[STMT_IMAGE_GET] =
		"SELECT parent, start_ns, exec_ns, pid, uid, flags, coalesce(length(args), 0)"
		" FROM main.images WHERE boot = ?1 AND id = ?2",
	[STMT_IMAGE_USE] = "UPDATE main.images SET used = ?2 WHERE key = ?1",
	[STMT_RECORD_ADD] =
		"INSERT INTO main.records (time_ns, path, method, attribution, coalesced, op_count,"
		" boot, image, pid, tid, uid, login_uid, session)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	[STMT_DETAIL_ADD] =
		"INSERT INTO main.details (id, tty, cgroup, old, new, fields, diff_truncated,"
		" diff_bytes, diff) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[STMT_CONTENT_USE] = "UPDATE main.contents SET used = ?2 WHERE sha256 = ?1 AND used < ?2",
	[STMT_CONTENT_ADD] =
		"INSERT INTO main.contents (sha256, bytes, stored, used) VALUES (?1, ?2, ?3, ?4)",
	[STMT_BLOB_ADD] = "INSERT INTO main.blobs (id, frame) VALUES (?1, ?2)",
	[STMT_CONTENT_GET] = CONTENT_SQL,
	[STMT_CONTENT_SUM] = "SELECT coalesce(sum(stored), 0) FROM main.contents",
	[STMT_BASELINE_PUT] = "INSERT INTO main.baselines (path, sha256, state) VALUES (?1, ?2, ?3)"
			      " ON CONFLICT (path) DO UPDATE"
			      " SET sha256 = excluded.sha256, state = excluded.state",
	[STMT_BASELINE_DROP] = "DELETE FROM main.baselines WHERE path = ?1",
	[STMT_BASELINE_GET] = "SELECT state FROM main.baselines WHERE path = ?1",
	[STMT_BASELINE_EACH] = "SELECT path, state FROM main.baselines ORDER BY path",
	[STMT_DIGEST_PUT] = "INSERT INTO secret.digests (path, digest) VALUES (?1, ?2)"
			    " ON CONFLICT (path) DO UPDATE SET digest = excluded.digest",
	[STMT_DIGEST_DROP] = "DELETE FROM secret.digests WHERE path = ?1",
	[STMT_DIGEST_GET] = "SELECT digest FROM secret.digests WHERE path = ?1",
	[STMT_SERIAL_PUT] = "UPDATE main.present SET serial = ?1 WHERE id = 1",
	[STMT_SERIAL_GET] = "SELECT serial FROM main.present WHERE id = 1",
	[STMT_POSITION_PUT] = "UPDATE main.present SET boot_id = ?1, position = ?2 WHERE id = 1",
	[STMT_POSITION_GET] = "SELECT position FROM main.present WHERE id = 1 AND boot_id = ?1",
	[STMT_EVENT_ADD] = "INSERT INTO main.events (time_ns, event) VALUES (?1, ?2)",
	[STMT_EVENT_DROP] = "DELETE FROM main.events WHERE id = ?1",
	[STMT_EVENT_BOUND] = "DELETE FROM main.events WHERE id <= ?1",
	[STMT_EVENT_EACH] = "SELECT event, id FROM main.events ORDER BY id",
	[STMT_WATCH_CLEAR] = "DELETE FROM main.watches",
	[STMT_WATCH_ADD] = "INSERT INTO main.watches (id, path, user, files, problem)"
			   " VALUES (?1, ?2, ?3, ?4, ?5)",
	[STMT_WATCH_FIND] =
		"SELECT 1 FROM main.watches WHERE path = ?1 AND problem IS NULL LIMIT 1",
	[STMT_REQUEST_PUT] = "UPDATE main.present SET request = ?1 WHERE id = 1",
	[STMT_STATUS_PUT] =
		"UPDATE main.present SET backend = ?1, cannot_see = ?2, problem = ?3, lost = ?4,"
		" files = ?5, attributed_none = ?6, attributed_partial = ?7, attributed_full = ?8"
		" WHERE id = 1",
	[STMT_OLDEST_ID] = "SELECT min(id) FROM main.records",
	[STMT_OLDEST_RECORD] = "SELECT id, time_ns, path FROM main.records ORDER BY id LIMIT 1",
	[STMT_RECORD_DROP] = "DELETE FROM main.records WHERE id = ?1",
	[STMT_DETAIL_DROP] = "DELETE FROM main.details WHERE id = ?1",
	[STMT_PATH_DROP] = "DELETE FROM main.paths WHERE id = ?1"
			   " AND NOT EXISTS (SELECT 1 FROM main.records WHERE path = ?1)",
	[STMT_OLDEST_CONTENTS] =
		"SELECT id, stored FROM main.contents WHERE used < ?1 AND " UNUSED_CONTENT
		" ORDER BY used, id LIMIT ?2",
	[STMT_CONTENT_DROP] = "DELETE FROM main.contents WHERE id = ?1",
	[STMT_BLOB_DROP] = "DELETE FROM main.blobs WHERE id = ?1",
	[STMT_OLDEST_IMAGES] =
		"SELECT images.key, boots.boot_id, images.id FROM main.images AS images"
		" JOIN main.boots AS boots ON boots.id = images.boot"
		" WHERE images.used < ?1 ORDER BY images.used LIMIT ?2",
	[STMT_IMAGE_DROP] = "DELETE FROM main.images WHERE key = ?1",
	[STMT_FREE_PAGES] = "PRAGMA main.freelist_count",
	[STMT_VACUUM] = "PRAGMA main.incremental_vacuum(64)",
};
