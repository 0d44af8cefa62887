/*
 * Tests of confdoc.c: the example is a configuration of defaults, and the manual page is roff that
 * says what stands in the table.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "base/testconf.h"
#include "base/testroot.h"

static char *print(const struct conf_table *table,
		   int (*print_fn)(const struct conf_table *t, FILE *f))
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(print_fn(table, f), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* Takes the "#" from every default that has a value. */
static void uncomment(char *text)
{
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (line[0] == '#' && line[1] != ' ' && strchrnul(line, '\n')[-1] != '=')
			*line = ' ';
	}
}

static void assert_example_loads(const struct testroot *t, const char *text)
{
	char *problem = NULL;
	struct testconf c;

	testroot_write(t, "etc/leonhard/demo.conf", text);
	if (conf_load(&testconf_table, t->fd, &c, &problem) < 0)
		fail_msg("%s", problem);
	assert_int_equal(c.number, 3);
	assert_int_equal(c.interval_ns, 90 * NS_PER_S);
	assert_string_equal(c.name, "a - b");
	assert_string_equal(c.words[1], "two");
	assert_int_equal(c.mode, 1);
	assert_null(c.nothing);
	conf_deinit(&testconf_table, &c);
}

static void test_example(void **state)
{
	_cleanup_free_ char *text = print(&testconf_table, conf_print_example);
	char *copy = strdup(text), *rest = copy;

	assert_non_null(strstr(text, "\n[main]\n\n# Whether it is on. Value: yes or no. "
				     "Default: yes.\n#on = yes\n"));
	assert_non_null(strstr(text, "a size from 64K to 1G. Default: 1M.\n#size = 1M\n"));
	assert_non_null(strstr(text, "# .hidden: a text"));
	assert_non_null(strstr(text, "Default: none.\n#nothing =\n"));
	while (rest)
		assert_true(strlen(strsep(&rest, "\n")) < 80);
	free(copy);
	/* The section of the last item was there before: it has one heading. */
	assert_null(strstr(strstr(text, "[main]") + 1, "[main]"));
	assert_true(strstr(text, "#free = 0") < strstr(text, "[other]"));

	assert_example_loads(*state, text);
	uncomment(text);
	assert_non_null(strstr(text, "\n on = yes\n"));
	assert_non_null(strstr(text, "\n words = one two\n"));
	assert_example_loads(*state, text);
}

static void test_man(void **state)
{
	static const char *const parts[] = {
		".SS [main]\n.TP\n.B on\nWhether it is on. Value: yes or no. Default: yes.\n.TP\n",
		"a number from 2 to 10. Default: 3.",
		"a span of time from 1s to 1h. Default: 90s.",
		"a text of 1 to 8 bytes. Default: a \\- b.",
		"an absolute path of at most 16 bytes. Default: /var/x.",
		"words with blanks between of at most 20 bytes. Default: one two.",
		"one of fast, slow, a b. Default: slow.",
		".B nothing\n\\&.hidden: a text that needs \\ecare \\-\n\\&'as roff',",
		".B free\nAny. Value: a number. Default: 0.\n.SS [other]\n",
	};
	_cleanup_free_ char *text = print(&testconf_table, conf_print_man);

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strstr(text, parts[i]))
			fail_msg("not in the manual page: %s\n%s", parts[i], text);
}

static void test_empty_table(void **state)
{
	static const struct conf_table table = {.name = "demo", .size = 1};
	_cleanup_free_ char *man = print(&table, conf_print_man);
	_cleanup_free_ char *example = print(&table, conf_print_example);

	assert_string_equal(man, "");
	assert_non_null(strstr(example, "leonhard-demo"));
}

static void test_full_disk(void **state)
{
	FILE *f = fopen("/dev/full", "we");

	assert_non_null(f);
	assert_int_equal(conf_print_man(&testconf_table, f), -EIO);
	assert_int_equal(conf_print_example(&testconf_table, f), -EIO);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_man),
		cmocka_unit_test(test_empty_table),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
