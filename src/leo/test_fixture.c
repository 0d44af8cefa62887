/*
 * A command of a test: what a service adds to leo is one file like this.
 *
 * Linked with everything else into leo-fixture, which the golden tests run: the command is there,
 * is helped and completed, and the doctor knows what its service needs of the machine.
 */
#include "leo/leo.h"

static int run_show(struct leo *l)
{
	fprintf(l->out, "%s\n", leo_value(l, "colour") ? leo_value(l, "colour") : "grey");
	return LEO_DONE;
}

static int run_count(struct leo *l)
{
	fprintf(l->out, "%zu\n", l->operand_count);
	return LEO_DONE;
}

static void words_colours(struct leo *l, const char *word, FILE *f)
{
	fputs("red\tlike a rose\nblue\ngreen\n", f);
}

static const struct leo_form forms[] = {
	{"show", .summary = "a colour", .run = run_show},
	{"count", "WORD...", "the words", .min = 1, .max = 3, .words = words_colours,
	 .run = run_count},
	{},
};

static const struct leo_option options[] = {
	{"colour", "COLOUR", "which colour", 'c', "show", words_colours},
	{"loud", .help = "with noise"},
	{},
};

static const char *const needs[] = {"bpf.fentry", "kvm", "cgroup.v2", NULL};

static const struct leo_command fixture = {
	.name = "fixture",
	.summary = "what a test adds",
	.about = "A command for tests.\n",
	.forms = forms,
	.options = options,
	.examples = {"leo fixture show --colour red", "leo fixture count a b"},
	.interface = "io.leonhard.Fixture",
	.needs = needs,
};

LEO_COMMAND(fixture);
