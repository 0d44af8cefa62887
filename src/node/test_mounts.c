/*
 * Tests of mounts.c: fields, escapes, options, and lines that are none.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "node/mounts.h"

static void test_lines(void **state)
{
	char text[] = "proc /proc proc rw,relatime 0 0\n"
		      "\n"
		      "too few fields\n"
		      "  //host/share\t/mnt/a\\040b\\134 cifs  rw,user=x 0 0\n"
		      "tmpfs /x\\9\\04\\400 tmpfs rw";
	char *rest = text;
	struct mount m;

	assert_true(mounts_next(&rest, &m));
	assert_string_equal(m.source, "proc");
	assert_string_equal(m.path, "/proc");
	assert_string_equal(m.type, "proc");
	assert_string_equal(m.options, "rw,relatime");
	assert_true(mounts_next(&rest, &m));
	assert_string_equal(m.source, "//host/share");
	assert_string_equal(m.path, "/mnt/a b\\");
	assert_string_equal(m.options, "rw,user=x");
	assert_true(mounts_next(&rest, &m));
	assert_string_equal(m.path, "/x\\9\\04\\400");
	assert_false(mounts_next(&rest, &m));
	assert_false(mounts_next(&rest, &m));
}

static void test_options(void **state)
{
	const struct mount m = {.options = "rw,cpu,cpuacct,,name=systemd,memory"};
	const struct mount none = {.options = ""};

	assert_true(mount_has_option(&m, "rw"));
	assert_true(mount_has_option(&m, "cpu"));
	assert_true(mount_has_option(&m, "cpuacct"));
	assert_true(mount_has_option(&m, "name"));
	assert_true(mount_has_option(&m, "memory"));
	assert_false(mount_has_option(&m, "cpus"));
	assert_false(mount_has_option(&m, "emory"));
	assert_false(mount_has_option(&m, "systemd"));
	assert_false(mount_has_option(&none, "rw"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
