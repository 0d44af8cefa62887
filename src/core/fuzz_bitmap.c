/*
 * Fuzzes the reading of CPU lists: the first byte is the size of the map, the rest the text.
 *
 * What was read is written again and read once more: both maps are the same, and within bounds.
 * What was refused has changed nothing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/bitmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { BITS_MAX = 255 };

static void check(const struct bitmap *b)
{
	unsigned long words[BITMAP_WORDS(BITS_MAX)];
	struct bitmap again;
	char text[BITS_MAX * 4];
	size_t size = bitmap_format_list(b, text, sizeof(text));

	assert(size < sizeof(text) && size == strlen(text));
	bitmap_init(&again, words, b->bit_count);
	assert(bitmap_parse_list(&again, text, size) == 0);
	assert(memcmp(words, b->words, BITMAP_WORDS(b->bit_count) * sizeof(*words)) == 0);
	assert(bitmap_find_set(b, 0) == b->bit_count || bitmap_count(b) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	unsigned long words[BITMAP_WORDS(BITS_MAX)];
	struct bitmap b;
	char *text;

	if (len == 0 || !(text = malloc(len)))
		return 0;
	/* In memory of exactly its size, so that a byte too far is seen. */
	memcpy(text, bytes + 1, len - 1);
	bitmap_init(&b, words, bytes[0]);
	if (bytes[0])
		bitmap_set(&b, bytes[0] / 2);
	if (bitmap_parse_list(&b, text, len - 1) == 0)
		check(&b);
	else
		assert(bytes[0] == 0 || (bitmap_count(&b) == 1 && bitmap_test(&b, bytes[0] / 2)));
	free(text);
	return 0;
}
