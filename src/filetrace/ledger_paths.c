/*
 * Which paths fit a filter; see ledgerint.h.
 *
 * Paths are compared as bytes, here and by SQLite. There are far fewer of them than records, so
 * they are looked through first, and only those that begin like the filter does.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/ledgerint.h"

enum { PATH_ID_MAX = 1 << 27, FILTER_BYTES_MAX = 4096 };

void ledger_paths_deinit(struct ledger_paths *p)
{
	free(p->ids);
	free(p->bits);
	*p = (struct ledger_paths){};
}

static int make_room(struct ledger *l, struct ledger_paths *p)
{
	_cleanup_reset_ sqlite3_stmt *max = l->stmts[READ_PATH_MAX];
	int r = sql_step(max);

	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	p->bit_count = sqlite3_column_int64(max, 0) + 1;
	if (p->bit_count <= 0 || p->bit_count > PATH_ID_MAX)
		return -EBADMSG;
	p->bits = calloc(p->bit_count / 8 + 1, 1);
	p->ids = calloc(LEDGER_PATHS, sizeof(*p->ids));
	return p->bits && p->ids ? 0 : -ENOMEM;
}

static int add(struct ledger_paths *p, int64_t id)
{
	if (id < 0 || id >= p->bit_count)
		return -EBADMSG;
	p->bits[id / 8] |= 1U << (id % 8);
	if (p->id_count == LEDGER_PATHS)
		p->more = true;
	else
		p->ids[p->id_count++] = id;
	return 0;
}

static int find_one(struct ledger *l, const char *path, struct ledger_paths *p)
{
	_cleanup_reset_ sqlite3_stmt *one = l->stmts[READ_PATH];
	int r;

	sql_bind_bytes(one, 1, path);
	r = sql_step(one);
	return r > 0 ? add(p, sqlite3_column_int64(one, 0)) : r;
}

static int match(sqlite3_stmt *row, const char *glob, int flags, struct ledger_paths *p)
{
	_cleanup_free_ char *path = NULL;
	int r = 0;

	if (glob)
		r = sql_dup(row, 1, &path);
	if (r < 0 || (glob && (!path || fnmatch(glob, path, flags) != 0)))
		return r;
	return add(p, sqlite3_column_int64(row, 0));
}

/* All that begins with @len bytes of @start, and fits @glob (NULL: any). */
static int find_range(struct ledger *l, const char *start, size_t len, const char *glob, int flags,
		      struct ledger_paths *p)
{
	_cleanup_reset_ sqlite3_stmt *rows = l->stmts[READ_PATHS];
	unsigned char end[FILTER_BYTES_MAX + 1];
	int r;

	/* The least that no longer begins so: the last byte is one more. Nothing is more than 0xff,
	 * and a path begins with a slash, so that something is left. */
	memcpy(end, start, len);
	while (len > 0 && end[len - 1] == 0xff)
		len--;
	if (len == 0)
		return -EINVAL;
	end[len - 1]++;
	sql_bind_blob(rows, 1, start, len);
	sql_bind_blob(rows, 2, end, len);
	while ((r = sql_step(rows)) > 0) {
		r = match(rows, glob, flags, p);
		if (r < 0)
			return r;
	}
	return r;
}

static int find(struct ledger *l, const char *filter, struct ledger_paths *p)
{
	size_t len = strlen(filter), literal = strcspn(filter, "*?[");
	char glob[FILTER_BYTES_MAX + 2];

	if (*filter != '/' || len > FILTER_BYTES_MAX)
		return 0;
	if (literal == len)
		return str_ends(filter, "/") ? find_range(l, filter, len, NULL, 0, p)
					     : find_one(l, filter, p);
	literal = strcspn(filter, "*?[\\");
	strcpy(glob, filter);
	/* All below what fits: something in it, or deeper. */
	if (str_ends(filter, "/")) {
		strcpy(glob + len, "*");
		return find_range(l, filter, literal, glob, FNM_PATHNAME | FNM_LEADING_DIR, p);
	}
	return find_range(l, filter, literal, glob, FNM_PATHNAME, p);
}

int ledger_paths_find(struct ledger *l, const char *filter, struct ledger_paths *ret_paths)
{
	_cleanup_(ledger_paths_deinit) struct ledger_paths paths = {};
	int r = make_room(l, &paths);

	if (r == 0)
		r = find(l, filter, &paths);
	if (r < 0)
		return r;
	*ret_paths = paths;
	paths = (struct ledger_paths){};
	return 0;
}
