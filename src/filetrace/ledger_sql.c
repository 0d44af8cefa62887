/*
 * What the ledger asks SQLite: all of its statements; see ledgerint.h.
 */
#include "filetrace/content.h"
#include "filetrace/ledgerint.h"

/* The next record of a cursor, between two ids, in both directions. */
#define NEXT(where, order)                                                                   \
	"SELECT id FROM main.records WHERE " where " id > ?2 AND id < ?3 ORDER BY id " order \
	" LIMIT 1"

/* At most so many of a window in time, from its end or from its start. */
#define WINDOW(order)                                                                            \
	"SELECT min(id), max(id), count(*) FROM (SELECT id FROM main.records"                    \
	" INDEXED BY records_time WHERE time_ns >= ?1 AND time_ns <= ?2 ORDER BY time_ns " order \
	" LIMIT ?3)"

const char *const ledger_sql[READ_COUNT] = {
	[READ_BEGIN] = "BEGIN",
	[READ_END] = "ROLLBACK",
	[READ_VERSION] = "PRAGMA main.user_version",
	[READ_ROW] =
		"SELECT r.id, r.time_ns, p.path, r.method, r.attribution, r.coalesced, r.op_count,"
		" r.boot, r.image, r.pid, r.tid, r.uid, r.login_uid, r.session, d.tty, d.cgroup,"
		" d.old, d.new, d.diff_truncated, i.exe FROM main.records AS r"
		" JOIN main.paths AS p ON p.id = r.path JOIN main.details AS d ON d.id = r.id"
		" LEFT JOIN main.images AS i ON i.boot = r.boot AND i.id = r.image"
		" WHERE r.id = ?1",
	[READ_KEY] = "SELECT path, time_ns, uid, login_uid FROM main.records WHERE id = ?1",
	[READ_EXTRA] = "SELECT fields, diff_bytes, diff FROM main.details WHERE id = ?1",
	[READ_IMAGE] = "SELECT id, parent, start_ns, exec_ns, pid, uid, flags, comm, exe, args"
		       " FROM main.images WHERE boot = ?1 AND id = ?2",
	[READ_CONTENT] = CONTENT_SQL,
	[READ_PATH] = "SELECT id FROM main.paths WHERE path = ?1",
	[READ_PATHS] = "SELECT id, path FROM main.paths WHERE path >= ?1 AND path < ?2",
	[READ_PATH_MAX] = "SELECT coalesce(max(id), 0) FROM main.paths",
	[READ_USER_COUNT] =
		"SELECT (SELECT count(*) FROM (SELECT 1 FROM main.records WHERE uid = ?1 LIMIT ?2))"
		" + (SELECT count(*) FROM"
		" (SELECT 1 FROM main.records WHERE login_uid = ?1 LIMIT ?2))",
	[READ_WINDOW_DOWN] = WINDOW("DESC"),
	[READ_WINDOW_UP] = WINDOW("ASC"),
	/* What there is no key for: ?1 is named, so that all have the same parameters. */
	[READ_ALL_DOWN] = NEXT("?1 IS NULL AND", "DESC"),
	[READ_ALL_UP] = NEXT("?1 IS NULL AND", "ASC"),
	[READ_PATH_DOWN] = NEXT("path = ?1 AND", "DESC"),
	[READ_PATH_UP] = NEXT("path = ?1 AND", "ASC"),
	[READ_UID_DOWN] = NEXT("uid = ?1 AND", "DESC"),
	[READ_UID_UP] = NEXT("uid = ?1 AND", "ASC"),
	[READ_LOGIN_DOWN] = NEXT("login_uid = ?1 AND", "DESC"),
	[READ_LOGIN_UP] = NEXT("login_uid = ?1 AND", "ASC"),
	[READ_WATCHES] = "SELECT path, user, files, problem FROM main.watches ORDER BY id",
	[READ_PRESENT] =
		"SELECT request, backend, cannot_see, problem, lost, files, attributed_none,"
		" attributed_partial, attributed_full FROM main.present WHERE id = 1",
	[READ_SPAN] =
		"SELECT (SELECT min(id) FROM main.records), (SELECT max(id) FROM main.records)",
};
