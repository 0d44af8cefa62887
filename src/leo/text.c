/*
 * Bytes of others made fit for a terminal; see text.h.
 */
#include "leo/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"

/* Escapes what lies between two backslashes: so each of them stays as it is. */
int text_clean(const char *bytes, size_t len, char **ret_text)
{
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	const char *end = bytes + len;
	int r = 0;

	for (const char *next; r == 0 && bytes < end; bytes = next) {
		_cleanup_free_ char *part = NULL;

		next = memchr(bytes, '\\', end - bytes);
		next = next ? next : end;
		r = str_escape(bytes, next - bytes, &part);
		if (r == 0)
			r = strbuf_add(&b, part, strlen(part));
		if (r == 0 && next < end)
			r = strbuf_add(&b, next++, 1);
	}
	return r < 0 ? r : strbuf_steal(&b, ret_text);
}

static json_t *clean_string(const json_t *value)
{
	_cleanup_free_ char *text = NULL;

	if (text_clean(json_string_value(value), json_string_length(value), &text) < 0)
		return NULL;
	return json_string(text);
}

static json_t *clean_array(const json_t *value)
{
	json_t *copy = json_array();

	for (size_t i = 0; copy && i < json_array_size(value); i++)
		if (json_array_append_new(copy, text_clean_json(json_array_get(value, i))) < 0) {
			json_decref(copy);
			return NULL;
		}
	return copy;
}

static json_t *clean_object(const json_t *value)
{
	json_t *copy = json_object(), *member;
	const char *key;

	json_object_foreach((json_t *)value, key, member)
	{
		_cleanup_free_ char *name = NULL;

		if (!copy || text_clean(key, strlen(key), &name) < 0 ||
		    json_object_set_new(copy, name, text_clean_json(member)) < 0) {
			json_decref(copy);
			return NULL;
		}
	}
	return copy;
}

json_t *text_clean_json(const json_t *value)
{
	if (!value)
		return json_null();
	switch (json_typeof(value)) {
	case JSON_STRING:
		return clean_string(value);
	case JSON_ARRAY:
		return clean_array(value);
	case JSON_OBJECT:
		return clean_object(value);
	default:
		return json_deep_copy(value);
	}
}

/* jansson escapes what RFC 8259 asks for: below U+0020. DEL and the controls above it can only
 * stand inside of strings, where they may be escaped as well. */
int text_json(const json_t *value, char **ret_text)
{
	_cleanup_free_ char *raw = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	size_t len;
	int r = raw ? 0 : -ENOMEM;

	len = raw ? strlen(raw) : 0;
	for (size_t i = 0, n; r == 0 && i < len; i += n) {
		uint32_t c = 0;

		n = str_utf8_sequence(raw + i, len - i, &c);
		if (!n)
			return -EILSEQ;
		r = c >= 0x7f && c < 0xa0 ? strbuf_addf(&b, "\\u%04X", c)
					  : strbuf_add(&b, raw + i, n);
	}
	return r < 0 ? r : strbuf_steal(&b, ret_text);
}

void text_bytes(uint64_t bytes, char out[TEXT_BYTES_MAX])
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = bytes / 1024.0;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(out, TEXT_BYTES_MAX, "%u B", (unsigned)bytes);
		return;
	}
	for (; value >= 1024 && unit + 1 < ARRAY_SIZE(units); unit++)
		value /= 1024;
	snprintf(out, TEXT_BYTES_MAX, "%.1f %s", value, units[unit]);
}

/* The length of the first sentence, or of all of it when it does not end. */
static size_t sentence(const char *comment)
{
	for (const char *p = comment; *p; p++)
		if (*p == '.' && (!p[1] || p[1] == ' ' || p[1] == '\n'))
			return p - comment;
	return strlen(comment);
}

int text_summary(const char *comment, char **ret_text)
{
	_cleanup_free_ char *copy = strndup(comment, sentence(comment));

	if (!copy)
		return -ENOMEM;
	for (char *p = copy; *p; p++)
		if (*p == '\n')
			*p = ' ';
	return text_clean(copy, strlen(copy), ret_text);
}

/* The next word, cut out and clean, or NULL; moves *@text behind it. */
static char *next_word(const char **text)
{
	static const char white[] = " \t\n";
	char *word;
	size_t len;

	*text += strspn(*text, white);
	len = strcspn(*text, white);
	if (len == 0 || text_clean(*text, len, &word) < 0)
		return NULL;
	*text += len;
	return word;
}

void text_wrap(FILE *f, const char *text, unsigned indent, unsigned column, unsigned width)
{
	bool fresh = true; /* no word of ours is on the line */

	if (width < indent + 20)
		width = width ? indent + 20 : 80;
	for (;;) {
		_cleanup_free_ char *word = next_word(&text);
		unsigned columns = word ? str_width(word) : 0;

		if (!word)
			break;
		if (!fresh && column + 1 + columns > width) {
			fputc('\n', f);
			column = 0;
			fresh = true;
		}
		if (fresh && column < indent)
			column += fprintf(f, "%*s", (int)(indent - column), "");
		else if (column)
			column += fprintf(f, " ");
		fputs(word, f);
		column += columns;
		fresh = false;
	}
	fputc('\n', f);
}
