/*
 * Tests of groups: which places there are, what they take; and our own groups of v1 in a folder
 * where a made folder has a group's files, and one that has processes cannot be removed, as with
 * the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "pwrapis/machine/cgroup.h"
#include "pwrapis/machine/testtable.h"

#define OWN "sys/fs/cgroup/cpuset/leonhard.watt"

static const char *const files[] = {"cpuset.cpus", "cpuset.mems", "cgroup.procs"};

int __real_mkdirat(int fd, const char *name, mode_t mode);
int __wrap_mkdirat(int fd, const char *name, mode_t mode);
int __real_unlinkat(int fd, const char *name, int flags);
int __wrap_unlinkat(int fd, const char *name, int flags);

static bool is_ours(const char *name)
{
	return strncmp(name, "leonhard.", 9) == 0;
}

int __wrap_mkdirat(int fd, const char *name, mode_t mode)
{
	int r = __real_mkdirat(fd, name, mode);

	for (size_t i = 0; r == 0 && is_ours(name) && i < ARRAY_SIZE(files); i++) {
		char path[96];

		snprintf(path, sizeof(path), "%s/%s", name, files[i]);
		assert_int_equal(io_replace_file(fd, path, "\n", 1, 0644), 0);
	}
	return r;
}

int __wrap_unlinkat(int fd, const char *name, int flags)
{
	_cleanup_free_ char *text = NULL;
	char path[96];
	size_t len;

	snprintf(path, sizeof(path), "%s/cgroup.procs", name);
	if (!is_ours(name) || io_read_file(fd, path, 4096, &text, &len) < 0)
		return __real_unlinkat(fd, name, flags);
	if (len > 1) {
		errno = EBUSY;
		return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", name, files[i]);
		__real_unlinkat(fd, path, 0);
	}
	return __real_unlinkat(fd, name, flags);
}

static unsigned place(const char *name)
{
	unsigned index;

	assert_int_equal(machine_index(m, POWER_CGROUP, name, &index), 0);
	return index;
}

static bool has(const char *name)
{
	unsigned index;

	return machine_index(m, POWER_CGROUP, name, &index) == 0;
}

/* ---- units ---- */

static void test_units(void **state)
{
	struct power_value value;

	use("cgroup2");
	assert_true(has("system.slice") && has("init.scope") && has("session-3.scope") &&
		    has("user@1000.service") && has("dev-disk-by\\x2duuid.service"));
	assert_false(has("app.slice") || has("editor.service") || has("dev-hugepages.mount") ||
		     has(".service") || has("watt"));
	assert_int_equal(machine_read(m, item("cgroup.cpus"), place("cron.service"), &value), 0);
	assert_string_equal(value.text, "");
	assert_int_equal(machine_read(m, item("cgroup.cpus"), place("pinned.service"), &value), 0);
	assert_string_equal(value.text, "2-3");
	assert_int_equal(read_error("cgroup.own", place("cron.service")), -EOPNOTSUPP);
}

static void test_check(void **state)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{"", 0},	   {"0-3", 0},	     {"0,2,4,6", 0},   {"7", 0},
		{"8", -ERANGE},	   {"0-8", -ERANGE}, {"0,1", -EINVAL}, {"3-0", -EINVAL},
		{"0-3,", -EINVAL}, {"all", -EINVAL}, {"00", -EINVAL},  {" 1", -EINVAL},
	};

	use("cgroup2");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(check_text("cgroup.cpus", place("cron.service"), cases[i].text),
				 cases[i].r);
	testroot_write(root, "sys/devices/system/cpu/online", "0-3\n");
	assert_int_equal(check_text("cgroup.cpus", place("cron.service"), "4-7"), -ERANGE);
	assert_int_equal(check_text("cgroup.cpus", place("cron.service"), "3-7"), 0);
}

/* Nobody but systemd writes in its tree. */
static void test_no_systemd(void **state)
{
	const struct power_value value = {.text = "0"};

	use("cgroup2");
	assert_int_equal(machine_write(m, item("cgroup.cpus"), place("cron.service"), &value),
			 -EOPNOTSUPP);
	assert_file("sys/fs/cgroup/system.slice/pinned.service/cpuset.cpus", "2-3\n");
}

static void test_recall(void **state)
{
	unsigned index;

	use("cgroup2");
	assert_int_equal(machine_recall(m, POWER_CGROUP, "gone.service", &index), 0);
	assert_string_equal(machine_name(m, POWER_CGROUP, index), "gone.service");
	assert_int_equal(read_error("cgroup.cpus", index), -ENODEV);
	assert_int_equal(machine_recall(m, POWER_CGROUP, "../gone.service", &index), -EINVAL);
	assert_int_equal(machine_recall(m, POWER_CGROUP, "gone.mount", &index), -EINVAL);
	assert_int_equal(machine_recall(m, POWER_ZONE, "gone.service", &index), -ENOENT);
	use("cgroup1");
	assert_int_equal(machine_recall(m, POWER_CGROUP, "docker/gone/grid1", &index), 0);
	assert_true(read_number("cgroup.own", index) == 0);
	assert_int_equal(machine_recall(m, POWER_CGROUP, "docker/../../grid1", &index), -EINVAL);
}

