/*
 * Records of a reply; see records.h.
 */
#include "leo/records.h"

#include <assert.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/out.h"

/*
 * All rows of a table are as wide as its widest: a reply of one megabyte could make gigabytes. No
 * text of a service that means well is longer than this; --json shows all of it.
 */
enum { CELL_MAX_BYTES = 600 };

static const struct {
	const char *word;
	enum table_style style;
} words[] = {
	{"yes", TABLE_GOOD}, {"good", TABLE_GOOD}, {"no", TABLE_WARN},
	{"bad", TABLE_BAD},  {"-", TABLE_DIM},	   {"unknown", TABLE_DIM},
};

enum table_style records_style(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_equal(words[i].word, word))
			return words[i].style;
	return TABLE_PLAIN;
}

const char *records_text(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text && *text ? text : "-";
}

uint64_t records_number(const json_t *record, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(record, key));

	return value > 0 ? value : 0;
}

/* Takes the columns that are wanted; returns their number. */
static size_t choose(const struct leo *l, const struct records_column *all, size_t count,
		     struct table_column shown[RECORDS_COLUMNS_MAX])
{
	size_t n = 0;

	assert(count <= RECORDS_COLUMNS_MAX);
	for (size_t i = 0; i < count; i++)
		if (l->verbose || !all[i].verbose)
			shown[n++] = (struct table_column){.title = all[i].title,
							   .may_shrink = all[i].may_shrink};
	return n;
}

/* Cut between characters: the text is UTF-8, as all JSON is. */
int records_cell(struct table *t, enum table_style style, const char *text)
{
	size_t len = CELL_MAX_BYTES;

	if (strlen(text) <= len)
		return table_add(t, style, text);
	while (((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return table_addf(t, style, "%.*s…", (int)len, text);
}

static int add_record(struct leo *l, struct table *t, const struct records_column *columns,
		      size_t count, const json_t *record)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		const struct records_column *c = &columns[i];
		const char *text = records_text(record, c->key);

		if (l->verbose || !c->verbose)
			r = records_cell(t, c->state ? records_style(text) : c->style, text);
	}
	return r;
}

static int print_table(struct leo *l, const struct records_column *columns, size_t count,
		       const json_t *records)
{
	struct table_column shown[RECORDS_COLUMNS_MAX];
	_cleanup_(table_free_p) struct table *t = NULL;
	int r = table_new(shown, choose(l, columns, count, shown), &t);

	for (size_t i = 0; r == 0 && i < json_array_size(records); i++)
		r = add_record(l, t, columns, count, json_array_get(records, i));
	if (r < 0)
		return r;
	return table_print(t, l->out, l->colour, l->verbose ? 0 : l->width);
}

int records_print(struct leo *l, const struct records_column *columns, size_t count,
		  const json_t *records)
{
	int r = 0;

	if (!l->json)
		return print_table(l, columns, count, records);
	for (size_t i = 0; r == 0 && i < json_array_size(records); i++)
		r = out_json(l, json_array_get(records, i));
	return r;
}
