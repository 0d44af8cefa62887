/*
 * A series of numbers over time as text: a line of blocks, or a graph with axes.
 *
 * Columns are of equal time; one of which nothing is known is empty, and one that is known has at
 * least an eighth of a block, so that little is told from nothing.
 */
#ifndef LEO_GRAPH_H
#define LEO_GRAPH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { GRAPH_COLUMNS_MAX = 200, GRAPH_ROWS = 8 };

struct graph_point {
	uint64_t at_ns; /* its end, since 1970 */
	double value;
};

struct graph {
	size_t count; /* of columns */
	double columns[GRAPH_COLUMNS_MAX]; /* NAN: not known */
	double low, high; /* of the axis */
	uint64_t begin_ns, end_ns;
};

/* Puts points, which may come in any order, into at most @most columns of at least @step_ns.
 * -ENODATA without a point. */
int graph_fill(struct graph *g, const struct graph_point *points, size_t count, uint64_t step_ns,
	       size_t most);
/* The axis begins with 0, or else near the least. */
void graph_scale(struct graph *g, int from_zero);

/* Room for a line of blocks, which are three bytes each. */
enum { GRAPH_LINE_MAX = 3 * GRAPH_COLUMNS_MAX + 1 };
void graph_line(const struct graph *g, char out[GRAPH_LINE_MAX]);
/* @unit: see quantity.h. */
void graph_print(const struct graph *g, const char *unit, FILE *f);

#endif
