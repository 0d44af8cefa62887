/*
 * JSON for people; see pretty.h. How deep a value may nest is bounded by who parsed it: a reply by
 * the client (rpc/client.h).
 */
#include "leo/pretty.h"

#include "base/def.h"
#include "base/str.h"
#include "leo/out.h"
#include "leo/text.h"

enum { SHORT_COLUMNS = 72, INDENT = 2 };

static int print(struct leo *l, const json_t *value, unsigned depth);

static bool is_empty(const json_t *value)
{
	return json_object_size(value) + json_array_size(value) == 0;
}

/* An object shows its members, each on a line; an array may hold short ones. */
static bool fits_line(const json_t *value, const char *text, unsigned depth)
{
	if (is_empty(value))
		return true;
	if (depth == 0)
		return false;
	return str_width(text) + depth * INDENT <= SHORT_COLUMNS;
}

static void begin_line(struct leo *l, bool first, unsigned depth)
{
	fprintf(l->out, "%s\n%*s", first ? "" : ",", depth * INDENT, "");
}

static int print_key(struct leo *l, const char *key)
{
	_cleanup_(json_decrefp) json_t *string = json_string(key);
	_cleanup_free_ char *text = NULL;
	int r = text_json(string, &text);

	if (r == 0)
		fprintf(l->out, "%s%s%s: ", out_bold(l), text, out_plain(l));
	return r;
}

static int print_object(struct leo *l, const json_t *value, unsigned depth)
{
	json_t *member;
	const char *key;
	bool first = true;
	int r = 0;

	fputc('{', l->out);
	json_object_foreach((json_t *)value, key, member)
	{
		begin_line(l, first, depth + 1);
		first = false;
		r = print_key(l, key);
		if (r == 0)
			r = print(l, member, depth + 1);
		if (r < 0)
			return r;
	}
	fprintf(l->out, "\n%*s}", depth * INDENT, "");
	return 0;
}

static int print_array(struct leo *l, const json_t *value, unsigned depth)
{
	int r = 0;

	fputc('[', l->out);
	for (size_t i = 0; r == 0 && i < json_array_size(value); i++) {
		begin_line(l, i == 0, depth + 1);
		r = print(l, json_array_get(value, i), depth + 1);
	}
	fprintf(l->out, "\n%*s]", depth * INDENT, "");
	return r;
}

static int print(struct leo *l, const json_t *value, unsigned depth)
{
	_cleanup_free_ char *text = NULL;
	int r = text_json(value, &text);

	if (r < 0)
		return r;
	if (json_is_object(value) && !fits_line(value, text, depth))
		return print_object(l, value, depth);
	if (json_is_array(value) && !fits_line(value, text, depth))
		return print_array(l, value, depth);
	fputs(text, l->out);
	return 0;
}

int pretty_print(struct leo *l, const json_t *value)
{
	int r = print(l, value, 0);

	fputc('\n', l->out);
	return r;
}
