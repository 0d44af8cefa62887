/*
 * Within the difference of texts: lines as numbers, and which of them changed.
 *
 * The way of a text: it is cut into lines (difflines.c), which get numbers that are equal where the
 * lines are; lines that are of one side only, or not in a shortest edit, are marked (diffsearch.c);
 * what is marked is written as hunks (diff.c).
 */
#ifndef FILETRACE_DIFFINT_H
#define FILETRACE_DIFFINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct diff_side {
	const char *text; /* borrowed */
	uint32_t count; /* of lines */
	uint32_t *starts; /* offsets in text, count + 1: the last one is the end of the text */
	uint32_t *ids; /* equal for equal lines of both sides */
	bool *changed; /* by line; also [-1] and [count] can be read, and are false */
};

/* The old side, and the new one. */
struct diff {
	struct diff_side side[2];
	uint32_t id_count; /* ids are below */
};

/* -EFBIG for more than 1 GiB or 4 million lines, -ENOMEM. What was done before a failure,
 * diff_deinit() frees. */
int diff_init(struct diff *d, const char *old, size_t old_len, const char *new, size_t new_len);
void diff_deinit(struct diff *d);

/* Marks what changed. -ENOMEM. */
int diff_search(struct diff *d);

/*
 * Moves marked runs to where people expect them: of several places that mean the same, beside a run
 * of the other side, or else the last one. Runs that meet become one.
 */
void diff_settle(struct diff *d);

#endif
