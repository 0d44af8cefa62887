/*
 * Tests of scan.c: what is told of real folders, and of those that somebody has prepared.
 */
#include "filetrace/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/testroot.h"

/* What was told: directories with a slash and their reach behind, files as they are. */
struct told {
	struct strbuf text;
	size_t files, directories;
	const char *stop_at; /* a path that ends the scan */
	const char *remove; /* a file that goes when a directory is told */
};

static int stop(const struct told *t, const char *path)
{
	return t->stop_at && str_equal(t->stop_at, path) ? 7 : 0;
}

static int on_directory(void *data, const char *path, int fd, enum reach reach)
{
	static const char marks[] = "-neA";
	struct told *t = data;

	assert_int_equal(fcntl(fd, F_GETFL) & (O_ACCMODE | O_PATH | O_DIRECTORY),
			 O_RDONLY | O_DIRECTORY);
	assert_int_equal(strbuf_addf(&t->text, "%s:%c ", path, marks[reach]), 0);
	t->directories++;
	if (t->remove)
		unlink(t->remove);
	return stop(t, path);
}

static int on_file(void *data, const char *path, int fd)
{
	struct told *t = data;

	assert_true(fcntl(fd, F_GETFL) & O_PATH);
	if (t->files++ < 100)
		assert_int_equal(strbuf_addf(&t->text, "%s ", path), 0);
	return stop(t, path);
}

static const struct scan_fns fns = {.directory = on_directory, .file = on_file};

static void told_deinit(struct told *t)
{
	strbuf_deinit(&t->text);
}

/* A set of the patterns that @words are; "!" in front of a rule. */
static struct watchset *set_of(const char *words)
{
	_cleanup_(str_vector_free_p) char **list = NULL;
	const char *problem = "";
	struct watchset *s;

	assert_int_equal(watchset_new(&s), 0);
	assert_int_equal(str_split(words, &list), 0);
	for (size_t i = 0; list[i]; i++)
		assert_int_equal(*list[i] == '!' ? watchset_ignore(s, list[i] + 1, &problem)
						 : watchset_add(s, list[i], false, &problem),
				 0);
	return s;
}

static struct scan_result run(const struct testroot *root, const char *words, const char *below,
			      struct told *t)
{
	_cleanup_(watchset_free_p) struct watchset *s = set_of(words);
	struct scan_result result = {};

	assert_int_equal(scan(root->fd, s, below, &fns, t, &result), 0);
	assert_int_equal(result.files, t->files);
	assert_int_equal(result.directories, t->directories);
	return result;
}

/* Whether exactly the words of @expected were told, in any order of the entries. */
static void assert_told(const struct testroot *root, const char *words, const char *below,
			const char *expected)
{
	_cleanup_(str_vector_free_p) char **list = NULL, **found = NULL;
	_cleanup_(told_deinit) struct told t = {};

	run(root, words, below, &t);
	assert_int_equal(str_split(expected, &list), 0);
	assert_int_equal(str_split(t.text.text ?: "", &found), 0);
	for (size_t i = 0; list[i]; i++)
		if (!str_vector_contains(found, list[i]))
			fail_msg("%s is not in %s", list[i], t.text.text);
	if (str_vector_count(list) != str_vector_count(found))
		fail_msg("%s", t.text.text);
}

static int clear(void **state)
{
	testroot_clear(*state);
	return 0;
}

static void test_patterns(void **state)
{
	struct testroot *t = *state;

	testroot_write(t, "etc/hosts", "");
	testroot_write(t, "etc/a/b/.c", "");
	testroot_write(t, "etc/a/b/.c.swp", "");
	testroot_write(t, "etc/cache/x", "");
	testroot_write(t, "etc/cache/keep/x", "");
	testroot_write(t, "home/alice/.bashrc", "");
	testroot_write(t, "home/alice/other", "");
	testroot_write(t, "home/file", "");
	testroot_write(t, "srv/other/x", "");
	assert_told(t, "/etc !*.swp !/etc/cache", NULL,
		    "/:n /etc:A /etc/hosts /etc/a:A /etc/a/b:A /etc/a/b/.c");
	assert_told(t, "/etc /etc/cache/keep !*.swp !/etc/cache !hosts !a", NULL,
		    "/:n /etc:A /etc/cache:n /etc/cache/keep:A /etc/cache/keep/x");
	assert_told(t, "/home/*/.bashrc", NULL, "/:n /home:e /home/alice:n /home/alice/.bashrc");
	assert_told(t, "/etc/hosts /nothing/yet /etc/hosts/x /srv/new", NULL,
		    "/:n /etc:n /etc/hosts /srv:n");
	assert_told(t, "/etc/ho*", NULL, "/:n /etc:e /etc/hosts");
	assert_told(t, "/e*/hosts", NULL, "/:e /etc:n /etc/hosts");
	assert_told(t, "", NULL, "");
}

