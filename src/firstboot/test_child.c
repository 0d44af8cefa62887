/*
 * Tests of child.c with real programs: input, status, signal, environment, and what cannot run.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "firstboot/child.h"

static int sh(const char *script, const char *input)
{
	return child_run((const char *const[]){"/bin/sh", "-c", script, NULL}, input);
}

static void test_status(void **state)
{
	assert_int_equal(sh("exit 0", NULL), 0);
	assert_int_equal(sh("exit 9", NULL), 9);
	assert_int_equal(sh("kill -KILL $$", NULL), 128 + SIGKILL);
	assert_int_equal(child_run((const char *const[]){"/nonexistent", NULL}, NULL), -ENOENT);
}

static void test_input(void **state)
{
	assert_int_equal(sh("read -r a && test \"$a\" = 'one two'", "one two\n"), 0);
	assert_int_equal(sh("read -r a", NULL), 1);
}

/* A program that does not read its input does no harm, up to what a pipe takes at once. */
static void test_input_unread(void **state)
{
	char *big = malloc(PIPE_BUF + 2);

	assert_non_null(big);
	memset(big, 'x', PIPE_BUF + 1);
	big[PIPE_BUF + 1] = '\0';
	assert_int_equal(sh("exit 0", big), -E2BIG);
	big[PIPE_BUF] = '\0';
	assert_int_equal(sh("exit 0", big), 0);
	free(big);
}

/* Neither our environment nor our open files reach the program. */
static void test_nothing_inherited(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	assert_true(fd >= 0);
	setenv("SECRET", "x", 1);
	assert_int_equal(sh("test -z \"$SECRET\" && test \"$LC_ALL\" = C", NULL), 0);
	assert_int_equal(sh("for f in /proc/$$/fd/*; do test ${f##*/} -le 2 || "
			    "test \"$(readlink $f)\" != /dev/null || exit 1; done",
			    NULL),
			 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_input_unread),
		cmocka_unit_test(test_nothing_inherited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