static void test_unit_of(void **state)
{
	static const struct {
		const char *path, *unit, *rest;
	} cases[] = {
		{"/system.slice/cron.service", "cron.service", ""},
		{"/system.slice/cron.service/worker", "cron.service", "/worker"},
		{"/user.slice/user-1000.slice/session-3.scope", "session-3.scope", ""},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/a.service",
		 "user@1000.service", "/app.slice/a.service"},
		{"/user.slice", "user.slice", ""},
		{"/system.slice/odd", "system.slice", "/odd"},
		{"/", NULL, NULL},
		{"/docker/c0ffee", NULL, NULL},
		{"", NULL, NULL},
	};
	char unit[POWER_NAME_BYTES];
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = cgroup_unit_of(cases[i].path, unit, &len);

		assert_int_equal(r, cases[i].unit ? 0 : -EOPNOTSUPP);
		if (r < 0)
			continue;
		assert_string_equal(unit, cases[i].unit);
		assert_string_equal(cases[i].path + len, cases[i].rest);
	}
	assert_int_equal(cgroup_own_of("/", CGROUP_WATT, unit), 0);
	assert_string_equal(unit, "watt");
	assert_int_equal(cgroup_own_of("/leonhard.grid1", CGROUP_WATT, unit), 0);
	assert_string_equal(unit, "watt");
	assert_int_equal(cgroup_own_of("/docker/x/leonhard.watt", CGROUP_GRID0, unit), 0);
	assert_string_equal(unit, "docker/x/grid0");
}

/* ---- our own ---- */

static int write_text(const char *name, unsigned index, const char *text)
{
	struct power_value value = {};

	snprintf(value.text, sizeof(value.text), "%s", text);
	return machine_write(m, item(name), index, &value);
}

static void test_own(void **state)
{
	use("cgroup1");
	assert_true(has("watt") && has("docker/grid0") && has("docker/c0ffee/grid1"));
	assert_false(has("not-a-group/watt") || has("cron.service"));
	assert_true(read_number("cgroup.own", place("watt")) == 0);
	assert_int_equal(read_error("cgroup.own-cpus", place("watt")), -EOPNOTSUPP);
	assert_int_equal(check_text("cgroup.own-cpus", place("watt"), "0"), -ENODEV);
	assert_int_equal(read_error("cgroup.cpus", place("watt")), -EOPNOTSUPP);
	assert_int_equal(write_number("cgroup.own", place("watt"), 1), 0);
	assert_true(read_number("cgroup.own", place("watt")) == 1);
	assert_file(OWN "/cpuset.mems", "0-1");
	assert_int_equal(check_text("cgroup.own-cpus", place("watt"), "0-1"), 0);
	assert_int_equal(check_text("cgroup.own-cpus", place("watt"), ""), -EINVAL);
	assert_int_equal(write_text("cgroup.own-cpus", place("watt"), "0-1"), 0);
	assert_file(OWN "/cpuset.cpus", "0-1");
	assert_int_equal(write_number("cgroup.own", place("watt"), 0), 0);
	assert_true(read_number("cgroup.own", place("watt")) == 0);
	assert_int_equal(faccessat(root->fd, OWN, F_OK, 0), -1);
}

