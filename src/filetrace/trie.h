/*
 * Patterns by their parts: a tree in which each path from the root is the head of a pattern.
 *
 * To look up a path costs, for each of its parts, a binary search among the literal names at that
 * place and one among the globs by their literal heads; how many patterns there are elsewhere does
 * not matter. A node is reached by at most one way, so that no path takes more steps than there
 * are nodes.
 */
#ifndef FILETRACE_TRIE_H
#define FILETRACE_TRIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trie_node {
	struct trie_node **literals; /* sorted by name */
	struct trie_node **globs; /* sorted by the head of the name */
	uint32_t literal_count, glob_count;
	uint64_t heads; /* the lengths of heads of globs, as bits */
	bool end; /* a pattern ends here */
	bool literal; /* no wildcard from the root to here */
	uint64_t value; /* of a pattern that ends here: the caller's */
	uint32_t len, head; /* of the name; a head is at most TRIE_HEAD */
	char name[]; /* NUL-terminated */
};

enum { TRIE_HEAD = 63 };

/* The root of a trie without patterns. */
int trie_new(struct trie_node **ret_root);
void trie_free(struct trie_node *root);

/* @pattern: parts, each behind a slash. -EEXIST, -ENOMEM; nothing has changed then. */
int trie_add(struct trie_node *root, const char *pattern, uint64_t value);
/* With the nodes that only it needed. -ENOENT. */
int trie_remove(struct trie_node *root, const char *pattern);

/*
 * Calls @fn for each node whose parts match the first @depth parts of @path, those in front before
 * those behind; @whole: that is all of the path. "/" has no part: @fn gets the root, with 0. For a
 * path that is not absolute, or has an empty part, nothing more is called from there on.
 */
typedef void (*trie_fn)(void *data, const struct trie_node *node, size_t depth, bool whole);
void trie_walk(const struct trie_node *root, const char *path, trie_fn fn, void *data);

/* Whether a pattern of one part, right below @root, matches the name. */
bool trie_has_name(const struct trie_node *root, const char *name, size_t len);

#endif
