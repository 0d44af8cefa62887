/*
 * Records of a reply, each a JSON object, as a table for people or a line each for programs.
 */
#ifndef LEO_RECORDS_H
#define LEO_RECORDS_H

#include <jansson.h>

#include "base/table.h"
#include "leo/leo.h"

struct records_column {
	const char *title;
	const char *key; /* of the member, a string */
	enum table_style style;
	bool state; /* the style is that of the word: records_style() */
	bool may_shrink;
	bool verbose; /* only with -v, and then the table is as wide as it needs to be */
};

enum { RECORDS_COLUMNS_MAX = 12 };

/*
 * @records: an array of a reply, which may hold anything; clean (text.h) unless l->json. What is
 * missing or empty is shown as "-". 0, or a negative errno.
 */
int records_print(struct leo *l, const struct records_column *columns, size_t count,
		  const json_t *records);

/* Adds a cell, cut where it is longer than what a service that means well would send. */
int records_cell(struct table *t, enum table_style style, const char *text);

/* A member that is a text; "-" when it is missing, empty or something else. */
const char *records_text(const json_t *record, const char *key);

/* A member that is a number above 0, else 0. */
uint64_t records_number(const json_t *record, const char *key);

/* Words for how something is: "yes" and "good" are green, "no" is yellow, "bad" is red, … */
enum table_style records_style(const char *word);

#endif
