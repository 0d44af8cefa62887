/*
 * What the files of conf share: how the values of each parser are written and owned, and problems.
 */
#ifndef BASE_CONFINT_H
#define BASE_CONFINT_H

#include "base/conf.h"

/* Room for a bound in the notation of its item: "90s", "64K", "18446744073709551615". */
enum { CONF_BOUND_MAX = 24 };

/* What there is to know about a parser of ours; none for a parser of the daemon's. */
struct conf_kind {
	conf_parse_fn parse;
	/* How a bound is written; NULL: min and max mean nothing. */
	void (*format)(uint64_t value, char out[CONF_BOUND_MAX]);
	bool is_length; /* min and max bound the bytes of the text */
	void (*free)(void *value); /* what the member owns; NULL: nothing */
	const char *expected; /* for the documentation: "a number" */
};

const struct conf_kind *conf_kind_of(const struct conf_item *item);

static inline bool conf_has_max(const struct conf_item *item)
{
	return item->max != 0 && item->max != UINT64_MAX;
}

/* Problems that name a bound, or the choices, behind them; told from each other by address. */
extern const char conf_is_below[], conf_is_above[], conf_is_no_choice[];

/* What is said of a file over CONF_FILE_MAX. */
extern const char conf_too_long[];

/* "the value is below 1s": what a parser returned, as text. -ENOMEM. */
int conf_describe(const struct conf_item *item, int r, const char *problem, char **ret_text);

/* A section or key of a file, to be shown: escaped, and not too long. -ENOMEM. */
int conf_quote(const char *text, char **ret_text);

/* As conf_parse_text(); @section is told of each section line, and may be NULL. */
typedef int (*conf_section_fn)(void *data, const char *section, const char **ret_problem);
int conf_scan(const char *text, size_t len, conf_section_fn section, conf_entry_fn entry,
	      void *data, unsigned *ret_line, const char **ret_problem);

/* Every member at its default. On failure nothing is owned by @conf. */
int conf_init(const struct conf_table *t, void *conf);
/* What a file says, over what @conf holds. *@ret_problem begins with @file; it may be NULL. */
int conf_apply(const struct conf_table *t, const char *file, const char *text, size_t len,
	       void *conf, char **ret_problem);

#endif
