/*
 * The word that was probably meant; see suggest.h.
 */
#include "leo/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The table of the distances between all beginnings of the two words, row by row. A swap looks
 * two rows back, so three are kept.
 */
size_t suggest_distance(const char *a, const char *b)
{
	size_t rows[3][SUGGEST_WORD_MAX + 1];
	size_t *two = rows[0], *one = rows[1], *row = rows[2];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > SUGGEST_WORD_MAX || b_len > SUGGEST_WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_len; j++)
		one[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *free_row = two;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = one[j - 1] + !same(a[i - 1], b[j - 1]);
			row[j] = least(row[j], least(one[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				row[j] = least(row[j], two[j - 2] + 1);
		}
		two = one;
		one = row;
		row = free_row;
	}
	return one[b_len];
}

/* What begins like the word is nearer than what only resembles it: a word half typed. */
static size_t distance_of(const struct suggest *s, const char *candidate)
{
	size_t len = strlen(s->word);

	if (len >= 2 && strncasecmp(s->word, candidate, len) == 0)
		return 0;
	return suggest_distance(s->word, candidate);
}

void suggest_offer(struct suggest *s, const char *candidate)
{
	size_t distance = distance_of(s, candidate);

	if (s->best && distance >= s->distance)
		return;
	s->best = candidate;
	s->distance = distance;
}

/* A third of the letters may be wrong; of a short word, one. */
const char *suggest_best(const struct suggest *s)
{
	size_t allowed = strlen(s->word) / 3;

	if (!s->best || s->distance > (allowed ? allowed : 1))
		return NULL;
	return s->best;
}
