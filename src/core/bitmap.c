/*
 * Bitmaps and CPU lists; see bitmap.h.
 */
#include "core/bitmap.h"

#include "core/fmt.h"

void bitmap_init(struct bitmap *b, unsigned long *words, size_t bit_count)
{
	*b = (struct bitmap){.words = words, .bit_count = bit_count};
	__builtin_memset(words, 0, BITMAP_WORDS(bit_count) * sizeof(*words));
}

/* The bits of the word that starts with bit @base which lie in @first..@end - 1; some do. */
static unsigned long mask(size_t base, size_t first, size_t end)
{
	unsigned long m = ~0UL;

	if (first > base)
		m &= ~0UL << (first - base);
	if (end - base < BITMAP_WORD_BITS)
		m &= ~(~0UL << (end - base));
	return m;
}

void bitmap_set_range(struct bitmap *b, size_t first, size_t count)
{
	size_t end = first + count;

	core_assert(first <= b->bit_count && count <= b->bit_count - first);
	for (size_t base = first - first % BITMAP_WORD_BITS; base < end; base += BITMAP_WORD_BITS)
		b->words[base / BITMAP_WORD_BITS] |= mask(base, first, end);
}

void bitmap_clear_range(struct bitmap *b, size_t first, size_t count)
{
	size_t end = first + count;

	core_assert(first <= b->bit_count && count <= b->bit_count - first);
	for (size_t base = first - first % BITMAP_WORD_BITS; base < end; base += BITMAP_WORD_BITS)
		b->words[base / BITMAP_WORD_BITS] &= ~mask(base, first, end);
}

/* The lowest bit from @from on that is set after @flip, which inverts all or none. */
static size_t find(const struct bitmap *b, size_t from, unsigned long flip)
{
	unsigned long skip = ~0UL << from % BITMAP_WORD_BITS;

	for (size_t base = from - from % BITMAP_WORD_BITS; base < b->bit_count;
	     base += BITMAP_WORD_BITS) {
		unsigned long word = (b->words[base / BITMAP_WORD_BITS] ^ flip) & skip;

		if (word) {
			size_t bit = base + __builtin_ctzl(word);

			return bit < b->bit_count ? bit : b->bit_count;
		}
		skip = ~0UL;
	}
	return b->bit_count;
}

size_t bitmap_find_set(const struct bitmap *b, size_t from)
{
	return find(b, from, 0);
}

size_t bitmap_find_zero(const struct bitmap *b, size_t from)
{
	return find(b, from, ~0UL);
}

size_t bitmap_count(const struct bitmap *b)
{
	size_t count = 0;

	for (size_t i = 0; i < BITMAP_WORDS(b->bit_count); i++)
		count += __builtin_popcountl(b->words[i]);
	return count;
}

/* What is left of a text. */
struct rest {
	const char *at, *end;
};

static bool skip(struct rest *t, char c)
{
	if (t->at == t->end || *t->at != c)
		return false;
	t->at++;
	return true;
}

/* A decimal number below @limit. */
static int read_number(struct rest *t, size_t limit, size_t *ret_value)
{
	const char *start = t->at;
	size_t value = 0;

	for (; t->at < t->end && *t->at >= '0' && *t->at <= '9'; t->at++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *t->at - '0', &value))
			return -ERANGE;
	if (t->at == start)
		return -EINVAL;
	if (value >= limit)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

/* "N" or "N-M". */
static int read_range(struct rest *t, size_t limit, size_t *ret_first, size_t *ret_last)
{
	size_t first, last;
	int r = read_number(t, limit, &first);

	if (r < 0)
		return r;
	last = first;
	if (skip(t, '-'))
		r = read_number(t, limit, &last);
	if (r == 0 && last < first)
		r = -EINVAL;
	if (r < 0)
		return r;
	*ret_first = first;
	*ret_last = last;
	return 0;
}

/* Reads the whole list; sets its bits in @b unless that is NULL. */
static int read_list(struct rest t, size_t limit, struct bitmap *b)
{
	size_t first, last;

	if (t.end > t.at && t.end[-1] == '\n')
		t.end--;
	if (t.at == t.end)
		return 0;
	do {
		int r = read_range(&t, limit, &first, &last);

		if (r < 0)
			return r;
		if (b)
			bitmap_set_range(b, first, last - first + 1);
	} while (skip(&t, ','));
	return t.at == t.end ? 0 : -EINVAL;
}

int bitmap_parse_list(struct bitmap *b, const char *text, size_t len)
{
	struct rest t = {text, text + len};
	int r = read_list(t, b->bit_count, NULL);

	if (r < 0)
		return r;
	bitmap_clear_range(b, 0, b->bit_count);
	return read_list(t, b->bit_count, b);
}

size_t bitmap_format_list(const struct bitmap *b, char *out, size_t size)
{
	size_t len = 0, end;

	if (size)
		out[0] = '\0';
	for (size_t first = bitmap_find_set(b, 0); first < b->bit_count;
	     first = bitmap_find_set(b, end)) {
		const char *comma = len ? "," : "";
		char *at = len < size ? out + len : NULL;
		size_t room = len < size ? size - len : 0;

		end = bitmap_find_zero(b, first);
		if (end - first > 1)
			len += fmt_buf(at, room, "%s%zu-%zu", comma, first, end - 1);
		else
			len += fmt_buf(at, room, "%s%zu", comma, first);
	}
	return len;
}
