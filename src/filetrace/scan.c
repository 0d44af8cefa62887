/*
 * Walks all that is under watch; see scan.h.
 *
 * Every step goes from a directory's descriptor to an entry of it, without following a link. The
 * only links that are followed are those that a pattern names: their path is resolved anew from the
 * root. As a pattern ends somewhere, and links that are found are not followed, so does the walk.
 */
#include "filetrace/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"

struct walk {
	int root_fd;
	const struct watchset *set;
	const char *below; /* NULL: all */
	const struct scan_fns *fns;
	void *data;
	struct scan_result result;
	bool full; /* the bound of files or directories is reached: nothing more is told */
	unsigned depth;
	size_t len;
	char path[PATH_MAX]; /* of where the walk is; "" for the root */
};

/* How an entry is come by: read from its directory, or named by a pattern; or both, and only what a
 * link leads to is still to be walked. */
enum way { WAY_FOUND, WAY_NAMED, WAY_AGAIN };

static int walk_directory(struct walk *w, int fd);

/* ---- failures ---- */

/*
 * What has gone meanwhile is no failure, nor is a directory that has become something else; what
 * may not be read is counted. That there is no memory or descriptor ends the scan.
 */
static int forgive(struct walk *w, int r)
{
	switch (r) {
	case -ENOENT:
	case -ENOTDIR:
	case -ESTALE:
		return 0;
	case -ENOMEM:
	case -EMFILE:
	case -ENFILE:
		return r;
	default:
		w->result.refused++;
		return 0;
	}
}

/* ---- where the walk is ---- */

static const char *path_of(const struct walk *w)
{
	return w->len ? w->path : "/";
}

/* Goes on to an entry; false when its path would be too long. */
static bool enter(struct walk *w, const char *name)
{
	size_t len = strlen(name);

	if (w->len + 1 + len >= sizeof(w->path)) {
		w->result.cut = true;
		return false;
	}
	w->path[w->len] = '/';
	memcpy(w->path + w->len + 1, name, len + 1);
	w->len += 1 + len;
	return true;
}

static void leave(struct walk *w, size_t len)
{
	w->len = len;
	w->path[len] = '\0';
}

/* Whether where the walk is lies at @below or under it. */
static bool is_inside(const struct walk *w)
{
	size_t len = w->below ? strlen(w->below) : 0;

	return w->len >= len && memcmp(w->path, w->below ?: "", len) == 0 &&
	       (w->len == len || w->path[len] == '/');
}

static bool count(struct walk *w, uint64_t *number)
{
	if (*number >= SCAN_FILES)
		w->full = w->result.cut = true;
	else
		(*number)++;
	return w->full;
}

/* Files there are answers of the kernel, not files that somebody edits. */
static bool is_kernel_made(const struct walk *w, int fd)
{
	struct statfs st;

	if (str_equal(w->path, "/proc") || str_equal(w->path, "/sys"))
		return true;
	return fstatfs(fd, &st) == 0 && (st.f_type == PROC_SUPER_MAGIC || st.f_type == SYSFS_MAGIC);
}

/* ---- entries ---- */

static int tell_file(struct walk *w, int fd)
{
	if (!is_inside(w) || !watchset_matches(w->set, w->path) || count(w, &w->result.files))
		return 0;
	return w->fns->file(w->data, w->path, fd);
}

/* The directory that the link at this path, which a pattern names, leads to; within the root. */
static int walk_link(struct walk *w)
{
	_cleanup_close_ int fd = -1;
	int r = fs_open(w->root_fd, w->path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0, &fd);

	if (r == -ELOOP)
		return 0;
	return r < 0 ? forgive(w, r) : walk_directory(w, take_fd(&fd));
}

/* @fd is O_PATH, of a directory. */
static int walk_into(struct walk *w, int fd)
{
	int dir, r;

	if (watchset_reach(w->set, w->path) == REACH_NONE || is_kernel_made(w, fd))
		return 0;
	r = fs_open_beneath(fd, ".", O_RDONLY | O_DIRECTORY, 0, &dir);
	return r < 0 ? forgive(w, r) : walk_directory(w, dir);
}

/* The entry at the path where the walk is, in the directory @dirfd. */
static int look_at_entry(struct walk *w, int dirfd, const char *name, enum way way)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r = fs_open_beneath(dirfd, name, O_PATH | O_NOFOLLOW, 0, &fd);

	if (r < 0)
		return forgive(w, r);
	if (fstat(fd, &st) < 0)
		return forgive(w, -errno);
	if (S_ISDIR(st.st_mode))
		return way == WAY_AGAIN ? 0 : walk_into(w, fd);
	r = way == WAY_AGAIN ? 0 : tell_file(w, fd);
	return r == 0 && way != WAY_FOUND && S_ISLNK(st.st_mode) ? walk_link(w) : r;
}

