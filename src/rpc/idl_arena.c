/*
 * Memory that is freed as a whole; see idl_int.h. It is taken in chunks, from which pieces are cut.
 */
#include "rpc/idl_int.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 8192 };

struct idl_chunk {
	struct idl_chunk *next;
	size_t size, used;
	max_align_t bytes[];
};

static struct idl_chunk *add_chunk(struct idl_arena *a, size_t size)
{
	struct idl_chunk *c = calloc(1, sizeof(*c) + size);

	if (!c)
		return NULL;
	c->size = size;
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

void *idl_arena_alloc(struct idl_arena *a, size_t size)
{
	const size_t align = sizeof(max_align_t);
	struct idl_chunk *c = a->chunks;
	char *piece;

	/* Every size here follows from a text of at most IDL_BYTES_MAX, so that sums do not wrap.
	 */
	size = (size + align - 1) / align * align;
	if (!c || c->size - c->used < size)
		c = add_chunk(a, size > CHUNK_BYTES ? size : CHUNK_BYTES);
	if (!c)
		return NULL;
	piece = (char *)c->bytes + c->used;
	c->used += size;
	return piece;
}

char *idl_arena_text(struct idl_arena *a, const char *text, size_t len)
{
	char *copy = idl_arena_alloc(a, len + 1);

	if (copy)
		memcpy(copy, text, len);
	return copy;
}

void idl_arena_deinit(struct idl_arena *a)
{
	while (a->chunks) {
		struct idl_chunk *c = a->chunks;

		a->chunks = c->next;
		free(c);
	}
}
