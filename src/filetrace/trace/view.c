/*
 * The store as it is now; see view.h.
 *
 * Files are told apart by device and inode. The database is only looked at, never opened, here: to
 * close any descriptor of it would take away the locks that SQLite holds in this process.
 */
#include "filetrace/trace/view.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "filetrace/store.h"

static const char database[] = "trace.sqlite";

void view_init(struct view *v, int root_fd)
{
	*v = (struct view){.root_fd = root_fd, .dir_fd = -1};
}

void view_drop(struct view *v)
{
	ledger_free(take_ptr(v->ledger));
	if (v->dir_fd >= 0)
		close(take_fd(&v->dir_fd));
}

void view_deinit(struct view *v)
{
	view_drop(v);
}

static bool is_other(const struct view *v, const struct stat *st)
{
	return st->st_dev != v->dev || st->st_ino != v->ino;
}

int view_get(struct view *v, struct ledger **ret_ledger)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r = fs_open(v->root_fd, STORE_DIR, O_RDONLY | O_DIRECTORY, 0, &fd);

	if (r == 0 && fstatat(fd, database, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	if (r < 0) {
		view_drop(v);
		return r;
	}
	if (is_other(v, &st))
		view_drop(v);
	if (!v->ledger) {
		r = ledger_new(fd, &v->ledger);
		if (r < 0)
			return r;
		v->dir_fd = take_fd(&fd);
		v->stores += is_other(v, &st);
		v->dev = st.st_dev;
		v->ino = st.st_ino;
	}
	*ret_ledger = v->ledger;
	return 0;
}

static int take_id(void *data, const struct ledger_row *row)
{
	*(int64_t *)data = row->record.id;
	return 0;
}

int view_ends(struct view *v, int64_t *ret_oldest, int64_t *ret_newest)
{
	struct ledger_filter filter = {.user = -1};
	int64_t oldest = 0, newest = 0;
	struct ledger *l;
	bool more;
	int r = view_get(v, &l);

	if (r == 0)
		r = ledger_list(l, &filter, 1, take_id, &newest, &more);
	filter.ascending = true;
	if (r == 0)
		r = ledger_list(l, &filter, 1, take_id, &oldest, &more);
	if (r < 0)
		return r;
	*ret_oldest = oldest;
	*ret_newest = newest;
	return 0;
}
