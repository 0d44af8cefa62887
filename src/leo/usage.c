/*
 * Help, made from the tables of the commands; see usage.h.
 */
#include "leo/usage.h"

#include "leo/args.h"
#include "leo/registry.h"

enum {
	LEFT_MAX = 40,
	LEFT_WIDTH = 24,
	VERBS_MAX = 8, /* that a line has room for */
};

static void print_row(FILE *f, const char *left, const char *right)
{
	fprintf(f, "  %-*s %s\n", LEFT_WIDTH, left, right);
}

static void print_option(FILE *f, const struct leo_option *o)
{
	char left[LEFT_MAX], letter[8] = "";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, o->argument ? " " : "",
		 o->argument ? o->argument : "");
	print_row(f, left, o->help);
}

static void print_options(FILE *f, const struct leo_option *table)
{
	for (const struct leo_option *o = table; o && o->name; o++)
		print_option(f, o);
}

/* The names only: what they mean is told by `leo help`. In one block with those of the command and
 * with the examples, so that a screen holds one that has many. */
static void print_globals(FILE *f)
{
	fputs("Everywhere:", f);
	for (const struct leo_option *o = args_globals(); o->name; o++)
		fprintf(f, " --%s", o->name);
	fputs("\n", f);
}

static void print_verbs(FILE *f, const struct leo_command *c)
{
	fputc('\n', f);
	for (const struct leo_form *v = c->forms; v->run; v++) {
		char left[LEFT_MAX];

		snprintf(left, sizeof(left), "%s%s%s", v->verb, v->operands ? " " : "",
			 v->operands ? v->operands : "");
		print_row(f, left, v->summary);
	}
}

void usage_synopsis(const struct leo_command *c, FILE *f)
{
	size_t verbs = 0;

	while (c->forms[verbs].run)
		verbs++;
	fprintf(f, "leo %s", c->name);
	if (verbs > VERBS_MAX) {
		fputs(" [VERB]", f);
	} else if (args_has_verbs(c)) {
		for (const struct leo_form *v = c->forms; v->run; v++)
			fprintf(f, "%s%s", v == c->forms ? " [" : "|", v->verb);
		fputc(']', f);
	} else if (c->forms[0].operands) {
		fprintf(f, " %s", c->forms[0].operands);
	}
	fputs(" [OPTION]...", f);
}

void usage_command(const struct leo_command *c, FILE *f)
{
	fputs("Usage: ", f);
	usage_synopsis(c, f);
	fprintf(f, "\n\n%s", c->about);
	if (args_has_verbs(c))
		print_verbs(f, c);
	fputc('\n', f);
	print_options(f, c->options);
	print_globals(f);
	fprintf(f, "  %s\n  %s\n", c->examples[0], c->examples[1]);
}

void usage_overview(FILE *f)
{
	fputs("Usage: leo COMMAND [ARGUMENT]... [OPTION]...\n"
	      "Looks at the services of this machine, and asks them to do things.\n\n",
	      f);
	for (size_t i = 0; i < registry_count(); i++)
		print_row(f, registry_at(i)->name, registry_at(i)->summary);
	fputc('\n', f);
	print_options(f, args_globals());
	fputs("\n  leo status\n  leo help call\n", f);
}
