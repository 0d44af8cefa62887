/*
 * Tests of conf: every kind of value and its bounds, every way in which a file can be wrong, and
 * files that are no files. What is documented is loaded again.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/str.h"
#include "base/testconf.h"
#include "base/testroot.h"

#define MAIN_FILE "etc/leonhard/demo.conf"
#define DROP_IN(name) MAIN_FILE ".d/" name

static void assert_loads(const struct testroot *t, struct testconf *ret_conf)
{
	char *problem = NULL;
	int r = conf_load(&testconf_table, t->fd, ret_conf, &problem);

	if (r < 0)
		print_error("%s\n", problem);
	assert_int_equal(r, 0);
}

/* A configuration that fails leaves everything as it was. */
static void assert_problem(const struct testroot *t, int expected_r, const char *expected)
{
	struct testconf untouched, conf;
	char *problem = NULL;
	int r;

	memset(&untouched, 0x5a, sizeof(untouched));
	memcpy(&conf, &untouched, sizeof(conf));
	r = conf_load(&testconf_table, t->fd, &conf, &problem);
	assert_non_null(problem);
	assert_string_equal(problem, expected);
	assert_int_equal(r, expected_r);
	assert_memory_equal(&conf, &untouched, sizeof(conf));
	free(problem);
}

static int clear(void **state)
{
	testroot_clear(*state);
	return 0;
}

static void assert_defaults(const struct testconf *c)
{
	assert_true(c->on);
	assert_int_equal(c->number, 3);
	assert_int_equal(c->interval_ns, 90 * NS_PER_S);
	assert_int_equal(c->size_bytes, 1 << 20);
	assert_string_equal(c->name, "a - b");
	assert_string_equal(c->path, "/var/x");
	assert_null(c->nothing);
	assert_string_equal(c->words[0], "one");
	assert_string_equal(c->words[1], "two");
	assert_null(c->words[2]);
	assert_int_equal(c->mode, 1);
	assert_int_equal(c->free_number, 0);
}

static void test_defaults(void **state)
{
	struct testconf c;

	assert_loads(*state, &c);
	assert_defaults(&c);
	conf_deinit(&testconf_table, &c);
	testroot_write(*state, MAIN_FILE, "");
	testroot_write(*state, DROP_IN("a.conf"), "\n\t\n# x\n ; y\n[main]\n[other]");
	assert_loads(*state, &c);
	assert_defaults(&c);
	conf_deinit(&testconf_table, &c);
}

static void test_values(void **state)
{
	struct testconf c;

	testroot_write(*state, MAIN_FILE,
		       "[main]\non=no\r\n number\t= 10 \ninterval = 1h\nsize = 64K\n"
		       "free = 18446744073709551615\n"
		       "[ other ]\nname = x=y # z\npath = /\nnothing = /a b\nwords =\n mode = a b");
	assert_loads(*state, &c);
	assert_false(c.on);
	assert_int_equal(c.number, 10);
	assert_int_equal(c.interval_ns, 3600 * NS_PER_S);
	assert_int_equal(c.size_bytes, 65536);
	assert_true(c.free_number == UINT64_MAX);
	assert_string_equal(c.name, "x=y # z");
	assert_string_equal(c.path, "/");
	assert_string_equal(c.nothing, "/a b");
	assert_null(c.words[0]);
	assert_int_equal(c.mode, 2);
	conf_deinit(&testconf_table, &c);
}

/* Of one key the last one counts: in a file, and of several in the order of their bytes. */
static void test_order(void **state)
{
	struct testconf c;

	testroot_write(*state, MAIN_FILE,
		       "[main]\nnumber = 4\n[other]\nname = a\nwords = a\n[main]\nnumber = 5\n"
		       "[other]\nname = b\nwords = b c");
	assert_loads(*state, &c);
	assert_int_equal(c.number, 5);
	assert_string_equal(c.name, "b");
	assert_string_equal(c.words[1], "c");
	conf_deinit(&testconf_table, &c);

	testroot_write(*state, DROP_IN("9.conf"), "[main]\nnumber = 6\n[other]\nname = nine");
	testroot_write(*state, DROP_IN("10.conf"), "[main]\nnumber = 7\n[other]\npath = /ten");
	testroot_write(*state, DROP_IN("Z.conf"), "[main]\nfree = 1");
	testroot_write(*state, DROP_IN("a.conf"), "[main]\nfree = 2");
	testroot_write(*state, DROP_IN(".hidden.conf"), "[main]\nnumber = 8\nwrong");
	testroot_write(*state, DROP_IN("z.conf~"), "[main]\nnumber = 9\nwrong");
	testroot_write(*state, DROP_IN("z.conf.bak"), "wrong");
	assert_loads(*state, &c);
	assert_int_equal(c.number, 6);
	assert_string_equal(c.name, "nine");
	assert_string_equal(c.path, "/ten");
	assert_int_equal(c.free_number, 2);
	conf_deinit(&testconf_table, &c);

	testroot_write(*state, DROP_IN("10.conf"), "[main]\n\nnumber = 1");
	assert_problem(*state, -ERANGE,
		       "/etc/leonhard/demo.conf.d/10.conf:3: number: the value is below 2");
}

