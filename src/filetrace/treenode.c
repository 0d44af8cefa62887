/*
 * The parts of paths that a tree is made of; see treeint.h.
 */
#include "filetrace/treeint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t key_hash(const struct ft_key *key)
{
	return hashmap_hash(key, offsetof(struct ft_key, zero), 0);
}

bool tree_key_equal(const struct ft_key *a, const struct ft_key *b)
{
	return a->ino == b->ino && a->dev == b->dev;
}

uint64_t tree_name_hash(const struct tree_node *parent, const char *name, size_t len)
{
	return hashmap_hash(name, len, (uint64_t)(uintptr_t)parent);
}

int tree_node_new(struct tree *t, struct tree_node *parent, const char *name, size_t len,
		  struct tree_node **ret_node)
{
	struct tree_node *n = calloc(1, sizeof(*n) + len + 1);

	if (!n)
		return -ENOMEM;
	list_init(&n->children);
	memcpy(n->name, name, len);
	n->parent = parent;
	if (parent) {
		list_add_last(&parent->children, &n->sibling);
		hashmap_add(&t->by_name, &n->by_name, tree_name_hash(parent, name, len));
	}
	*ret_node = n;
	return 0;
}

void tree_node_clear(struct tree *t, struct tree_node *n)
{
	if (n->kind == TREE_WAY)
		return;
	hashmap_remove(&t->by_key, &n->by_key);
	t->name_count -= n->kind == TREE_NAME;
	n->kind = TREE_WAY;
}

void tree_node_set(struct tree *t, struct tree_node *n, enum tree_kind kind,
		   const struct ft_key *key)
{
	tree_node_clear(t, n);
	n->kind = kind;
	n->key = (struct ft_key){.ino = key->ino, .dev = key->dev};
	hashmap_add(&t->by_key, &n->by_key, key_hash(key));
	t->name_count += kind == TREE_NAME;
}

void tree_node_free(struct tree *t, struct tree_node *n)
{
	tree_node_clear(t, n);
	if (n->parent) {
		list_remove(&n->sibling);
		hashmap_remove(&t->by_name, &n->by_name);
	}
	free(n);
}

void tree_node_empty(struct tree *t, struct tree_node *top)
{
	struct tree_node *n = top, *parent;

	for (;;) {
		if (!list_is_empty(&n->children)) {
			n = list_first(&n->children, struct tree_node, sibling);
			continue;
		}
		if (n == top)
			return;
		parent = n->parent;
		tree_node_free(t, n);
		n = parent;
	}
}

void tree_node_prune(struct tree *t, struct tree_node *n)
{
	while (n->parent && n->kind == TREE_WAY && list_is_empty(&n->children)) {
		struct tree_node *parent = n->parent;

		tree_node_free(t, n);
		n = parent;
	}
}

void tree_node_drop(struct tree *t, struct tree_node *n)
{
	tree_node_empty(t, n);
	tree_node_clear(t, n);
	tree_node_prune(t, n);
}

static struct tree_node *node_child(const struct tree *t, const struct tree_node *parent,
				    const char *name, size_t len)
{
	for (struct hashmap_link *l = hashmap_first(&t->by_name, tree_name_hash(parent, name, len));
	     l; l = hashmap_next(l)) {
		struct tree_node *n = hashmap_item(l, struct tree_node, by_name);

		if (n->parent == parent && !strncmp(n->name, name, len) && !n->name[len])
			return n;
	}
	return NULL;
}

/* The next part of *@path, and behind it; false when there is none. */
static bool next_part(const char **path, const char **ret_part, size_t *ret_len)
{
	const char *part = *path + strspn(*path, "/");

	*ret_part = part;
	*ret_len = strcspn(part, "/");
	*path = part + *ret_len;
	return *ret_len > 0;
}

struct tree_node *tree_node_at(const struct tree *t, const char *path)
{
	struct tree_node *n = t->root;
	const char *part;
	size_t len;

	while (n && next_part(&path, &part, &len))
		n = node_child(t, n, part, len);
	return n;
}

int tree_node_make(struct tree *t, const char *path, struct tree_node **ret_node)
{
	struct tree_node *n = t->root;
	const char *part;
	size_t len;

	if (*path != '/')
		return -EINVAL;
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	while (next_part(&path, &part, &len)) {
		struct tree_node *child = node_child(t, n, part, len);

		if (!child && tree_node_new(t, n, part, len, &child) < 0) {
			tree_node_prune(t, n);
			return -ENOMEM;
		}
		n = child;
	}
	*ret_node = n;
	return 0;
}

struct tree_node *tree_node_next(const struct tree *t, const struct ft_key *key,
				 enum tree_kind kind, const struct tree_node *after)
{
	struct hashmap_link *l =
		after ? hashmap_next(&after->by_key) : hashmap_first(&t->by_key, key_hash(key));

	for (; l; l = hashmap_next(l)) {
		struct tree_node *n = hashmap_item(l, struct tree_node, by_key);

		if (n->kind == kind && tree_key_equal(&n->key, key))
			return n;
	}
	return NULL;
}

char *tree_node_path(const struct tree_node *n, char *start, char *end)
{
	char *p = end;

	*--p = '\0';
	for (; n->parent; n = n->parent) {
		size_t len = strlen(n->name);

		if ((size_t)(p - start) < len + 1)
			return NULL;
		p -= len;
		memcpy(p, n->name, len);
		*--p = '/';
	}
	if (!*p)
		*--p = '/';
	return p;
}

struct tree_node *tree_node_walk(const struct tree_node *top, struct tree_node *n)
{
	if (!list_is_empty(&n->children))
		return list_first(&n->children, struct tree_node, sibling);
	while (n != top && n->sibling.next == &n->parent->children.head)
		n = n->parent;
	return n == top ? NULL : list_item(n->sibling.next, struct tree_node, sibling);
}
