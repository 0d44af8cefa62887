/*
 * dpkg's database applied to a tree; see dpkgdb.h.
 *
 * A package lists the paths it was built with. Where such a path is in the tree is decided by
 * two things: a diversion renames it, and links in the tree, /bin to usr/bin above all, lead its
 * directory elsewhere. Checksums are believed only for the paths that the same package lists,
 * since those of a path that went over to another package stay behind in its md5sums.
 */
#include "dpkgdb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "dpkg.h"
#include "spool.h"

#define DATABASE "/var/lib/dpkg/"
#define INFO DATABASE "info/"
#define FILE_BYTES_MAX (64 << 20)

/* The package whose files are being read. */
struct lister {
	struct dpkgdb *db;
	struct tree *tree;
	const struct spool *spool;
	struct err *err;
	const char *file;
	const char *name; /* of the package */
	unsigned serial;
};

/* Grows @array, of @count elements, by one zeroed element; returns NULL without memory. */
static void *append(void *array, size_t *count, size_t size)
{
	char *grown = *count & (*count - 1)
			      ? *(void **)array
			      : reallocarray(*(void **)array, *count ? *count * 2 : 1, size);

	if (!grown)
		return NULL;
	*(void **)array = grown;
	memset(grown + *count * size, 0, size);
	return grown + (*count)++ * size;
}

static int on_package(void *data, const struct dpkg_package *package)
{
	struct lister *l = data;
	struct dpkgdb_package *p =
		append(&l->db->packages, &l->db->package_count, sizeof(l->db->packages[0]));

	if (!p)
		return err_oom(l->err);
	p->name = strdup(package->name);
	p->version = strdup(package->version);
	p->architecture = strdup(package->architecture);
	p->installed = package->installed;
	return p->name && p->version && p->architecture ? 0 : err_oom(l->err);
}

static int on_conffile(void *data, const struct dpkg_package *package, const char *path,
		       const uint8_t md5[DPKG_MD5_LEN])
{
	struct lister *l = data;
	struct dpkgdb_conffile *c =
		append(&l->db->conffiles, &l->db->conffile_count, sizeof(l->db->conffiles[0]));

	if (!c)
		return err_oom(l->err);
	c->package = l->db->package_count - 1;
	memcpy(c->md5, md5, DPKG_MD5_LEN);
	c->path = strdup(path);
	return c->path ? 0 : err_oom(l->err);
}

static int on_diversion(void *data, const struct dpkg_diversion *diversion)
{
	struct lister *l = data;
	struct dpkgdb_diversion *d =
		append(&l->db->diversions, &l->db->diversion_count, sizeof(l->db->diversions[0]));

	if (!d)
		return err_oom(l->err);
	d->from = strdup(diversion->from);
	d->to = strdup(diversion->to);
	d->package = diversion->package ? strdup(diversion->package) : NULL;
	return d->from && d->to && (d->package || !diversion->package) ? 0 : err_oom(l->err);
}

/* Where the file that the package lists as @path is in the tree; NULL when it is not there. */
static struct dentry *locate(const struct lister *l, const char *path)
{
	char canonical[PATH_MAX];

	for (size_t i = 0; i < l->db->diversion_count; i++) {
		const struct dpkgdb_diversion *d = &l->db->diversions[i];

		if (strcmp(d->from, path) == 0 &&
		    (!d->package || strcmp(d->package, l->name) != 0)) {
			path = d->to;
			break;
		}
	}
	return tree_canonical(l->tree, path, canonical) < 0 ? NULL : tree_find(l->tree, canonical);
}

/* Of several packages the first by name owns a path. */
static int on_path(void *data, const char *path)
{
	const struct lister *l = data;
	struct dentry *e = locate(l, path);

	if (!e)
		return 0;
	e->lister = l->serial;
	if (!e->package || strcmp(l->name, e->package) < 0)
		e->package = l->name;
	return 0;
}

static int on_md5(void *data, const char *path, const uint8_t md5[DPKG_MD5_LEN])
{
	const struct lister *l = data;
	struct dentry *e = locate(l, path);

	if (!e || e->lister != l->serial)
		return 0;
	e->md5_known = true;
	if (S_ISREG(e->node->mode) && memcmp(e->node->md5, md5, DPKG_MD5_LEN) == 0)
		e->md5_matched = true;
	return 0;
}

