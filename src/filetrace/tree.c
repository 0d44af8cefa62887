/*
 * Directories and names under watch; see tree.h.
 */
#include "filetrace/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/treeint.h"

static struct tree_node *dir_of(const struct tree *t, const struct ft_key *key)
{
	return tree_node_next(t, key, TREE_DIR, NULL);
}

int tree_new(struct tree **ret_tree)
{
	_cleanup_(tree_free_p) struct tree *t = calloc(1, sizeof(*t));

	if (!t || hashmap_init(&t->by_name) < 0 || hashmap_init(&t->by_key) < 0 ||
	    tree_node_new(t, NULL, "", 0, &t->root) < 0)
		return -ENOMEM;
	*ret_tree = take_ptr(t);
	return 0;
}

void tree_free(struct tree *t)
{
	if (!t)
		return;
	if (t->root) {
		tree_node_empty(t, t->root);
		tree_node_free(t, t->root);
	}
	hashmap_deinit(&t->by_name);
	hashmap_deinit(&t->by_key);
	free(t);
}

void tree_free_p(struct tree **t)
{
	tree_free(*t);
}

/* ---- directories ---- */

/* An inode number that is used again: what it was is gone. */
static void forget_names(struct tree *t, const struct ft_key *key)
{
	struct tree_node *n;

	while ((n = tree_node_next(t, key, TREE_NAME, NULL)))
		tree_node_drop(t, n);
}

int tree_add_dir(struct tree *t, const struct ft_key *key, const char *path)
{
	struct tree_node *n = dir_of(t, key);
	int r;

	if (n && n == tree_node_at(t, path))
		return 0;
	if (n)
		tree_node_drop(t, n);
	forget_names(t, key);
	n = tree_node_at(t, path);
	/* What leads through it stays when its key was not known before. */
	if (n && n->kind != TREE_WAY)
		tree_node_drop(t, n);
	r = tree_node_make(t, path, &n);
	if (r == 0)
		tree_node_set(t, n, TREE_DIR, key);
	return r;
}

void tree_remove_dir(struct tree *t, const struct ft_key *key)
{
	struct tree_node *n = dir_of(t, key);

	if (n)
		tree_node_drop(t, n);
}

static bool is_below(const struct tree_node *n, const struct tree_node *top)
{
	while (n && n != top)
		n = n->parent;
	return n;
}

/* @to takes the place of @from, with what is below. */
static void move_children(struct tree *t, struct tree_node *from, struct tree_node *to)
{
	struct tree_node *child;

	for (list_each(child, &from->children, sibling)) {
		list_remove(&child->sibling);
		hashmap_remove(&t->by_name, &child->by_name);
		child->parent = to;
		list_add_last(&to->children, &child->sibling);
		hashmap_add(&t->by_name, &child->by_name,
			    tree_name_hash(to, child->name, strlen(child->name)));
	}
}

int tree_move_dir(struct tree *t, const struct ft_key *key, const char *path)
{
	struct tree_node *from = dir_of(t, key), *to;
	struct ft_key moved = *key;
	int r;

	if (!from)
		return -ENOENT;
	r = tree_node_make(t, path, &to);
	if (r < 0 || to == from)
		return r;
	if (is_below(to, from) || is_below(from, to)) {
		tree_node_prune(t, to);
		return -EINVAL;
	}
	tree_node_empty(t, to);
	move_children(t, from, to);
	tree_node_drop(t, from);
	tree_node_set(t, to, TREE_DIR, &moved);
	return 0;
}

bool tree_has_dir(const struct tree *t, const struct ft_key *key)
{
	return dir_of(t, key);
}

int tree_path(const struct tree *t, const struct ft_key *dir, const char *name, char **ret_path)
{
	char buf[PATH_MAX], *start;
	const struct tree_node *n = dir_of(t, dir);
	size_t len;
	char *path;

	if (!n)
		return -ENOENT;
	start = tree_node_path(n, buf, buf + sizeof(buf));
	if (!start)
		return -ENAMETOOLONG;
	len = strcmp(start, "/") ? strlen(start) : 0;
	if (name && len + 1 + strlen(name) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!name)
		path = strdup(start);
	else if (asprintf(&path, "%.*s/%s", (int)len, start, name) < 0)
		path = NULL;
	if (!path)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}

/* ---- names ---- */

int tree_add_name(struct tree *t, const struct ft_key *key, const char *path)
{
	struct tree_node *n = dir_of(t, key);
	int r;

	if (n)
		tree_node_drop(t, n);
	n = tree_node_at(t, path);
	if (n && n->kind == TREE_NAME && tree_key_equal(&n->key, key))
		return 0;
	if (n && n != t->root)
		tree_node_drop(t, n);
	r = tree_node_make(t, path, &n);
	if (r < 0)
		return r;
	if (n == t->root)
		return -EINVAL;
	tree_node_set(t, n, TREE_NAME, key);
	return 0;
}

void tree_remove_name(struct tree *t, const char *path)
{
	struct tree_node *n = tree_node_at(t, path);

	if (n && n->kind == TREE_NAME)
		tree_node_drop(t, n);
}

int tree_inode(const struct tree *t, const char *path, struct ft_key *ret_key)
{
	const struct tree_node *n = tree_node_at(t, path);

	if (!n || n->kind != TREE_NAME)
		return -ENOENT;
	*ret_key = n->key;
	return 0;
}

const char *tree_name(struct tree *t, const struct ft_key *key, size_t i)
{
	const struct tree_node *n = tree_node_next(t, key, TREE_NAME, NULL);

	while (n && i--)
		n = tree_node_next(t, key, TREE_NAME, n);
	return n ? tree_node_path(n, t->path, t->path + sizeof(t->path)) : NULL;
}

/* ---- all of them ---- */

static int walk(struct tree_node *top, enum tree_kind kind,
		int (*fn)(void *data, const struct ft_key *key, const char *path), void *data)
{
	char buf[PATH_MAX];
	int r = 0;

	for (struct tree_node *n = top; n && r == 0; n = tree_node_walk(top, n)) {
		const char *path =
			n->kind == kind ? tree_node_path(n, buf, buf + sizeof(buf)) : NULL;

		if (path)
			r = fn(data, &n->key, path);
	}
	return r;
}

int tree_each_dir(const struct tree *t,
		  int (*fn)(void *data, const struct ft_key *key, const char *path), void *data)
{
	return walk(t->root, TREE_DIR, fn, data);
}

int tree_each_name(const struct tree *t, const char *path,
		   int (*fn)(void *data, const struct ft_key *key, const char *path), void *data)
{
	struct tree_node *top = tree_node_at(t, path);

	return top ? walk(top, TREE_NAME, fn, data) : 0;
}

size_t tree_name_count(const struct tree *t)
{
	return t->name_count;
}
