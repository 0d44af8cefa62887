/*
 * An index by hash, in chains; see hashmap.h.
 */
#include "filetrace/hashmap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { BUCKETS_FIRST = 64 };

int hashmap_init(struct hashmap *m)
{
	struct hashmap_link **buckets = calloc(BUCKETS_FIRST, sizeof(*buckets));

	if (!buckets)
		return -ENOMEM;
	*m = (struct hashmap){.buckets = buckets, .bucket_count = BUCKETS_FIRST};
	return 0;
}

void hashmap_deinit(struct hashmap *m)
{
	free(m->buckets);
	*m = (struct hashmap){};
}

static struct hashmap_link **bucket(const struct hashmap *m, uint64_t hash)
{
	return &m->buckets[(hash ^ hash >> 32) & (m->bucket_count - 1)];
}

static void put(struct hashmap *m, struct hashmap_link *link)
{
	struct hashmap_link **at = bucket(m, link->hash);

	link->next = *at;
	*at = link;
}

static void grow(struct hashmap *m)
{
	struct hashmap larger = {.bucket_count = m->bucket_count * 2, .count = m->count};

	larger.buckets = calloc(larger.bucket_count, sizeof(*larger.buckets));
	if (!larger.buckets)
		return;
	for (size_t i = 0; i < m->bucket_count; i++) {
		struct hashmap_link *reversed = NULL;

		/* Twice reversed, so that entries of equal hash stay in their order. */
		while (m->buckets[i]) {
			struct hashmap_link *link = m->buckets[i];

			m->buckets[i] = link->next;
			link->next = reversed;
			reversed = link;
		}
		while (reversed) {
			struct hashmap_link *link = reversed;

			reversed = link->next;
			put(&larger, link);
		}
	}
	free(m->buckets);
	*m = larger;
}

void hashmap_add(struct hashmap *m, struct hashmap_link *link, uint64_t hash)
{
	if (m->count >= m->bucket_count)
		grow(m);
	link->hash = hash;
	put(m, link);
	m->count++;
}

void hashmap_remove(struct hashmap *m, struct hashmap_link *link)
{
	struct hashmap_link **at = bucket(m, link->hash);

	while (*at != link) {
		assert(*at);
		at = &(*at)->next;
	}
	*at = link->next;
	link->next = NULL;
	m->count--;
}

struct hashmap_link *hashmap_first(const struct hashmap *m, uint64_t hash)
{
	struct hashmap_link *link = *bucket(m, hash);

	return !link || link->hash == hash
		       ? link
		       : hashmap_next(&(struct hashmap_link){.next = link->next, .hash = hash});
}

struct hashmap_link *hashmap_next(const struct hashmap_link *link)
{
	struct hashmap_link *next = link->next;

	while (next && next->hash != link->hash)
		next = next->next;
	return next;
}

uint64_t hashmap_hash(const void *bytes, size_t len, uint64_t seed)
{
	const uint8_t *p = bytes;
	uint64_t hash = 0xcbf29ce484222325ULL ^ seed;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3ULL;
	return hash;
}
