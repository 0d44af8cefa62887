/*
 * Output for people: an aligned table, colours where they are seen, and progress of long work.
 *
 * Colours are on when the stream is a terminal, TERM is set and not "dumb", and NO_COLOR is unset
 * or empty. Text is shown as it is given: bytes of others are escaped (base/str.h) before
 * they come here.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum table_style {
	TABLE_PLAIN,
	TABLE_BOLD,
	TABLE_DIM,
	TABLE_GOOD, /* green */
	TABLE_WARN, /* yellow */
	TABLE_BAD, /* red */
};

enum table_align { TABLE_LEFT, TABLE_RIGHT };

struct table_column {
	const char *title; /* borrowed */
	enum table_align align;
	bool may_shrink; /* on a narrow terminal: cells are cut with an ellipsis, to 8 at least */
};

bool table_wants_colour(FILE *f);
/* "" where there are no colours. TABLE_PLAIN is the reset. */
const char *table_escape(bool colour, enum table_style style);

/* Columns of the terminal behind @f; 0 when it is none or does not know (nothing is cut then). */
unsigned table_terminal_width(FILE *f);

struct table;

/* @columns is borrowed. -EINVAL for none. */
int table_new(const struct table_column *columns, size_t count, struct table **ret_table);
void table_free(struct table *t);
void table_free_p(struct table **t);

/* Adds the next cell of the current row, copied; after the last column a new row begins. */
int table_add(struct table *t, enum table_style style, const char *text);
__attribute__((format(printf, 3, 4))) int table_addf(struct table *t, enum table_style style,
						     const char *format, ...);

/*
 * Header, rows, one line each, without white space at the end; a last row that is not whole as far
 * as it goes. @width 0: as wide as needed. Else the widest of the columns that may shrink give way
 * until a line fits, or none can. -EIO when the stream fails.
 */
int table_print(const struct table *t, FILE *f, bool colour, unsigned width);

/*
 * Progress of work that takes over two seconds, on standard error: a line that is rewritten on a
 * terminal, and a line at most every ten seconds elsewhere: done of total, rate, estimate of what
 * is left. Nothing is shown in the first two seconds. The unit "bytes" is shown as KiB and so on.
 */
struct progress {
	const char *what, *unit; /* borrowed: "hashing", "files" */
	uint64_t total; /* 0: not known */
	/* owned by progress_*() */
	FILE *out;
	uint64_t begin_ns, shown_ns, done;
	bool terminal, visible;
};

void progress_begin(struct progress *p, const char *what, const char *unit, uint64_t total);
void progress_step(struct progress *p, uint64_t done);
/* Erases a line on a terminal, so that what is printed next starts on a clean one. */
void progress_end(struct progress *p);

#endif
