/*
 * The lines of a configuration file; see conf.h for the format.
 *
 * The text is checked as a whole first (its size, NUL bytes, UTF-8), so that the rest can use
 * the functions for strings.
 */
#include "base/confint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"

const char conf_too_long[] = "the file is over 256 KiB";

struct scan {
	conf_section_fn section_fn;
	conf_entry_fn entry_fn;
	void *data;
	const char *section; /* NULL before the first */
	unsigned line;
	const char *problem;
};

static int fail(struct scan *s, const char *problem)
{
	s->problem = problem;
	return -EINVAL;
}

/* On failure @s has the line of the first byte that may not be in the text, 0 for all of it. */
static int check_text(struct scan *s, const char *text, size_t len)
{
	uint32_t codepoint;
	size_t unit;

	if (len > CONF_FILE_MAX) {
		s->problem = conf_too_long;
		return -EFBIG;
	}
	s->line = 1;
	for (size_t i = 0; i < len; i += unit) {
		unit = str_utf8_sequence(text + i, len - i, &codepoint);
		if (unit == 0)
			return fail(s, "the line is not valid UTF-8");
		if (codepoint == 0)
			return fail(s, "there is a NUL byte in the line");
		s->line += codepoint == '\n';
	}
	return 0;
}

/* "[section]", with nothing behind the bracket. */
static int parse_section(struct scan *s, char *line)
{
	size_t len = strlen(line);

	if (line[len - 1] != ']')
		return fail(s, "the section lacks its closing bracket");
	line[len - 1] = '\0';
	line = str_strip(line + 1);
	if (!*line)
		return fail(s, "the section has no name");
	s->section = line;
	return s->section_fn ? s->section_fn(s->data, line, &s->problem) : 0;
}

static int parse_entry(struct scan *s, char *line)
{
	char *value = strchr(line, '='), *key;

	if (!value)
		return fail(s, "the line is neither a section nor key = value");
	*value++ = '\0';
	key = str_strip(line);
	if (!*key)
		return fail(s, "there is no key before the equals sign");
	if (!s->section)
		return fail(s, "there is no section before the first key");
	return s->entry_fn(s->data, s->section, key, str_strip(value), &s->problem);
}

static int parse_line(struct scan *s, char *line)
{
	line = str_strip(line);
	if (!*line || *line == '#' || *line == ';')
		return 0;
	return *line == '[' ? parse_section(s, line) : parse_entry(s, line);
}

/* @text is cut into its lines. */
static int parse_lines(struct scan *s, char *text)
{
	char *next = text;

	for (s->line = 1; next; s->line++) {
		int r = parse_line(s, strsep(&next, "\n"));

		if (r < 0)
			return r;
	}
	return 0;
}

int conf_scan(const char *text, size_t len, conf_section_fn section, conf_entry_fn entry,
	      void *data, unsigned *ret_line, const char **ret_problem)
{
	struct scan s = {.section_fn = section, .entry_fn = entry, .data = data};
	_cleanup_free_ char *copy = NULL;
	int r = check_text(&s, text, len);

	if (r == 0) {
		copy = strndup(text, len);
		r = copy ? parse_lines(&s, copy) : -ENOMEM;
	}
	if (r < 0) {
		*ret_line = s.line;
		*ret_problem = s.problem;
	}
	return r;
}

int conf_parse_text(const char *text, size_t len, conf_entry_fn fn, void *data, unsigned *ret_line,
		    const char **ret_problem)
{
	return conf_scan(text, len, NULL, fn, data, ret_line, ret_problem);
}
