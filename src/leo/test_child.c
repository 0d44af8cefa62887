/*
 * Tests of child.c: what a program prints, and that none of them can make leo wait for ever.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "leo/child.h"

/* Runs a line of sh; the result of child_read(). */
static int sh(const char *line, int timeout_ms, size_t max, char **ret_text, int *ret_status)
{
	return child_read((const char *const[]){"sh", "-c", line, NULL}, timeout_ms, max, ret_text,
			  ret_status);
}

static void test_output(void **state)
{
	_cleanup_free_ char *text = NULL, *nothing = NULL;
	int status = -1;

	assert_int_equal(sh("echo one; echo no >&2; cat; exit 3", 10000, 100, &text, &status), 0);
	assert_string_equal(text, "one\n");
	assert_int_equal(status, 3);
	assert_int_equal(sh("kill -TERM $$", 10000, 100, &nothing, &status), 0);
	assert_string_equal(nothing, "");
	assert_int_equal(status, 128 + SIGTERM);
}

static void test_missing(void **state)
{
	char *text = NULL;
	int status = -1;

	assert_int_equal(child_read((const char *const[]){"no-such-program", NULL}, 1000, 100,
				    &text, &status),
			 -ENOENT);
	assert_null(text);
	assert_int_equal(status, -1);
}

static void test_max(void **state)
{
	_cleanup_free_ char *text = NULL;
	char *more = NULL;
	int status = -1;

	assert_int_equal(sh("printf 1234567890", 10000, 10, &text, &status), 0);
	assert_int_equal(strlen(text), 10);
	assert_int_equal(sh("printf 12345678901", 10000, 10, &more, &status), -EFBIG);
	assert_int_equal(sh("yes", 10000, 100000, &more, &status), -EFBIG);
	assert_null(more);
}

/* Whether a process with that id is there; it may take a moment until it is not. */
static bool goes_away(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		if (kill(pid, 0) < 0 && errno == ESRCH)
			return true;
		usleep(10 * 1000);
	}
	return false;
}

/* Three ways to keep somebody waiting: silence, an output that others hold, a program that lives
 * on. */
static void test_timeout(void **state)
{
	static const char *const lines[] = {
		"echo $$ >\"$1\"; sleep 100",
		"sleep 100 & echo $! >\"$1\"",
		"echo $$ >\"$1\"; exec >&- ; sleep 100",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char path[] = "/tmp/leo-child-XXXXXX";
		_cleanup_close_ int fd = mkstemp(path);
		uint64_t begin_ns = time_now_ns(CLOCK_MONOTONIC);
		char *text = NULL, number[16] = {};
		int status = -1;

		assert_true(fd >= 0);
		assert_int_equal(
			child_read((const char *const[]){"sh", "-c", lines[i], "-", path, NULL},
				   1000, 100, &text, &status),
			-ETIMEDOUT);
		assert_true(time_now_ns(CLOCK_MONOTONIC) - begin_ns < 30 * NS_PER_S);
		assert_null(text);
		assert_true(read(fd, number, sizeof(number) - 1) > 0);
		assert_true(goes_away(atoi(number)));
		unlink(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_max),
		cmocka_unit_test(test_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
