/*
 * What is no longer there, or no longer under watch, after a run; see resolveint.h.
 *
 * What was found is kept as hashes of key and path while a run goes on. Afterwards the tree is
 * asked for all that it holds there: what is not among the found ones goes. A hash that is found by
 * accident, or made so, keeps a watch that nobody needs; no more.
 */
#include "filetrace/capture/resolveint.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"

/* ---- what was found ---- */

static uint64_t hash_of(const struct ft_key *key, const char *path)
{
	return hashmap_hash(path, strlen(path), hashmap_hash(key, sizeof(*key), 0));
}

int found_add(struct found *f, const struct ft_key *key, const char *path)
{
	if (f->count == f->room) {
		size_t room = f->room ? 2 * f->room : 256;
		uint64_t *grown = reallocarray(f->hashes, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		f->hashes = grown;
		f->room = room;
	}
	f->hashes[f->count++] = hash_of(key, path);
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool was_found(const struct found *f, const struct ft_key *key, const char *path)
{
	uint64_t hash = hash_of(key, path);

	return f->count && bsearch(&hash, f->hashes, f->count, sizeof(hash), by_number);
}

/* ---- what is no longer there ---- */

/* What is to be taken away; collected first, since the tree may not change meanwhile. */
struct stale {
	const struct resolve *r;
	const char *below;
	struct stale_entry {
		struct ft_key key;
		char *path;
	} *entries;
	size_t count, room;
};

static void stale_deinit(struct stale *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->entries[i].path);
	free(s->entries);
}

static int collect(void *data, const struct ft_key *key, const char *path)
{
	struct stale *s = data;
	char *copy;

	if (was_found(&s->r->found, key, path))
		return 0;
	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 16;
		struct stale_entry *grown = reallocarray(s->entries, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		s->entries = grown;
		s->room = room;
	}
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	s->entries[s->count++] = (struct stale_entry){*key, copy};
	return 0;
}

static int collect_dir(void *data, const struct ft_key *key, const char *path)
{
	const struct stale *s = data;
	size_t len = strlen(s->below);

	/* "/" is above all, also above those that have no slash behind it. */
	if (len > 1 && (strncmp(path, s->below, len) != 0 || (path[len] && path[len] != '/')))
		return 0;
	return collect(data, key, path);
}

static int sweep_names(struct resolve *r, const char *below)
{
	_cleanup_(stale_deinit) struct stale s = {.r = r, .below = below};
	const struct resolve_config *c = &r->config;
	int k = tree_each_name(c->tree, below, collect, &s);

	for (size_t i = 0; i < s.count && k == 0; i++) {
		tree_remove_name(c->tree, s.entries[i].path);
		/* By another of its names it may be under watch still. */
		if (!tree_name(c->tree, &s.entries[i].key, 0))
			c->ops->unwatch_inode(c->source, &s.entries[i].key);
	}
	return k;
}

/* Those that events have brought into the tree are among them. */
static int sweep_tree(struct resolve *r, const char *below)
{
	_cleanup_(stale_deinit) struct stale s = {.r = r, .below = below};
	const struct resolve_config *c = &r->config;
	int k = tree_each_dir(c->tree, collect_dir, &s);

	for (size_t i = 0; i < s.count && k == 0; i++) {
		tree_remove_dir(c->tree, &s.entries[i].key);
		c->ops->unwatch_dir(c->source, &s.entries[i].key);
	}
	return k;
}

/* Takes the names away that this run has not told, or all of them. */
static void drop_names(struct resolve *r, struct watched_dir *d, bool all)
{
	struct watched_name *n;

	for (list_each(n, &d->names, link))
		if (all || n->run != r->run) {
			r->config.ops->unwatch_name(r->config.source, &d->key, n->name);
			watched_free_name(n);
		}
}

static void sweep_dirs(struct resolve *r)
{
	const struct resolve_config *c = &r->config;
	struct watched_dir *d;

	for (list_each(d, &r->dirs, link)) {
		bool gone = !tree_has_dir(c->tree, &d->key);

		if (gone || d->run == r->run)
			drop_names(r, d, gone);
		if (gone) {
			c->ops->unwatch_dir(c->source, &d->key);
			watched_free(r, d);
		}
	}
}

int resolve_sweep(struct resolve *r, const char *below)
{
	int k;

	if (r->found.count)
		qsort(r->found.hashes, r->found.count, sizeof(*r->found.hashes), by_number);
	k = sweep_names(r, below);
	if (k == 0)
		k = sweep_tree(r, below);
	if (k == 0)
		sweep_dirs(r);
	return k;
}
