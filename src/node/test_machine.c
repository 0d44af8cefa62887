/*
 * Tests of machine.c: bytes that are no text, names that are none of the kernel's, paths that lead
 * out, files that never end.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/def.h"
#include "base/str.h"
#include "base/testroot.h"
#include "node/machine.h"

static const struct testroot *root;
static struct machine machine;

static void test_line(void **state)
{
	char buf[16] = "before";

	testroot_write(root, "sys/a1", "  one \x1b\xff\ntwo\n");
	assert_int_equal(machine_line(&machine, buf, sizeof(buf), "/sys/a%d", 1), 0);
	assert_string_equal(buf, "one \\x1b\\xff");
	testroot_write(root, "sys/a1", "0123456789abcdef\n");
	assert_int_equal(machine_line(&machine, buf, sizeof(buf), "/sys/a%d", 1), 0);
	assert_string_equal(buf, "0123456789ab…");
	assert_int_equal(machine_line(&machine, buf, sizeof(buf), "/sys/a%d", 2), -ENOENT);
	assert_string_equal(buf, "");
}

static void test_long_path(void **state)
{
	char buf[16];
	uint64_t n = 42;

	assert_int_equal(machine_line(&machine, buf, sizeof(buf), "/%0300d", 1), -ENAMETOOLONG);
	assert_int_equal(machine_number(&machine, &n, "/%0300d", 1), -ENAMETOOLONG);
	assert_false(machine_has(&machine, "/%0300d", 1));
	assert_int_equal(n, 42);
}

static void test_number(void **state)
{
	uint64_t n = 42;

	testroot_write(root, "n", "7\n");
	assert_int_equal(machine_number(&machine, &n, "/n"), 0);
	assert_int_equal(n, 7);
	testroot_write(root, "n", "-7\n");
	assert_true(machine_number(&machine, &n, "/n") < 0);
	assert_int_equal(n, 7);
}

/* Names that the kernel does not make could be mistaken for something else in a text. */
static void test_list(void **state)
{
	static const char *const expected[] = {"cpu1", "cpu2", "cpu10"};
	char **names;

	testroot_write(root, "l/cpu10", "");
	testroot_write(root, "l/cpu2", "");
	testroot_write(root, "l/cpu1", "");
	testroot_write(root, "l/a b", "");
	testroot_write(root, "l/a\\x41", "");
	testroot_write(root, "l/\xff\n", "");
	names = machine_list(&machine, "/l");
	assert_int_equal(str_vector_count(names), ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_string_equal(names[i], expected[i]);
	str_vector_free(names);
	assert_null(machine_list(&machine, "/none"));
}

static void test_links(void **state)
{
	char buf[64];

	testroot_write(root, "etc/x", "inside\n");
	assert_int_equal(symlinkat("../../../../../etc/x", root->fd, "up"), 0);
	assert_int_equal(symlinkat("/etc/x", root->fd, "absolute"), 0);
	assert_int_equal(symlinkat("nowhere", root->fd, "dangling"), 0);
	assert_int_equal(symlinkat("self", root->fd, "self"), 0);
	assert_int_equal(machine_line(&machine, buf, sizeof(buf), "/up"), 0);
	assert_string_equal(buf, "inside");
	assert_int_equal(machine_line(&machine, buf, sizeof(buf), "/absolute"), 0);
	assert_string_equal(buf, "inside");
	assert_false(machine_has(&machine, "/dangling"));
	assert_false(machine_has(&machine, "/self"));
}

static void test_text(void **state)
{
	_cleanup_free_ char *text = NULL, *cut = NULL;
	char *kept = (char *)"kept";

	testroot_write(root, "t", "0123456789");
	assert_int_equal(machine_text(&machine, "/t", 100, &text), 0);
	assert_string_equal(text, "0123456789");
	assert_int_equal(machine_text(&machine, "/t", 4, &cut), 0);
	assert_string_equal(cut, "0123");
	assert_int_equal(machine_text(&machine, "/none", 4, &kept), -ENOENT);
	assert_string_equal(kept, "kept");
	testroot_write(root, "d/x", "");
	assert_int_equal(machine_text(&machine, "/d", 4, &kept), -EISDIR);
}

/* A pipe that nobody writes to must not be waited for. */
static void test_pipe(void **state)
{
	_cleanup_free_ char *text = NULL;
	char buf[8];

	assert_int_equal(mkfifoat(root->fd, "pipe", 0644), 0);
	machine_line(&machine, buf, sizeof(buf), "/pipe");
	assert_string_equal(buf, "");
	assert_int_equal(machine_text(&machine, "/pipe", 8, &text), 0);
	assert_string_equal(text, "");
}

static int setup(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	machine.root_fd = root->fd;
	return r;
}

static int clear(void **state)
{
	testroot_clear(root);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_line, clear),
		cmocka_unit_test_teardown(test_long_path, clear),
		cmocka_unit_test_teardown(test_number, clear),
		cmocka_unit_test_teardown(test_list, clear),
		cmocka_unit_test_teardown(test_links, clear),
		cmocka_unit_test_teardown(test_text, clear),
		cmocka_unit_test_teardown(test_pipe, clear),
	};

	return cmocka_run_group_tests(tests, setup, testroot_teardown);
}
