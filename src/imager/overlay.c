/*
 * Reading the folder tree/ of a profile; see overlay.h.
 */
#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"
#include "lines.h"
#include "spool.h"
#include "tree.h"

#define MODES_BYTES_MAX (1 << 20)
#define DEPTH_MAX 64

struct mode {
	char *path;
	uint32_t mode;
	unsigned line;
	bool used;
};

struct overlay {
	int64_t epoch_s;
	struct tree *tree;
	struct spool *spool;
	struct err *err;
	struct mode *modes;
	size_t mode_count;
};

static void overlay_deinit(struct overlay *o)
{
	for (size_t i = 0; i < o->mode_count; i++)
		free(o->modes[i].path);
	free(o->modes);
}

static int parse_mode(struct overlay *o, char *line, unsigned number)
{
	char *octal = lines_word(&line), *path = lines_trim(line), *end;
	struct mode *grown = reallocarray(o->modes, o->mode_count + 1, sizeof(*grown));
	unsigned long mode = strtoul(octal, &end, 8);

	if (!grown)
		return err_oom(o->err);
	o->modes = grown;
	if (*end || *octal < '0' || *octal > '7' || mode > 07777 || *path != '/')
		return err_set(o->err, -EINVAL, "tree.modes:%u: not `MODE PATH`", number);
	grown[o->mode_count] = (struct mode){.path = strdup(path), .mode = mode, .line = number};
	if (!grown[o->mode_count].path)
		return err_oom(o->err);
	o->mode_count++;
	return 0;
}

static int load_modes(struct overlay *o, int dirfd)
{
	_cleanup_free_ char *text = NULL;
	struct lines lines;
	char *line;
	size_t len;
	int r = io_read_file(dirfd, "tree.modes", MODES_BYTES_MAX, &text, &len);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_errno(o->err, r, "cannot read tree.modes");
	lines_init(&lines, text);
	while (r == 0 && lines_next_setting(&lines, &line))
		r = parse_mode(o, line, lines.number);
	return r;
}

static struct mode *find_mode(struct overlay *o, const char *path)
{
	for (size_t i = 0; i < o->mode_count; i++)
		if (strcmp(o->modes[i].path, path) == 0) {
			o->modes[i].used = true;
			return &o->modes[i];
		}
	return NULL;
}

static int add_content(struct overlay *o, int fd, struct node *node)
{
	_cleanup_free_ char *buf = malloc(1 << 16);
	uint64_t size = 0;
	int r = buf ? spool_begin(o->spool) : -ENOMEM;

	while (r == 0) {
		ssize_t n = read(fd, buf, 1 << 16);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return spool_finish(o->spool, size, node);
		r = spool_add(o->spool, size, buf, n);
		size += n;
	}
	return r;
}

static int read_file(struct overlay *o, int dirfd, const char *name, struct node *node)
{
	_cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : add_content(o, fd, node);
}

static int read_target(struct overlay *o, int dirfd, const char *name, struct node *node)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dirfd, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	node->target = strdup(target);
	node->size_bytes = n;
	return node->target ? 0 : -ENOMEM;
}

static int read_dir(struct overlay *o, int dirfd, const char *name, struct node *node)
{
	return 0;
}

/* What a profile may hold, and the mode it gets: the bit for execution is all that git keeps. */
static const struct {
	uint32_t type, mode, mode_executable;
	int (*read)(struct overlay *o, int dirfd, const char *name, struct node *node);
} types[] = {
	{S_IFREG, 0644, 0755, read_file},
	{S_IFLNK, 0777, 0777, read_target},
	{S_IFDIR, 0755, 0755, read_dir},
};

