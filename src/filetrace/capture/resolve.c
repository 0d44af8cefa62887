/*
 * From patterns to watches; see resolve.h.
 */
#include "filetrace/capture/resolveint.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "filetrace/scan.h"

int resolve_new(const struct resolve_config *config, struct resolve **ret_resolve)
{
	_cleanup_free_ struct resolve *r = calloc(1, sizeof(*r));

	if (!r || hashmap_init(&r->by_stat) < 0)
		return -ENOMEM;
	r->config = *config;
	list_init(&r->dirs);
	*ret_resolve = take_ptr(r);
	return 0;
}

static void forget_run(struct resolve *r)
{
	free(r->found.hashes);
	r->found = (struct found){};
	for (size_t i = 0; i < r->alias_count; i++)
		free(r->aliases[i]);
	free(r->aliases);
	r->aliases = NULL;
	r->alias_count = 0;
}

void resolve_free(struct resolve *r)
{
	struct watched_dir *d;

	if (!r)
		return;
	for (list_each(d, &r->dirs, link))
		watched_free(r, d);
	hashmap_deinit(&r->by_stat);
	forget_run(r);
	free(r);
}

void resolve_free_p(struct resolve **r)
{
	resolve_free(*r);
}

/* What the source refuses is counted; that there is no memory or descriptor ends the run. */
static int refused(struct resolve *r, int error)
{
	if (error == -ENOMEM || error == -EMFILE || error == -ENFILE)
		return error;
	/* It went away. */
	if (error == -ENOENT || error == -ESTALE)
		return 0;
	r->counts.failed++;
	if (!r->counts.error)
		r->counts.error = error;
	return 0;
}

/* ---- names ---- */

struct naming {
	struct resolve *r;
	struct watched_dir *dir;
};

static int on_name(void *data, const char *name, bool last)
{
	struct naming *naming = data;
	struct resolve *r = naming->r;
	struct watched_name *n;
	int k = watched_make_name(naming->dir, name, &n);

	if (k < 0 || n->run == r->run)
		return k;
	n->run = r->run;
	k = r->config.ops->watch_name(r->config.source, &naming->dir->key, name,
				      FT_DIR_ALL | FT_DIR_DEEP);
	return k < 0 ? refused(r, k) : 0;
}

/* ---- the walk ---- */

/* Whether @path leads to the directory that @st is of. */
static bool leads_to(const struct resolve *r, const char *path, const struct stat *st)
{
	_cleanup_close_ int fd = -1;
	struct stat found;

	return fs_open(r->config.root_fd, path, O_PATH | O_DIRECTORY, 0, &fd) == 0 &&
	       fstat(fd, &found) == 0 && found.st_dev == st->st_dev && found.st_ino == st->st_ino;
}

/* Whether the directory has another path already, by which as much is under watch: 1, 0 or -ENOMEM.
 * This comes before the source gets it anew, which would take flags away. */
static int has_better(struct resolve *r, const struct stat *st, const char *path, enum reach reach)
{
	const struct watched_dir *d = watched_find(r, st);
	_cleanup_free_ char *known = NULL;
	enum reach other;
	int k = d ? tree_path(r->config.tree, &d->key, NULL, &known) : -ENOENT;

	if (k < 0)
		return k == -ENOMEM ? k : 0;
	other = watchset_reach(r->set, known);
	if (str_equal(known, path) || other == REACH_NONE || !leads_to(r, known, st))
		return 0;
	r->counts.aliases++;
	return other >= reach;
}

static int add_alias(struct resolve *r, const char *path)
{
	char **grown = reallocarray(r->aliases, r->alias_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	r->aliases = grown;
	grown[r->alias_count] = strdup(path);
	return grown[r->alias_count] ? (r->alias_count++, 0) : -ENOMEM;
}

/* Whether the directory that @path lies in is found by another path. */
static bool is_in_alias(const struct resolve *r, const char *path)
{
	size_t len = strrchr(path, '/') - path;

	for (size_t i = 0; i < r->alias_count; i++)
		if (strlen(r->aliases[i]) == len && memcmp(r->aliases[i], path, len) == 0)
			return true;
	return false;
}

/* Into the source, the tree, and its names into the source. */
static int take_directory(struct resolve *r, const struct stat *st, const char *path, int fd,
			  enum reach reach)
{
	static const uint32_t flags[] = {
		[REACH_NONE] = 0,
		[REACH_NAMES] = 0,
		[REACH_ENTRIES] = FT_DIR_ALL,
		[REACH_ALL] = FT_DIR_ALL | FT_DIR_DEEP,
	};
	const struct resolve_config *c = &r->config;
	struct naming naming = {.r = r};
	struct ft_key key;
	int k = c->ops->watch_dir(c->source, fd, flags[reach], &key);

	if (k < 0)
		return refused(r, k);
	k = watched_make(r, st, &naming.dir);
	if (k < 0)
		return k;
	naming.dir->key = key;
	k = found_add(&r->found, &key, path);
	if (k == 0)
		k = tree_add_dir(c->tree, &key, path);
	if (k == 0 && reach == REACH_NAMES)
		k = watchset_names(r->set, path, on_name, &naming);
	return k;
}

static int on_directory(void *data, const char *path, int fd, enum reach reach)
{
	struct resolve *r = data;
	struct stat st;
	int k;

	if (fstat(fd, &st) < 0)
		return refused(r, -errno);
	k = has_better(r, &st, path, reach);
	if (k > 0)
		return add_alias(r, path);
	return k < 0 ? k : take_directory(r, &st, path, fd, reach);
}

static int on_file(void *data, const char *path, int fd)
{
	struct resolve *r = data;
	const struct resolve_config *c = &r->config;
	struct ft_key key;
	int k;

	if (r->alias_count && is_in_alias(r, path))
		return 0;
	k = c->ops->watch_inode(c->source, fd, &key);
	if (k < 0)
		return refused(r, k);
	k = found_add(&r->found, &key, path);
	if (k == 0)
		k = tree_add_name(c->tree, &key, path);
	return k < 0 ? k : c->file(c->data, path, &key, fd);
}

int resolve_run(struct resolve *r, const struct watchset *set, const char *below)
{
	static const struct scan_fns fns = {.directory = on_directory, .file = on_file};
	struct scan_result result;
	int k;

	r->run++;
	r->set = set;
	r->counts = (struct resolve_counts){};
	k = scan(r->config.root_fd, set, below, &fns, r, &result);
	if (k == 0) {
		r->counts.refused = result.refused;
		r->counts.cut = result.cut;
	}
	if (k == 0 && !result.cut)
		k = resolve_sweep(r, below ?: "/");
	forget_run(r);
	return k;
}

void resolve_counts(const struct resolve *r, struct resolve_counts *ret_counts)
{
	*ret_counts = r->counts;
	ret_counts->files = tree_name_count(r->config.tree);
	ret_counts->directories = r->dir_count;
}
