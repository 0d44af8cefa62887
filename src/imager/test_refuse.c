/*
 * Builds that must fail: every way a tar, a profile or a rule can be wrong, each with its one
 * line of reason and nothing left behind; and builds that are interrupted.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "output.h"
#include "testtree.h"

static void absolute(struct archive *a)
{
	tt_file(a, "/etc/x", "x");
}

static void dotdot(struct archive *a)
{
	tt_file(a, "./etc/../../x", "x");
}

static void through_link(struct archive *a)
{
	tt_file(a, "./bin/x", "x");
}

static void no_parent(struct archive *a)
{
	tt_file(a, "./opt/x", "x");
}

static void below_file(struct archive *a)
{
	tt_file(a, "./usr/bin/a/x", "x");
}

static void bad_hardlink(struct archive *a)
{
	tt_hardlink(a, "./etc/x", "./etc/none");
}

static void link_to_dir(struct archive *a)
{
	tt_hardlink(a, "./etc/x", "./usr");
}

static void long_name(struct archive *a)
{
	char name[300] = "./";

	memset(name + 2, 'n', 256);
	tt_file(a, name, "");
}

static void long_path(struct archive *a)
{
	char name[5000];

	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 2 ? '/' : 'd';
	name[sizeof(name) - 1] = '\0';
	tt_file(a, name, "");
}

static void evil_name(struct archive *a)
{
	tt_file(a, "./none\n\033[2J/x", "x");
}

static void bad_xattr(struct archive *a)
{
	struct archive_entry *e = tt_head("./etc/x", S_IFREG | 0644);

	archive_entry_xattr_add_entry(e, "system.nfs4_acl", "x", 1);
	tt_put(a, e, NULL, 0);
}

static void huge_xattr(struct archive *a)
{
	struct archive_entry *e = tt_head("./etc/x", S_IFREG | 0644);

	archive_entry_xattr_add_entry(e, "user.huge", tt_holed, 60000);
	tt_put(a, e, NULL, 0);
}

static void large_file(struct archive *a)
{
	static char data[1 << 20];
	struct archive_entry *e = tt_head("./etc/x", S_IFREG | 0644);

	archive_entry_set_size(e, 65 << 20);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	for (int i = 0; i < 65; i++)
		archive_write_data(a, data, sizeof(data));
	archive_entry_free(e);
}

static void full_disk(struct archive *a)
{
	static char data[30 << 20];

	memset(data, 1, sizeof(data));
	tt_put(a, tt_head("./etc/x", S_IFREG | 0644), data, sizeof(data));
	tt_put(a, tt_head("./etc/y", S_IFREG | 0644), data, sizeof(data));
}

static void modified(struct archive *a)
{
	tt_file(a, "./usr/bin/a", "changed\n");
}

static void modified_conffile(struct archive *a)
{
	tt_file(a, "./etc/a.conf", "changed\n");
}

static void unlisted(struct archive *a)
{
	for (int i = 0; i < 60; i++) {
		char name[32];

		snprintf(name, sizeof(name), "./etc/u%d", i);
		tt_file(a, name, "");
	}
}

static void bad_status(struct archive *a)
{
	tt_file(a, "./var/lib/dpkg/status", "nonsense\n");
}

static void nul_status(struct archive *a)
{
	tt_put(a, tt_head("./var/lib/dpkg/status", S_IFREG | 0644), "a\0b", 3);
}

static void status_directory(struct archive *a)
{
	tt_dir(a, "./var/lib/dpkg/status");
}

static void lost_found(struct archive *a)
{
	tt_file(a, "./lost+found", "");
}

static void nothing(struct archive *a)
{
}

static const struct {
	void (*add)(struct archive *a);
	int r;
	const char *text, *conf, *rules;
} failures[] = {
	{absolute, -EINVAL, "/etc/x: the name is absolute", NULL, NULL},
	{dotdot, -EINVAL, "./etc/../../x: the name is absolute, or leads out", NULL, NULL},
	{through_link, -ENOTDIR, "/bin/x: what should be its directory is a symbolic link", NULL,
	 NULL},
	{no_parent, -ENOENT, "/opt/x: its directory /opt is missing", NULL, NULL},
	{below_file, -ENOTDIR, "/usr/bin/a/x: what should be its directory is none", NULL, NULL},
	{bad_hardlink, -ENOENT, "/etc/x: a hard link to ./etc/none, which is missing", NULL, NULL},
	{link_to_dir, -EISDIR, "/etc/x: a hard link to the directory", NULL, NULL},
	{long_name, -ENAMETOOLONG, "too long for ext4", NULL, NULL},
	{long_path, -ENAMETOOLONG, "too long for ext4", NULL, NULL},
	{evil_name, -ENOENT, "/none\\x0a\\x1b[2J/x: its directory", NULL, NULL},
	{bad_xattr, -ENOTSUP, "/etc/x: ext4 has no attribute system.nfs4_acl", NULL, NULL},
	{huge_xattr, -EIO, "cannot write /etc/x", NULL, NULL},
	{large_file, -ENOSPC, "/etc/x: 68157440 bytes do not fit on a disk of 67108864 bytes", NULL,
	 NULL},
	{full_disk, -ENOSPC, "no space for /etc/y in a file system of 65011712 bytes", NULL, NULL},
	{nothing, -ENOSPC, "the tree needs 24 inodes, the file system has 16",
	 TT_PROFILE "inodes=16\n", NULL},
	{modified, -EPERM, "1 paths of the tree are not explained", NULL, NULL},
	{modified_conffile, -EPERM, "1 paths of the tree are not explained", NULL, NULL},
	{unlisted, -EPERM, "60 paths of the tree are not explained", NULL, NULL},
	{bad_status, -EINVAL, "/var/lib/dpkg/status:1: not a field", NULL, NULL},
	{nul_status, -EINVAL, "NUL byte", NULL, NULL},
	{status_directory, -EINVAL, "/var/lib/dpkg/status is not a regular file", NULL, NULL},
	{lost_found, -ENOTDIR, "/lost+found is not a directory", NULL, NULL},
	{nothing, -EINVAL, "p/profile.conf:1: unknown key: nonsense", "nonsense = 1\n", NULL},
	{nothing, -EINVAL, "p/rules:1: unknown kind of rule", NULL, "what a /b\n"},
	{nothing, -ENOENT, "there is no entry for the root", NULL, TT_RULES "drop all /\n"},
};

static void test_failures(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct archive *a = tt_begin();
		struct err err;

		tt_base(a);
		failures[i].add(a);
		tt_finish(a);
		tt_profile(failures[i].conf ? failures[i].conf : TT_PROFILE,
			   failures[i].rules ? failures[i].rules
					     : TT_RULES "step x /etc/x /etc/y\n");
		assert_int_equal(tt_run("f", &err), failures[i].r);
		tt_assert_contains(err.text, failures[i].text);
		assert_null(strchr(err.text, '\n'));
		tt_assert_empty_dir("f");
	}
}

static void test_truncated(void **state)
{
	struct archive *a = tt_begin();
	struct stat st;
	struct err err;

	tt_base(a);
	tt_finish(a);
	tt_profile(TT_PROFILE, TT_RULES);
	assert_int_equal(stat("t.tar", &st), 0);
	for (off_t len = 0; len < st.st_size - 10240; len += 700) {
		assert_int_equal(truncate("t.tar", st.st_size), 0);
		a = tt_begin();
		tt_base(a);
		tt_finish(a);
		assert_int_equal(truncate("t.tar", len), 0);
		assert_true(tt_run("f", &err) < 0);
		tt_assert_contains(err.text, "tar");
		tt_assert_empty_dir("f");
	}
	assert_int_equal(unlink("t.tar"), 0);
	assert_int_equal(tt_run("f", &err), -ENOENT);
}

static void test_interrupted(void **state)
{
	int ready[2], status;
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct output o = OUTPUT_INIT;
		struct err err;

		if (output_open(&o, "f", &err) == 0 && output_create(&o, &err) == 0)
			io_write_all(ready[1], "x", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(io_read_exact(ready[0], &c, 1), 0);
	assert_int_equal(access("f/image.raw.tmp", F_OK), 0);
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	tt_assert_empty_dir("f");
}

static void test_locked(void **state)
{
	struct output o = OUTPUT_INIT, p = OUTPUT_INIT;
	struct err err;

	assert_int_equal(output_open(&o, "f", &err), 0);
	assert_int_equal(output_open(&p, "f", &err), -EBUSY);
	output_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_locked),
	};

	return cmocka_run_group_tests(tests, tt_setup, tt_teardown);
}
