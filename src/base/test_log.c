/*
 * Tests of log.c. Standard error is a socket that keeps each write apart from the next.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/log.h"
#include "base/time.h"

static int reader = -1, writer = -1, real = -1;

static void capture(void)
{
	fflush(stderr);
	assert_true(dup2(writer, STDERR_FILENO) >= 0);
}

static void release(void)
{
	assert_true(dup2(real, STDERR_FILENO) >= 0);
}

/* The next line that was written, or "" when there is none. */
static const char *line(void)
{
	static char buf[2 * LOG_LINE_MAX];
	ssize_t n = recv(reader, buf, sizeof(buf) - 1, MSG_DONTWAIT);

	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

static int setup_group(void **state)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	reader = pair[0];
	writer = pair[1];
	real = dup(STDERR_FILENO);
	return real < 0;
}

static int setup(void **state)
{
	unsetenv("JOURNAL_STREAM");
	log_init("tester");
	return 0;
}

static void test_terminal(void **state)
{
	capture();
	log_error("a %d", 1);
	log_warning("b");
	log_notice("c");
	log_info("d");
	log_debug("not at this level");
	release();
	assert_string_equal(line(), "tester: a 1\n");
	assert_string_equal(line(), "tester: b\n");
	assert_string_equal(line(), "tester: c\n");
	assert_string_equal(line(), "tester: d\n");
	assert_string_equal(line(), "");
}

static void set_stream(int fd, int offset)
{
	char text[64];
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino + offset);
	setenv("JOURNAL_STREAM", text, 1);
}

static void test_journal(void **state)
{
	capture();
	set_stream(STDERR_FILENO, 0);
	log_init("tester");
	log_error("a");
	log_info("b");
	/* The variable is another's: standard error was redirected since. */
	set_stream(STDERR_FILENO, 1);
	log_init("tester");
	log_error("c");
	setenv("JOURNAL_STREAM", "", 1);
	log_init("tester");
	log_error("d");
	release();
	assert_string_equal(line(), "<3>a\n");
	assert_string_equal(line(), "<6>b\n");
	assert_string_equal(line(), "tester: c\n");
	assert_string_equal(line(), "tester: d\n");
}

static void test_level(void **state)
{
	static const char *const names[] = {"error", "warning", "notice", "info", "debug"};
	enum log_level level = LOG_LEVEL_INFO;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(log_level_parse(names[i], &level), 0);
		assert_int_equal(level, LOG_LEVEL_ERROR + i);
	}
	assert_int_equal(log_level_parse("", &level), -EINVAL);
	assert_int_equal(log_level_parse("Error", &level), -EINVAL);
	assert_int_equal(log_level_parse("3", &level), -EINVAL);
	assert_int_equal(level, LOG_LEVEL_DEBUG);

	capture();
	log_set_level(LOG_LEVEL_WARNING);
	log_notice("hidden");
	log_warning("shown");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("too");
	release();
	assert_string_equal(line(), "tester: shown\n");
	assert_string_equal(line(), "tester: too\n");
	assert_string_equal(line(), "");
}

/* A message with bytes of others stays one line, and does not move the terminal's cursor. */
static void test_bytes(void **state)
{
	capture();
	log_info("%s", "a\nb\r\x1b[2J\x7f");
	log_info("%s", "ok \xc3\xa4 \xff\xc3 \xc2\x9b end\xe2\x82");
	log_info("%s", "escaped \\x0a before");
	release();
	assert_string_equal(line(), "tester: a\\x0ab\\x0d\\x1b[2J\\x7f\n");
	assert_string_equal(line(), "tester: ok \xc3\xa4 \\xff\\xc3 \\xc2\\x9b end\\xe2\\x82\n");
	assert_string_equal(line(), "tester: escaped \\x0a before\n");
}

/* Every length around the limit, in characters of three bytes: the cut is between two of them. */
static void test_long(void **state)
{
	static const char begin[] = "tester: ", euro[] = "€";
	char text[2 * LOG_LINE_MAX];

	for (size_t len = LOG_LINE_MAX - 20; len < LOG_LINE_MAX + 20; len++) {
		const char *got, *end;

		memset(text, '.', len % 3);
		for (size_t i = len % 3; i < len; i += 3)
			memcpy(text + i, euro, 3);
		text[len] = '\0';
		capture();
		log_info("%s", text);
		release();
		got = line();
		end = got + strlen(got);
		assert_true(end - got <= LOG_LINE_MAX);
		assert_int_equal(end[-1], '\n');
		assert_null(strchr(got, '\\'));
		if (len + strlen(begin) + 4 <= LOG_LINE_MAX) {
			assert_memory_equal(got + strlen(begin), text, len);
			continue;
		}
		assert_true(end - got > LOG_LINE_MAX - 4);
		assert_memory_equal(end - 4, "…\n", 4);
		assert_int_equal((end - 4 - got - strlen(begin)) % 3, len % 3);
	}
	memset(text, 1, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	capture();
	log_info("%s", text);
	release();
	assert_non_null(strstr(line(), "\\x01\\x01…\n"));
}

static void test_errno(void **state)
{
	capture();
	errno = EDOM;
	assert_int_equal(log_error_errno(-ENOENT, "cannot open %s", "x"), -ENOENT);
	log_info("x");
	assert_int_equal(errno, EDOM);
	release();
	assert_string_equal(line(), "tester: cannot open x: No such file or directory\n");
	assert_string_equal(line(), "tester: x\n");
}

static void test_limited(void **state)
{
	struct log_limit limit = {.interval_ns = 3600 * NS_PER_S, .burst = 2};

	capture();
	for (int i = 0; i < 19; i++)
		log_limited(&limit, LOG_LEVEL_INFO, "noise %d", i);
	/* The hour is over. */
	limit.begin_ns -= limit.interval_ns;
	log_limited(&limit, LOG_LEVEL_INFO, "again");
	log_limited(&limit, LOG_LEVEL_DEBUG, "hidden, and not counted");
	log_limited(&limit, LOG_LEVEL_INFO, "and again");
	log_limited(&limit, LOG_LEVEL_INFO, "dropped");
	limit.begin_ns -= limit.interval_ns;
	log_limited(&limit, LOG_LEVEL_INFO, "last");
	release();
	assert_string_equal(line(), "tester: noise 0\n");
	assert_string_equal(line(), "tester: noise 1\n");
	assert_string_equal(line(), "tester: 17 messages like this were left out\n");
	assert_string_equal(line(), "tester: again\n");
	assert_string_equal(line(), "tester: and again\n");
	assert_string_equal(line(), "tester: 1 message like this was left out\n");
	assert_string_equal(line(), "tester: last\n");
	assert_string_equal(line(), "");
}

/* Nobody reads any more: that is no reason to die or to wait. */
static void test_closed(void **state)
{
	log_set_level(LOG_LEVEL_INFO);
	close(STDERR_FILENO);
	errno = 0;
	log_info("lost");
	assert_int_equal(errno, 0);
	release();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_terminal, setup),
		cmocka_unit_test_setup(test_journal, setup),
		cmocka_unit_test_setup(test_level, setup),
		cmocka_unit_test_setup(test_bytes, setup),
		cmocka_unit_test_setup(test_long, setup),
		cmocka_unit_test_setup(test_errno, setup),
		cmocka_unit_test_setup(test_limited, setup),
		cmocka_unit_test_setup(test_closed, setup),
	};

	return cmocka_run_group_tests(tests, setup_group, NULL);
}
