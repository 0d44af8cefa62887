/*
 * Dividing by weights; see divide.h.
 */
#include "pwrapis/attrib/divide.h"

#include <errno.h>
#include <stdlib.h>

#include "base/def.h"

struct remainder {
	uint64_t lost; /* of the sum of the weights */
	size_t at;
};

/* The largest first; of equal ones the one that stands first. */
static int compare(const void *a, const void *b)
{
	const struct remainder *x = a, *y = b;

	if (x->lost != y->lost)
		return x->lost < y->lost ? 1 : -1;
	return x->at < y->at ? -1 : 1;
}

int divide(uint64_t whole, const uint64_t *weights, size_t count, uint64_t *ret_parts)
{
	_cleanup_free_ struct remainder *list = calloc(count, sizeof(*list));
	uint64_t sum = 0, left = whole;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sum += weights[i];
	for (size_t i = 0; i < count; i++) {
		unsigned __int128 due = (unsigned __int128)whole * weights[i];

		list[i] = (struct remainder){.lost = due % sum, .at = i};
		ret_parts[i] = due / sum;
		left -= ret_parts[i];
	}
	/* Less than one for each of them. */
	qsort(list, count, sizeof(*list), compare);
	for (size_t i = 0; i < left; i++)
		ret_parts[list[i].at]++;
	return 0;
}
