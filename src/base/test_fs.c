/*
 * Tests of fs.c: names that try to lead out of the root, links that are swapped meanwhile, and
 * what else may stand where a file is expected.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "base/testroot.h"

/* The root of these tests is machine/, beside which lies what must not be reached. */
static int enter_machine(const struct testroot *t)
{
	_cleanup_free_ char *path = NULL;
	int fd;

	testroot_write(t, "secret", "outside\n");
	testroot_write(t, "machine/etc/inside", "inside\n");
	assert_true(asprintf(&path, "%s/machine", t->path) > 0);
	assert_int_equal(fs_open_root(path, &fd), 0);
	return fd;
}

static int leave_machine(void **state)
{
	testroot_clear(*state);
	return 0;
}

static void assert_reads(int root, const char *path, const char *expected)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(fs_read(root, path, 100, &text, NULL), 0);
	assert_string_equal(text, expected);
}

static void test_root(void **state)
{
	int fd = -1;

	assert_int_equal(fs_open_root("/nonexistent", &fd), -ENOENT);
	assert_int_equal(fs_open_root("/proc/version", &fd), -ENOTDIR);
	assert_int_equal(fd, -1);
	assert_int_equal(fs_open_root("", &fd), 0);
	assert_int_equal(fs_exists(fd, "/proc/self/status"), 1);
	close(fd);
	assert_int_equal(fs_open_root(NULL, &fd), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void test_stays_inside(void **state)
{
	_cleanup_close_ int root = enter_machine(*state);
	_cleanup_free_ char *text = NULL;
	char absolute[64];
	size_t i;
	static const char *const out[] = {
		"/../secret",	     "/etc/../../secret", "/../../../../../../etc/passwd",
		"/etc/climbing",     "/etc/absolute",	  "/etc/dir/secret",
		"/etc/passwd",	     "/etc/host/passwd",  "/etc/inside/../inside",
		"/etc/dangling/new",
	};

	snprintf(absolute, sizeof(absolute), "%s/secret", ((struct testroot *)*state)->path);
	assert_int_equal(symlink("../../secret", "machine/etc/climbing"), 0);
	assert_int_equal(symlink(absolute, "machine/etc/absolute"), 0);
	assert_int_equal(symlink("../..", "machine/etc/dir"), 0);
	assert_int_equal(symlink("/etc", "machine/etc/host"), 0);
	assert_int_equal(symlink("/nothing", "machine/etc/dangling"), 0);
	for (i = 0; i < ARRAY_SIZE(out); i++) {
		int r = fs_read(root, out[i], 100, &text, NULL);

		assert_true(r == -ENOENT || r == -ENOTDIR);
		assert_null(text);
		assert_int_equal(fs_exists(root, out[i]), 0);
	}
	/* Absolute links and two dots are fine as long as they have somewhere to lead to. */
	assert_reads(root, "/etc/host/inside", "inside\n");
	assert_reads(root, "/../../etc/host/../etc/inside", "inside\n");
	assert_int_equal(fs_read(root, "etc/inside", 100, &text, NULL), -EINVAL);
	assert_int_equal(fs_read(root, "", 100, &text, NULL), -EINVAL);
}

/* Nothing is made outside either, by name or by link. */
static void test_writes_stay_inside(void **state)
{
	_cleanup_close_ int root = enter_machine(*state);
	struct stat st;
	int fd = -1;

	assert_int_equal(symlink("../../new", "machine/etc/climbing"), 0);
	assert_int_equal(symlink("../secret", "machine/link"), 0);
	assert_int_equal(fs_open(root, "/etc/climbing", O_WRONLY | O_CREAT, 0600, &fd), 0);
	close(fd);
	assert_int_equal(access("new", F_OK), -1);
	assert_int_equal(access("machine/new", F_OK), 0);
	assert_int_equal(fs_mkdir(root, "/../../up/there", 0700), 0);
	assert_int_equal(access("up", F_OK), -1);
	assert_int_equal(access("machine/up/there", F_OK), 0);

	/* The link goes, what it leads to stays. */
	assert_int_equal(fs_replace(root, "/link", "x", 1, 0640), 0);
	assert_int_equal(lstat("machine/link", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(stat("secret", &st), 0);
	assert_int_equal(st.st_size, strlen("outside\n"));
}

static void test_magic_links(void **state)
{
	static const char *const links[] = {
		"/proc/self/exe",  "/proc/self/root/etc/passwd", "/proc/self/cwd/secret",
		"/proc/self/fd/0", "/proc/thread-self/root",
	};
	_cleanup_close_ int root = -1, proc = -1;
	int fd = -1;

	assert_int_equal(fs_open_root(NULL, &root), 0);
	assert_int_equal(fs_open(root, "/proc/self", O_PATH | O_DIRECTORY, 0, &proc), 0);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		assert_int_equal(fs_open(root, links[i], O_RDONLY, 0, &fd), -ELOOP);
	assert_int_equal(fs_open_beneath(proc, "exe", O_RDONLY, 0, &fd), -ELOOP);
	assert_int_equal(fs_open_beneath(proc, "root/etc/passwd", O_RDONLY, 0, &fd), -ELOOP);
	assert_int_equal(fs_exists(root, "/proc/self/exe"), -ELOOP);
	assert_int_equal(fd, -1);
}

static void test_beneath(void **state)
{
	_cleanup_close_ int root = enter_machine(*state);
	static const struct {
		const char *name;
		int r;
	} cases[] = {
		{"", -EINVAL},
		{"..", -EINVAL},
		{"../secret", -EINVAL},
		{"etc/..", -EINVAL},
		{"etc/../etc/inside", -EINVAL},
		{"etc//..//x", -EINVAL},
		{"/etc/inside", -EXDEV},
		{"//etc/inside", -EXDEV},
		{"link", -ELOOP},
		{"folder/inside", -ELOOP},
		{"etc/nothing", -ENOENT},
		{"etc/inside/", -ENOTDIR},
		{"etc/inside", 0},
		{"./etc/./inside", 0},
		{"..etc/.../inside..", 0},
	};

	testroot_write(*state, "machine/..etc/.../inside..", "");
	assert_int_equal(symlink("etc/inside", "machine/link"), 0);
	assert_int_equal(symlink("etc", "machine/folder"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = -1;

		assert_int_equal(fs_open_beneath(root, cases[i].name, O_RDONLY, 0, &fd),
				 cases[i].r);
		assert_int_equal(fd >= 0, cases[i].r == 0);
		if (fd >= 0)
			close(fd);
	}
}

/* Until killed, or the test is gone: a folder and a link out of the root change places. */
static void swap_places(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		renameat2(AT_FDCWD, "machine/a", AT_FDCWD, "machine/b", RENAME_EXCHANGE);
}

static void assert_inside(int r, int fd)
{
	char buf[32] = "";

	if (r < 0)
		return;
	assert_true(read(fd, buf, sizeof(buf) - 1) > 0);
	close(fd);
	assert_string_equal(buf, "inside\n");
}

static void test_swapped_links(void **state)
{
	_cleanup_close_ int root = enter_machine(*state);
	int opened = 0, fd, r;
	pid_t child;

	testroot_write(*state, "machine/a/x/secret", "inside\n");
	testroot_write(*state, "x/secret", "outside\n");
	assert_int_equal(symlink("..", "machine/b"), 0);
	child = fork();
	if (child == 0)
		swap_places();
	assert_true(child > 0);
	for (int i = 0; i < 20000; i++) {
		r = fs_open(root, "/a/x/../x/secret", O_RDONLY, 0, &fd);
		opened += r == 0;
		assert_inside(r, fd);
		assert_true(r == 0 || r == -ENOENT || r == -EAGAIN);
		r = fs_open_beneath(root, "a/x/secret", O_RDONLY, 0, &fd);
		assert_inside(r, fd);
		assert_true(r == 0 || r == -ELOOP);
	}
	assert_true(opened > 0);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_read(void **state)
{
	_cleanup_close_ int root = enter_machine(*state);
	_cleanup_free_ char *text = NULL;
	size_t len = 7;

	assert_int_equal(fs_read(root, "/etc", 100, &text, &len), -EISDIR);
	assert_int_equal(fs_read(root, "/etc/inside", 6, &text, &len), -EFBIG);
	assert_int_equal(len, 7);
	assert_null(text);
	assert_int_equal(fs_read(root, "/etc/inside", 7, &text, &len), 0);
	assert_int_equal(len, 7);
	/* Nobody writes to it, and nobody waits for that. */
	assert_int_equal(mkfifo("machine/pipe", 0600), 0);
	alarm(10);
	assert_reads(root, "/pipe", "");
	alarm(0);
}

static void test_line(void **state)
{
	_cleanup_close_ int root = enter_machine(*state);
	static const struct {
		const char *text, *line;
		int r, number_r;
		uint64_t number;
	} cases[] = {
		{"17\n", "17", 0, 0, 17},
		{"18446744073709551615", "18446744073709551615", 0, 0, UINT64_MAX},
		{"18446744073709551616", "18446744073709551616", 0, -ERANGE, 0},
		{"", "", 0, -EINVAL, 0},
		{"\n1", "", 0, -EINVAL, 0},
		{"max\n", "max", 0, -EINVAL, 0},
		{"1 2\n3\n", "1 2", 0, -EINVAL, 0},
		{"-1\n", "-1", 0, -EINVAL, 0},
	};
	char big[4098];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *line = NULL;
		uint64_t v = 42;

		testroot_write(*state, "machine/f", cases[i].text);
		assert_int_equal(fs_read_line(root, "/f", &line), cases[i].r);
		assert_string_equal(line, cases[i].line);
		assert_int_equal(fs_read_u64(root, "/f", &v), cases[i].number_r);
		assert_true(v == (cases[i].number_r ? 42 : cases[i].number));
	}
	memset(big, 'x', sizeof(big));
	testroot_write_bytes(*state, "machine/f", big, 4097);
	assert_int_equal(fs_read_line(root, "/f", &(char *){NULL}), -EFBIG);
	assert_int_equal(fs_read_u64(root, "/nothing", &(uint64_t){0}), -ENOENT);
}

static void test_replace(void **state)
{
	_cleanup_close_ int root = enter_machine(*state);
	struct stat st;

	assert_int_equal(symlink("/etc", "machine/folder"), 0);
	assert_int_equal(fs_replace(root, "/folder/inside", "two", 3, 0604), 0);
	assert_reads(root, "/etc/inside", "two");
	assert_int_equal(stat("machine/etc/inside", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	assert_int_equal(fs_replace(root, "/top", "x", 1, 0600), 0);
	assert_reads(root, "/top", "x");
	assert_int_equal(fs_replace(root, "/etc", "x", 1, 0600), -EISDIR);
	assert_int_equal(fs_replace(root, "/etc/", "x", 1, 0600), -EINVAL);
	assert_int_equal(fs_replace(root, "/etc/..", "x", 1, 0600), -EINVAL);
	assert_int_equal(fs_replace(root, "/etc/.", "x", 1, 0600), -EINVAL);
	assert_int_equal(fs_replace(root, "/", "x", 1, 0600), -EINVAL);
	assert_int_equal(fs_replace(root, "top", "x", 1, 0600), -EINVAL);
	assert_int_equal(fs_replace(root, "/nothing/x", "x", 1, 0600), -ENOENT);
	assert_int_equal(fs_replace(root, "/etc/inside/x", "x", 1, 0600), -ENOTDIR);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* The mode is for files that are made, and for nothing else. */
static void test_open_mode(void **state)
{
	_cleanup_close_ int root = enter_machine(*state), nameless = -1;
	struct stat st;
	int fd;

	assert_int_equal(fs_open(root, "/made", O_WRONLY | O_CREAT, 0600, &fd), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_int_equal(mode_of("machine/made"), 0600);
	assert_int_equal(fs_open(root, "/made", O_RDONLY, 0644, &fd), 0);
	close(fd);
	assert_int_equal(mode_of("machine/made"), 0600);
	assert_int_equal(fs_open(root, "/etc", O_RDWR | O_TMPFILE, 0600, &nameless), 0);
	assert_int_equal(fstat(nameless, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_mkdir(void **state)
{
	_cleanup_close_ int root = enter_machine(*state);
	mode_t old = umask(077);

	assert_int_equal(fs_mkdir(root, "/var/lib//leonhard/node/", 0700), 0);
	assert_int_equal(fs_mkdir(root, "/run/leonhard", 0755), 0);
	umask(old);
	/* Whoever starts a service with a narrow umask locks nobody out. */
	assert_int_equal(mode_of("machine/run"), 0755);
	assert_int_equal(mode_of("machine/run/leonhard"), 0755);
	assert_int_equal(mode_of("machine/var/lib/leonhard"), 0755);
	assert_int_equal(mode_of("machine/var/lib/leonhard/node"), 0700);
	assert_int_equal(fs_mkdir(root, "/var/lib/leonhard/node", 0755), 0);
	assert_int_equal(mode_of("machine/var/lib/leonhard/node"), 0700);
	assert_int_equal(fs_mkdir(root, "/", 0755), 0);
	assert_int_equal(symlink("/var", "machine/v"), 0);
	assert_int_equal(fs_mkdir(root, "/v/cache", 0755), 0);
	assert_int_equal(access("machine/var/cache", F_OK), 0);
	assert_int_equal(symlink("/nothing", "machine/dangling"), 0);
	assert_int_equal(fs_mkdir(root, "/dangling", 0755), -ENOENT);
	assert_int_equal(fs_mkdir(root, "/dangling/x", 0755), -ENOENT);
	assert_int_equal(fs_mkdir(root, "/etc/inside", 0755), -ENOTDIR);
	assert_int_equal(fs_mkdir(root, "/etc/inside/x", 0755), -ENOTDIR);
	assert_int_equal(fs_mkdir(root, "var", 0755), -EINVAL);
}

static void test_list(void **state)
{
	_cleanup_close_ int root = enter_machine(*state);
	char **names = NULL, name[32];

	assert_int_equal(fs_list(root, "/etc/inside", &names), -ENOTDIR);
	assert_int_equal(fs_list(root, "/nothing", &names), -ENOENT);
	assert_null(names);
	assert_int_equal(mkdir("machine/empty", 0755), 0);
	assert_int_equal(fs_list(root, "/empty", &names), 0);
	assert_null(names[0]);
	str_vector_free(names);

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "machine/many/%02d", (i * 37) % 100);
		testroot_write(*state, name, "");
	}
	testroot_write(*state, "machine/many/.hidden", "");
	testroot_write(*state, "machine/many/\xff", "");
	assert_int_equal(fs_list(root, "/many", &names), 0);
	assert_string_equal(names[0], ".hidden");
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%02d", i);
		assert_string_equal(names[i + 1], name);
	}
	assert_string_equal(names[101], "\xff");
	assert_null(names[102]);
	str_vector_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_root),
		cmocka_unit_test_teardown(test_stays_inside, leave_machine),
		cmocka_unit_test_teardown(test_writes_stay_inside, leave_machine),
		cmocka_unit_test(test_magic_links),
		cmocka_unit_test_teardown(test_beneath, leave_machine),
		cmocka_unit_test_teardown(test_swapped_links, leave_machine),
		cmocka_unit_test_teardown(test_read, leave_machine),
		cmocka_unit_test_teardown(test_line, leave_machine),
		cmocka_unit_test_teardown(test_replace, leave_machine),
		cmocka_unit_test_teardown(test_open_mode, leave_machine),
		cmocka_unit_test_teardown(test_mkdir, leave_machine),
		cmocka_unit_test_teardown(test_list, leave_machine),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
