/*
 * Tests of all commands by their tables: each is complete, its help fits a screen, its examples are
 * lines that leo takes, the manual page has it; and every file cmd_NAME.c there is was linked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/args.h"
#include "leo/manual.h"
#include "leo/registry.h"
#include "leo/testfile.h"
#include "leo/usage.h"

enum { SCREEN_LINES = 25, SCREEN_COLUMNS = 80 };

static void test_files(void **state)
{
	_cleanup_closedir_ DIR *d = opendir(getenv("LEO_SOURCE"));
	const struct dirent *e;
	size_t files = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		files += str_starts(e->d_name, "cmd_") && str_ends(e->d_name, ".c");
	/* If this fails for a new file: meson has not looked again (src/leo/meson.build). */
	assert_int_equal(registry_count(), files);
}

static void test_order(void **state)
{
	assert_null(registry_at(registry_count()));
	for (size_t i = 0; i < registry_count(); i++) {
		const struct leo_command *c = registry_at(i);

		assert_non_null(c);
		assert_ptr_equal(registry_find(c->name), c);
		if (i)
			assert_true(strcmp(registry_at(i - 1)->name, c->name) < 0);
		if (c->interface)
			assert_ptr_equal(registry_of_interface(c->interface), c);
	}
	assert_null(registry_find("nothing"));
	assert_null(registry_of_interface("io.leonhard.Nothing"));
}

static void check_form(const struct leo_form *f, bool verbs)
{
	assert_int_equal(!!f->verb, verbs);
	assert_int_equal(!!f->operands, f->max > 0);
	assert_true(f->min <= f->max);
	if (verbs)
		assert_non_null(f->summary);
}

/* An option that goes with some verbs names them, with blanks between. */
static void check_verbs(const struct leo_command *c, const char *verbs)
{
	_cleanup_(str_vector_free_p) char **words = NULL;

	assert_int_equal(str_split(verbs ? verbs : "", &words), 0);
	for (size_t i = 0; words[i]; i++)
		assert_non_null(args_form(c, words[i]));
}

static void check_option(const struct leo_command *c, const struct leo_option *o)
{
	assert_non_null(o->help);
	if (o->words)
		assert_non_null(o->argument);
	check_verbs(c, o->verb);
	for (const struct leo_option *g = args_globals(); g->name; g++) {
		assert_string_not_equal(g->name, o->name);
		assert_true(!o->letter || g->letter != o->letter);
	}
}

static void test_tables(void **state)
{
	for (size_t i = 0; i < registry_count(); i++) {
		const struct leo_command *c = registry_at(i);

		assert_true(c->name && c->summary && c->about);
		assert_true(str_ends(c->about, ".\n"));
		assert_true(c->examples[0] && c->examples[1]);
		assert_non_null(c->forms[0].run);
		for (const struct leo_form *f = c->forms; f->run; f++)
			check_form(f, args_has_verbs(c));
		for (const struct leo_option *o = c->options; o && o->name; o++) {
			assert_true(o - c->options < LEO_OPTIONS_MAX);
			check_option(c, o);
		}
	}
}

static char *help_of(const struct leo_command *c)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (c)
		usage_command(c, f);
	else
		usage_overview(f);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void check_screen(const struct leo_command *c)
{
	_cleanup_free_ char *text = help_of(c);
	char *rest = text, *line;
	size_t lines = 0;

	while ((line = strsep(&rest, "\n")) && rest) {
		lines++;
		assert_in_range(str_width(line), 0, SCREEN_COLUMNS);
	}
	/* The prompt wants a line, too. */
	assert_in_range(lines, 1, SCREEN_LINES - 1);
}

static void test_help(void **state)
{
	check_screen(NULL);
	for (size_t i = 0; i < registry_count(); i++)
		check_screen(registry_at(i));
}

static void test_examples(void **state)
{
	for (size_t i = 0; i < registry_count(); i++) {
		const struct leo_command *c = registry_at(i);

		for (size_t e = 0; e < ARRAY_SIZE(c->examples); e++) {
			_cleanup_free_ char *line = strdup(c->examples[e]);
			char *words[TESTFILE_WORDS_MAX + 1];
			struct leo l = {};
			int count = testfile_split(line, words);

			assert_string_equal(words[0], "leo");
			assert_int_equal(args_parse(&l, count, words), LEO_DONE);
			assert_ptr_equal(l.command, c);
			args_deinit(&l);
		}
	}
}

static void assert_contains(const char *text, const char *before, const char *word,
			    const char *after)
{
	char wanted[200];

	snprintf(wanted, sizeof(wanted), "%s%s%s", before, word, after);
	if (!strstr(text, wanted))
		fail_msg("the manual page has no %s", wanted);
}

static void test_manual(void **state)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	struct leo l = {};
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_true(asprintf(&path, "%s/leo.1.in", getenv("LEO_SOURCE")) > 0);
	assert_int_equal(manual_print(&l, path, f), LEO_DONE);
	assert_int_equal(fclose(f), 0);
	assert_null(strchr(text, '@'));
	for (const struct leo_option *o = args_globals(); o->name; o++)
		if (!strchr(o->name, '-'))
			assert_contains(text, "\\fB\\-\\-", o->name, "\\fR");
	for (size_t i = 0; i < registry_count(); i++) {
		const struct leo_command *c = registry_at(i);

		assert_contains(text, ".SS leo ", c->name, "\n");
		for (const struct leo_option *o = c->options; o && o->name; o++)
			if (!strchr(o->name, '-'))
				assert_contains(text, "\\-\\-", o->name, "\\fR");
		for (const struct leo_form *v = c->forms; v->run; v++)
			if (v->verb)
				assert_contains(text, "\\fB", v->verb, "\\fR");
	}
	assert_int_equal(manual_print(&l, "/nowhere", stdout), LEO_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),	 cmocka_unit_test(test_order),
		cmocka_unit_test(test_tables),	 cmocka_unit_test(test_help),
		cmocka_unit_test(test_examples), cmocka_unit_test(test_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
