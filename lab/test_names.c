/*
 * Tests of names.c and of the generator: who gets a name, and who gets a door.
 */
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
#include "lab/names.h"
#include "lab/spawn.h"

static char root[32];

static int setup(void **state)
{
	strcpy(root, "/tmp/lab-test-XXXXXX");
	return mkdtemp(root) && setenv("XDG_RUNTIME_DIR", root, 1) == 0 ? 0 : -1;
}

static int run_program(const char *const *argv)
{
	pid_t pid;

	if (spawn_helper(&(struct spawn_helper){.argv = argv,
						.stdio = {-1, -1, -1},
						.keep = {-1, -1, -1, -1}},
			 &pid) < 0)
		return -1;
	return spawn_wait(pid);
}

static int teardown(void **state)
{
	return run_program((const char *const[]){"rm", "-rf", root, NULL});
}

static void test_valid(void **state)
{
	static const char *const good[] = {"a", "lab-12", "A.b_c-9"};
	static const char *const bad[] = {"", ".", "..", "-x", "a/b", "a b", "\xc3\xa4", ".x"};
	char long_name[66];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(names_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(names_valid(bad[i]));
	memset(long_name, 'x', 65);
	long_name[65] = '\0';
	assert_false(names_valid(long_name));
}

static void test_claim(void **state)
{
	int dirfd, first, second, client;

	assert_int_equal(names_open_directory(&dirfd), 0);
	assert_int_equal(names_connect(dirfd, "a", &client), -ENOENT);
	assert_int_equal(names_listen(dirfd, "a", &first), 0);
	assert_int_equal(names_listen(dirfd, "a", &second), -EADDRINUSE);
	assert_int_equal(names_connect(dirfd, "a", &client), 0);
	close(client);
	/* A lab that was killed leaves its socket: it is replaced. */
	close(first);
	assert_int_equal(names_connect(dirfd, "a", &client), -ENOENT);
	assert_int_equal(names_listen(dirfd, "a", &first), 0);
	names_release(dirfd, "a");
	assert_int_equal(names_connect(dirfd, "a", &client), -ENOENT);
	close(first);
	close(dirfd);
}

static void test_directory(void **state)
{
	_cleanup_free_ char *path = NULL;
	int dirfd;

	assert_true(asprintf(&path, "%s/leonhard-lab", root) > 0);
	assert_int_equal(mkdir(path, 0700) == 0 || errno == EEXIST, 1);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(names_open_directory(&dirfd), -EPERM);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(names_open_directory(&dirfd), 0);
	close(dirfd);
}

static void test_generator(void **state)
{
	const char *argv[] = {getenv("LAB_GENERATOR"), NULL, NULL, NULL, NULL};
	_cleanup_free_ char *credential = NULL, *directory = NULL, *unit = NULL, *wants = NULL,
			    *text = NULL;
	struct stat st;

	assert_true(asprintf(&credential, "%s/credential", root) > 0);
	assert_true(asprintf(&directory, "%s/generated", root) > 0);
	assert_true(asprintf(&unit, "%s/lab-agent.service", directory) > 0);
	assert_true(asprintf(&wants, "%s/multi-user.target.wants/lab-agent.service", directory) >
		    0);
	assert_int_equal(mkdir(directory, 0755), 0);
	assert_int_equal(setenv("LAB_CREDENTIAL_PATH", credential, 1), 0);
	argv[1] = argv[2] = argv[3] = directory;
	/* Without the credential nothing is written. */
	assert_int_equal(run_program(argv), 0);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(mkdir(directory, 0755), 0);
	assert_int_equal(io_replace_file(AT_FDCWD, credential, "x", 1, 0600), 0);
	assert_int_equal(run_program(argv), 0);
	assert_int_equal(io_read_file(AT_FDCWD, unit, 4096, &text, NULL), 0);
	assert_non_null(strstr(text, "\nExecStart=/usr/lib/leonhard/lab-agent\n"));
	assert_int_equal(stat(wants, &st), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_claim),
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_generator),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