/* The kernel's own top of a hierarchy lets nobody write; who owns it does, and leaves it so. */
static void test_own_top(void **state)
{
	static const char top[] = "sys/fs/cgroup/cpuset";
	struct stat st;

	use("cgroup1");
	for (int on = 1; on >= 0; on--) {
		assert_int_equal(fchmodat(root->fd, top, 0555, 0), 0);
		assert_int_equal(write_number("cgroup.own", place("watt"), on), 0);
		assert_true(read_number("cgroup.own", place("watt")) == on);
		assert_int_equal(fstatat(root->fd, top, &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, 0555);
		assert_int_equal(fchmodat(root->fd, top, 0755, 0), 0);
	}
}

/* A process that may not be moved keeps the group, without a restriction and under another name. */
static void test_left(void **state)
{
	use("cgroup1");
	assert_int_equal(write_number("cgroup.own", place("watt"), 1), 0);
	assert_int_equal(write_text("cgroup.own-cpus", place("watt"), "0"), 0);
	testroot_write(root, OWN "/cgroup.procs", "4711\n");
	assert_int_equal(write_number("cgroup.own", place("watt"), 0), 0);
	assert_file("sys/fs/cgroup/cpuset/cgroup.procs", "4711");
	assert_file("sys/fs/cgroup/cpuset/leonhard.left-0/cpuset.cpus", "0-7");
	assert_true(read_number("cgroup.own", place("watt")) == 0);
	/* It has ended: the next one that is put back removes what it has left. */
	testroot_write(root, "sys/fs/cgroup/cpuset/leonhard.left-0/cgroup.procs", "\n");
	assert_int_equal(write_number("cgroup.own", place("watt"), 1), 0);
	assert_int_equal(write_number("cgroup.own", place("watt"), 0), 0);
	assert_int_equal(faccessat(root->fd, "sys/fs/cgroup/cpuset/leonhard.left-0", F_OK, 0), -1);
}

#define STAT                                                                                     \
	"700 (a b) S 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 9000 1 1 18446744073709551615 " \
	"0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"

static void test_member(void **state)
{
	static const char *const odd[] = {"",
					  "in",
					  "in 700",
					  "in 700 ",
					  "in 0 9000",
					  "in 700 9000 ",
					  "up 700 9000",
					  "in -1 9000",
					  "in 700 0x1",
					  "in 99999999999 1"};
	unsigned index;

	use("cgroup1");
	index = place("watt");
	assert_int_equal(write_number("cgroup.own", index, 1), 0);
	testroot_write(root, "proc/700/stat", STAT);
	testroot_write(root, "proc/700/status", "Name:\ta\nPid:\t700\nUid:\t0\t0\t0\t0\n");
	testroot_write(root, "proc/700/cgroup", "4:memory:/x\n3:cpuset:/\n0::/y\n");
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		assert_int_equal(check_text("cgroup.own-member", index, odd[i]), -EINVAL);
	assert_int_equal(check_text("cgroup.own-member", index, "in 700 9000"), 0);
	assert_int_equal(check_text("cgroup.own-member", index, "in 700 9001"), -ESRCH);
	assert_int_equal(check_text("cgroup.own-member", index, "in 701 9000"), -ESRCH);
	assert_int_equal(write_number("cgroup.own", place("docker/watt"), 1), 0);
	assert_int_equal(check_text("cgroup.own-member", place("docker/watt"), "in 700 9000"),
			 -EINVAL);
	assert_int_equal(check_text("cgroup.own-member", place("docker/grid0"), "in 700 9000"),
			 -ENODEV);
	assert_int_equal(write_text("cgroup.own-member", index, "in 700 9000"), 0);
	assert_file(OWN "/cgroup.procs", "700");
	testroot_write(root, "proc/700/cgroup", "3:cpu,cpuset:/leonhard.watt\n");
	assert_int_equal(check_text("cgroup.own-member", index, "out 700 9000"), 0);
	assert_int_equal(write_text("cgroup.own-member", index, "out 700 9000"), 0);
	assert_file("sys/fs/cgroup/cpuset/cgroup.procs", "700");
}

static void test_procgroup(void **state)
{
	char path[PROCGROUP_PATH_BYTES];
	struct cpulist list;

	assert_int_equal(procgroup_parse("0::/a.slice\n", NULL, path), 0);
	assert_string_equal(path, "/a.slice");
	assert_int_equal(procgroup_parse("1:cpuset:/b\n0::/a\n", "cpuset", path), 0);
	assert_string_equal(path, "/b");
	assert_int_equal(procgroup_parse("1:cpusets:/b\n", "cpuset", path), -ENOENT);
	assert_int_equal(procgroup_parse("10::/b\n", NULL, path), -ENOENT);
	assert_int_equal(procgroup_parse("0::/a (deleted)\n", NULL, path), -EBADMSG);
	assert_int_equal(procgroup_parse("0::a\n", NULL, path), -EBADMSG);
	assert_int_equal(procgroup_parse("garbage", NULL, path), -ENOENT);
	assert_int_equal(
		procgroup_parse_allowed("Name:\tx\nCpus_allowed_list:\t0-1,4\nMems:\t0\n", &list),
		0);
	assert_int_equal(bitmap_count(&list.map), 3);
	assert_int_equal(procgroup_parse_allowed("Name:\tx\n", &list), -EBADMSG);
	assert_int_equal(procgroup_parse_allowed("N\nCpus_allowed_list:\tno\n", &list), -EBADMSG);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),	   cmocka_unit_test(test_check),
		cmocka_unit_test(test_no_systemd), cmocka_unit_test(test_recall),
		cmocka_unit_test(test_unit_of),	   cmocka_unit_test(test_own),
		cmocka_unit_test(test_own_top),	   cmocka_unit_test(test_left),
		cmocka_unit_test(test_member),	   cmocka_unit_test(test_procgroup),
	};

	if (argc < 2 || testtable_open(argv[1]) < 0)
		return 2;
	return cmocka_run_group_tests(tests, testtable_setup, testtable_teardown);
}
