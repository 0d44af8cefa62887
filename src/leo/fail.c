/*
 * What leo says when something does not work; see fail.h.
 */
#include "leo/fail.h"

#include <stdarg.h>
#include <string.h>

#include "base/def.h"
#include "base/table.h"
#include "leo/text.h"

/* The message as one clean line, the caller's. Without memory there is still something to say. */
__attribute__((format(printf, 1, 0))) static char *message_of(const char *format, va_list ap)
{
	_cleanup_free_ char *raw = NULL;
	char *clean;

	if (vasprintf(&raw, format, ap) < 0 || text_clean(raw, strlen(raw), &clean) < 0)
		return strdup("not enough memory");
	return clean;
}

static void add(json_t *object, const char *key, const char *value)
{
	if (value && *value)
		json_object_set_new(object, key, json_string(value));
}

static void print_json(const struct failure *f, const char *message)
{
	_cleanup_(json_decrefp) json_t *object = json_object();
	_cleanup_free_ char *line = NULL;

	add(object, "message", message);
	json_object_set_new(object, "status", json_integer(f->status));
	add(object, "try", f->next);
	add(object, "error", f->error);
	if (f->parameters)
		json_object_set_new(object, "parameters", json_deep_copy(f->parameters));
	if (text_json(object, &line) == 0)
		fprintf(stderr, "%s\n", line);
}

static void print_text(const struct failure *f, const char *message)
{
	bool colour = table_wants_colour(stderr);
	_cleanup_free_ char *next = NULL;

	fprintf(stderr, "%sleo:%s %s\n", table_escape(colour, TABLE_BAD),
		table_escape(colour, TABLE_PLAIN), message);
	if (f->place)
		fputs(f->place, stderr);
	if (f->next && *f->next && text_clean(f->next, strlen(f->next), &next) == 0)
		fprintf(stderr, "  try: %s%s%s\n", table_escape(colour, TABLE_BOLD), next,
			table_escape(colour, TABLE_PLAIN));
}

static int print(const struct leo *l, const struct failure *f, char *message)
{
	_cleanup_free_ char *owned = message;

	if (l->json)
		print_json(f, owned ? owned : "");
	else
		print_text(f, owned ? owned : "");
	return f->status;
}

int fail(const struct leo *l, const struct failure *f, const char *format, ...)
{
	char *message;
	va_list ap;

	va_start(ap, format);
	message = message_of(format, ap);
	va_end(ap);
	return print(l, f, message);
}

int fail_errno(const struct leo *l, int r, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list ap;

	va_start(ap, format);
	message = message_of(format, ap);
	va_end(ap);
	return fail(l, &(struct failure){.status = LEO_FAILED}, "%s: %s", message, strerror(-r));
}

int fail_usage(const struct leo *l, const char *format, ...)
{
	char next[64] = "leo help";
	char *message;
	va_list ap;

	if (l->command)
		snprintf(next, sizeof(next), "leo help %s", l->command->name);
	va_start(ap, format);
	message = message_of(format, ap);
	va_end(ap);
	return print(l, &(struct failure){.status = LEO_USAGE, .next = next}, message);
}

void fail_note(const struct leo *l, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list ap;

	if (l->json)
		return;
	va_start(ap, format);
	message = message_of(format, ap);
	va_end(ap);
	fprintf(stderr, "leo: %s\n", message ? message : "");
}
