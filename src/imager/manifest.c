/*
 * Writing the manifest; see manifest.h and README.md.
 */
#include "manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"
#include "dpkgdb.h"
#include "escape.h"
#include "profile.h"
#include "tree.h"

static const struct {
	uint32_t type;
	char letter;
} letters[] = {
	{S_IFREG, 'f'}, {S_IFDIR, 'd'}, {S_IFLNK, 'l'},
	{S_IFCHR, 'c'}, {S_IFBLK, 'b'}, {S_IFIFO, 'p'},
};

/* The second and later names of a node are hard links, whatever it is. */
static char letter_of(const struct dentry *e)
{
	if (e->node->first != e)
		return 'h';
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (letters[i].type == (e->node->mode & S_IFMT))
			return letters[i].letter;
	return '?';
}

static void print_hex(FILE *f, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fprintf(f, "%02x", bytes[i]);
}

/* The column behind the path: where a link leads, or the numbers of a device. */
static void print_target(FILE *f, const struct dentry *e)
{
	const struct node *n = e->node;

	if (n->first != e)
		escape_print(f, n->first->path);
	else if (S_ISLNK(n->mode))
		escape_print(f, n->target);
	else if (S_ISCHR(n->mode) || S_ISBLK(n->mode))
		fprintf(f, "%" PRIu32 ",%" PRIu32, n->major, n->minor);
	else
		fputc('-', f);
}

static void print_entry(FILE *f, const struct dentry *e)
{
	const struct node *n = e->node;

	fprintf(f, "%c\t%04o\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu64 "\t%" PRId64 "\t", letter_of(e),
		n->mode & 07777, n->uid, n->gid, n->size_bytes, n->mtime_s);
	if (S_ISREG(n->mode))
		print_hex(f, n->sha256, sizeof(n->sha256));
	else
		fputc('-', f);
	fprintf(f, "\t%s\t", e->origin);
	escape_print(f, e->path);
	fputc('\t', f);
	print_target(f, e);
	for (const struct xattr *x = n->xattrs; x; x = x->next) {
		fputc('\t', f);
		escape_print(f, x->name);
		fputc('=', f);
		print_hex(f, x->value, x->len);
	}
	fputc('\n', f);
}

static int compare_packages(const void *a, const void *b)
{
	const struct dpkgdb_package *x = *(const struct dpkgdb_package *const *)a;
	const struct dpkgdb_package *y = *(const struct dpkgdb_package *const *)b;
	int r = strcmp(x->name, y->name);

	return r ? r : strcmp(x->architecture, y->architecture);
}

static int print_packages(FILE *f, const struct dpkgdb *db)
{
	_cleanup_free_ const struct dpkgdb_package **sorted =
		calloc(db->package_count + 1, sizeof(sorted[0]));
	size_t count = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < db->package_count; i++)
		if (db->packages[i].installed)
			sorted[count++] = &db->packages[i];
	qsort(sorted, count, sizeof(sorted[0]), compare_packages);
	for (size_t i = 0; i < count; i++)
		fprintf(f, "#package %s %s %s\n", sorted[i]->name, sorted[i]->version,
			sorted[i]->architecture);
	return 0;
}

static int print_body(FILE *f, const struct tree *tree, const struct dpkgdb *db,
		      const struct profile *profile, int64_t epoch_s)
{
	int r;

	fprintf(f, "#epoch %" PRId64 "\n", epoch_s);
	fprintf(f, "#size %" PRIu64 "\n", profile->size_bytes);
	fprintf(f, "#label %s\n", profile->label);
	fprintf(f, "#partition %s\n", profile->partition);
	if (profile->inodes)
		fprintf(f, "#inodes %" PRIu64 "\n", profile->inodes);
	r = print_packages(f, db);
	for (size_t i = 0; r == 0 && i < tree->count; i++)
		print_entry(f, tree->entries[i]);
	return r;
}

static int derive(struct manifest *m)
{
	const struct {
		const char *domain;
		struct uuid *uuid;
	} identities[] = {
		{"leonhard-image-disk", &m->disk},
		{"leonhard-image-partition", &m->partition},
		{"leonhard-image-filesystem", &m->filesystem},
		{"leonhard-image-hash-seed", &m->hash_seed},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(identities); i++)
		r = uuid_derive(identities[i].domain, m->body, m->body_len, identities[i].uuid);
	return r;
}

int manifest_make(struct manifest *m, const struct tree *tree, const struct dpkgdb *db,
		  const struct profile *profile, int64_t epoch_s, struct err *err)
{
	struct manifest new = {};
	FILE *f = open_memstream(&new.body, &new.body_len);
	int r = f ? print_body(f, tree, db, profile, epoch_s) : -ENOMEM;

	if (f && (ferror(f) | fclose(f)) != 0)
		r = -ENOMEM;
	if (r == 0)
		r = derive(&new);
	if (r < 0) {
		manifest_deinit(&new);
		return err_errno(err, r, "cannot make the manifest");
	}
	*m = new;
	return 0;
}

void manifest_deinit(struct manifest *m)
{
	free(m->body);
	*m = (struct manifest){};
}

int manifest_write(const struct manifest *m, const struct profile *profile, int fd)
{
	char disk[UUID_TEXT_LEN + 1], partition[UUID_TEXT_LEN + 1], filesystem[UUID_TEXT_LEN + 1];
	_cleanup_free_ char *head = NULL, *name = escape_dup(profile->name);
	int len, r;

	if (!name)
		return -ENOMEM;
	uuid_format(&m->disk, disk);
	uuid_format(&m->partition, partition);
	uuid_format(&m->filesystem, filesystem);
	len = asprintf(&head,
		       "#leonhard-manifest 1\n#profile %s\n#disk-uuid %s\n"
		       "#partition-uuid %s\n#filesystem-uuid %s\n",
		       name, disk, partition, filesystem);
	if (len < 0)
		return -ENOMEM;
	r = io_write_all(fd, head, len);
	return r < 0 ? r : io_write_all(fd, m->body, m->body_len);
}