static void test_problems(void **state)
{
#define AT_LINE(n, text) "/etc/leonhard/demo.conf:" #n ": " text
	static const struct {
		const char *text, *problem;
		int r;
	} cases[] = {
		{"x", AT_LINE(1, "the line is neither a section nor key = value"), -EINVAL},
		{"\xef\xbb\xbf[main]", AT_LINE(1, "the line is neither a section nor key = value"),
		 -EINVAL},
		{"\n\non = yes", AT_LINE(3, "there is no section before the first key"), -EINVAL},
		{"[main]\n = 1", AT_LINE(2, "there is no key before the equals sign"), -EINVAL},
		{"[main", AT_LINE(1, "the section lacks its closing bracket"), -EINVAL},
		{"[", AT_LINE(1, "the section lacks its closing bracket"), -EINVAL},
		{"[main] on = no", AT_LINE(1, "the section lacks its closing bracket"), -EINVAL},
		{"[ ]", AT_LINE(1, "the section has no name"), -EINVAL},
		{"[\x1b[2J]", AT_LINE(1, "unknown section [\\x1b[2J]"), -EINVAL},
		{"[Main]", AT_LINE(1, "unknown section [Main]"), -EINVAL},
		{"[main]\nname = x", AT_LINE(2, "unknown key name in [main]"), -EINVAL},
		{"[main]\nOn = yes", AT_LINE(2, "unknown key On in [main]"), -EINVAL},
		{"[main]\non = Yes", AT_LINE(2, "on: the value is neither yes nor no"), -EINVAL},
		{"[main]\non =", AT_LINE(2, "on: the value is neither yes nor no"), -EINVAL},
		{"[main]\nnumber = 1", AT_LINE(2, "number: the value is below 2"), -ERANGE},
		{"[main]\nnumber = 11", AT_LINE(2, "number: the value is above 10"), -ERANGE},
		{"[main]\nnumber = 18446744073709551616",
		 AT_LINE(2, "number: the value is above 10"), -ERANGE},
		{"[main]\nfree = 18446744073709551616", AT_LINE(2, "free: the value is too large"),
		 -ERANGE},
		{"[main]\nnumber = 1K", AT_LINE(2, "number: the value is not a number"), -EINVAL},
		{"[main]\nnumber = -5", AT_LINE(2, "number: the value is not a number"), -EINVAL},
		{"[main]\ninterval = 999ms", AT_LINE(2, "interval: the value is below 1s"),
		 -ERANGE},
		{"[main]\ninterval = 61min", AT_LINE(2, "interval: the value is above 1h"),
		 -ERANGE},
		{"[main]\ninterval = soon",
		 AT_LINE(2, "interval: the value is not a span of time such as 90s or 1h30min"),
		 -EINVAL},
		{"[main]\nsize = 65535", AT_LINE(2, "size: the value is below 64K"), -ERANGE},
		{"[main]\nsize = 2G", AT_LINE(2, "size: the value is above 1G"), -ERANGE},
		{"[main]\nsize = 16777216T", AT_LINE(2, "size: the value is above 1G"), -ERANGE},
		{"[other]\nname =", AT_LINE(2, "name: the value is shorter than 1 byte"), -ERANGE},
		{"[other]\nname = 123456789", AT_LINE(2, "name: the value is longer than 8 bytes"),
		 -ERANGE},
		{"[other]\npath = var", AT_LINE(2, "path: the value is not an absolute path"),
		 -EINVAL},
		{"[other]\npath =", AT_LINE(2, "path: the value is not an absolute path"), -EINVAL},
		{"[other]\npath = /123456789abcdefg",
		 AT_LINE(2, "path: the value is longer than 16 bytes"), -ERANGE},
		{"[other]\nwords = 123456789 12345678901",
		 AT_LINE(2, "words: the value is longer than 20 bytes"), -ERANGE},
		{"[other]\nmode = fas", AT_LINE(2, "mode: the value is none of fast, slow, a b"),
		 -EINVAL},
		{"[main]\n# ok\n# \xff", AT_LINE(3, "the line is not valid UTF-8"), -EINVAL},
		{"[main]\nnumber = 5\nnumber = \xc3", AT_LINE(3, "the line is not valid UTF-8"),
		 -EINVAL},
		/* What is right before the mistake is not used, nor what is owned lost. */
		{"[other]\nname = ok\nwords = a b\nname = 123456789",
		 AT_LINE(4, "name: the value is longer than 8 bytes"), -ERANGE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		testroot_write(*state, MAIN_FILE, cases[i].text);
		assert_problem(*state, cases[i].r, cases[i].problem);
	}
	testroot_write_bytes(*state, MAIN_FILE, "[main]\n# a\0b\n", 13);
	assert_problem(*state, -EINVAL, AT_LINE(2, "there is a NUL byte in the line"));
}

/* A name that fills the line of a terminal many times over is shortened, between characters. */
static void test_long_names(void **state)
{
	char text[512] = "[main]\n", *end = text + strlen(text);

	for (int i = 0; i < 100; i++)
		end = stpcpy(end, "€");
	strcpy(end, " = 1");
	testroot_write(*state, MAIN_FILE, text);
	assert_problem(*state, -EINVAL, AT_LINE(2, "unknown key €€€€€€€€€€€€€€€€€€€€€ in [main]"));
}

/* The name of a drop-in is anybody's bytes: the problem is one line of UTF-8 all the same. */
static void test_name_of_file(void **state)
{
	testroot_write(*state, DROP_IN("a\n\x1b[2J\xff.conf"), "x");
	assert_problem(*state, -EINVAL,
		       "/etc/leonhard/demo.conf.d/a\\x0a\\x1b[2J\\xff.conf:1: the line is neither"
		       " a section nor key = value");
	testroot_clear(*state);
	testroot_write(*state, DROP_IN("\n.conf/x"), "");
	assert_problem(*state, -EISDIR, "/etc/leonhard/demo.conf.d/\\x0a.conf: Is a directory");
}

static void test_size(void **state)
{
	_cleanup_free_ char *text = malloc(CONF_FILE_MAX + 1);
	struct testconf c;

	assert_non_null(text);
	memset(text, '\n', CONF_FILE_MAX + 1);
	testroot_write_bytes(*state, MAIN_FILE, text, CONF_FILE_MAX);
	assert_loads(*state, &c);
	conf_deinit(&testconf_table, &c);
	testroot_write_bytes(*state, MAIN_FILE, text, CONF_FILE_MAX + 1);
	assert_problem(*state, -EFBIG, "/etc/leonhard/demo.conf: the file is over 256 KiB");
}

static void test_no_files(void **state)
{
	struct testconf c;
	bool root = geteuid() == 0;

	testroot_write(*state, MAIN_FILE "/x", "");
	assert_problem(*state, -EISDIR, "/etc/leonhard/demo.conf: Is a directory");
	testroot_clear(*state);
	testroot_write(*state, MAIN_FILE ".d", "");
	assert_problem(*state, -ENOTDIR, "/etc/leonhard/demo.conf.d: Not a directory");
	testroot_clear(*state);
	testroot_write(*state, DROP_IN("a.conf/x"), "");
	assert_problem(*state, -EISDIR, "/etc/leonhard/demo.conf.d/a.conf: Is a directory");
	testroot_clear(*state);

	testroot_write(*state, MAIN_FILE, "");
	assert_int_equal(chmod(MAIN_FILE, 0), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	assert_problem(*state, -EACCES, "/etc/leonhard/demo.conf: Permission denied");
	if (root)
		assert_int_equal(seteuid(0), 0);

	/* A pipe is empty, and so is a link to what is not there. */
	assert_int_equal(unlink(MAIN_FILE), 0);
	assert_int_equal(mkfifo(MAIN_FILE, 0600), 0);
	alarm(10);
	assert_loads(*state, &c);
	alarm(0);
	assert_defaults(&c);
	conf_deinit(&testconf_table, &c);
}

static int refuse(const struct conf_item *item, const char *text, void *value,
		  const char **ret_problem)
{
	if (text[0] == 's')
		*ret_problem = "is silly";
	return *text ? -EDOM : 0;
}

/* A parser of the daemon's own: its words, or those of its error. */
static void test_own_parser(void **state)
{
	static const struct conf_item items[] = {
		{"main", "x", refuse, 0, 1, 2, "", "X.", NULL},
	};
	static const struct conf_table table = {"demo", items, 1, 8};
	const struct testroot *t = *state;
	_cleanup_free_ char *one = NULL, *two = NULL;
	uint64_t conf;

	testroot_write(t, MAIN_FILE, "[main]\nx = s");
	assert_int_equal(conf_load(&table, t->fd, &conf, &one), -EDOM);
	assert_string_equal(one, AT_LINE(2, "x: the value is silly"));
	testroot_write(t, MAIN_FILE, "[main]\nx = t");
	assert_int_equal(conf_load(&table, t->fd, &conf, &two), -EDOM);
	assert_string_equal(two, AT_LINE(2, "x: the value is refused: Numerical argument out of"
					    " domain"));
}

static int odd(const struct conf_item *item, const char *text, void *value,
	       const char **ret_problem)
{
	int r = conf_parse_number(item, text, value, ret_problem);

	if (r < 0 || *(uint64_t *)value % 2)
		return r;
	*ret_problem = "is even";
	return -EINVAL;
}

/* A parser of the daemon's own on top of one of ours, whose problem has the bound in it. */
static void test_parser_on_ours(void **state)
{
	static const struct conf_item items[] = {
		{"main", "x", odd, 0, 2, 10, "3", "X.", NULL},
	};
	static const struct conf_table table = {"demo", items, 1, 8};
	static const char *const cases[][2] = {
		{"[main]\nx = 1", AT_LINE(2, "x: the value is below 2")},
		{"[main]\nx = 11", AT_LINE(2, "x: the value is above 10")},
		{"[main]\nx = 4", AT_LINE(2, "x: the value is even")},
		{"[main]\nx = x", AT_LINE(2, "x: the value is not a number")},
	};
	const struct testroot *t = *state;
	uint64_t conf;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *problem = NULL;

		testroot_write(t, MAIN_FILE, cases[i][0]);
		assert_true(conf_load(&table, t->fd, &conf, &problem) < 0);
		assert_string_equal(problem, cases[i][1]);
	}
}

struct entries {
	char text[256];
	int stop_r;
};

static int note(void *data, const char *section, const char *key, const char *value,
		const char **ret_problem)
{
	struct entries *e = data;
	size_t len = strlen(e->text);

	snprintf(e->text + len, sizeof(e->text) - len, "%s/%s/%s;", section, key, value);
	if (!str_equal(value, "stop"))
		return 0;
	*ret_problem = "stopped";
	return e->stop_r;
}

static void test_text(void **state)
{
	static const char text[] = "[a]\nx = 1\ny=\n[b]\n[c]\nx = stop\nx = 2";
	static const char long_text[CONF_FILE_MAX + 1];
	struct entries e = {};
	const char *problem = "untouched";
	unsigned line = 77;

	assert_int_equal(conf_parse_text(text, strlen(text), note, &e, &line, &problem), 0);
	assert_string_equal(e.text, "a/x/1;a/y/;c/x/stop;c/x/2;");
	assert_int_equal(line, 77);
	assert_string_equal(problem, "untouched");

	e = (struct entries){.stop_r = -EPERM};
	assert_int_equal(conf_parse_text(text, strlen(text), note, &e, &line, &problem), -EPERM);
	assert_string_equal(e.text, "a/x/1;a/y/;c/x/stop;");
	assert_int_equal(line, 6);
	assert_string_equal(problem, "stopped");
	/* Not a byte more than it was given. */
	assert_int_equal(conf_parse_text(text, 6, note, &e, &line, &problem), -EINVAL);
	assert_int_equal(line, 2);
	assert_int_equal(conf_parse_text("x", 0, note, &e, &line, &problem), 0);
	assert_int_equal(conf_parse_text(long_text, sizeof(long_text), note, &e, &line, &problem),
			 -EFBIG);
	assert_int_equal(line, 0);
	assert_string_equal(problem, "the file is over 256 KiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_defaults, clear),
		cmocka_unit_test_setup(test_values, clear),
		cmocka_unit_test_setup(test_order, clear),
		cmocka_unit_test_setup(test_problems, clear),
		cmocka_unit_test_setup(test_long_names, clear),
		cmocka_unit_test_setup(test_name_of_file, clear),
		cmocka_unit_test_setup(test_size, clear),
		cmocka_unit_test_setup(test_no_files, clear),
		cmocka_unit_test_setup(test_own_parser, clear),
		cmocka_unit_test_setup(test_parser_on_ours, clear),
		cmocka_unit_test_setup(test_text, clear),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