/* The text of a file of the database; -ENOENT, without a message, when the tree has none. */
static int read_text(const struct lister *l, const char *path, char **ret_text)
{
	const struct dentry *e = tree_find(l->tree, path);
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	if (!e)
		return -ENOENT;
	if (!S_ISREG(e->node->mode))
		return err_set(l->err, -EINVAL, "%s is not a regular file", path);
	r = spool_read_all(l->spool, e->node, FILE_BYTES_MAX, &text, &len);
	if (r < 0)
		return err_errno(l->err, r, "cannot read %s of the tree", path);
	if (strlen(text) != len)
		return err_set(l->err, -EINVAL, "%s: not a text: there is a NUL byte in it", path);
	*ret_text = take_ptr(text);
	return 0;
}

static int read_md5sums(struct lister *l, const char *stem)
{
	_cleanup_free_ char *text = NULL, *file = NULL;
	int r;

	if (asprintf(&file, "%s.md5sums", stem) < 0)
		return err_oom(l->err);
	r = read_text(l, file, &text);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return dpkg_parse_md5sums(text, file, on_md5, l, l->err);
}

static void check_conffiles(struct lister *l, const struct dpkgdb_package *package)
{
	size_t index = package - l->db->packages;

	for (size_t i = 0; i < l->db->conffile_count; i++)
		if (l->db->conffiles[i].package == index)
			on_md5(l, l->db->conffiles[i].path, l->db->conffiles[i].md5);
}

/* Finds the package of a list called NAME.list or NAME:ARCH.list. */
static const struct dpkgdb_package *find_package(const struct dpkgdb *db, const char *name,
						 size_t len)
{
	const char *colon = memchr(name, ':', len);
	size_t name_len = colon ? (size_t)(colon - name) : len, arch_len = len - name_len;

	for (size_t i = 0; i < db->package_count; i++) {
		const struct dpkgdb_package *p = &db->packages[i];

		if (strlen(p->name) != name_len || memcmp(p->name, name, name_len) != 0)
			continue;
		if (!colon || (strlen(p->architecture) + 1 == arch_len &&
			       memcmp(p->architecture, colon + 1, arch_len - 1) == 0))
			return p;
	}
	return NULL;
}

static int read_package(struct lister *l, const struct dentry *list)
{
	_cleanup_free_ char *text = NULL;
	char stem[PATH_MAX];
	size_t len = strlen(list->path) - strlen(".list");
	const struct dpkgdb_package *package = find_package(l->db, list->name, len - strlen(INFO));
	int r;

	if (!package)
		return err_set(l->err, -EINVAL, "%s: the status file has no such package",
			       list->path);
	memcpy(stem, list->path, len);
	stem[len] = '\0';
	l->name = package->name;
	l->serial++;
	r = read_text(l, list->path, &text);
	if (r == 0)
		r = dpkg_parse_list(text, list->path, on_path, l, l->err);
	if (r == 0)
		r = read_md5sums(l, stem);
	if (r == 0)
		check_conffiles(l, package);
	return r;
}

static int on_entry(struct dentry *e, void *data)
{
	size_t len = strlen(e->path);

	if (strncmp(e->path, INFO, strlen(INFO)) != 0 || len <= strlen(INFO ".list") ||
	    strcmp(e->path + len - strlen(".list"), ".list") != 0)
		return 0;
	return read_package(data, e);
}

static int read_status(struct lister *l)
{
	static const char file[] = DATABASE "status";
	_cleanup_free_ char *text = NULL;
	int r = read_text(l, file, &text);

	if (r == -ENOENT)
		return err_set(l->err, r, "the tree is no Debian tree: it has no %s", file);
	return r < 0 ? r : dpkg_parse_status(text, file, on_package, on_conffile, l, l->err);
}

static int read_diversions(struct lister *l)
{
	static const char file[] = DATABASE "diversions";
	_cleanup_free_ char *text = NULL;
	int r = read_text(l, file, &text);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return dpkg_parse_diversions(text, file, on_diversion, l, l->err);
}

int dpkgdb_read(struct dpkgdb *db, struct tree *tree, const struct spool *spool, struct err *err)
{
	struct lister l = {.db = db, .tree = tree, .spool = spool, .err = err};
	int r = read_status(&l);

	if (r == 0)
		r = read_diversions(&l);
	if (r < 0)
		return r;
	return tree_walk(tree, on_entry, &l);
}

void dpkgdb_deinit(struct dpkgdb *db)
{
	for (size_t i = 0; i < db->package_count; i++) {
		free(db->packages[i].name);
		free(db->packages[i].version);
		free(db->packages[i].architecture);
	}
	for (size_t i = 0; i < db->conffile_count; i++)
		free(db->conffiles[i].path);
	for (size_t i = 0; i < db->diversion_count; i++) {
		free(db->diversions[i].from);
		free(db->diversions[i].to);
		free(db->diversions[i].package);
	}
	free(db->packages);
	free(db->conffiles);
	free(db->diversions);
	*db = (struct dpkgdb){};
}
