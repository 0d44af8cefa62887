/*
 * The manual page; see manual.h.
 */
#include "leo/manual.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "leo/args.h"
#include "leo/fail.h"
#include "leo/registry.h"
#include "leo/usage.h"

enum { TEMPLATE_BYTES_MAX = 64 * 1024 };

/* Text as roff shows it: backslashes, dashes that can be copied, no request by accident. */
static void put_text(FILE *f, const char *text)
{
	bool start = true;

	for (const char *p = text; *p; p++) {
		if (start && (*p == '.' || *p == '\''))
			fputs("\\&", f);
		start = *p == '\n';
		if (*p == '\\')
			fputs("\\e", f);
		else if (*p == '-')
			fputs("\\-", f);
		else
			fputc(*p, f);
	}
}

static void put_option(FILE *f, const struct leo_option *o)
{
	fputs(".TP\n\\fB", f);
	if (o->letter)
		fprintf(f, "\\-%c\\fR, \\fB", o->letter);
	fputs("\\-\\-", f);
	put_text(f, o->name);
	if (o->argument)
		fprintf(f, "\\fR \\fI%s", o->argument);
	fputs("\\fR\n", f);
	put_text(f, o->help);
	if (o->verb)
		fprintf(f, " (with \\fB%s\\fR)", o->verb);
	fputs(".\n", f);
}

static void put_verb(FILE *f, const struct leo_form *v)
{
	fprintf(f, ".TP\n\\fB%s\\fR", v->verb);
	if (v->operands)
		fprintf(f, " \\fI%s\\fR", v->operands);
	fputc('\n', f);
	put_text(f, v->summary);
	fputs(".\n", f);
}

static void put_synopsis(FILE *f, const struct leo_command *c)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *memory = open_memstream(&text, &len);

	if (!memory)
		return;
	usage_synopsis(c, memory);
	if (fclose(memory) != 0)
		return;
	fputs(".B ", f);
	put_text(f, text);
	fputc('\n', f);
}

static void put_command(FILE *f, const struct leo_command *c)
{
	fprintf(f, ".SS leo %s\n", c->name);
	put_synopsis(f, c);
	fputs(".PP\n", f);
	put_text(f, c->about);
	if (args_has_verbs(c))
		for (const struct leo_form *v = c->forms; v->run; v++)
			put_verb(f, v);
	for (const struct leo_option *o = c->options; o && o->name; o++)
		put_option(f, o);
	fputs(".PP\n.EX\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(c->examples); i++) {
		put_text(f, c->examples[i]);
		fputc('\n', f);
	}
	fputs(".EE\n", f);
}

static void put_commands(FILE *f)
{
	for (size_t i = 0; i < registry_count(); i++)
		put_command(f, registry_at(i));
}

static void put_globals(FILE *f)
{
	for (const struct leo_option *o = args_globals(); o->name; o++)
		put_option(f, o);
}

static void put_line(FILE *f, const char *line)
{
	static const char mark[] = "@version@";
	const char *at = strstr(line, mark);

	if (str_equal(line, "@commands@"))
		put_commands(f);
	else if (str_equal(line, "@globals@"))
		put_globals(f);
	else if (at)
		fprintf(f, "%.*s%s%s\n", (int)(at - line), line, LEO_VERSION, at + strlen(mark));
	else
		fprintf(f, "%s\n", line);
}

int manual_print(const struct leo *l, const char *template_path, FILE *f)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line;
	int r = io_read_file(AT_FDCWD, template_path, TEMPLATE_BYTES_MAX, &text, NULL);

	if (r < 0)
		return fail_errno(l, r, "cannot read %s", template_path);
	rest = text;
	while ((line = strsep(&rest, "\n")))
		if (rest || *line)
			put_line(f, line);
	return fflush(f) == 0 ? LEO_DONE : fail_errno(l, -EIO, "cannot write the manual page");
}
