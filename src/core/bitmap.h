/*
 * Bitmaps of a fixed size over the caller's memory, and the kernel's text form of CPU lists.
 *
 * Bits are numbered from 0 to bit_count - 1. A number beyond is the caller's bug and stops
 * (core_assert), but for bitmap_test() and the searches, which find nothing there. Setting and
 * clearing are no atomic operations: who shares a bitmap locks around it.
 */
#ifndef CORE_BITMAP_H
#define CORE_BITMAP_H

#include "core/def.h"

#define BITMAP_WORD_BITS (8 * sizeof(unsigned long))

/* The size of the array for @bits bits. */
#define BITMAP_WORDS(bits) (((bits) + BITMAP_WORD_BITS - 1) / BITMAP_WORD_BITS)

/* Bits of the last word beyond the size are always zero. */
struct bitmap {
	unsigned long *words;
	size_t bit_count;
};

/* Makes a bitmap of zeroes over BITMAP_WORDS(@bit_count) words, which are borrowed. */
void bitmap_init(struct bitmap *b, unsigned long *words, size_t bit_count);

static inline bool bitmap_test(const struct bitmap *b, size_t bit)
{
	return bit < b->bit_count && b->words[bit / BITMAP_WORD_BITS] >> bit % BITMAP_WORD_BITS & 1;
}

static inline void bitmap_set(struct bitmap *b, size_t bit)
{
	core_assert(bit < b->bit_count);
	b->words[bit / BITMAP_WORD_BITS] |= 1UL << bit % BITMAP_WORD_BITS;
}

static inline void bitmap_clear(struct bitmap *b, size_t bit)
{
	core_assert(bit < b->bit_count);
	b->words[bit / BITMAP_WORD_BITS] &= ~(1UL << bit % BITMAP_WORD_BITS);
}

/* The @count bits from @first on. */
void bitmap_set_range(struct bitmap *b, size_t first, size_t count);
void bitmap_clear_range(struct bitmap *b, size_t first, size_t count);

/* The lowest set bit, or zero, that is @from or above; bit_count when there is none. */
size_t bitmap_find_set(const struct bitmap *b, size_t from);
size_t bitmap_find_zero(const struct bitmap *b, size_t from);

/* How many bits are set. */
size_t bitmap_count(const struct bitmap *b);

/*
 * Reads a list as the kernel writes it in /proc and /sys, "0-3,8,10-11": numbers and ranges from
 * low to high, with commas between; none at all is the empty list. One line end may follow. The
 * bitmap becomes exactly the list. It stays as it is on failure: -EINVAL when @len bytes of @text
 * are none, -ERANGE for a bit that the bitmap does not have.
 */
int bitmap_parse_list(struct bitmap *b, const char *text, size_t len);

/*
 * Writes that form, as short as it can be and without a line end, into @out: at most @size bytes,
 * the last of them NUL (unless @size is 0). Returns the length of the whole, without NUL; it was
 * cut when that is @size or more.
 */
size_t bitmap_format_list(const struct bitmap *b, char *out, size_t size);

#endif
