/*
 * Numbers over time as text; see graph.h.
 */
#include "leo/graph.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/quantity.h"

enum { EIGHTHS = 8, LABEL_WIDTH = 9 };

static const char *const blocks[EIGHTHS + 1] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

/* ---- columns ---- */

static void find_span(struct graph *g, const struct graph_point *points, size_t count,
		      uint64_t step_ns)
{
	uint64_t first = UINT64_MAX, last = 0;

	for (size_t i = 0; i < count; i++) {
		first = points[i].at_ns < first ? points[i].at_ns : first;
		last = points[i].at_ns > last ? points[i].at_ns : last;
	}
	g->begin_ns = first > step_ns ? first - step_ns : 0;
	g->end_ns = last;
}

/* A point is of the time before its end. */
static size_t column_of(const struct graph *g, uint64_t at_ns)
{
	uint64_t before = at_ns > g->begin_ns ? at_ns - g->begin_ns - 1 : 0;
	double part = (double)before / (double)(g->end_ns - g->begin_ns + 1);
	size_t column = (size_t)(part * (double)g->count);

	return column < g->count ? column : g->count - 1;
}

int graph_fill(struct graph *g, const struct graph_point *points, size_t count, uint64_t step_ns,
	       size_t most)
{
	size_t known[GRAPH_COLUMNS_MAX] = {};
	uint64_t steps;

	if (!count || !most)
		return -ENODATA;
	step_ns = step_ns ? step_ns : NS_PER_S;
	find_span(g, points, count, step_ns);
	steps = (g->end_ns - g->begin_ns) / step_ns;
	most = most < GRAPH_COLUMNS_MAX ? most : GRAPH_COLUMNS_MAX;
	g->count = steps < 1 ? 1 : steps < most ? steps : most;
	memset(g->columns, 0, sizeof(g->columns));
	for (size_t i = 0; i < count; i++) {
		size_t column = column_of(g, points[i].at_ns);

		g->columns[column] += points[i].value;
		known[column]++;
	}
	for (size_t i = 0; i < g->count; i++)
		g->columns[i] = known[i] ? g->columns[i] / (double)known[i] : NAN;
	return 0;
}

void graph_scale(struct graph *g, int from_zero)
{
	double low = INFINITY, high = -INFINITY;

	for (size_t i = 0; i < g->count; i++) {
		low = g->columns[i] < low ? g->columns[i] : low;
		high = g->columns[i] > high ? g->columns[i] : high;
	}
	if (from_zero && low >= 0) {
		low = 0;
		high = high > 0 ? high : 1;
	}
	/* What does not change lies in the middle. */
	if (high <= low) {
		low -= 1;
		high += 1;
	}
	g->low = low;
	g->high = high;
}

/* ---- blocks ---- */

/* How many eighths of @rows a column fills: 0 for what is not known. */
static unsigned eighths_of(const struct graph *g, size_t column, unsigned rows)
{
	double part = (g->columns[column] - g->low) / (g->high - g->low);
	unsigned most = rows * EIGHTHS;

	if (isnan(g->columns[column]))
		return 0;
	if (!(part > 0))
		return 1;
	return part * most < 1 ? 1 : part >= 1 ? most : (unsigned)(part * most + 0.5);
}

void graph_line(const struct graph *g, char out[GRAPH_LINE_MAX])
{
	*out = '\0';
	for (size_t i = 0; i < g->count; i++)
		strcat(out, blocks[eighths_of(g, i, 1)]);
}

/* Ends of lines are not blank. */
static void print_row(const struct graph *g, unsigned row, FILE *f)
{
	char line[GRAPH_LINE_MAX] = "";
	size_t len;

	for (size_t i = 0; i < g->count; i++) {
		unsigned fill = eighths_of(g, i, GRAPH_ROWS), below = row * EIGHTHS;

		strcat(line, blocks[fill <= below	      ? 0
				    : fill - below >= EIGHTHS ? EIGHTHS
							      : fill - below]);
	}
	len = strlen(line);
	while (len && line[len - 1] == ' ')
		line[--len] = '\0';
	fprintf(f, "%s\n", line);
}

static void print_label(const struct graph *g, unsigned row, const char *unit, FILE *f)
{
	double part = row == GRAPH_ROWS - 1 ? 1 : row == GRAPH_ROWS / 2 - 1 ? 0.5 : 0;
	char text[QUANTITY_TEXT_MAX] = "";
	size_t width;

	if (row == 0 || part > 0)
		quantity_format(g->low + part * (g->high - g->low), unit, text);
	width = str_width(text);
	fprintf(f, "%*s%s %s", (int)(width < LABEL_WIDTH ? LABEL_WIDTH - width : 0), "", text,
		*text ? "┤" : "│");
}

/* "12:30:45": the time of day. */
static void clock_text(uint64_t at_ns, char out[TIME_TEXT_MAX])
{
	time_format_iso(at_ns, out);
	memmove(out, out + 11, 8);
	out[8] = '\0';
}

static void print_times(const struct graph *g, FILE *f)
{
	char begin[TIME_TEXT_MAX], end[TIME_TEXT_MAX];
	int room = (int)g->count - 8;

	clock_text(g->begin_ns, begin);
	clock_text(g->end_ns, end);
	fprintf(f, "%*s └", LABEL_WIDTH, "");
	for (size_t i = 0; i < g->count; i++)
		fprintf(f, "─");
	fprintf(f, "\n%*s  %s %*s\n", LABEL_WIDTH, "", begin, room > 8 ? room - 1 : 8, end);
}

void graph_print(const struct graph *g, const char *unit, FILE *f)
{
	for (unsigned row = GRAPH_ROWS; row-- > 0;) {
		print_label(g, row, unit, f);
		print_row(g, row, f);
	}
	print_times(g, f);
}
