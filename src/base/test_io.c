/*
 * Tests of io.c: whole files, files without a size, bounds, and a replacement that fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"

static int setup(void **state)
{
	static char dir[32];

	strcpy(dir, "/tmp/test_io.XXXXXX");
	*state = mkdtemp(dir);
	return *state && chdir(dir) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	return rmdir(*state);
}

static void test_replace_and_read(void **state)
{
	char *buf = NULL;
	size_t len = 0;
	struct stat st;

	assert_int_equal(io_replace_file(AT_FDCWD, "a", "one", 3, 0640), 0);
	assert_int_equal(io_replace_file(AT_FDCWD, "a", "two\0x", 5, 0604), 0);
	assert_int_equal(io_read_file(AT_FDCWD, "a", 5, &buf, &len), 0);
	assert_int_equal(len, 5);
	assert_memory_equal(buf, "two\0x", 6);
	free(buf);
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	assert_int_equal(access("a.new", F_OK), -1);

	buf = NULL;
	assert_int_equal(io_read_file(AT_FDCWD, "a", 4, &buf, &len), -EFBIG);
	assert_null(buf);
	assert_int_equal(unlink("a"), 0);
	assert_int_equal(io_read_file(AT_FDCWD, "a", 4, &buf, &len), -ENOENT);
}

static void test_replace_survives_leftover(void **state)
{
	int fd = open("b.new", O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(io_replace_file(AT_FDCWD, "b", "x", 1, 0600), 0);
	assert_int_equal(unlink("b"), 0);
}

static void test_replace_fails_clean(void **state)
{
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(io_replace_file(AT_FDCWD, "d", "x", 1, 0600), -EISDIR);
	assert_int_equal(access("d.new", F_OK), -1);
	assert_int_equal(rmdir("d"), 0);
}

/* In a child: a file may grow to 1000 bytes, as on a disk that is nearly full. */
static int replace_without_room(void)
{
	static const char big[4096];
	const struct rlimit limit = {1000, 1000};

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		return 1;
	if (io_replace_file(AT_FDCWD, "full", big, sizeof(big), 0600) != -EFBIG)
		return 2;
	return access("full.new", F_OK) < 0 ? 0 : 3;
}

static void assert_content(const char *path, const char *expected, size_t len)
{
	_cleanup_free_ char *buf = NULL;
	size_t got = 0;

	assert_int_equal(io_read_file(AT_FDCWD, path, 1 << 20, &buf, &got), 0);
	assert_int_equal(got, len);
	assert_memory_equal(buf, expected, len);
}

static void test_replace_without_room(void **state)
{
	pid_t child;
	int result;

	assert_int_equal(io_replace_file(AT_FDCWD, "full", "old", 3, 0600), 0);
	child = fork();
	if (child == 0)
		_exit(replace_without_room());
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
	assert_content("full", "old", 3);
	assert_int_equal(unlink("full"), 0);
}

/* A writer that is killed at any moment leaves a whole file, and nothing in the next one's way. */
static void test_replace_killed(void **state)
{
	enum { LEN = 256 * 1024 };
	_cleanup_free_ char *buf = malloc(LEN);

	assert_non_null(buf);
	memset(buf, 'x', LEN);
	assert_int_equal(io_replace_file(AT_FDCWD, "kill", buf, LEN, 0600), 0);
	for (int i = 0; i < 40; i++) {
		pid_t child = fork();

		if (child == 0)
			for (;;)
				io_replace_file(AT_FDCWD, "kill", buf, LEN, 0600);
		assert_true(child > 0);
		usleep(random() % 5000);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_content("kill", buf, LEN);
	}
	assert_int_equal(io_replace_file(AT_FDCWD, "kill", "", 0, 0600), 0);
	assert_content("kill", "", 0);
	assert_int_equal(access("kill.new", F_OK), -1);
	assert_int_equal(unlink("kill"), 0);
}

/* Files in /proc tell the size 0 and grow over one buffer. */
static void test_read_proc(void **state)
{
	_cleanup_free_ char *buf = NULL;
	size_t len;

	assert_int_equal(io_read_file(AT_FDCWD, "/proc/self/status", 1 << 20, &buf, &len), 0);
	assert_non_null(strstr(buf, "Name:"));
	assert_int_equal(strlen(buf), len);
}

static void test_read_exact(void **state)
{
	size_t len = 77;
	char buf[4];
	int p[2];

	assert_int_equal(pipe(p), 0);
	assert_int_equal(io_write_all(p[1], "abcdefg", 7), 0);
	close(p[1]);
	assert_int_equal(io_read_exact(p[0], buf, 4), 0);
	assert_memory_equal(buf, "abcd", 4);
	assert_int_equal(io_read_up_to(p[0], buf, 2, &len), 0);
	assert_int_equal(len, 2);
	assert_memory_equal(buf, "efcd", 4);
	assert_int_equal(io_read_exact(p[0], buf, 4), -ENODATA);
	assert_int_equal(io_read_up_to(p[0], buf, 4, &len), 0);
	assert_int_equal(len, 0);
	close(p[0]);
	assert_int_equal(io_read_up_to(p[1], buf, 4, &len), -EBADF);
	assert_int_equal(len, 0);
}

/* A pipe gives what is there: what comes later is waited for. */
static void test_read_in_pieces(void **state)
{
	_cleanup_free_ char *all = NULL;
	char buf[6] = "";
	size_t len = 0;
	pid_t child;
	int p[2];

	assert_int_equal(pipe(p), 0);
	child = fork();
	if (child == 0) {
		for (const char *c = "abcdefghij"; *c; c++) {
			usleep(5000);
			if (write(p[1], c, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	assert_true(child > 0);
	close(p[1]);
	assert_int_equal(io_read_exact(p[0], buf, 3), 0);
	assert_int_equal(io_read_up_to(p[0], buf + 3, 2, &len), 0);
	assert_int_equal(len, 2);
	assert_string_equal(buf, "abcde");
	assert_int_equal(io_read_fd(p[0], 5, &all, &len), 0);
	assert_int_equal(len, 5);
	assert_string_equal(all, "fghij");
	close(p[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace_and_read),
		cmocka_unit_test(test_replace_survives_leftover),
		cmocka_unit_test(test_replace_fails_clean),
		cmocka_unit_test(test_replace_without_room),
		cmocka_unit_test(test_replace_killed),
		cmocka_unit_test(test_read_proc),
		cmocka_unit_test(test_read_exact),
		cmocka_unit_test(test_read_in_pieces),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
