/*
 * The file tree of an image, in memory, without the contents of its files.
 *
 * An entry is a path; a node is what the path names: hard links are entries that share a node.
 * The tree owns its entries, an entry owns one reference of its node. Paths are absolute, without
 * a slash at the end, "." or ".."; the root is "/". Their order is that of their bytes.
 *
 * A tree is filled in any order (children may come before their directory, a later entry replaces
 * an earlier one of the same path), then tree_seal() checks it and makes the order; from then on
 * nothing is inserted.
 */
#ifndef IMAGER_TREE_H
#define IMAGER_TREE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define TREE_PATH_MAX (PATH_MAX - 1)
#define TREE_SHA256_LEN 32
#define TREE_MD5_LEN 16

struct xattr {
	struct xattr *next; /* ordered by name */
	char *name; /* with its prefix, as in security.capability */
	size_t len;
	unsigned char value[];
};

struct node {
	unsigned refs;
	uint32_t mode, uid, gid; /* mode with the type of the file */
	int64_t mtime_s;
	uint64_t size_bytes; /* of a regular file, or of a link target */
	uint64_t spool_offset; /* where the spool holds the content (spool.h) */
	unsigned char sha256[TREE_SHA256_LEN], md5[TREE_MD5_LEN];
	uint32_t major, minor;
	char *target; /* of a symbolic link */
	struct xattr *xattrs;

	/* Of a sealed tree: */
	unsigned link_count; /* how many entries share it */
	const struct dentry *first; /* the first of them */
	uint32_t ino; /* in the file system, once there is one */
};

struct dentry {
	struct node *node;
	char *origin; /* see origin.h */
	bool step; /* put there by the profile's own tree/ */
	bool dropped;
	const char *emptied; /* by the rule of that name */

	/* What dpkg's database says (dpkgdb.h). */
	const char *package;
	unsigned lister;
	bool md5_known, md5_matched;

	/* Of a sealed tree: */
	struct dentry *parent, *child, *last_child, *sibling;

	const char *name; /* the last component of path; "" for the root */
	char path[];
};

struct tree {
	void *index; /* of tsearch(3), by path */
	struct dentry **entries;
	size_t count;
};

struct node *node_new(uint32_t mode);
struct node *node_ref(struct node *n);
void node_unref(struct node *n);
void node_unrefp(struct node **n);

/* Adds an attribute, or replaces the one of the same name. */
int node_set_xattr(struct node *n, const char *name, const void *value, size_t len);

void tree_deinit(struct tree *t);

/* Enters @path with a new reference of @node; replaces what was there. @ret_entry may be NULL. */
int tree_insert(struct tree *t, const char *path, struct node *node, struct dentry **ret_entry);

struct dentry *tree_find(const struct tree *t, const char *path);

/* Calls @visit for each entry, in the order of the paths, until it returns other than 0. */
typedef int (*tree_visit)(struct dentry *e, void *data);
int tree_walk(struct tree *t, tree_visit visit, void *data);

/*
 * Follows the symbolic links of @path in the tree, but not one in its last component: /bin/ls
 * becomes /usr/bin/ls where /bin is a link. What is not in the tree stays as it is written.
 * -ELOOP and -ENAMETOOLONG as the kernel does.
 */
int tree_canonical(const struct tree *t, const char *path, char ret_path[PATH_MAX]);

/* Orders the entries that are not dropped, and joins each to its directory, which must be one. */
int tree_seal(struct tree *t, struct err *err);

/*
 * Makes a path of the tree from a name in an archive. -EINVAL for an absolute name or a ".."
 * component, -ENAMETOOLONG for a component over 255 bytes or a path over PATH_MAX.
 */
int tree_path(const char *name, char ret_path[PATH_MAX]);

#endif
