/*
 * leo help [COMMAND]: the list of commands, or what one of them does.
 */
#include "leo/fail.h"
#include "leo/registry.h"
#include "leo/suggest.h"
#include "leo/usage.h"
#include "leo/words.h"

static int refuse(const struct leo *l, const char *name)
{
	struct suggest s = {.word = name};

	for (size_t i = 0; i < registry_count(); i++)
		suggest_offer(&s, registry_at(i)->name);
	if (suggest_best(&s))
		return fail_usage(l, "there is no command %s; did you mean %s?", name,
				  suggest_best(&s));
	return fail_usage(l, "there is no command %s", name);
}

static int run(struct leo *l)
{
	const char *name = leo_operand(l, 0);
	const struct leo_command *c = name ? registry_find(name) : NULL;

	if (name && !c)
		return refuse(l, name);
	if (c)
		usage_command(c, l->out);
	else
		usage_overview(l->out);
	return LEO_DONE;
}

static const struct leo_command help = {
	.name = "help",
	.summary = "the list of commands, or what one of them does",
	.about = "Shows the commands and the options that stand everywhere; or how a command is\n"
		 "called, what it does, and two examples of it.\n",
	.forms =
		(const struct leo_form[]){
			{.operands = "[COMMAND]", .max = 1, .words = words_commands, .run = run},
			{}},
	.examples = {"leo help", "leo help call"},
};

LEO_COMMAND(help);
