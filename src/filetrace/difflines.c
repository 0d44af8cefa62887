/*
 * Texts as lines, lines as numbers; see diffint.h.
 *
 * Lines are found again in a table of hashes. Who writes a file under watch chooses its lines: the
 * hash has a seed that nobody knows, so that lines cannot be made to collide.
 */
#include "filetrace/diffint.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/def.h"

enum {
	TEXT_MAX = 1 << 30,
	LINES_MAX = 4 * 1024 * 1024, /* of both sides: each takes memory of its own */
};

static uint32_t count_lines(const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	uint32_t count = 0;

	while (p < end) {
		const char *newline = memchr(p, '\n', end - p);

		p = newline ? newline + 1 : end;
		count++;
	}
	return count;
}

static int side_init(struct diff_side *s, const char *text, size_t len, uint32_t lines_max)
{
	const char *p = text, *end = text + len;
	bool *changed;

	if (len > TEXT_MAX)
		return -EFBIG;
	s->text = text;
	s->count = count_lines(text, len);
	if (s->count > lines_max)
		return -EFBIG;
	s->starts = calloc((size_t)s->count + 1, sizeof(*s->starts));
	s->ids = calloc((size_t)s->count + 1, sizeof(*s->ids));
	changed = calloc((size_t)s->count + 2, sizeof(*changed));
	s->changed = changed ? changed + 1 : NULL;
	if (!s->starts || !s->ids || !changed)
		return -ENOMEM;
	for (uint32_t i = 1; i <= s->count; i++) {
		const char *newline = memchr(p, '\n', end - p);

		p = newline ? newline + 1 : end;
		s->starts[i] = p - text;
	}
	return 0;
}

static void side_deinit(struct diff_side *s)
{
	free(s->starts);
	free(s->ids);
	free(s->changed ? s->changed - 1 : NULL);
	*s = (struct diff_side){};
}

/* Multiplies and folds: every bit of both depends on every bit of the result. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const char *p, size_t len, const uint64_t seed[2])
{
	uint64_t hash = seed[0] ^ len, word;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = mix(hash ^ word, seed[1] | 1);
	}
	word = 0;
	memcpy(&word, p, len);
	return mix(hash ^ word, seed[1] | 1);
}

/* Lines of both sides are numbered through: those of the new side follow those of the old one. */
struct table {
	const struct diff *diff;
	uint64_t seed[2];
	uint32_t mask, *slots; /* the first of equal lines, plus one; 0: free */
};

static const char *line_at(const struct diff *d, uint32_t number, size_t *ret_len)
{
	const struct diff_side *s = &d->side[number >= d->side[0].count];
	uint32_t i = number - (s == &d->side[1] ? d->side[0].count : 0);

	*ret_len = s->starts[i + 1] - s->starts[i];
	return s->text + s->starts[i];
}

/* The first line that is equal to @number, which may be itself. */
static uint32_t find(struct table *t, uint32_t number)
{
	size_t len, other_len;
	const char *line = line_at(t->diff, number, &len), *other;
	uint32_t at = hash_of(line, len, t->seed) & t->mask;

	for (; t->slots[at]; at = (at + 1) & t->mask) {
		other = line_at(t->diff, t->slots[at] - 1, &other_len);
		if (len == other_len && !memcmp(line, other, len))
			return t->slots[at] - 1;
	}
	t->slots[at] = number + 1;
	return number;
}

static int number_lines(struct diff *d)
{
	_cleanup_free_ uint32_t *slots = NULL;
	struct table t = {.diff = d, .mask = 15};
	uint32_t number = 0;

	d->id_count = d->side[0].count + d->side[1].count;
	while (t.mask < (uint64_t)d->id_count * 3 / 2 && t.mask < UINT32_MAX)
		t.mask = t.mask * 2 + 1;
	t.slots = slots = calloc((size_t)t.mask + 1, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	/* It cannot fail for so few bytes, but before the kernel has any: the addresses do then. */
	if (getrandom(t.seed, sizeof(t.seed), GRND_NONBLOCK) != sizeof(t.seed)) {
		t.seed[0] = (uintptr_t)slots;
		t.seed[1] = (uintptr_t)&t;
	}
	for (size_t side = 0; side < 2; side++)
		for (uint32_t i = 0; i < d->side[side].count; i++)
			d->side[side].ids[i] = find(&t, number++);
	return 0;
}

int diff_init(struct diff *d, const char *old, size_t old_len, const char *new, size_t new_len)
{
	int r;

	*d = (struct diff){};
	r = side_init(&d->side[0], old, old_len, LINES_MAX);
	if (r == 0)
		r = side_init(&d->side[1], new, new_len, LINES_MAX - d->side[0].count);
	return r < 0 ? r : number_lines(d);
}

void diff_deinit(struct diff *d)
{
	side_deinit(&d->side[0]);
	side_deinit(&d->side[1]);
}
