/*
 * pick [--each NAME] FIELD... <OBJECTS: fields of JSON objects, for scripts.
 *
 * Reads an object from each line and prints a line for it, or for each element of its array NAME:
 * the values of FIELDs, separated by tabs. A FIELD is a name, or several with dots between, through
 * objects and arrays; of an array all elements are printed, separated by blanks, and a number is
 * the place of one ("argv.0"). A text is printed as it is but for tabs and newlines, which are \t
 * and \n; null and what is not there are
 * "-", an empty array nothing. Exits with 1 when the input is not JSON. Linked statically, to run
 * in any guest.
 */
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/def.h"

static void print_text(const char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", stdout);
		else if (*text == '\t')
			fputs("\\t", stdout);
		else
			putchar(*text);
}

static void print_plain(const json_t *value)
{
	if (json_is_string(value))
		print_text(json_string_value(value));
	else if (json_is_integer(value))
		printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "true" : "false", stdout);
	else if (json_is_object(value))
		json_dumpf(value, stdout, JSON_COMPACT);
	else
		putchar('-');
}

/* The part of @field up to the next dot, and what is behind it; NULL for nothing. */
static const char *next_part(const char *field, char *part, size_t size)
{
	const char *dot = strchrnul(field, '.');

	snprintf(part, size, "%.*s", (int)(dot - field), field);
	return *dot ? dot + 1 : NULL;
}

static void print_field(const json_t *value, const char *field);

static void print_array(const json_t *array, const char *field)
{
	char part[64];
	const char *rest = field ? next_part(field, part, sizeof(part)) : NULL;
	char *end;

	if (field && *field >= '0' && *field <= '9') {
		print_field(json_array_get(array, strtoul(part, &end, 10)), rest);
		return;
	}
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i > 0)
			putchar(' ');
		print_field(json_array_get(array, i), field);
	}
}

static void print_field(const json_t *value, const char *field)
{
	char part[64];

	if (json_is_array(value)) {
		print_array(value, field);
	} else if (field && json_is_object(value)) {
		const char *rest = next_part(field, part, sizeof(part));

		print_field(json_object_get(value, part), rest);
	} else {
		print_plain(field ? NULL : value);
	}
}

static void print_line(const json_t *object, char **fields)
{
	for (; *fields; fields++) {
		print_field(object, *fields);
		putchar(fields[1] ? '\t' : '\n');
	}
}

static void print_lines(const json_t *object, const char *each, char **fields)
{
	const json_t *array = json_object_get(object, each);

	for (size_t i = 0; i < json_array_size(array); i++)
		print_line(json_array_get(array, i), fields);
}

static int pick(const char *each, char **fields)
{
	_cleanup_free_ char *line = NULL;
	size_t cap = 0;

	while (getline(&line, &cap, stdin) > 0) {
		json_error_t error;
		json_t *object = json_loads(line, 0, &error);

		if (!object) {
			fprintf(stderr, "pick: %s\n", error.text);
			return 1;
		}
		if (each)
			print_lines(object, each, fields);
		else
			print_line(object, fields);
		json_decref(object);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "--each") == 0)
		return pick(argv[2], argv + 3);
	if (argc > 1)
		return pick(NULL, argv + 1);
	fprintf(stderr, "usage: pick [--each NAME] FIELD... <OBJECTS\n");
	return 2;
}
