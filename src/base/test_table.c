/*
 * Tests of table.c: the exact output, cells that are cut, colours, and a stream that fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/table.h"

static const struct table_column columns[] = {
	{.title = "PID", .align = TABLE_RIGHT},
	{.title = "COMMAND", .may_shrink = true},
	{.title = "STATE"},
};

static struct table *new_table(void)
{
	struct table *t;

	assert_int_equal(table_new(columns, ARRAY_SIZE(columns), &t), 0);
	return t;
}

static void add_row(struct table *t, unsigned pid, const char *command, enum table_style style,
		    const char *state)
{
	assert_int_equal(table_addf(t, TABLE_PLAIN, "%u", pid), 0);
	assert_int_equal(table_add(t, TABLE_PLAIN, command), 0);
	assert_int_equal(table_add(t, style, state), 0);
}

static void expect(const struct table *t, bool colour, unsigned width, const char *expected)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(table_print(t, f, colour, width), 0);
	fclose(f);
	assert_string_equal(text, expected);
}

static void test_plain(void **state)
{
	_cleanup_(table_free_p) struct table *t = new_table();

	expect(t, false, 0, "PID  COMMAND  STATE\n");
	add_row(t, 1, "init", TABLE_GOOD, "sleeping");
	add_row(t, 12345, "a longer command", TABLE_BAD, "");
	add_row(t, 7, "", TABLE_PLAIN, "R");
	assert_int_equal(table_addf(t, TABLE_PLAIN, "%s", ""), 0);
	expect(t, false, 0,
	       "  PID  COMMAND           STATE\n"
	       "    1  init              sleeping\n"
	       "12345  a longer command\n"
	       "    7                    R\n"
	       "\n");
}

/* More rows than fit in the first piece of memory; the last one is not whole. */
static void test_many(void **state)
{
	_cleanup_(table_free_p) struct table *t = new_table();
	_cleanup_(strbuf_deinit) struct strbuf expected = {};

	assert_int_equal(strbuf_addf(&expected, "PID  COMMAND  STATE\n"), 0);
	for (unsigned i = 0; i < 300; i++) {
		add_row(t, i, "x", TABLE_PLAIN, "S");
		assert_int_equal(strbuf_addf(&expected, "%3u  x        S\n", i), 0);
	}
	assert_int_equal(table_add(t, TABLE_PLAIN, "9"), 0);
	assert_int_equal(strbuf_addf(&expected, "  9\n"), 0);
	expect(t, false, 0, expected.text);
}

static void test_cut(void **state)
{
	_cleanup_(table_free_p) struct table *t = new_table();

	add_row(t, 1, "abcdefghijklmnopqrst", TABLE_PLAIN, "sleeping");
	expect(t, false, 35,
	       "PID  COMMAND               STATE\n"
	       "  1  abcdefghijklmnopqrst  sleeping\n");
	expect(t, false, 34,
	       "PID  COMMAND              STATE\n"
	       "  1  abcdefghijklmnopqr…  sleeping\n");
	expect(t, false, 24,
	       "PID  COMMAND    STATE\n"
	       "  1  abcdefgh…  sleeping\n");
	/* Narrower than what may shrink allows. */
	expect(t, false, 10,
	       "PID  COMMAND   STATE\n"
	       "  1  abcdefg…  sleeping\n");
	expect(t, true, 1,
	       "\033[1mPID\033[0m  \033[1mCOMMAND\033[0m   \033[1mSTATE\033[0m\n"
	       "  1  abcdefg…  sleeping\n");
}

/* The widest gives way first; a column that may not shrink keeps its width. */
static void test_cut_widest(void **state)
{
	static const struct table_column three[] = {
		{.title = "A", .may_shrink = true},
		{.title = "B"},
		{.title = "C", .align = TABLE_RIGHT, .may_shrink = true},
	};
	_cleanup_(table_free_p) struct table *t = NULL;

	assert_int_equal(table_new(three, 3, &t), 0);
	assert_int_equal(table_add(t, TABLE_PLAIN, "0123456789"), 0);
	assert_int_equal(table_add(t, TABLE_PLAIN, "0123456789ab"), 0);
	assert_int_equal(table_add(t, TABLE_WARN, "0123456789abcdef"), 0);
	expect(t, false, 40,
	       "A           B                          C\n"
	       "0123456789  0123456789ab  0123456789abc…\n");
	expect(t, false, 34,
	       "A          B                     C\n"
	       "01234567…  0123456789ab  01234567…\n");
}

