/*
 * A command line as a shell takes it, and text of many lines; see quote.h.
 */
#include "leo/quote.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/table.h"
#include "leo/text.h"

/* ---- words of a shell ---- */

/* What means nothing to a shell, wherever it stands in a word. */
static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			       "@%+=:,./_-";

/* The escaped form; of what is none, that which it would have as bytes. */
static int escaped_form(const char *text, char **ret_text)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len;
	int r = str_unescape(text, &bytes, &len);

	if (r == -EINVAL)
		return str_escape(text, strlen(text), ret_text);
	return r < 0 ? r : str_escape(bytes, len, ret_text);
}

/* @apostrophe stands for each ' in the text. */
static int enclose(const char *before, const char *text, const char *apostrophe, char **ret_word)
{
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	int r = strbuf_addf(&b, "%s", before);

	for (; r == 0 && *text; text++)
		r = *text == '\'' ? strbuf_addf(&b, "%s", apostrophe) : strbuf_add(&b, text, 1);
	if (r == 0)
		r = strbuf_add(&b, "'", 1);
	return r < 0 ? r : strbuf_steal(&b, ret_word);
}

int quote_word(const char *escaped, char **ret_word)
{
	_cleanup_free_ char *text = NULL;
	int r = escaped_form(escaped, &text);

	if (r < 0)
		return r;
	if (*text && !text[strspn(text, harmless)]) {
		*ret_word = take_ptr(text);
		return 0;
	}
	if (strchr(text, '\\'))
		return enclose("$'", text, "\\'", ret_word);
	return enclose("'", text, "'\\''", ret_word);
}

int quote_command(const json_t *argv, char **ret_line)
{
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(argv); i++) {
		const char *text = json_string_value(json_array_get(argv, i));
		_cleanup_free_ char *word = NULL;

		if (!text)
			continue;
		r = quote_word(text, &word);
		if (r == 0)
			r = strbuf_addf(&b, "%s%s", b.len ? " " : "", word);
	}
	return r < 0 ? r : strbuf_steal(&b, ret_line);
}

/* ---- lines ---- */

/* One line without its end: what lies between two tabs is cleaned. */
static int print_line(FILE *f, const char *bytes, size_t len)
{
	const char *end = bytes + len;
	int r = 0;

	for (const char *tab; r == 0 && bytes < end; bytes = tab) {
		_cleanup_free_ char *part = NULL;

		tab = memchr(bytes, '\t', end - bytes);
		tab = tab ? tab : end;
		r = text_clean(bytes, tab - bytes, &part);
		if (r == 0)
			fputs(part, f);
		if (r == 0 && tab < end)
			fputc(*tab++, f);
	}
	return r;
}

int quote_lines(FILE *f, const char *bytes, size_t len, const char *(*style)(const char *))
{
	const char *end = bytes + len;
	int r = 0;

	for (const char *next; r == 0 && bytes < end; bytes = next) {
		const char *stop = memchr(bytes, '\n', end - bytes);
		const char *escape = style ? style(bytes) : "";

		next = stop ? stop + 1 : end;
		fputs(escape, f);
		r = print_line(f, bytes, (stop ? stop : end) - bytes);
		fprintf(f, "%s\n", *escape ? table_escape(true, TABLE_PLAIN) : "");
	}
	return r;
}

/* As git colours a diff: what it is about, where, what is gone, what is new. */
const char *quote_diff_style(const char *line)
{
	static const struct {
		const char *begin, *escape;
	} styles[] = {
		{"--- ", "\033[1m"}, {"+++ ", "\033[1m"}, {"@@", "\033[36m"},
		{"-", "\033[31m"},   {"+", "\033[32m"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(styles); i++)
		if (strncmp(line, styles[i].begin, strlen(styles[i].begin)) == 0)
			return styles[i].escape;
	return "";
}
