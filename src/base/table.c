/*
 * Aligned tables; see table.h.
 *
 * Widths are those of the widest cell or title. Blanks are only written when text follows them:
 * no line ends in white space, and the last column needs no care.
 */
#include "base/table.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/def.h"
#include "base/str.h"
#include "base/strint.h"
#include "base/tableint.h"

enum { GAP = 2, SHRUNK_MIN = 8, CELLS_MIN = 64 };

#define ELLIPSIS "…"

struct cell {
	char *text;
	enum table_style style;
};

struct table {
	const struct table_column *columns;
	size_t column_count;
	struct cell *cells; /* row by row */
	size_t cell_count, cell_cap;
};

bool table_is_capable(FILE *f)
{
	const char *term = getenv("TERM");

	return isatty(fileno(f)) && term && *term && !str_equal(term, "dumb");
}

bool table_wants_colour(FILE *f)
{
	const char *no_color = getenv("NO_COLOR");

	return table_is_capable(f) && (!no_color || !*no_color);
}

const char *table_escape(bool colour, enum table_style style)
{
	static const char *const escapes[] = {
		[TABLE_PLAIN] = "\033[0m", [TABLE_BOLD] = "\033[1m",  [TABLE_DIM] = "\033[2m",
		[TABLE_GOOD] = "\033[32m", [TABLE_WARN] = "\033[33m", [TABLE_BAD] = "\033[31m",
	};

	return colour ? escapes[style] : "";
}

unsigned table_terminal_width(FILE *f)
{
	struct winsize size;

	return ioctl(fileno(f), TIOCGWINSZ, &size) < 0 ? 0 : size.ws_col;
}

int table_new(const struct table_column *columns, size_t count, struct table **ret_table)
{
	struct table *t;

	if (count == 0)
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->columns = columns;
	t->column_count = count;
	*ret_table = t;
	return 0;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->cell_count; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t);
}

void table_free_p(struct table **t)
{
	table_free(*t);
}

/* Adds a cell that takes @text, unless it fails. */
static int take_cell(struct table *t, enum table_style style, char *text)
{
	if (t->cell_count == t->cell_cap) {
		size_t cap = t->cell_cap ? t->cell_cap * 2 : CELLS_MIN;
		struct cell *cells = reallocarray(t->cells, cap, sizeof(*cells));

		if (!cells)
			return -ENOMEM;
		t->cells = cells;
		t->cell_cap = cap;
	}
	t->cells[t->cell_count++] = (struct cell){.text = text, .style = style};
	return 0;
}

int table_add(struct table *t, enum table_style style, const char *text)
{
	_cleanup_free_ char *copy = strdup(text);
	int r = copy ? take_cell(t, style, copy) : -ENOMEM;

	if (r == 0)
		take_ptr(copy);
	return r;
}

int table_addf(struct table *t, enum table_style style, const char *format, ...)
{
	char *text;
	va_list args;
	int r;

	va_start(args, format);
	r = vasprintf(&text, format, args);
	va_end(args);
	if (r < 0)
		return -ENOMEM;
	r = take_cell(t, style, text);
	if (r < 0)
		free(text);
	return r;
}

/* The columns as wide as their widest text. */
static void measure(const struct table *t, size_t *widths)
{
	for (size_t c = 0; c < t->column_count; c++)
		widths[c] = str_width(t->columns[c].title);
	for (size_t i = 0; i < t->cell_count; i++) {
		size_t width = str_width(t->cells[i].text), c = i % t->column_count;

		if (width > widths[c])
			widths[c] = width;
	}
}

/* The widest column that may become narrower; the number of columns when there is none. */
static size_t widest(const struct table *t, const size_t *widths)
{
	size_t found = t->column_count;

	for (size_t c = 0; c < t->column_count; c++)
		if (t->columns[c].may_shrink && widths[c] > SHRUNK_MIN &&
		    (found == t->column_count || widths[c] > widths[found]))
			found = c;
	return found;
}

/* Takes columns away from the widest, again and again, until the line fits or none may give. */
static void shrink(const struct table *t, size_t *widths, size_t width)
{
	size_t line = (t->column_count - 1) * GAP, c;

	for (c = 0; c < t->column_count; c++)
		line += widths[c];
	for (; line > width && (c = widest(t, widths)) < t->column_count; line--)
		widths[c]--;
}

/* A line on its way out. */
struct line {
	FILE *f;
	bool colour;
	size_t blanks; /* that are due before the next text */
};

static void put_text(struct line *l, enum table_style style, const char *text, size_t len,
		     const char *end)
{
	if (len == 0 && !*end)
		return;
	fprintf(l->f, "%*s", (int)l->blanks, "");
	l->blanks = 0;
	if (style != TABLE_PLAIN)
		fputs(table_escape(l->colour, style), l->f);
	fwrite(text, 1, len, l->f);
	fputs(end, l->f);
	if (style != TABLE_PLAIN)
		fputs(table_escape(l->colour, TABLE_PLAIN), l->f);
}

/* Writes @text in @width columns, cut when it has more. */
static void put_cell(struct line *l, const struct table_column *column, size_t width,
		     enum table_style style, const char *text)
{
	const char *end = "";
	size_t shown, len = str_fit(text, width, &shown), rest;

	if (text[len]) {
		end = ELLIPSIS;
		len = str_fit(text, width ? width - 1 : 0, &shown);
		shown++;
	}
	rest = width > shown ? width - shown : 0;
	l->blanks += column->align == TABLE_RIGHT ? rest : 0;
	put_text(l, style, text, len, end);
	l->blanks += column->align == TABLE_RIGHT ? 0 : rest;
	l->blanks += GAP;
}

static void end_line(struct line *l)
{
	fputc('\n', l->f);
	l->blanks = 0;
}

int table_print(const struct table *t, FILE *f, bool colour, unsigned width)
{
	_cleanup_free_ size_t *widths = calloc(t->column_count, sizeof(*widths));
	struct line l = {.f = f, .colour = colour};

	if (!widths)
		return -ENOMEM;
	measure(t, widths);
	if (width)
		shrink(t, widths, width);
	for (size_t c = 0; c < t->column_count; c++)
		put_cell(&l, &t->columns[c], widths[c], TABLE_BOLD, t->columns[c].title);
	end_line(&l);
	for (size_t i = 0; i < t->cell_count; i++) {
		size_t c = i % t->column_count;

		put_cell(&l, &t->columns[c], widths[c], t->cells[i].style, t->cells[i].text);
		if (c + 1 == t->column_count || i + 1 == t->cell_count)
			end_line(&l);
	}
	return fflush(f) == EOF || ferror(f) ? -EIO : 0;
}
