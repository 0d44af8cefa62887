/*
 * The word that was probably meant, by edit distance.
 */
#ifndef LEO_SUGGEST_H
#define LEO_SUGGEST_H

#include <stddef.h>

enum { SUGGEST_WORD_MAX = 64 };

/*
 * How many single steps make @a into @b: a letter added, dropped, changed, or two neighbours
 * swapped (optimal string alignment); upper and lower case are the same. SIZE_MAX when either is
 * longer than SUGGEST_WORD_MAX bytes.
 */
size_t suggest_distance(const char *a, const char *b);

/* Set @word, offer what there is, and take the best: NULL when nothing is near enough. */
struct suggest {
	const char *word;
	const char *best; /* borrowed from what was offered */
	size_t distance;
};

void suggest_offer(struct suggest *s, const char *candidate);
const char *suggest_best(const struct suggest *s);

#endif
