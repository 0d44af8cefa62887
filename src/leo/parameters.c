/*
 * The parameters of a call; see parameters.h.
 */
#include "leo/parameters.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "leo/fail.h"
#include "leo/text.h"

enum { BYTES_MAX = 1024 * 1024, SHOWN_BYTES = 72 };

/* Leaves out the middle of a character: a sequence begins with anything but 10xxxxxx. */
static size_t character_start(const char *text, size_t at)
{
	while (at && (text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* The part of the line that fits a terminal, and a mark below @at; the caller's, or NULL. */
static char *show_place(const char *text, size_t len, size_t at)
{
	size_t start = at, end = at;
	_cleanup_free_ char *before = NULL, *after = NULL;
	char *place;

	while (start && text[start - 1] != '\n' && at - start < SHOWN_BYTES / 2)
		start--;
	while (end < len && text[end] != '\n' && end - at < SHOWN_BYTES / 2)
		end++;
	start = character_start(text, start);
	if (text_clean(text + start, at - start, &before) < 0 ||
	    text_clean(text + at, end - at, &after) < 0 ||
	    asprintf(&place, "  %s%s\n  %*s^\n", before, after, (int)str_width(before), "") < 0)
		return NULL;
	return place;
}

static int refuse(const struct leo *l, const char *next, const char *text, size_t len,
		  const json_error_t *error)
{
	size_t at = error->position > 0 ? error->position - 1 : 0;
	_cleanup_free_ char *place = NULL;

	if (len)
		place = show_place(text, len, character_start(text, at < len ? at : len - 1));
	return fail(l, &(struct failure){.status = LEO_USAGE, .next = next, .place = place},
		    "the parameters are not JSON: line %d, column %d: %s", error->line,
		    error->column, error->text);
}

int parameters_parse(const struct leo *l, const char *next, const char *text, size_t len,
		     json_t **ret_parameters)
{
	_cleanup_(json_decrefp) json_t *value = NULL;
	json_error_t error;

	value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!value)
		return refuse(l, next, text, len, &error);
	if (!json_is_object(value))
		return fail_usage(l,
				  "the parameters must be a JSON object, {\"name\": value, ...}");
	*ret_parameters = take_ptr(value);
	return LEO_DONE;
}

int parameters_read(const struct leo *l, const char *next, json_t **ret_parameters)
{
	_cleanup_free_ char *text = malloc(BYTES_MAX + 1);
	size_t len;
	int r = text ? io_read_up_to(STDIN_FILENO, text, BYTES_MAX + 1, &len) : -ENOMEM;

	if (r == 0 && len > BYTES_MAX)
		r = -EFBIG;
	if (r < 0)
		return fail_errno(l, r, "cannot read the parameters from standard input");
	return parameters_parse(l, next, text, len, ret_parameters);
}