static int new_node(struct overlay *o, int dirfd, const char *name, const struct stat *st,
		    const struct mode *mode, struct node **ret_node)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		_cleanup_(node_unrefp) struct node *node = NULL;
		uint32_t usual = st->st_mode & 0111 ? types[i].mode_executable : types[i].mode;
		int r;

		if (types[i].type != (st->st_mode & S_IFMT))
			continue;
		node = node_new(types[i].type | (mode ? mode->mode : usual));
		if (!node)
			return -ENOMEM;
		node->mtime_s = o->epoch_s;
		r = types[i].read(o, dirfd, name, node);
		if (r == 0)
			*ret_node = take_ptr(node);
		return r;
	}
	return -ENOTSUP;
}

/* Enters one file; a directory of the tree stays, unless a mode was asked for. */
static int enter(struct overlay *o, int dirfd, const char *name, const char *path,
		 const struct stat *st)
{
	_cleanup_(node_unrefp) struct node *node = NULL;
	const struct mode *mode = find_mode(o, path);
	struct dentry *e = tree_find(o->tree, path);
	int r;

	if (e && S_ISDIR(e->node->mode) != S_ISDIR(st->st_mode))
		return err_set(o->err, -EEXIST,
			       "tree%s: a directory would replace what is none, "
			       "or be replaced by it",
			       path);
	if (e && S_ISDIR(st->st_mode) && !mode)
		return 0;
	r = new_node(o, dirfd, name, st, mode, &node);
	if (r == 0)
		r = tree_insert(o->tree, path, node, &e);
	if (r < 0)
		return err_errno(o->err, r, "cannot take tree%s over", path);
	e->step = true;
	return 0;
}

static int walk(struct overlay *o, int dirfd, const char *path, unsigned depth);

static int visit(struct overlay *o, int dirfd, const char *name, const char *parent, unsigned depth)
{
	char path[PATH_MAX];
	struct stat st;
	_cleanup_close_ int fd = -1;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", parent, name) >= (int)sizeof(path))
		return err_set(o->err, -ENAMETOOLONG, "tree%s: too long a path", parent);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(o->err, -errno, "cannot look at tree%s", path);
	r = enter(o, dirfd, name, path, &st);
	if (r < 0 || !S_ISDIR(st.st_mode))
		return r;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(o->err, -errno, "cannot open tree%s", path);
	return walk(o, take_fd(&fd), path, depth + 1);
}

/* Visits everything in the directory @dirfd, which it takes. */
static int walk(struct overlay *o, int dirfd, const char *path, unsigned depth)
{
	_cleanup_closedir_ DIR *dir = fdopendir(dirfd);
	const struct dirent *d;
	int r = 0;

	if (!dir) {
		r = -errno;
		close(dirfd);
		return err_errno(o->err, r, "cannot list tree%s", path);
	}
	if (depth > DEPTH_MAX)
		return err_set(o->err, -ELOOP, "tree%s: too deep", path);
	while (r == 0 && (errno = 0, d = readdir(dir))) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			r = visit(o, dirfd, d->d_name, path, depth);
	}
	if (r == 0 && errno)
		return err_errno(o->err, -errno, "cannot list tree%s", path);
	return r;
}

static int check_modes(const struct overlay *o)
{
	for (size_t i = 0; i < o->mode_count; i++)
		if (!o->modes[i].used)
			return err_set(o->err, -ENOENT, "tree.modes:%u: %s is not in tree/",
				       o->modes[i].line, o->modes[i].path);
	return 0;
}

int overlay_read(int dirfd, const char *profile, int64_t epoch_s, struct tree *tree,
		 struct spool *spool, struct err *err)
{
	_cleanup_(overlay_deinit) struct overlay o = {
		.epoch_s = epoch_s, .tree = tree, .spool = spool, .err = err};
	int fd, r = load_modes(&o, dirfd);

	if (r < 0)
		return r;
	fd = openat(dirfd, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT)
		return err_errno(err, -errno, "cannot open %s/tree", profile);
	if (fd >= 0)
		r = walk(&o, fd, "", 0);
	return r < 0 ? r : check_modes(&o);
}
