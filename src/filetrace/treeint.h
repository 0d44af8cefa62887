/*
 * What a tree is made of: a node for each part of a path, with an index by parent and name, and one
 * by key. A node is a directory under watch, a name of an inode, or merely on the way to one; the
 * last kind goes with what is below it. For tree.c and treenode.c only.
 */
#ifndef FILETRACE_TREEINT_H
#define FILETRACE_TREEINT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/list.h"
#include "filetrace/bpf/abi.h"
#include "filetrace/hashmap.h"

enum tree_kind { TREE_WAY, TREE_DIR, TREE_NAME };

struct tree_node {
	struct hashmap_link by_name, by_key; /* by_key: not of TREE_WAY */
	struct tree_node *parent; /* NULL: the root */
	struct list children;
	struct list_link sibling;
	struct ft_key key;
	enum tree_kind kind;
	char name[];
};

struct tree {
	struct hashmap by_name, by_key;
	struct tree_node *root;
	size_t name_count;
	char path[PATH_MAX]; /* what tree_name() lends */
};

uint64_t tree_name_hash(const struct tree_node *parent, const char *name, size_t len);
bool tree_key_equal(const struct ft_key *a, const struct ft_key *b);

/* Below @parent (NULL: a root). -ENOMEM. */
int tree_node_new(struct tree *t, struct tree_node *parent, const char *name, size_t len,
		  struct tree_node **ret_node);
/* That node alone, without what is below. */
void tree_node_free(struct tree *t, struct tree_node *n);
/* Frees what is below it. */
void tree_node_empty(struct tree *t, struct tree_node *top);
/* Frees it, and what leads to it, as far as nobody needs it. */
void tree_node_prune(struct tree *t, struct tree_node *n);
/* It and all below it. */
void tree_node_drop(struct tree *t, struct tree_node *n);

/* What it stands for; clear: it is merely on the way. */
void tree_node_set(struct tree *t, struct tree_node *n, enum tree_kind kind,
		   const struct ft_key *key);
void tree_node_clear(struct tree *t, struct tree_node *n);

/* NULL when there is none. */
struct tree_node *tree_node_at(const struct tree *t, const char *path);
/* With all that leads to it. -EINVAL, -ENAMETOOLONG, -ENOMEM. */
int tree_node_make(struct tree *t, const char *path, struct tree_node **ret_node);
/* The next of this kind and key behind @after (NULL: the first). */
struct tree_node *tree_node_next(const struct tree *t, const struct ft_key *key,
				 enum tree_kind kind, const struct tree_node *after);
/* The one behind @n in the walk of all below @top. */
struct tree_node *tree_node_walk(const struct tree_node *top, struct tree_node *n);
/* Writes its path so that it ends at @end; NULL when there is no room. */
char *tree_node_path(const struct tree_node *n, char *start, char *end);

#endif
