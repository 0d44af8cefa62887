/*
 * Whole builds: a small tree with everything in it that a tar can say, read back with debugfs
 * and e2fsck; the manifest; the same bytes twice; overlays and rules.
 */
#include <archive.h>
#include <archive_entry.h>
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
#include "testtree.h"

#define CAP "\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const char long_target[] =
	"/a/target/that/is/longer/than/the/sixty/bytes/which/an/inode/has/"
	"room/for";

static void add_special(struct archive *a)
{
	struct archive_entry *e = tt_head("./x/null", S_IFCHR | 0666);

	archive_entry_set_rdevmajor(e, 1);
	archive_entry_set_rdevminor(e, 3);
	tt_put(a, e, NULL, 0);
	e = tt_head("./x/big", S_IFBLK | 0600);
	archive_entry_set_rdevmajor(e, 259);
	archive_entry_set_rdevminor(e, 70000);
	tt_put(a, e, NULL, 0);
	tt_put(a, tt_head("./x/fifo", S_IFIFO | 0622), NULL, 0);
	e = tt_head("./x/cap", S_IFREG | 04750);
	archive_entry_set_uid(e, 3000000000);
	archive_entry_set_gid(e, 100000);
	archive_entry_set_mtime(e, TT_EPOCH + 5, 0);
	archive_entry_xattr_add_entry(e, "security.capability", CAP, 20);
	archive_entry_xattr_add_entry(e, "user.note", "n", 1);
	tt_put(a, e, "cap", 3);
	e = tt_head("./x/acl", S_IFREG | 0640);
	archive_entry_acl_add_entry(e, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, 7, ARCHIVE_ENTRY_ACL_USER,
				    1234, "u");
	archive_entry_acl_add_entry(e, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, 7, ARCHIVE_ENTRY_ACL_MASK, -1,
				    "");
	tt_put(a, e, NULL, 0);
}

static void full_tar(void)
{
	struct archive *a = tt_begin();
	char name[64];

	tt_dir(a, "./x");
	tt_base(a);
	add_special(a);
	tt_put(a, tt_head("./x/holed", S_IFREG | 0644), tt_holed, sizeof(tt_holed));
	tt_symlink(a, "./x/long", long_target);
	tt_symlink(a, "./x/short", "y");
	tt_file(a, "./x/twice", "first");
	tt_hardlink(a, "./x/link", "./x/twice");
	tt_file(a, "./x/again", "old");
	tt_file(a, "x//./again", "new");
	tt_file(a, "./x/\xc3\xa4", "utf-8");
	tt_file(a, "./x/\xff\n\\", "bytes");
	tt_dir(a, "./x/many");
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "./x/many/a-name-of-some-length-%d", i);
		tt_file(a, name, "");
	}
	tt_finish(a);
	tt_profile(TT_PROFILE, TT_RULES "script x /x /x/**\n");
}

static void check_manifest(void)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	static const char *const parts[] = {
		"#leonhard-manifest 1\n#profile p\n#disk-uuid ",
		"#package a 1:2~3 amd64\n",
		"\nd\t0755\t0\t0\t0\t1600000000\t-\tpackage:a\t/\t-\n",
		"\nl\t0777\t0\t0\t7\t1600000000\t-\tstep:usr\t/bin\tusr/bin\n",
		"\tpackage:a\t/usr/bin/a\t-\n",
		"\tpackage:a\t/etc/a.conf\t-\n",
		"\nd\t0700\t0\t0\t0\t1700000000\t-\tstep:mke2fs\t/lost+found\t-\n",
		"\nc\t0666\t0\t0\t0\t1600000000\t-\tscript:x\t/x/null\t1,3\n",
		"\nf\t4750\t3000000000\t100000\t3\t1700000000\t",
		"\t/x/cap\t-\tsecurity.capability=0100000200040000000000000000000000000000\t",
		"00\tuser.note=6e\n",
		"\tscript:x\t/x/link\t-\n",
		"\tscript:x\t/x/twice\t/x/link\n",
		"\nh\t0644\t0\t0\t5\t",
		"\t/x/\xc3\xa4\t-\n",
		"\t/x/\\xff\\x0a\\x5c\t-\n",
	};

	assert_int_equal(io_read_file(AT_FDCWD, "o/image.manifest", 1 << 24, &text, &len), 0);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		tt_assert_contains(text, parts[i]);
}

