/*
 * Tests of terminal.c: which console is chosen, that only a terminal is opened, and what a
 * pseudo-terminal receives.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "firstboot/terminal.h"

static const char *const folders[] = {"sys", "sys/class", "sys/class/tty", "sys/class/tty/console"};

static int setup(void **state)
{
	static char dir[32];

	strcpy(dir, "/tmp/test_terminal.XXXXXX");
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (mkdir(folders[i], 0700) < 0)
			return -1;
	*state = dir;
	return 0;
}

static int teardown(void **state)
{
	for (size_t i = ARRAY_SIZE(folders); i-- > 0;)
		if (rmdir(folders[i]) < 0)
			return -1;
	return rmdir(*state);
}

static void assert_found(const char *root, const char *active, const char *expected)
{
	static const char file[] = "sys/class/tty/console/active";
	char path[64], *found = NULL;

	if (active)
		assert_int_equal(io_replace_file(AT_FDCWD, file, active, strlen(active), 0600), 0);
	assert_int_equal(terminal_find(root, &found), 0);
	snprintf(path, sizeof(path), "%s%s", root, expected);
	assert_string_equal(found, path);
	free(found);
	if (active)
		assert_int_equal(unlink(file), 0);
}

static void test_find(void **state)
{
	assert_found(*state, "tty0 ttyS0\n", "/dev/ttyS0");
	assert_found(*state, "ttyS0\n", "/dev/ttyS0");
	assert_found(*state, "ttyS0", "/dev/ttyS0");
	assert_found(*state, "\n", "/dev/console");
	assert_found(*state, "", "/dev/console");
	assert_found(*state, NULL, "/dev/console");
	assert_found(*state, "../etc/shadow\n", "/dev/console");
}

static void test_open_refuses(void **state)
{
	int fd = 77;

	assert_int_equal(io_replace_file(AT_FDCWD, "log", "x", 1, 0600), 0);
	assert_int_equal(terminal_open("log", &fd), -ENOTTY);
	assert_int_equal(terminal_open("/dev/null", &fd), -ENOTTY);
	assert_int_equal(terminal_open("missing", &fd), -ENOENT);
	assert_int_equal(fd, 77);
	assert_int_equal(unlink("log"), 0);
}

static void test_show(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), fd = -1;
	char got[64] = "", path[64];
	ssize_t n;

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, path, sizeof(path)), 0);
	assert_int_equal(terminal_open(path, &fd), 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(terminal_show(fd, "one\ntwo\n"), 0);
	n = read(master, got, sizeof(got) - 1);
	assert_int_equal(n, 10);
	assert_string_equal(got, "one\r\ntwo\r\n");
	close(fd);
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_open_refuses),
		cmocka_unit_test(test_show),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
