/*
 * The command line; see args.h.
 */
#include "leo/args.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/fail.h"
#include "leo/registry.h"
#include "leo/suggest.h"
#include "leo/words.h"

enum { JSON, ROOT, VERBOSE, NO_PAGER, YES, HELP, VERSION };

static const struct leo_option globals[] = {
	[JSON] = {"json", .help = "for programs: one JSON object a line, errors too"},
	[ROOT] = {"root", "DIR", "every path of the machine lies below DIR", .words = words_dirs},
	[VERBOSE] = {"verbose", .letter = 'v', .help = "more: evidence, absolute times"},
	[NO_PAGER] = {"no-pager", .help = "no pager, however long the output is"},
	[YES] = {"yes", .help = "answer yes to every question"},
	[HELP] = {"help", .letter = 'h', .help = "what leo, or one of its commands, does"},
	[VERSION] = {"version", .help = "the version of leo"},
	{},
};

/* The words that are still to be looked at. */
struct args {
	struct leo *l;
	char **words; /* NULL-terminated */
	bool only_operands;
};

const struct leo_option *args_globals(void)
{
	return globals;
}

bool args_fits(const struct leo_option *o, const struct leo_form *form)
{
	size_t len = form && form->verb ? strlen(form->verb) : 0;

	if (!o->verb)
		return true;
	for (const char *word = o->verb; len && word; word = strchr(word, ' ')) {
		word += *word == ' ';
		if (strncmp(word, form->verb, len) == 0 && (!word[len] || word[len] == ' '))
			return true;
	}
	return false;
}

bool args_has_verbs(const struct leo_command *c)
{
	return c->forms[0].verb;
}

const struct leo_form *args_form(const struct leo_command *c, const char *verb)
{
	for (const struct leo_form *f = c->forms; f->run; f++)
		if (f->verb && str_equal(f->verb, verb))
			return f;
	return NULL;
}

/* Whether @word, with its dashes, is the option @o. */
static bool names(const struct leo_option *o, const char *word)
{
	size_t len = strlen(o->name);

	if (word[1] != '-')
		return o->letter && word[1] == o->letter && !word[2];
	return strncmp(word + 2, o->name, len) == 0 && (!word[2 + len] || word[2 + len] == '=');
}

static const struct leo_option *find(const struct leo_option *table, const char *word)
{
	for (const struct leo_option *o = table; o && o->name; o++)
		if (names(o, word))
			return o;
	return NULL;
}

static void set_global(struct leo *l, const struct leo_option *o, const char *value)
{
	bool *const flags[] = {
		[JSON] = &l->json, [VERBOSE] = &l->verbose, [NO_PAGER] = &l->no_pager,
		[YES] = &l->yes,   [HELP] = &l->help,	    [VERSION] = &l->version,
	};

	if (o == &globals[ROOT])
		l->root = value;
	else
		*flags[o - globals] = true;
}

static void set_own(struct leo *l, const struct leo_option *o, const char *value)
{
	assert(o - l->command->options < LEO_OPTIONS_MAX);
	l->values[o - l->command->options] = value;
}

/*
 * Takes the option that comes next, and its value. -ENOENT when there is no such option; -ENODATA
 * when its value is missing, -EINVAL when it takes none; the word was not consumed then.
 */
static int take_option(struct args *a, const struct leo_option **ret_option)
{
	const char *word = a->words[0], *equals = strchr(word, '=');
	const char *value = equals ? equals + 1 : NULL;
	const struct leo_option *global = find(globals, word);
	const struct leo_option *own = a->l->command ? find(a->l->command->options, word) : NULL;
	const struct leo_option *o = global ? global : own;
	unsigned count = 1;

	*ret_option = o;
	if (!o)
		return -ENOENT;
	if (value && !o->argument)
		return -EINVAL;
	if (o->argument && !value) {
		value = a->words[1];
		count = 2;
	}
	if (o->argument && !value)
		return -ENODATA;
	(global ? set_global : set_own)(a->l, o, value ? value : "");
	a->words += count;
	return 0;
}

/* The first word names the command; the others wait until it is known whether it has verbs. */
static int take_operand(struct args *a)
{
	const char *word = *a->words;

	if (!a->l->command) {
		a->l->command = registry_find(word);
		if (!a->l->command)
			return -ENOENT;
	} else {
		a->l->operands[a->l->operand_count++] = word;
	}
	a->words++;
	return 0;
}

static bool is_option(const struct args *a)
{
	return !a->only_operands && a->words[0][0] == '-' && a->words[0][1];
}

static int take(struct args *a, const struct leo_option **ret_option)
{
	*ret_option = NULL;
	if (!is_option(a))
		return take_operand(a);
	if (!str_equal(a->words[0], "--"))
		return take_option(a, ret_option);
	a->only_operands = true;
	a->words++;
	return 0;
}

/* The option that was probably meant; both tables offer theirs. */
static int refuse_option(struct leo *l, const char *word)
{
	_cleanup_free_ char *name = strndup(word, strcspn(word, "="));
	struct suggest s = {.word = name ? name + strspn(name, "-") : ""};
	const struct leo_option *own = l->command ? l->command->options : NULL;

	for (const struct leo_option *o = globals; o->name; o++)
		suggest_offer(&s, o->name);
	for (const struct leo_option *o = own; o && o->name; o++)
		suggest_offer(&s, o->name);
	if (suggest_best(&s))
		return fail_usage(l, "there is no option %s; did you mean --%s?", word,
				  suggest_best(&s));
	return fail_usage(l, "there is no option %s", word);
}