static int walk_entry(struct walk *w, int dirfd, const char *name, enum way way)
{
	size_t len = w->len;
	int r;

	if (w->full || !enter(w, name))
		return 0;
	r = look_at_entry(w, dirfd, name, way);
	leave(w, len);
	return r;
}

/* ---- names that patterns tell ---- */

struct names {
	const char **list; /* the set's own */
	size_t count;
};

static void names_deinit(struct names *n)
{
	free(n->list);
}

static int add_name(void *data, const char *name, bool last)
{
	struct names *n = data;
	const char **grown = reallocarray(n->list, n->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	grown[n->count++] = name;
	n->list = grown;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int walk_names(struct walk *w, int fd, enum way way)
{
	_cleanup_(names_deinit) struct names n = {};
	int r = watchset_names(w->set, path_of(w), add_name, &n);

	if (n.count)
		qsort(n.list, n.count, sizeof(*n.list), by_bytes);
	for (size_t i = 0; i < n.count && r == 0; i++)
		if (i == 0 || !str_equal(n.list[i - 1], n.list[i]))
			r = walk_entry(w, fd, n.list[i], way);
	return r;
}

/* ---- directories ---- */

/* Spares opening what is no directory and not under watch. */
static bool is_wanted(struct walk *w, const struct dirent *e)
{
	size_t len = w->len;
	bool wanted;

	if (str_equal(e->d_name, ".") || str_equal(e->d_name, ".."))
		return false;
	if (e->d_type == DT_DIR || e->d_type == DT_UNKNOWN)
		return true;
	if (!enter(w, e->d_name))
		return false;
	wanted = watchset_matches(w->set, w->path);
	leave(w, len);
	return wanted;
}

static int walk_entries(struct walk *w, DIR *d)
{
	int r = 0;

	while (r == 0 && !w->full) {
		struct dirent *e;

		errno = 0;
		e = readdir(d);
		if (!e)
			return errno ? forgive(w, -errno) : 0;
		if (is_wanted(w, e))
			r = walk_entry(w, dirfd(d), e->d_name, WAY_FOUND);
	}
	return r;
}

/* A directory above @below: only the entry that leads there. */
static int walk_towards(struct walk *w, int fd)
{
	_cleanup_free_ char *name = NULL;
	_cleanup_(names_deinit) struct names n = {};
	const char *next = w->below + w->len + 1;
	enum way way = WAY_FOUND;
	int r = watchset_names(w->set, path_of(w), add_name, &n);

	if (r < 0)
		return r;
	name = strndup(next, strcspn(next, "/"));
	if (!name)
		return -ENOMEM;
	for (size_t i = 0; i < n.count; i++)
		if (str_equal(n.list[i], name))
			way = WAY_NAMED;
	return walk_entry(w, fd, name, way);
}

static int walk_inside(struct walk *w, DIR *d, enum reach reach)
{
	int r;

	if (count(w, &w->result.directories))
		return 0;
	r = w->fns->directory(w->data, path_of(w), dirfd(d), reach);
	if (r != 0)
		return r;
	if (reach == REACH_NAMES)
		return walk_names(w, dirfd(d), WAY_NAMED);
	r = walk_entries(w, d);
	return r == 0 ? walk_names(w, dirfd(d), WAY_AGAIN) : r;
}

/* The directory at the path where the walk is. Takes @fd. */
static int walk_directory(struct walk *w, int fd)
{
	_cleanup_close_ int owned = fd;
	_cleanup_closedir_ DIR *d = NULL;
	enum reach reach = watchset_reach(w->set, path_of(w));
	int r;

	if (reach == REACH_NONE || is_kernel_made(w, fd))
		return 0;
	if (w->depth == SCAN_DEPTH) {
		w->result.cut = true;
		return 0;
	}
	d = fdopendir(fd);
	if (!d)
		return forgive(w, -errno);
	take_fd(&owned);
	w->depth++;
	r = is_inside(w) ? walk_inside(w, d, reach) : walk_towards(w, dirfd(d));
	w->depth--;
	return r;
}

int scan(int root_fd, const struct watchset *set, const char *below, const struct scan_fns *fns,
	 void *data, struct scan_result *ret_result)
{
	struct walk w = {.root_fd = root_fd, .set = set, .fns = fns, .data = data};
	int fd, r;

	/* "/" is as good as none, and has no entry that would lead to it. */
	w.below = below && !str_equal(below, "/") ? below : NULL;
	r = fs_open(root_fd, "/", O_RDONLY | O_DIRECTORY, 0, &fd);
	if (r < 0)
		return r;
	r = walk_directory(&w, fd);
	if (r == 0)
		*ret_result = w.result;
	return r;
}
