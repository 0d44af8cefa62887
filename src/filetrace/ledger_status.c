/*
 * Watches, and what runs, as the writer last told; see ledger.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/ledgerint.h"
#include "filetrace/watchset.h"

void ledger_watches_free(struct ledger_watch *watches, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(watches[i].path);
		free(watches[i].problem);
	}
	free(watches);
}

struct watches {
	struct ledger_watch *list;
	size_t count;
	uint64_t request;
};

static void watches_deinit(struct watches *w)
{
	ledger_watches_free(w->list, w->count);
}

static int take_watch(sqlite3_stmt *row, struct watches *w)
{
	struct ledger_watch *list = reallocarray(w->list, w->count + 1, sizeof(*list)), *next;
	int r;

	if (!list)
		return -ENOMEM;
	w->list = list;
	next = &list[w->count++];
	*next = (struct ledger_watch){
		.user = sqlite3_column_int64(row, 1),
		.files = sqlite3_column_int64(row, 2),
	};
	r = sql_dup(row, 0, &next->path);
	if (r == 0 && !next->path)
		r = -EBADMSG;
	return r < 0 ? r : sql_dup(row, 3, &next->problem);
}

static int take_watches(struct ledger *l, struct watches *w)
{
	_cleanup_reset_ sqlite3_stmt *rows = l->stmts[READ_WATCHES];
	_cleanup_reset_ sqlite3_stmt *present = l->stmts[READ_PRESENT];
	int r = sql_step(present);

	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	w->request = sqlite3_column_int64(present, 0);
	while ((r = sql_step(rows)) > 0) {
		r = w->count < 2 * WATCH_PATTERNS ? take_watch(rows, w) : -EBADMSG;
		if (r < 0)
			return r;
	}
	return r;
}

int ledger_watches(struct ledger *l, struct ledger_watch **ret_watches, size_t *ret_count,
		   uint64_t *ret_request)
{
	_cleanup_(watches_deinit) struct watches w = {};
	int r = ledger_enter(l);

	if (r == 0)
		r = ledger_leave(l, take_watches(l, &w));
	if (r < 0)
		return r;
	*ret_watches = w.list;
	*ret_count = w.count;
	*ret_request = w.request;
	w = (struct watches){};
	return 0;
}

void ledger_status_deinit(struct ledger_status *s)
{
	free(s->backend);
	free(s->problem);
	str_vector_free(s->cannot_see);
	*s = (struct ledger_status){};
}

static int take_unseen(sqlite3_stmt *row, int i, char ***ret_texts)
{
	size_t len, count = 0;
	const char *bytes = sql_blob(row, i, &len);
	char **texts;

	if (len && bytes[len - 1])
		return -EBADMSG;
	for (size_t n = 0; n < len; n++)
		count += !bytes[n];
	texts = calloc(count + 1, sizeof(*texts));
	if (!texts)
		return -ENOMEM;
	*ret_texts = texts;
	for (size_t n = 0; n < count; n++, bytes += strlen(bytes) + 1) {
		texts[n] = strdup(bytes);
		if (!texts[n])
			return -ENOMEM;
	}
	return 0;
}

static int take_present(struct ledger *l, struct ledger_status *s)
{
	_cleanup_reset_ sqlite3_stmt *row = l->stmts[READ_PRESENT];
	int r = sql_step(row);

	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	s->lost = sqlite3_column_int64(row, 4);
	s->files = sqlite3_column_int64(row, 5);
	for (int i = 0; i < ATTRIBUTION_COUNT; i++)
		s->attributed[i] = sqlite3_column_int64(row, 6 + i);
	r = sql_dup(row, 1, &s->backend);
	if (r == 0)
		r = take_unseen(row, 2, &s->cannot_see);
	return r < 0 ? r : sql_dup(row, 3, &s->problem);
}

/* Records go from the oldest on only, so that there is none missing between two. */
static int take_span(struct ledger *l, struct ledger_status *s)
{
	_cleanup_reset_ sqlite3_stmt *row = l->stmts[READ_SPAN];
	int r = sql_step(row);

	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	s->oldest = sqlite3_column_int64(row, 0);
	s->newest = sqlite3_column_int64(row, 1);
	s->records = s->newest ? (uint64_t)s->newest - (uint64_t)s->oldest + 1 : 0;
	return 0;
}

static uint64_t disk_bytes(int dirfd)
{
	static const char *const names[] = {SQL_MAIN,	SQL_MAIN "-wal",   SQL_MAIN "-shm",
					    SQL_SECRET, SQL_SECRET "-wal", SQL_SECRET "-shm"};
	uint64_t sum = 0;
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (fstatat(dirfd, names[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			sum += (uint64_t)st.st_blocks * 512;
	return sum;
}

int ledger_status(struct ledger *l, struct ledger_status *ret_status)
{
	_cleanup_(ledger_status_deinit) struct ledger_status status = {};
	int r = ledger_enter(l);

	if (r < 0)
		return r;
	r = take_present(l, &status);
	if (r == 0)
		r = take_span(l, &status);
	ledger_leave(l, r);
	if (r < 0)
		return r;
	status.store_bytes = disk_bytes(l->dirfd);
	*ret_status = status;
	status = (struct ledger_status){};
	return 0;
}