static void test_wide_characters(void **state)
{
	_cleanup_(table_free_p) struct table *t = new_table();

	add_row(t, 1, "漢字漢字漢", TABLE_PLAIN, "x");
	add_row(t, 2, "cafe\u0301", TABLE_PLAIN, "x");
	add_row(t, 3, "Grüße", TABLE_PLAIN, "x");
	expect(t, false, 0,
	       "PID  COMMAND     STATE\n"
	       "  1  漢字漢字漢  x\n"
	       "  2  cafe\u0301        x\n"
	       "  3  Grüße       x\n");
	/* In nine columns four characters and the ellipsis; in eight only three, and a blank. */
	expect(t, false, 21,
	       "PID  COMMAND    STATE\n"
	       "  1  漢字漢字…  x\n"
	       "  2  cafe\u0301       x\n"
	       "  3  Grüße      x\n");
	expect(t, false, 20,
	       "PID  COMMAND   STATE\n"
	       "  1  漢字漢…   x\n"
	       "  2  cafe\u0301      x\n"
	       "  3  Grüße     x\n");
}

static void test_colours(void **state)
{
	_cleanup_(table_free_p) struct table *t = new_table();

	add_row(t, 1, "init", TABLE_GOOD, "ok");
	assert_int_equal(table_add(t, TABLE_DIM, "2"), 0);
	assert_int_equal(table_add(t, TABLE_WARN, "abcdefghijk"), 0);
	assert_int_equal(table_add(t, TABLE_BAD, "gone"), 0);
	expect(t, true, 20,
	       "\033[1mPID\033[0m  \033[1mCOMMAND\033[0m   \033[1mSTATE\033[0m\n"
	       "  1  init      \033[32mok\033[0m\n"
	       "  \033[2m2\033[0m  \033[33mabcdefg…\033[0m  \033[31mgone\033[0m\n");
	assert_string_equal(table_escape(false, TABLE_BAD), "");
	assert_string_equal(table_escape(true, TABLE_PLAIN), "\033[0m");
}

static void test_failures(void **state)
{
	_cleanup_(table_free_p) struct table *t = new_table();
	_cleanup_fclose_ FILE *full = fopen("/dev/full", "w"), *input = fopen("/dev/null", "r");
	struct table *none = NULL;

	assert_true(full && input);
	add_row(t, 1, "init", TABLE_PLAIN, "ok");
	assert_int_equal(table_print(t, full, false, 0), -EIO);
	assert_int_equal(table_print(t, input, false, 0), -EIO);
	assert_int_equal(table_new(columns, 0, &none), -EINVAL);
	assert_null(none);
	table_free(NULL);
}

/* A terminal, and what the environment says about it. */
static void test_terminal(void **state)
{
	_cleanup_close_ int master = posix_openpt(O_RDWR | O_NOCTTY);
	_cleanup_fclose_ FILE *terminal = NULL, *file = tmpfile();
	struct winsize size = {.ws_row = 24, .ws_col = 97};

	assert_true(master >= 0 && file);
	assert_int_equal(grantpt(master) || unlockpt(master), 0);
	terminal = fdopen(open(ptsname(master), O_RDWR | O_NOCTTY), "r+");
	assert_non_null(terminal);
	assert_int_equal(table_terminal_width(terminal), 0);
	assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	assert_int_equal(table_terminal_width(terminal), 97);
	assert_int_equal(table_terminal_width(file), 0);

	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	assert_true(table_wants_colour(terminal));
	assert_false(table_wants_colour(file));
	setenv("NO_COLOR", "", 1);
	assert_true(table_wants_colour(terminal));
	setenv("NO_COLOR", "1", 1);
	assert_false(table_wants_colour(terminal));
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	assert_false(table_wants_colour(terminal));
	unsetenv("TERM");
	assert_false(table_wants_colour(terminal));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_widest),
		cmocka_unit_test(test_wide_characters),
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