static void test_everything(void **state)
{
	struct err err;
	char request[32];
	unsigned ino;

	full_tar();
	/* A stale temporary file of a killed build. */
	assert_int_equal(mkdir("o", 0755), 0);
	tt_text("o/image.raw.tmp", "stale");
	assert_int_equal(tt_run("o", &err), 0);
	tt_assert_clean("o");
	check_manifest();
	assert_int_equal(access("o/image.raw.tmp", F_OK), -1);

	assert_string_equal(tt_debugfs("cat /x/again"), "new");
	assert_string_equal(tt_debugfs("cat /x/link"), "first");
	tt_assert_contains(tt_debugfs("stat /x/twice"), "Links: 2");
	assert_int_equal(sscanf(tt_debugfs("stat /x/long"), "Inode: %u", &ino), 1);
	snprintf(request, sizeof(request), "cat <%u>", ino);
	assert_string_equal(tt_debugfs(request), long_target);
	tt_assert_contains(tt_debugfs("stat /x/short"), "Fast link dest: \"y\"");
	tt_assert_contains(tt_debugfs("stat /x/null"), "number: 01:03 ");
	tt_assert_contains(tt_debugfs("stat /x/big"), "number: 259:70000 ");
	tt_assert_contains(tt_debugfs("stat /x/cap"), "Mode:  04750");
	/* debugfs takes an owner as signed; it is 3000000000. */
	tt_assert_contains(tt_debugfs("stat /x/cap"), "User: -1294967296   Group: 100000");
	tt_assert_contains(tt_debugfs("stat /x/cap"), "mtime: 0x6553f100:00000000");
	tt_assert_contains(tt_debugfs("stat /x/cap"), "Generation: 0");
	tt_assert_contains(tt_debugfs("ea_list /x/cap"),
			   "security.capability (20) = 01 00 00 02 00 04");
	tt_assert_contains(tt_debugfs("ea_list /x/cap"), "user.note (1) = \"n\"");
	tt_assert_contains(tt_debugfs("ea_list /x/acl"), "system.posix_acl_access");
	tt_debugfs("dump /x/holed holed");
	tt_text("expected", "");
	assert_int_equal(io_replace_file(AT_FDCWD, "expected", tt_holed, sizeof(tt_holed), 0600),
			 0);
	assert_int_equal(system("cmp -s holed expected"), 0);
}

static void test_reproducible(void **state)
{
	struct err err;

	full_tar();
	assert_int_equal(tt_run("o1", &err), 0);
	setenv("TZ", "Asia/Tokyo", 1);
	setenv("E2FSPROGS_FAKE_TIME", "1", 1);
	umask(077);
	assert_int_equal(tt_run("o2", &err), 0);
	umask(022);
	unsetenv("E2FSPROGS_FAKE_TIME");
	unsetenv("TZ");
	assert_int_equal(system("cmp o1/image.raw o2/image.raw"), 0);
	assert_int_equal(system("cmp o1/image.manifest o2/image.manifest"), 0);
}

static void test_partition_table(void **state)
{
	const char *json;

	if (system("command -v sfdisk >/dev/null") != 0) {
		print_message("sfdisk is not installed\n");
		skip();
	}
	tt_assert_contains(tt_output_of("sfdisk --verify o/image.raw 2>&1"), "No errors detected");
	json = tt_output_of("sfdisk -J o/image.raw 2>&1");
	tt_assert_contains(json, "\"type\": \"4F68BCE3-E8CD-4DB1-96E7-FBCAFD984B09\"");
	tt_assert_contains(json, "\"start\": 2048");
	tt_assert_contains(json, "\"size\": 126976");
	tt_assert_contains(json, "\"name\": \"test-root\"");
}

