/*
 * Rows of the store as records; see ledgerint.h. What no writer writes is no record.
 */
#include <errno.h>

#include "base/def.h"
#include "filetrace/ledgerint.h"
#include "filetrace/statecode.h"

/* In the order of READ_ROW. */
enum {
	COLUMN_ID,
	COLUMN_TIME,
	COLUMN_PATH,
	COLUMN_METHOD,
	COLUMN_ATTRIBUTION,
	COLUMN_COALESCED,
	COLUMN_OP_COUNT,
	COLUMN_BOOT,
	COLUMN_IMAGE,
	COLUMN_PID,
	COLUMN_TID,
	COLUMN_UID,
	COLUMN_LOGIN_UID,
	COLUMN_SESSION,
	COLUMN_TTY,
	COLUMN_CGROUP,
	COLUMN_OLD,
	COLUMN_NEW,
	COLUMN_DIFF_TRUNCATED,
	COLUMN_EXE,
};

static uint32_t number_or_unset(sqlite3_stmt *row, int i)
{
	return sqlite3_column_type(row, i) == SQLITE_NULL ? FT_UNSET
							  : (uint32_t)sqlite3_column_int64(row, i);
}

static int take_actor(sqlite3_stmt *row, struct ft_actor *a)
{
	int r;

	a->image = sqlite3_column_int64(row, COLUMN_IMAGE);
	a->pid = sqlite3_column_int64(row, COLUMN_PID);
	a->tid = sqlite3_column_int64(row, COLUMN_TID);
	a->uid = sqlite3_column_int64(row, COLUMN_UID);
	a->login_uid = number_or_unset(row, COLUMN_LOGIN_UID);
	a->session = number_or_unset(row, COLUMN_SESSION);
	r = sql_copy(row, COLUMN_TTY, a->tty, sizeof(a->tty));
	return r < 0 ? r : sql_copy(row, COLUMN_CGROUP, a->cgroup, sizeof(a->cgroup));
}

static int take_state(sqlite3_stmt *row, int i, struct state *state)
{
	size_t len;
	const void *bytes = sql_blob(row, i, &len);

	return statecode_read(bytes, len, state);
}

static int take_row(sqlite3_stmt *row, struct record *r, char **exe)
{
	int64_t method = sqlite3_column_int64(row, COLUMN_METHOD);
	int64_t attribution = sqlite3_column_int64(row, COLUMN_ATTRIBUTION);
	int error;

	if (method < 0 || method >= METHOD_COUNT || attribution < 0 ||
	    attribution >= ATTRIBUTION_COUNT)
		return -EBADMSG;
	r->id = sqlite3_column_int64(row, COLUMN_ID);
	r->time_ns = sqlite3_column_int64(row, COLUMN_TIME);
	r->method = method;
	r->attribution = attribution;
	r->coalesced = sqlite3_column_int64(row, COLUMN_COALESCED);
	r->op_count = sqlite3_column_int64(row, COLUMN_OP_COUNT);
	r->diff_truncated = sqlite3_column_int64(row, COLUMN_DIFF_TRUNCATED);
	error = take_actor(row, &r->actor);
	if (error == 0)
		error = take_state(row, COLUMN_OLD, &r->old);
	if (error == 0)
		error = take_state(row, COLUMN_NEW, &r->new);
	if (error == 0)
		error = sql_dup(row, COLUMN_PATH, &r->path);
	if (error == 0 && !r->path)
		error = -EBADMSG;
	return error < 0 ? error : sql_dup(row, COLUMN_EXE, exe);
}

int ledger_row(struct ledger *l, int64_t id, struct record *ret_record, char **ret_exe,
	       int64_t *ret_boot)
{
	_cleanup_reset_ sqlite3_stmt *row = l->stmts[READ_ROW];
	_cleanup_(record_deinit) struct record record = {};
	_cleanup_free_ char *exe = NULL;
	int r;

	sql_bind_int(row, 1, id);
	r = sql_step(row);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = take_row(row, &record, &exe);
	if (r < 0)
		return r;
	/* A thread of the kernel has no program. */
	if (exe && !*exe)
		free(take_ptr(exe));
	*ret_boot = sqlite3_column_int64(row, COLUMN_BOOT);
	*ret_exe = take_ptr(exe);
	*ret_record = record;
	record = (struct record){};
	return 0;
}
