/*
 * Tests of args.c, with the command of test_fixture.c: what is taken from a line, and what is not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "leo/args.h"

enum { WORDS_MAX = 12 };

/* A line as main() gets it. */
struct line {
	char *words[WORDS_MAX + 1];
	int count;
	char text[200];
};

static void split(struct line *line, const char *text)
{
	char *rest = line->text, *word;

	*line = (struct line){};
	snprintf(line->text, sizeof(line->text), "%s", text);
	while ((word = strsep(&rest, " ")))
		line->words[line->count++] = word;
}

static int parse(struct leo *l, struct line *line, const char *text)
{
	split(line, text);
	*l = (struct leo){};
	return args_parse(l, line->count, line->words);
}

static void test_everything(void **state)
{
	struct line line;
	struct leo l;

	assert_int_equal(parse(&l, &line,
			       "leo --json fixture -v --root /r count a --loud b --no-pager --yes"),
			 LEO_DONE);
	assert_string_equal(l.command->name, "fixture");
	assert_string_equal(l.form->verb, "count");
	assert_true(l.json && l.verbose && l.no_pager && l.yes);
	assert_string_equal(l.root, "/r");
	assert_int_equal(l.operand_count, 2);
	assert_string_equal(leo_operand(&l, 0), "a");
	assert_string_equal(leo_operand(&l, 1), "b");
	assert_null(leo_operand(&l, 2));
	assert_string_equal(leo_value(&l, "loud"), "");
	assert_null(leo_value(&l, "colour"));
	args_deinit(&l);
}

static void test_values(void **state)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
		{"leo fixture", NULL},
		{"leo fixture show --colour red", "red"},
		{"leo fixture show --colour=red", "red"},
		{"leo fixture show --colour=", ""},
		{"leo fixture show --colour=a=b", "a=b"},
		{"leo fixture show -c red", "red"},
		{"leo fixture show -c --json", "--json"},
		{"leo fixture show --colour red --colour blue", "blue"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct line line;
		struct leo l;

		assert_int_equal(parse(&l, &line, cases[i].text), LEO_DONE);
		if (cases[i].value)
			assert_string_equal(leo_value(&l, "colour"), cases[i].value);
		else
			assert_null(leo_value(&l, "colour"));
		args_deinit(&l);
	}
}

static void test_wrong(void **state)
{
	static const char *const lines[] = {
		"leo",
		"leo --json",
		"leo nothing",
		"leo --colour red fixture show",
		"leo fixture paint",
		"leo fixture count",
		"leo fixture count a b c d",
		"leo fixture show a",
		"leo fixture count a --colour red",
		"leo fixture --colour",
		"leo fixture --root",
		"leo fixture --loud=x",
		"leo fixture --lou",
		"leo fixture ---json",
		"leo fixture -",
		"leo fixture -vv",
		"leo fixture -- --json",
		"leo -- --json",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct line line;
		struct leo l;

		assert_int_equal(parse(&l, &line, lines[i]), LEO_USAGE);
		args_deinit(&l);
	}
}

/* Who asks for help is not told that something else is missing. */
static void test_help(void **state)
{
	static const char *const lines[] = {"leo --help", "leo fixture -h", "leo -h fixture count",
					    "leo fixture paint --help", "leo --version"};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct line line;
		struct leo l;

		assert_int_equal(parse(&l, &line, lines[i]), LEO_DONE);
		assert_true(l.help || l.version);
		args_deinit(&l);
	}
}

static void test_dashes(void **state)
{
	struct line line;
	struct leo l;

	assert_int_equal(parse(&l, &line, "leo fixture count - -- -v --"), LEO_DONE);
	assert_int_equal(l.operand_count, 3);
	assert_string_equal(leo_operand(&l, 0), "-");
	assert_string_equal(leo_operand(&l, 1), "-v");
	assert_string_equal(leo_operand(&l, 2), "--");
	assert_false(l.verbose);
	args_deinit(&l);
}

static int scan(struct leo *l, struct line *line, const char *text, const struct leo_option **ret)
{
	split(line, text);
	*l = (struct leo){};
	return args_scan(l, line->count, line->words, ret);
}

static void test_scan(void **state)
{
	const struct leo_option *option;
	struct line line;
	struct leo l;

	assert_int_equal(scan(&l, &line, "fixture --frob --root /r", &option), 0);
	assert_string_equal(l.command->name, "fixture");
	assert_string_equal(l.root, "/r");
	assert_null(l.form);
	assert_null(option);
	args_deinit(&l);
	assert_int_equal(scan(&l, &line, "fixture show --colour", &option), 0);
	assert_string_equal(l.form->verb, "show");
	assert_string_equal(option->name, "colour");
	args_deinit(&l);
	assert_int_equal(scan(&l, &line, "fixture paint", &option), 0);
	assert_null(l.form);
	assert_int_equal(l.operand_count, 1);
	args_deinit(&l);
	assert_int_equal(scan(&l, &line, "nothing at all", &option), -ENOENT);
	args_deinit(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything), cmocka_unit_test(test_values),
		cmocka_unit_test(test_wrong),	   cmocka_unit_test(test_help),
		cmocka_unit_test(test_dashes),	   cmocka_unit_test(test_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
