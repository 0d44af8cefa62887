/*
 * Tests of quoting: a shell must read each word as the bytes that it stands for, and text of a
 * service must not command a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "leo/quote.h"

static void test_words(void **state)
{
	static const struct {
		const char *escaped, *word;
	} cases[] = {
		{"ls", "ls"},
		{"/etc/x-1_2.d", "/etc/x-1_2.d"},
		{"", "''"},
		{"a b", "'a b'"},
		{"~", "'~'"},
		{"$HOME;`x`", "'$HOME;`x`'"},
		{"it's", "'it'\\''s'"},
		{"a\\x0ab", "$'a\\x0ab'"},
		{"a\\x5c'", "$'a\\x5c\\''"},
		{"no\\escape", "$'no\\x5cescape'"},
		{"\x1b[2J", "$'\\x1b[2J'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *word = NULL;

		assert_int_equal(quote_word(cases[i].escaped, &word), 0);
		assert_string_equal(word, cases[i].word);
	}
}

/* What bash makes of a word. */
static char *read_by_bash(const char *word)
{
	_cleanup_free_ char *script = NULL;
	_cleanup_close_ int from = -1;
	char *text = NULL;
	int ends[2];
	pid_t pid;

	assert_true(asprintf(&script, "printf %%s %s", word) > 0);
	assert_int_equal(pipe(ends), 0);
	from = ends[0];
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		execlp("bash", "bash", "-c", script, NULL);
		_exit(127);
	}
	close(ends[1]);
	assert_int_equal(io_read_fd(from, 65536, &text, NULL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return text;
}

static void test_bash(void **state)
{
	char bytes[256];
	_cleanup_free_ char *escaped = NULL, *word = NULL, *read = NULL;

	/* Each byte but NUL, also next to digits that an escape must not swallow. */
	for (int i = 1; i < 256; i++)
		bytes[i - 1] = i;
	bytes[255] = '\0';
	assert_int_equal(str_escape(bytes, 255, &escaped), 0);
	assert_int_equal(quote_word(escaped, &word), 0);
	read = read_by_bash(word);
	assert_string_equal(read, bytes);
}

static void test_command(void **state)
{
	_cleanup_(json_decrefp) json_t *argv = json_pack("[s, i, s, n, s]", "sh", 7, "a b", "-x");
	_cleanup_free_ char *line = NULL, *none = NULL;

	assert_int_equal(quote_command(argv, &line), 0);
	assert_string_equal(line, "sh 'a b' -x");
	assert_int_equal(quote_command(NULL, &none), 0);
	assert_string_equal(none, "");
}

static void test_lines(void **state)
{
	static const char raw[] = "+a\tb\x1b[2J\n\n-\xff\0c";
	_cleanup_free_ char *plain = NULL, *coloured = NULL;
	size_t len;
	FILE *f = open_memstream(&plain, &len);

	assert_int_equal(quote_lines(f, raw, sizeof(raw) - 1, NULL), 0);
	fclose(f);
	assert_string_equal(plain, "+a\tb\\x1b[2J\n\n-\\xff\\x00c\n");
	f = open_memstream(&coloured, &len);
	assert_int_equal(quote_lines(f, "+a\n b\n", 6, quote_diff_style), 0);
	fclose(f);
	assert_string_equal(coloured, "\033[32m+a\033[0m\n b\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_bash),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
