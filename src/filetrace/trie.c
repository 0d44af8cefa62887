/*
 * Patterns by their parts; see trie.h.
 */
#include "filetrace/trie.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/globpart.h"

/* Calls @fn for each child of @node that @name matches, until it returns true. */
typedef bool (*child_fn)(void *data, struct trie_node *child);

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int r = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return r ? r : (a_len > b_len) - (a_len < b_len);
}

static bool is_glob(const char *name, size_t len)
{
	return globpart_head(name, len) < len;
}

/* The first of @nodes that is not before @key: by its name, or by its head when @by_head. */
static size_t lower_bound(struct trie_node *const *nodes, size_t count, const char *key, size_t len,
			  bool by_head)
{
	size_t low = 0;

	while (count > 0) {
		const struct trie_node *n = nodes[low + count / 2];

		if (compare(n->name, by_head ? n->head : n->len, key, len) < 0) {
			low += count / 2 + 1;
			count -= count / 2 + 1;
		} else {
			count /= 2;
		}
	}
	return low;
}

static struct trie_node *find_literal(const struct trie_node *node, const char *name, size_t len)
{
	size_t i = lower_bound(node->literals, node->literal_count, name, len, false);

	if (i == node->literal_count ||
	    compare(node->literals[i]->name, node->literals[i]->len, name, len) != 0)
		return NULL;
	return node->literals[i];
}

/* The globs with the head that the first @head bytes of the name are. */
static bool each_glob_of_head(const struct trie_node *node, const char *name, size_t len,
			      size_t head, child_fn fn, void *data)
{
	size_t i = lower_bound(node->globs, node->glob_count, name, head, true);

	for (; i < node->glob_count; i++) {
		struct trie_node *n = node->globs[i];

		if (compare(n->name, n->head, name, head) != 0)
			break;
		if (globpart_matches(n->name + head, n->len - head, name + head, len - head) &&
		    fn(data, n))
			return true;
	}
	return false;
}

static bool each_match(const struct trie_node *node, const char *name, size_t len, child_fn fn,
		       void *data)
{
	struct trie_node *literal = find_literal(node, name, len);

	if (literal && fn(data, literal))
		return true;
	for (uint64_t heads = node->heads; heads; heads &= heads - 1) {
		size_t head = __builtin_ctzll(heads);

		if (head > len)
			break;
		if (each_glob_of_head(node, name, len, head, fn, data))
			return true;
	}
	return false;
}

static bool is_end(void *data, struct trie_node *child)
{
	return child->end;
}

bool trie_has_name(const struct trie_node *root, const char *name, size_t len)
{
	return each_match(root, name, len, is_end, NULL);
}

struct walk {
	trie_fn fn;
	void *data;
	const char *rest; /* of the path, behind the node */
	size_t depth;
};

static bool walk_from(void *data, struct trie_node *node)
{
	const struct walk *w = data;
	bool whole = !*w->rest;
	struct walk below = {w->fn, w->data, w->rest, w->depth + 1};
	size_t len;

	w->fn(w->data, node, w->depth, whole);
	if (whole || *w->rest != '/' || (!node->literal_count && !node->glob_count))
		return false;
	len = strcspn(w->rest + 1, "/");
	below.rest += 1 + len;
	if (len > 0)
		each_match(node, w->rest + 1, len, walk_from, &below);
	return false;
}

void trie_walk(const struct trie_node *root, const char *path, trie_fn fn, void *data)
{
	struct walk w = {fn, data, path, 0};

	if (*path != '/')
		return;
	if (!path[1])
		w.rest = path + 1;
	walk_from(&w, (struct trie_node *)root);
}

static int node_new(const char *name, size_t len, bool literal, struct trie_node **ret_node)
{
	struct trie_node *n = calloc(1, sizeof(*n) + len + 1);
	size_t head = globpart_head(name, len);

	if (!n)
		return -ENOMEM;
	memcpy(n->name, name, len);
	n->len = len;
	n->head = head < TRIE_HEAD ? head : TRIE_HEAD;
	n->literal = literal && head == len;
	*ret_node = n;
	return 0;
}

int trie_new(struct trie_node **ret_root)
{
	return node_new("", 0, true, ret_root);
}

void trie_free(struct trie_node *root)
{
	if (!root)
		return;
	for (size_t i = 0; i < root->literal_count; i++)
		trie_free(root->literals[i]);
	for (size_t i = 0; i < root->glob_count; i++)
		trie_free(root->globs[i]);
	free(root->literals);
	free(root->globs);
	free(root);
}

