/*
 * Builds on a host file system that runs full: at each size of it, from nothing up to enough, the
 * build fails with nothing left behind, or its image is the right one.
 *
 * The file system is a tmpfs in a user namespace of the test's own.
 */
#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "testtree.h"

static void write_map(const char *path, unsigned id)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", id);
	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, map, strlen(map)), 0);
}

static void enter_namespace(void)
{
	unsigned uid = getuid(), gid = getgid();
	_cleanup_close_ int fd = -1;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		fail_msg("no user namespace: %s", strerror(errno));
	fd = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
	assert_int_equal(io_write_all(fd, "deny", 4), 0);
	write_map("/proc/self/uid_map", uid);
	write_map("/proc/self/gid_map", gid);
}

/* A tree of about two MiB. */
static void write_tree(void)
{
	struct archive *a = tt_begin();

	tt_base(a);
	for (int i = 0; i < 8; i++) {
		char name[32];

		snprintf(name, sizeof(name), "./usr/bin/f%d", i);
		tt_put(a, tt_head(name, S_IFREG | 0755), tt_holed, 64 * 8192);
	}
	tt_finish(a);
	tt_profile(TT_PROFILE, TT_RULES "script x /usr/bin/f*\n");
}

static void test_full(void **state)
{
	unsigned failed = 0, done = 0;
	struct err err;

	enter_namespace();
	write_tree();
	assert_int_equal(tt_run("good", &err), 0);
	assert_int_equal(mkdir("small", 0755), 0);
	for (unsigned kib = 16; kib < 32768 && done < 2; kib += kib / 4) {
		char options[32];

		snprintf(options, sizeof(options), "size=%uk", kib);
		assert_int_equal(mount("tmpfs", "small", "tmpfs", 0, options), 0);
		if (tt_run("small/o", &err) < 0) {
			tt_assert_empty_dir("small/o");
			assert_true(*err.text);
			failed++;
		} else {
			assert_int_equal(system("cmp good/image.raw small/o/image.raw"), 0);
			done++;
		}
		assert_int_equal(umount("small"), 0);
	}
	assert_int_equal(done, 2);
	assert_true(failed > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, tt_setup, tt_teardown);
}