static void test_overlay(void **state)
{
	struct archive *a = tt_begin();
	struct err err;

	tt_base(a);
	tt_finish(a);
	tt_profile(TT_PROFILE, TT_RULES);
	assert_int_equal(system("mkdir -p p/tree/etc p/tree/usr/bin p/tree/secret && "
				"echo mine >p/tree/etc/a.conf && chmod 666 p/tree/etc/a.conf && "
				"echo run >p/tree/usr/bin/run && chmod 700 p/tree/usr/bin/run && "
				"ln -s ../x p/tree/etc/link && chmod 700 p/tree/etc"),
			 0);
	tt_text("p/tree.modes", "# comment\n0700 /secret\n04711 /usr/bin/run\n");
	assert_int_equal(tt_run("ov", &err), 0);
	tt_assert_clean("ov");
	tt_output_of("cut -f1,2,6,8- ov/image.manifest | grep -E 'etc|secret|run' >list");
	assert_string_equal(tt_output_of("cat list"),
			    "d\t0755\t1600000000\tpackage:a\t/etc\t-\n"
			    "f\t0644\t1700000000\tstep:tree\t/etc/a.conf\t-\n"
			    "l\t0777\t1700000000\tstep:tree\t/etc/link\t../x\n"
			    "d\t0700\t1700000000\tstep:tree\t/secret\t-\n"
			    "f\t4711\t1700000000\tstep:tree\t/usr/bin/run\t-\n");

	tt_text("p/tree.modes", "0700 /none\n");
	assert_int_equal(tt_run("ov2", &err), -ENOENT);
	tt_assert_contains(err.text, "tree.modes:1: /none is not in tree/");
	assert_int_equal(system("rm p/tree.modes && mkdir p/tree/bin"), 0);
	assert_int_equal(tt_run("ov2", &err), -EEXIST);
	tt_assert_empty_dir("ov2");
}

static void test_drop_and_empty(void **state)
{
	struct archive *a = tt_begin();
	struct err err;

	tt_base(a);
	tt_dir(a, "./run");
	tt_dir(a, "./run/d");
	tt_file(a, "./run/d/f", "x");
	tt_file(a, "./usr/bin/b", "b");
	tt_hardlink(a, "./run/l", "./usr/bin/b");
	tt_file(a, "./var/log", "noise");
	tt_finish(a);
	tt_profile(TT_PROFILE, TT_RULES
		   "drop runtime /run/*\nempty log /var/log /usr/bin/a\nscript b /usr/bin/b "
		   "/run\nstep never /never\n");
	assert_int_equal(tt_run("de", &err), 0);
	tt_assert_clean("de");
	tt_output_of("cut -f1,5,7- de/image.manifest | grep -E 'run|log|bin/' >list");
	tt_assert_contains(tt_output_of("cat list"), "d\t0\t-\tscript:b\t/run\t-\n");
	assert_null(strstr(tt_output_of("cat list"), "/run/"));
	tt_assert_contains(tt_output_of("cat list"), "f\t0\te3b0c442");
	tt_assert_contains(tt_output_of("cat list"), "\tstep:dpkg,empty:log\t/var/log\t-\n");
	tt_assert_contains(tt_output_of("cat list"), "\tpackage:a,empty:log\t/usr/bin/a\t-\n");
	tt_assert_contains(tt_output_of("cat list"), "f\t1\t3e23e816");
}

static void test_modified_explained(void **state)
{
	struct archive *a = tt_begin();
	struct err err;

	tt_base(a);
	tt_file(a, "./usr/bin/a", "changed\n");
	tt_finish(a);
	tt_profile(TT_PROFILE, TT_RULES "script b /usr/bin/a\n");
	assert_int_equal(tt_run("me", &err), 0);
	tt_assert_contains(tt_output_of("grep usr/bin/a me/image.manifest"),
			   "\tpackage:a,script:b\t");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),     cmocka_unit_test(test_partition_table),
		cmocka_unit_test(test_reproducible),   cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_drop_and_empty), cmocka_unit_test(test_modified_explained),
	};

	return cmocka_run_group_tests(tests, tt_setup, tt_teardown);
}
