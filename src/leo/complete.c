/*
 * What can be typed next; see complete.h.
 */
#include "leo/complete.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "leo/args.h"
#include "leo/words.h"

static void offer_options(const struct leo_option *table, const struct leo_form *form, FILE *f)
{
	for (const struct leo_option *o = table; o && o->name; o++)
		if (args_fits(o, form))
			fprintf(f, "--%s\t%s\n", o->name, o->help);
}

static void offer_verbs(const struct leo_command *c, FILE *f)
{
	for (const struct leo_form *v = c->forms; v->run; v++)
		fprintf(f, "%s\t%s\n", v->verb, v->summary);
}

static void offer_operands(struct leo *l, const char *word, FILE *f)
{
	if (!l->form && l->operand_count == 0)
		offer_verbs(l->command, f);
	else if (l->form && l->form->words && l->operand_count < l->form->max)
		l->form->words(l, word, f);
}

static void offer(struct leo *l, const struct leo_option *o, const char *word, FILE *f)
{
	if (o) {
		if (o->words)
			o->words(l, word, f);
	} else if (word[0] == '-') {
		offer_options(args_globals(), NULL, f);
		if (l->command)
			offer_options(l->command->options, l->form, f);
	} else if (!l->command) {
		words_commands(l, word, f);
	} else {
		offer_operands(l, word, f);
	}
}

/* Prints the lines that begin like the word. */
static void print_matching(char *text, const char *word)
{
	size_t len = strlen(word);
	char *line;

	while ((line = strsep(&text, "\n")))
		if (*line && (*line == ':' || strncasecmp(line, word, len) == 0))
			puts(line);
}

static void answer(struct leo *l, int count, char **words)
{
	_cleanup_free_ char *text = NULL;
	const char *word = words[count - 1];
	const struct leo_option *option;
	size_t text_len;
	FILE *f;

	words[count - 1] = NULL;
	if (args_scan(l, count, words, &option) < 0 || fs_open_root(l->root, &l->root_fd) < 0)
		return;
	f = open_memstream(&text, &text_len);
	if (!f)
		return;
	offer(l, option, word, f);
	if (fclose(f) == 0)
		print_matching(text, word);
}

int complete(int count, char **words)
{
	struct leo l = {.root_fd = -1};

	if (count > 0)
		answer(&l, count, words);
	cleanup_close_p(&l.root_fd);
	args_deinit(&l);
	return LEO_DONE;
}