/* The child with that very name: the pattern's text, not what it matches. */
static struct trie_node *find_child(const struct trie_node *node, const char *name, size_t len)
{
	size_t head;

	if (!is_glob(name, len))
		return find_literal(node, name, len);
	head = globpart_head(name, len);
	head = head < TRIE_HEAD ? head : TRIE_HEAD;
	for (size_t i = lower_bound(node->globs, node->glob_count, name, head, true);
	     i < node->glob_count &&
	     compare(node->globs[i]->name, node->globs[i]->head, name, head) == 0;
	     i++)
		if (compare(node->globs[i]->name, node->globs[i]->len, name, len) == 0)
			return node->globs[i];
	return NULL;
}

static int insert(struct trie_node ***nodes, uint32_t *count, size_t at, struct trie_node *child)
{
	struct trie_node **grown = *nodes;

	/* The room doubles whenever it is used up: at 0, 1, 2, 4, … nodes. */
	if ((*count & (*count - 1)) == 0)
		grown = reallocarray(*nodes, *count ? 2 * (size_t)*count : 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memmove(grown + at + 1, grown + at, (*count - at) * sizeof(*grown));
	grown[at] = child;
	*nodes = grown;
	(*count)++;
	return 0;
}

static int add_child(struct trie_node *node, struct trie_node *child)
{
	size_t at;
	int r;

	if (!is_glob(child->name, child->len)) {
		at = lower_bound(node->literals, node->literal_count, child->name, child->len,
				 false);
		return insert(&node->literals, &node->literal_count, at, child);
	}
	at = lower_bound(node->globs, node->glob_count, child->name, child->head, true);
	r = insert(&node->globs, &node->glob_count, at, child);
	if (r == 0)
		node->heads |= UINT64_C(1) << child->head;
	return r;
}

static int make_child(struct trie_node *node, const char *name, size_t len,
		      struct trie_node **ret_child)
{
	struct trie_node *child;
	int r = node_new(name, len, node->literal, &child);

	if (r < 0)
		return r;
	r = add_child(node, child);
	if (r < 0)
		trie_free(child);
	else
		*ret_child = child;
	return r;
}

static void cut(struct trie_node **nodes, uint32_t *count, const struct trie_node *child)
{
	size_t i = 0;

	while (nodes[i] != child)
		i++;
	memmove(nodes + i, nodes + i + 1, (*count - i - 1) * sizeof(*nodes));
	(*count)--;
}

static void drop_child(struct trie_node *node, struct trie_node *child)
{
	if (!is_glob(child->name, child->len)) {
		cut(node->literals, &node->literal_count, child);
	} else {
		cut(node->globs, &node->glob_count, child);
		node->heads = 0;
		for (size_t i = 0; i < node->glob_count; i++)
			node->heads |= UINT64_C(1) << node->globs[i]->head;
	}
	trie_free(child);
}

static int add_below(struct trie_node *node, const char *rest, uint64_t value)
{
	size_t len = *rest ? strcspn(rest + 1, "/") : 0;
	struct trie_node *child, *made = NULL;
	int r;

	if (!*rest) {
		if (node->end)
			return -EEXIST;
		node->end = true;
		node->value = value;
		return 0;
	}
	child = find_child(node, rest + 1, len);
	if (!child) {
		r = make_child(node, rest + 1, len, &made);
		if (r < 0)
			return r;
		child = made;
	}
	r = add_below(child, rest + 1 + len, value);
	if (r < 0 && made)
		drop_child(node, made);
	return r;
}

int trie_add(struct trie_node *root, const char *pattern, uint64_t value)
{
	return add_below(root, pattern, value);
}

static int remove_below(struct trie_node *node, const char *rest)
{
	size_t len = *rest ? strcspn(rest + 1, "/") : 0;
	struct trie_node *child;
	int r;

	if (!*rest) {
		r = node->end ? 0 : -ENOENT;
		node->end = false;
		return r;
	}
	child = find_child(node, rest + 1, len);
	if (!child)
		return -ENOENT;
	r = remove_below(child, rest + 1 + len);
	if (r == 0 && !child->end && !child->literal_count && !child->glob_count)
		drop_child(node, child);
	return r;
}

int trie_remove(struct trie_node *root, const char *pattern)
{
	return remove_below(root, pattern);
}
