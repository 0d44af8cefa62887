/*
 * The file tree in memory; see tree.h.
 */
#include "tree.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"

#define LINKS_FOLLOWED_MAX 40 /* as in the kernel, fs/namei.c: MAXSYMLINKS */

struct node *node_new(uint32_t mode)
{
	struct node *n = calloc(1, sizeof(*n));

	if (n) {
		n->refs = 1;
		n->mode = mode;
	}
	return n;
}

struct node *node_ref(struct node *n)
{
	n->refs++;
	return n;
}

void node_unref(struct node *n)
{
	if (!n || --n->refs)
		return;
	while (n->xattrs) {
		struct xattr *x = n->xattrs;

		n->xattrs = x->next;
		free(x->name);
		free(x);
	}
	free(n->target);
	free(n);
}

void node_unrefp(struct node **n)
{
	node_unref(*n);
}

int node_set_xattr(struct node *n, const char *name, const void *value, size_t len)
{
	struct xattr **at = &n->xattrs, *x = malloc(sizeof(*x) + len), *old;

	if (!x)
		return -ENOMEM;
	x->name = strdup(name);
	if (!x->name) {
		free(x);
		return -ENOMEM;
	}
	x->len = len;
	if (len)
		memcpy(x->value, value, len);
	while (*at && strcmp((*at)->name, name) < 0)
		at = &(*at)->next;
	old = *at;
	x->next = old;
	*at = x;
	if (old && strcmp(old->name, name) == 0) {
		x->next = old->next;
		free(old->name);
		free(old);
	}
	return 0;
}

static void entry_free(void *p)
{
	struct dentry *e = p;

	if (!e)
		return;
	node_unref(e->node);
	free(e->origin);
	free(e);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct dentry *)a)->path, ((const struct dentry *)b)->path);
}

void tree_deinit(struct tree *t)
{
	tdestroy(t->index, entry_free);
	free(t->entries);
	*t = (struct tree){};
}

static struct dentry *entry_new(const char *path)
{
	size_t len = strlen(path);
	struct dentry *e = calloc(1, sizeof(*e) + len + 1);

	if (e) {
		memcpy(e->path, path, len + 1);
		e->name = strrchr(e->path, '/') + 1;
	}
	return e;
}

int tree_insert(struct tree *t, const char *path, struct node *node, struct dentry **ret_entry)
{
	struct dentry *e = entry_new(path), **slot;

	if (!e)
		return -ENOMEM;
	slot = tsearch(e, &t->index, compare);
	if (!slot) {
		entry_free(e);
		return -ENOMEM;
	}
	if (*slot != e) {
		entry_free(e);
		e = *slot;
		node_unref(e->node);
	} else {
		t->count++;
	}
	e->node = node_ref(node);
	if (ret_entry)
		*ret_entry = e;
	return 0;
}

/* The key of a search is an entry as well: here one without a node, on the stack. */
struct dentry *tree_find(const struct tree *t, const char *path)
{
	_Alignas(struct dentry) char buf[sizeof(struct dentry) + PATH_MAX];
	struct dentry *key = (struct dentry *)buf;
	size_t len = strlen(path);
	void *slot;

	if (len >= PATH_MAX)
		return NULL;
	memcpy(key->path, path, len + 1);
	slot = tfind(key, &t->index, compare);
	return slot ? *(struct dentry **)slot : NULL;
}

/* Puts what a link says in front of what is still to be walked. */
static int follow(const char *target, char rest[PATH_MAX], char done[PATH_MAX], size_t *done_len)
{
	size_t target_len = strlen(target), rest_len = strlen(rest);

	if (target_len + 1 + rest_len >= PATH_MAX)
		return -ENAMETOOLONG;
	memmove(rest + target_len + 1, rest, rest_len + 1);
	memcpy(rest, target, target_len);
	rest[target_len] = '/';
	if (*target == '/')
		*done_len = 0;
	done[*done_len] = '\0';
	return 0;
}

/* Appends a component to @done, or takes one off it for "..". */
static int descend(const char *name, size_t len, char done[PATH_MAX], size_t *done_len)
{
	if (len == 2 && name[0] == '.' && name[1] == '.') {
		while (*done_len && done[--*done_len] != '/')
			;
		done[*done_len] = '\0';
		return 0;
	}
	if (*done_len + 1 + len >= PATH_MAX)
		return -ENAMETOOLONG;
	done[*done_len] = '/';
	memcpy(done + *done_len + 1, name, len);
	*done_len += 1 + len;
	done[*done_len] = '\0';
	return 0;
}

