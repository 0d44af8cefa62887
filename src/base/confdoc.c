/*
 * What a table and its values look like to a person: problems, manual page, example; see conf.h.
 */
#include "base/confint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"

enum {
	QUOTE_MAX = 64,
	EXAMPLE_COLUMNS = 78,
};

/* Cuts between characters, before they are escaped. */
int conf_quote(const char *text, char **ret_text)
{
	size_t len = strlen(text), cut = 0, unit;
	uint32_t codepoint;

	while (cut < len) {
		unit = str_utf8_sequence(text + cut, len - cut, &codepoint);
		unit += !unit;
		if (cut + unit > QUOTE_MAX)
			break;
		cut += unit;
	}
	return str_escape(text, cut, ret_text);
}

/* "one of a, b, c", or "none of" them. */
static int add_choices(struct strbuf *b, const struct conf_item *item, const char *which)
{
	int r = strbuf_addf(b, "%s", which);

	for (const char *const *c = item->choices; r == 0 && *c; c++)
		r = strbuf_addf(b, "%s%s", c == item->choices ? " " : ", ", *c);
	return r;
}

static const char *unit_of(const struct conf_item *item, uint64_t bound)
{
	if (!conf_kind_of(item)->is_length)
		return "";
	return bound == 1 ? " byte" : " bytes";
}

static int add_beyond(struct strbuf *b, const struct conf_item *item, bool below)
{
	const struct conf_kind *kind = conf_kind_of(item);
	uint64_t value = below ? item->min : item->max;
	char bound[CONF_BOUND_MAX];

	/* A parser of the daemon's that asks one of ours has no notation that we know. */
	if (kind->format)
		kind->format(value, bound);
	else
		snprintf(bound, sizeof(bound), "%ju", (uintmax_t)value);
	if (kind->is_length)
		return strbuf_addf(b, "is %s than %s%s", below ? "shorter" : "longer", bound,
				   unit_of(item, value));
	return strbuf_addf(b, "is %s %s", below ? "below" : "above", bound);
}

int conf_describe(const struct conf_item *item, int r, const char *problem, char **ret_text)
{
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	int k = strbuf_addf(&b, "the value ");

	if (k < 0)
		return k;
	if (problem == conf_is_below || problem == conf_is_above)
		k = add_beyond(&b, item, problem == conf_is_below);
	else if (problem == conf_is_no_choice)
		k = add_choices(&b, item, problem);
	else if (problem)
		k = strbuf_addf(&b, "%s", problem);
	else
		k = strbuf_addf(&b, "is refused: %s", strerror(-r));
	return k < 0 ? k : strbuf_steal(&b, ret_text);
}

/* " from 1s to 1h", " of at most 64K", " of 1 to 64 bytes", or nothing. */
static int add_bounds(struct strbuf *b, const struct conf_item *item)
{
	const struct conf_kind *kind = conf_kind_of(item);
	char min[CONF_BOUND_MAX], max[CONF_BOUND_MAX];

	if (!kind->format || (!item->min && !conf_has_max(item)))
		return 0;
	kind->format(item->min, min);
	kind->format(item->max, max);
	if (!conf_has_max(item))
		return strbuf_addf(b, " of at least %s%s", min, unit_of(item, item->min));
	if (!item->min)
		return strbuf_addf(b, " of at most %s%s", max, unit_of(item, item->max));
	return strbuf_addf(b, " %s %s to %s%s", kind->is_length ? "of" : "from", min, max,
			   unit_of(item, item->max));
}

/* Help, what may be written and what holds otherwise, as sentences. */
static int describe_item(const struct conf_item *item, char **ret_text)
{
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	const struct conf_kind *kind = conf_kind_of(item);
	const char *fallback = item->fallback ? item->fallback : "none";
	int r = strbuf_addf(&b, "%s", item->help);

	if (r == 0 && kind->expected)
		r = strbuf_addf(&b, " Value: ");
	if (r == 0 && kind->expected)
		r = item->choices ? add_choices(&b, item, kind->expected)
				  : strbuf_addf(&b, "%s", kind->expected);
	if (r == 0)
		r = add_bounds(&b, item);
	if (r == 0)
		r = strbuf_addf(&b, "%s Default: %s.", kind->expected ? "." : "",
				*fallback ? fallback : "empty");
	return r < 0 ? r : strbuf_steal(&b, ret_text);
}

/* As text that roff prints as it is: no request at the start of a line, no escape, no hyphen. */
static void print_roff(FILE *f, const char *text)
{
	bool start = true;

	for (; *text; text++) {
		if (start && (*text == '.' || *text == '\''))
			fputs("\\&", f);
		if (*text == '\\')
			fputs("\\e", f);
		else if (*text == '-')
			fputs("\\-", f);
		else
			fputc(*text, f);
		start = *text == '\n';
	}
}

static int print_man_item(FILE *f, const struct conf_item *item)
{
	_cleanup_free_ char *text = NULL;
	int r = describe_item(item, &text);

	if (r < 0)
		return r;
	fputs(".TP\n.B ", f);
	print_roff(f, item->key);
	fputc('\n', f);
	print_roff(f, text);
	fputc('\n', f);
	return 0;
}

/* "# " and as many words as there is room for, line by line. */
static int print_comment(FILE *f, const char *text)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	size_t column = 0;
	int r = str_split(text, &words);

	for (size_t i = 0; r == 0 && words[i]; i++) {
		size_t width = str_width(words[i]);

		if (column && column + 1 + width > EXAMPLE_COLUMNS)
			column = 0;
		fprintf(f, "%s%s%s", i && !column ? "\n" : "", column ? " " : "# ", words[i]);
		column += width + (column ? 1 : 2);
	}
	fputc('\n', f);
	return r;
}

static int print_example_item(FILE *f, const struct conf_item *item)
{
	_cleanup_free_ char *text = NULL;
	int r = describe_item(item, &text);

	fputc('\n', f);
	if (r == 0)
		r = print_comment(f, text);
	fprintf(f, "#%s =%s%s\n", item->key, item->fallback && *item->fallback ? " " : "",
		item->fallback ? item->fallback : "");
	return r;
}

static bool section_is_new(const struct conf_table *t, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_equal(t->items[k].section, t->items[i].section))
			return false;
	return true;
}

/* Section by section, in the order in which the table first names them. */
static int print_table(const struct conf_table *t, FILE *f,
		       void (*print_section)(FILE *f, const char *section),
		       int (*print_item)(FILE *f, const struct conf_item *item))
{
	int r = 0;

	for (size_t i = 0; i < t->count; i++) {
		const char *section = t->items[i].section;

		if (!section_is_new(t, i))
			continue;
		print_section(f, section);
		for (size_t k = i; r == 0 && k < t->count; k++)
			if (str_equal(t->items[k].section, section))
				r = print_item(f, &t->items[k]);
		if (r < 0)
			return r;
	}
	return fflush(f) || ferror(f) ? -EIO : 0;
}

static void print_man_section(FILE *f, const char *section)
{
	fputs(".SS [", f);
	print_roff(f, section);
	fputs("]\n", f);
}

static void print_example_section(FILE *f, const char *section)
{
	fprintf(f, "\n[%s]\n", section);
}

int conf_print_man(const struct conf_table *t, FILE *f)
{
	return print_table(t, f, print_man_section, print_man_item);
}

int conf_print_example(const struct conf_table *t, FILE *f)
{
	fprintf(f, "# Configuration of leonhard-%s. What is commented out is the default.\n",
		t->name);
	return print_table(t, f, print_example_section, print_example_item);
}
