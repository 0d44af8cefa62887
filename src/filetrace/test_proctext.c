/*
 * Tests of proctext.c: names that look like more fields, lines that are cut, numbers out of range.
 */
#include "filetrace/proctext.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"

static void test_stat(void **state)
{
	static const char usual[] = "42 (a) b (c) S 7 42 42 34817 -1 4194304 1 2 3 4 5 6 7 8 20 0 "
				    "1 0 12345 0 0\n";
	static const char *const bad[] = {
		"",
		"42",
		"42 (a",
		"42 a) S 1",
		"42 (a)",
		"42 (a) S",
		"42 (a) S 1 1 1 0 -1",
		"42 (a) S 99999999999 42 42 34817 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 0",
		"42 (a) S 7 42 42 x -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 0 0\n",
		"42 (a) S 7 42 42 34817 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345",
	};
	struct proctext p;

	assert_int_equal(proctext_stat(usual, &p), 0);
	assert_string_equal(p.comm, "a) b (c");
	assert_int_equal(p.state, 'S');
	assert_int_equal(p.parent, 7);
	assert_int_equal(p.start_ticks, 12345);
	assert_int_equal(p.tty_major, 136);
	assert_int_equal(p.tty_minor, 1);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(proctext_stat(bad[i], &p), -EBADMSG);
}

static void test_euid(void **state)
{
	uint32_t uid = 1;

	assert_int_equal(proctext_euid("Name:\tx\nUid:\t1000\t0\t0\t0\n", &uid), 0);
	assert_int_equal(uid, 0);
	assert_int_equal(proctext_euid("Name:\tUid:\t5\t6\t7\nUid:\t1\t4294967294\t0\t0\n", &uid),
			 0);
	assert_int_equal(uid, 4294967294);
	assert_int_equal(proctext_euid("Name:\tx\n", &uid), -EBADMSG);
	assert_int_equal(proctext_euid("Uid:\t1\t2", &uid), -EBADMSG);
	assert_int_equal(proctext_euid("Uid:\t1\t4294967296\t", &uid), -EBADMSG);
	assert_int_equal(uid, 4294967294);
}

static void test_pid(void **state)
{
	int32_t pid = 0;

	assert_int_equal(proctext_pid("pos:\t0\nPid:\t42\nNSpid:\t42\n", &pid), 0);
	assert_int_equal(pid, 42);
	assert_int_equal(proctext_pid("Pid:\t-1\n", &pid), 0);
	assert_int_equal(pid, -1);
	assert_int_equal(proctext_pid("NSpid:\t42\n", &pid), -EBADMSG);
	assert_int_equal(proctext_pid("Pid:\t99999999999\n", &pid), -EBADMSG);
}

static void test_cgroup(void **state)
{
	char path[FT_CGROUP_BYTES], text[512];

	proctext_cgroup("12:cpu:/x\n0::/system.slice/a.service\n", path);
	assert_string_equal(path, "/system.slice/a.service");
	proctext_cgroup("1:name=systemd:/x\n", path);
	assert_string_equal(path, "");
	/* Its end is what tells the unit. */
	memset(text, 'x', sizeof(text));
	memcpy(text, "0::/", 4);
	memcpy(text + 400, "/z.service\n", 12);
	proctext_cgroup(text, path);
	assert_int_equal(strlen(path), FT_CGROUP_BYTES - 1);
	assert_string_equal(path + FT_CGROUP_BYTES - 1 - 10, "/z.service");
}

static void test_pts(void **state)
{
	char name[FT_TTY_BYTES];

	proctext_pts(136, 3, name);
	assert_string_equal(name, "pts3");
	proctext_pts(137, 3, name);
	assert_string_equal(name, "pts259");
	proctext_pts(4, 64, name);
	assert_string_equal(name, "");
	proctext_pts(144, 0, name);
	assert_string_equal(name, "");
}

static void test_maps(void **state)
{
	static const char maps[] =
		"7f00-7f01 rw-p 00000000 fe:00 42 /a\n7f00-7f01 r--s 00000000 fe:00 42 /a\n"
		"garbage\n7f0000000000-7f0000001000 rw-s 00000000 fe:01 77    /b c\n";
	const struct ft_key private = {.ino = 42, .dev = 0xfe << 20},
			    shared = {.ino = 77, .dev = 0xfe << 20 | 1},
			    other = {.ino = 77, .dev = 0xfe << 20};

	assert_int_equal(proctext_maps(maps, &private), 0);
	assert_int_equal(proctext_maps(maps, &shared), 1);
	assert_int_equal(proctext_maps(maps, &other), 0);
	assert_int_equal(proctext_maps("", &other), 0);
}

static void test_writable(void **state)
{
	assert_true(proctext_writable("pos:\t0\nflags:\t0100001\n"));
	assert_true(proctext_writable("pos:\t0\nflags:\t02100002\n"));
	assert_false(proctext_writable("pos:\t0\nflags:\t0100000\n"));
	assert_false(proctext_writable("pos:\t0\nflags:\t010000002\n"));
	assert_false(proctext_writable("pos:\t0\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat),	 cmocka_unit_test(test_euid),
		cmocka_unit_test(test_pid),	 cmocka_unit_test(test_cgroup),
		cmocka_unit_test(test_pts),	 cmocka_unit_test(test_maps),
		cmocka_unit_test(test_writable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