static int refuse_command(struct leo *l, const char *word)
{
	struct suggest s = {.word = word};

	for (size_t i = 0; i < registry_count(); i++)
		suggest_offer(&s, registry_at(i)->name);
	if (suggest_best(&s))
		return fail_usage(l, "there is no command %s; did you mean %s?", word,
				  suggest_best(&s));
	return fail_usage(l, "there is no command %s", word);
}

static int refuse(struct args *a, int r, const struct leo_option *o)
{
	const char *word = *a->words;

	if (r == -ENODATA)
		return fail_usage(a->l, "%s needs a value: %s", word, o->argument);
	if (r == -EINVAL)
		return fail_usage(a->l, "--%s takes no value", o->name);
	return is_option(a) ? refuse_option(a->l, word) : refuse_command(a->l, word);
}

static int refuse_verb(struct leo *l, const char *word)
{
	struct suggest s = {.word = word};

	for (const struct leo_form *f = l->command->forms; f->run; f++)
		suggest_offer(&s, f->verb);
	if (suggest_best(&s))
		return fail_usage(l, "leo %s has no verb %s; did you mean %s?", l->command->name,
				  word, suggest_best(&s));
	return fail_usage(l, "leo %s has no verb %s", l->command->name, word);
}

/* The verb, where there are verbs, is no operand any more. 0, or -ENOENT for an unknown one. */
static int choose_form(struct leo *l)
{
	l->form = l->command->forms;
	if (!args_has_verbs(l->command) || l->operand_count == 0)
		return 0;
	l->form = args_form(l->command, l->operands[0]);
	if (!l->form)
		return -ENOENT;
	l->operand_count--;
	memmove(l->operands, l->operands + 1, l->operand_count * sizeof(*l->operands));
	return 0;
}

/* "--path goes with leo trace list|watch only" */
static int refuse_verb_of(struct leo *l, const struct leo_option *o)
{
	_cleanup_free_ char *verbs = strdup(o->verb);

	if (!verbs)
		return fail_errno(l, -ENOMEM, "cannot start");
	for (char *p = verbs; *p; p++)
		*p = *p == ' ' ? '|' : *p;
	return fail_usage(l, "--%s goes with leo %s %s only", o->name, l->command->name, verbs);
}

static int check_options(struct leo *l)
{
	const struct leo_option *own = l->command->options;

	for (size_t i = 0; own && own[i].name; i++)
		if (l->values[i] && !args_fits(&own[i], l->form))
			return refuse_verb_of(l, &own[i]);
	return LEO_DONE;
}

static int check_operands(struct leo *l)
{
	const struct leo_form *f = l->form;
	const char *space = f->verb ? " " : "", *verb = f->verb ? f->verb : "";

	if (l->operand_count > f->max)
		return fail_usage(l, "leo %s%s%s does not take %s", l->command->name, space, verb,
				  l->operands[f->max]);
	if (l->operand_count < f->min)
		return fail_usage(l, "leo %s%s%s needs %s", l->command->name, space, verb,
				  f->operands);
	return LEO_DONE;
}

static int check(struct leo *l)
{
	int status;

	if (l->help || l->version)
		return LEO_DONE;
	if (!l->command)
		return fail_usage(l, "no command");
	if (choose_form(l) < 0)
		return refuse_verb(l, l->operands[0]);
	status = check_options(l);
	return status == LEO_DONE ? check_operands(l) : status;
}

static int begin(struct leo *l, int argc)
{
	l->operands = calloc(argc + 1, sizeof(*l->operands));
	return l->operands ? 0 : -ENOMEM;
}

int args_parse(struct leo *l, int argc, char **argv)
{
	struct args a = {.l = l, .words = argv + (argc > 0)};
	const struct leo_option *o;
	int r = begin(l, argc);

	if (r < 0)
		return fail_errno(l, r, "cannot start");
	while (*a.words) {
		r = take(&a, &o);
		if (r < 0)
			return refuse(&a, r, o);
	}
	return check(l);
}

int args_scan(struct leo *l, int argc, char **argv, const struct leo_option **ret_option)
{
	struct args a = {.l = l, .words = argv};
	const struct leo_option *o = NULL;
	int r = begin(l, argc);

	*ret_option = NULL;
	while (r == 0 && *a.words) {
		r = take(&a, &o);
		/* What is unknown may still become known: the person is typing. */
		if (r == -EINVAL || (r == -ENOENT && l->command)) {
			a.words++;
			r = 0;
		}
	}
	if (r == -ENODATA) {
		*ret_option = o;
		r = 0;
	}
	if (r < 0 || !l->command)
		return r;
	if (args_has_verbs(l->command) && l->operand_count == 0)
		return 0;
	return choose_form(l) == -ENOENT ? 0 : r;
}

void args_deinit(struct leo *l)
{
	free(l->operands);
	l->operands = NULL;
}

const char *leo_value(const struct leo *l, const char *option)
{
	const struct leo_option *own = l->command->options;

	for (size_t i = 0; own && own[i].name; i++)
		if (str_equal(own[i].name, option))
			return l->values[i];
	assert(!"a command asks for an option that is not in its table");
	return NULL;
}

const char *leo_operand(const struct leo *l, size_t i)
{
	return i < l->operand_count ? l->operands[i] : NULL;
}