static void test_below(void **state)
{
	struct testroot *t = *state;

	testroot_write(t, "etc/hosts", "");
	testroot_write(t, "etc/a/b", "");
	testroot_write(t, "etc/ab", "");
	assert_int_equal(symlink("etc", "link"), 0);
	assert_told(t, "/etc", "/etc/a", "/etc/a:A /etc/a/b");
	assert_told(t, "/etc", "/etc/a/b", "/etc/a/b");
	assert_told(t, "/etc", "/etc/hosts", "/etc/hosts");
	assert_told(t, "/etc", "/etc/none", "");
	assert_told(t, "/etc", "/et", "");
	assert_told(t, "/etc", "/srv", "");
	assert_told(t, "/etc/ab", "/", "/:n /etc:n /etc/ab");
	assert_told(t, "/link/a", "/link/a", "/link/a:A /link/a/b");
	assert_told(t, "/etc", "/link/a", "");
}

static void test_links(void **state)
{
	struct testroot *t = *state;

	testroot_write(t, "usr/lib/x", "");
	testroot_write(t, "usr/lib/deep/y", "");
	testroot_write(t, "etc/real", "");
	assert_int_equal(symlink("usr/lib", "lib"), 0);
	assert_int_equal(symlink("/usr/lib", "etc/absolute"), 0);
	assert_int_equal(symlink("real", "etc/file"), 0);
	assert_int_equal(symlink(".", "etc/self"), 0);
	assert_int_equal(symlink("loop", "etc/loop"), 0);
	assert_int_equal(symlink("/none", "etc/dangling"), 0);
	assert_int_equal(symlink("../../../../../../..", "etc/out"), 0);
	/* Found ones are told and not followed. */
	assert_told(t, "/etc", NULL,
		    "/:n /etc:A /etc/real /etc/absolute /etc/file /etc/self /etc/loop "
		    "/etc/dangling /etc/out");
	/* Named ones are followed, and told when they are what is named. */
	assert_told(t, "/lib/x", NULL, "/:n /lib:n /lib/x");
	assert_told(t, "/lib", NULL, "/:n /lib /lib:A /lib/x /lib/deep:A /lib/deep/y");
	assert_told(t, "/etc/absolute/d*/y", NULL,
		    "/:n /etc:n /etc/absolute:e /etc/absolute/deep:n /etc/absolute/deep/y");
	assert_told(t, "/etc/file /etc/loop /etc/dangling/x", NULL,
		    "/:n /etc:n /etc/file /etc/loop");
	assert_told(t, "/etc/self/self/self/real", NULL,
		    "/:n /etc:n /etc/self:n /etc/self/self:n /etc/self/self/self:n "
		    "/etc/self/self/self/real");
	assert_told(t, "/etc/out/etc/real", NULL,
		    "/:n /etc:n /etc/out:n /etc/out/etc:n /etc/out/etc/real");
	/* In a directory that is under watch as a whole, what is named is followed too, once. */
	assert_told(t, "/etc /etc/absolute/x !self !loop !dangling !out", NULL,
		    "/:n /etc:A /etc/real /etc/absolute /etc/file /etc/absolute:A "
		    "/etc/absolute/x /etc/absolute/deep:A /etc/absolute/deep/y");
}

static void test_odd_entries(void **state)
{
	struct testroot *t = *state;
	_cleanup_(told_deinit) struct told told = {};

	testroot_write(t, "etc/new\nline", "");
	testroot_write(t, "etc/\xff\x01", "");
	testroot_write(t, "proc/1/status", "");
	testroot_write(t, "sys/kernel", "");
	assert_int_equal(mkfifo("etc/fifo", 0600), 0);
	run(t, "/etc /proc/1/status /sys", NULL, &told);
	assert_int_equal(told.files, 3);
	assert_int_equal(told.directories, 2);
	assert_non_null(strstr(told.text.text, "/etc/new\nline "));
	assert_non_null(strstr(told.text.text, "/etc/\xff\x01 "));
	assert_non_null(strstr(told.text.text, "/etc/fifo "));
}

