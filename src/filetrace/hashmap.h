/*
 * An index of entries by a hash, whose links lie in the entries themselves.
 *
 * It finds entries of equal hash; whether one is meant, its owner compares. Once made, it never
 * fails: when there is no memory to grow it becomes slower. Entries stay their owner's.
 */
#ifndef FILETRACE_HASHMAP_H
#define FILETRACE_HASHMAP_H

#include <stddef.h>
#include <stdint.h>

struct hashmap_link {
	struct hashmap_link *next;
	uint64_t hash;
};

struct hashmap {
	struct hashmap_link **buckets;
	size_t bucket_count, count;
};

/* -ENOMEM. */
int hashmap_init(struct hashmap *m);
/* The entries are not touched. */
void hashmap_deinit(struct hashmap *m);

void hashmap_add(struct hashmap *m, struct hashmap_link *link, uint64_t hash);
/* @link is in @m. */
void hashmap_remove(struct hashmap *m, struct hashmap_link *link);

/* The first entry of this hash, and the one after @link; NULL for none. The latest comes first. */
struct hashmap_link *hashmap_first(const struct hashmap *m, uint64_t hash);
struct hashmap_link *hashmap_next(const struct hashmap_link *link);

/* FNV-1a, 64 bits, going on from @seed. */
uint64_t hashmap_hash(const void *bytes, size_t len, uint64_t seed);

#define hashmap_item(link, type, member) ((type *)(void *)((char *)(link) - offsetof(type, member)))

#endif