/* The walk along a path: what is done, and what is still to be walked. */
struct canonical {
	const struct tree *tree;
	unsigned followed;
	size_t done_len;
	char done[PATH_MAX], rest[PATH_MAX];
};

/* Takes one component of the rest. */
static int advance(struct canonical *c)
{
	char *name = c->rest + strspn(c->rest, "/");
	size_t len = strcspn(name, "/"), before = c->done_len;
	const struct dentry *e = NULL;
	int r = 0;

	if (len != 1 || *name != '.')
		r = descend(name, len, c->done, &c->done_len);
	if (r < 0)
		return r;
	memmove(c->rest, name + len, strlen(name + len) + 1);
	if (c->rest[strspn(c->rest, "/")])
		e = tree_find(c->tree, c->done);
	if (!e || !S_ISLNK(e->node->mode))
		return 0;
	if (++c->followed > LINKS_FOLLOWED_MAX)
		return -ELOOP;
	c->done_len = before;
	return follow(e->node->target, c->rest, c->done, &c->done_len);
}

int tree_canonical(const struct tree *t, const char *path, char ret_path[PATH_MAX])
{
	struct canonical c = {.tree = t};
	int r = 0;

	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(c.rest, path);
	while (r == 0 && c.rest[strspn(c.rest, "/")])
		r = advance(&c);
	if (r == 0)
		strcpy(ret_path, c.done_len ? c.done : "/");
	return r;
}

struct walk {
	tree_visit visit;
	void *data;
	int result;
};

static void walk_slot(const void *slot, VISIT visit, void *data)
{
	struct walk *w = data;

	/* What search.h calls postorder is between the two subtrees: the order of the keys. */
	if ((visit == postorder || visit == leaf) && w->result == 0)
		w->result = w->visit(*(struct dentry *const *)slot, w->data);
}

int tree_walk(struct tree *t, tree_visit visit, void *data)
{
	struct walk w = {.visit = visit, .data = data};

	twalk_r(t->index, walk_slot, &w);
	return w.result;
}

static int collect(struct dentry *e, void *data)
{
	struct tree *t = data;

	if (!e->dropped)
		t->entries[t->count++] = e;
	return 0;
}

/* Finds the directory of @e, which comes before it in the order. */
static int join(struct tree *t, struct dentry *e, struct err *err)
{
	char path[PATH_MAX];
	size_t len = e->name - e->path - 1;
	struct dentry *parent;

	memcpy(path, e->path, len ? len : 1);
	path[len ? len : 1] = '\0';
	parent = tree_find(t, path);
	if (!parent || parent->dropped)
		return err_set(err, -ENOENT, "%s: its directory %s is missing", e->path, path);
	if (!S_ISDIR(parent->node->mode))
		return err_set(err, -ENOTDIR, "%s: what should be its directory is %s", e->path,
			       S_ISLNK(parent->node->mode) ? "a symbolic link" : "none");
	e->parent = parent;
	if (parent->last_child)
		parent->last_child->sibling = e;
	else
		parent->child = e;
	parent->last_child = e;
	return 0;
}

int tree_seal(struct tree *t, struct err *err)
{
	const struct dentry *root = tree_find(t, "/");

	if (!root || !S_ISDIR(root->node->mode) || root->dropped)
		return err_set(err, -ENOENT, "there is no entry for the root directory (./)");
	t->entries = calloc(t->count, sizeof(t->entries[0]));
	if (!t->entries)
		return err_oom(err);
	t->count = 0;
	tree_walk(t, collect, t);
	for (size_t i = 0; i < t->count; i++) {
		struct dentry *e = t->entries[i];
		int r = e == root ? 0 : join(t, e, err);

		if (r < 0)
			return r;
		if (!e->node->link_count++)
			e->node->first = e;
	}
	return 0;
}

int tree_path(const char *name, char ret_path[PATH_MAX])
{
	char path[PATH_MAX];
	size_t path_len = 0;

	if (*name == '/')
		return -EINVAL;
	while (*name) {
		size_t len = strcspn(name, "/");
		bool self = len == 0 || (len == 1 && *name == '.');

		if (len == 2 && name[0] == '.' && name[1] == '.')
			return -EINVAL;
		if (len > NAME_MAX || path_len + 1 + len > TREE_PATH_MAX)
			return -ENAMETOOLONG;
		if (!self) {
			path[path_len++] = '/';
			memcpy(path + path_len, name, len);
			path_len += len;
		}
		name += len + (name[len] == '/');
	}
	if (!path_len)
		path[path_len++] = '/';
	path[path_len] = '\0';
	strcpy(ret_path, path);
	return 0;
}