static void test_deep(void **state)
{
	_cleanup_(told_deinit) struct told told = {};
	struct testroot *t = *state;
	_cleanup_close_ int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct scan_result result;

	for (int i = 0; i < 200; i++) {
		_cleanup_close_ int parent = take_fd(&fd);

		assert_int_equal(mkdirat(parent, "d", 0755), 0);
		fd = openat(parent, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
		assert_true(fd >= 0);
	}
	result = run(t, "/d", NULL, &told);
	assert_true(result.cut);
	assert_int_equal(told.directories, SCAN_DEPTH);
}

/* Takes away a tree, "d" and in it @name and so on, whose paths are too long for nftw(). */
static void remove_long(const char *name)
{
	char inner[256];

	snprintf(inner, sizeof(inner), "d/%s", name);
	while (rename(inner, "next") == 0) {
		assert_int_equal(rmdir("d"), 0);
		assert_int_equal(rename("next", "d"), 0);
	}
}

/* Names of 200 bytes: the path would be longer than any, before the walk is too deep. */
static void test_long_path(void **state)
{
	_cleanup_(told_deinit) struct told told = {};
	_cleanup_close_ int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[201] = "d";

	for (int i = 0; i < 30; i++) {
		_cleanup_close_ int parent = take_fd(&fd);

		assert_int_equal(mkdirat(parent, name, 0755), 0);
		fd = openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		assert_true(fd >= 0);
		memset(name, 'd', 200);
	}
	assert_true(run(*state, "/d", NULL, &told).cut);
	assert_int_equal(told.directories, 2 + 4092 / 201);
	remove_long(name);
}

static void check_refused(const struct testroot *t)
{
	struct told told = {};
	struct scan_result result = {};
	struct watchset *s = set_of("/etc");

	/* Not root: permissions count. */
	TESTROOT_CHECK(setuid(65534) == 0);
	TESTROOT_CHECK(scan(t->fd, s, NULL, &fns, &told, &result) == 0);
	TESTROOT_CHECK(result.refused == 2 && told.files == 2 && !result.cut);
	watchset_free(s);
	told_deinit(&told);
}

static void test_refused(void **state)
{
	struct testroot *t = *state;

	testroot_write(t, "etc/closed/in", "");
	testroot_write(t, "etc/blind/in", "");
	testroot_write(t, "etc/open/in", "");
	testroot_write(t, "etc/secret", "");
	assert_int_equal(chmod("etc/closed", 0), 0);
	assert_int_equal(chmod("etc/blind", 0311), 0);
	/* A file need not be readable to be told. */
	assert_int_equal(chmod("etc/secret", 0), 0);
	if (geteuid() == 0)
		assert_int_equal(testroot_run(t, check_refused), 0);
	chmod("etc/closed", 0755);
	chmod("etc/blind", 0755);
}

static void test_vanishing(void **state)
{
	struct testroot *t = *state;
	_cleanup_(told_deinit) struct told told = {.remove = "etc/gone"};

	testroot_write(t, "etc/gone", "");
	testroot_write(t, "etc/stays", "");
	assert_int_equal(run(t, "/etc /etc/gone", NULL, &told).refused, 0);
	assert_string_equal(told.text.text, "/:n /etc:A /etc/stays ");
}

static void test_stops(void **state)
{
	static const char *const places[] = {"/", "/etc", "/etc/a", "/link", "/link/a"};
	struct testroot *t = *state;
	struct scan_result result = {.files = 99};

	testroot_write(t, "etc/a", "");
	assert_int_equal(symlink("etc", "link"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_(watchset_free_p) struct watchset *s = set_of("/etc /link");
		_cleanup_(told_deinit) struct told told = {.stop_at = places[i]};

		assert_int_equal(scan(t->fd, s, NULL, &fns, &told, &result), 7);
		assert_int_equal(result.files, 99);
	}
}

/* That there is no descriptor left is told, and not taken for a directory that is not there. */
static void test_no_descriptors(void **state)
{
	_cleanup_(watchset_free_p) struct watchset *s = set_of("/a");
	struct testroot *t = *state;
	struct rlimit before, few;
	struct scan_result result;
	int spare, r = 0;

	testroot_write(t, "a/b/c/d/e/f/g/h", "");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	spare = dup(t->fd);
	close(spare);
	for (few = before, few.rlim_cur = spare; few.rlim_cur < (rlim_t)spare + 10;
	     few.rlim_cur++) {
		_cleanup_(told_deinit) struct told told = {};

		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		r = scan(t->fd, s, NULL, &fns, &told, &result);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		assert_true(r == -EMFILE || told.files == 1);
		if (r == 0)
			break;
	}
	assert_true(few.rlim_cur > (rlim_t)spare + 2);
}

/* Ten thousand files; and by other names of their directory, more than there may be. */
static void test_many(void **state)
{
	enum { FILES = 10000 };
	_cleanup_(told_deinit) struct told told = {}, more = {};
	_cleanup_close_ int fd = -1;
	char name[16];

	assert_int_equal(mkdir("etc", 0755), 0);
	fd = open("etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (unsigned i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		assert_int_equal(mknodat(fd, name, S_IFREG | 0644, 0), 0);
	}
	for (unsigned i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "l%u", i);
		assert_int_equal(symlink("etc", name), 0);
	}
	assert_false(run(*state, "/etc", NULL, &told).cut);
	assert_int_equal(told.files, FILES);
	assert_true(run(*state, "/l0 /l1 /l2 /l3 /l4 /l5 /l6 /l7", NULL, &more).cut);
	assert_int_equal(more.files, SCAN_FILES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_patterns, clear),
		cmocka_unit_test_teardown(test_below, clear),
		cmocka_unit_test_teardown(test_links, clear),
		cmocka_unit_test_teardown(test_odd_entries, clear),
		cmocka_unit_test_teardown(test_deep, clear),
		cmocka_unit_test_teardown(test_long_path, clear),
		cmocka_unit_test_teardown(test_refused, clear),
		cmocka_unit_test_teardown(test_vanishing, clear),
		cmocka_unit_test_teardown(test_stops, clear),
		cmocka_unit_test_teardown(test_no_descriptors, clear),
		cmocka_unit_test_teardown(test_many, clear),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
