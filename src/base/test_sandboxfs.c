/*
 * Tests of sandboxfs.c, each in a child of its own: what Landlock leaves open, and what it does
 * not. On a kernel without Landlock that is said, by the program and by sandbox_enter().
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/sandbox.h"
#include "base/testroot.h"

enum { EXIT_SKIP = 77 };

#define CHECK TESTROOT_CHECK

static long landlock_abi(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static void in_child(void (*fn)(const struct testroot *t), const struct testroot *t)
{
	assert_int_equal(testroot_run(t, fn), 0);
}

static void enter(const struct sandbox *s)
{
	const char *missing = "untouched";

	CHECK(sandbox_enter(s, &missing) == 0);
	CHECK(!missing);
}

/* 0 or a negative errno of opening a file relative to the root, which is the working directory. */
static int try(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int setup(void **state)
{
	testroot_write(*state, "read/a", "a");
	testroot_write(*state, "write/b", "b");
	testroot_write(*state, "other/c", "c");
	testroot_write(*state, "single", "s");
	testroot_write(*state, "log", "l");
	return symlink("../other/c", "read/link");
}

static int teardown(void **state)
{
	testroot_clear(*state);
	return 0;
}

/* Of the usual case: some paths to read, some to write, and some that are not there. */
static const char *const read_paths[] = {"/read", "/single", "/missing", "/single/missing", NULL};
static const char *const write_paths[] = {"/write", "/log", "/missing/too", NULL};

static void enter_usual(const struct testroot *t)
{
	enter(&(struct sandbox){
		.root = t->path,
		.read_paths = read_paths,
		.write_paths = write_paths,
	});
}

static void check_reading(const struct testroot *t)
{
	enter_usual(t);
	CHECK(try("read/a", O_RDONLY) == 0);
	CHECK(try("read", O_RDONLY | O_DIRECTORY) == 0);
	CHECK(try("single", O_RDONLY) == 0);
	CHECK(try("write/b", O_RDONLY) == 0);
	CHECK(try("other/c", O_RDONLY) == -EACCES);
	CHECK(try("other", O_RDONLY | O_DIRECTORY) == -EACCES);
	CHECK(try(".", O_RDONLY | O_DIRECTORY) == -EACCES);
	CHECK(try("read/../other/c", O_RDONLY) == -EACCES);
	CHECK(try("read/link", O_RDONLY) == -EACCES);
	CHECK(try("/etc/passwd", O_RDONLY) == -EACCES);
	CHECK(try("/proc/self/root/etc/passwd", O_RDONLY) == -EACCES);
}

static void test_reading(void **state)
{
	in_child(check_reading, *state);
}

static void check_writing(const struct testroot *t)
{
	enter_usual(t);
	CHECK(try("read/a", O_WRONLY) == -EACCES);
	CHECK(try("single", O_RDWR) == -EACCES);
	CHECK(try("read/new", O_WRONLY | O_CREAT) == -EACCES);
	CHECK(mkdir("read/new", 0700) < 0 && errno == EACCES);
	CHECK(unlink("read/a") < 0 && errno == EACCES);
	CHECK(unlink("other/c") < 0 && errno == EACCES);
	CHECK(landlock_abi() < 3 || truncate("read/a", 0) < 0);

	CHECK(try("log", O_RDWR | O_TRUNC) == 0);
	CHECK(unlink("log") < 0 && errno == EACCES);
	CHECK(try("write/b", O_RDWR | O_TRUNC) == 0);
	CHECK(try("write/new", O_WRONLY | O_CREAT | O_EXCL) == 0);
	CHECK(rename("write/new", "write/newer") == 0);
	CHECK(rename("write/newer", "read/newer") < 0);
	CHECK(link("write/newer", "other/newer") < 0);
	CHECK(mkdir("write/dir", 0700) == 0);
	CHECK(symlink("../other/c", "write/link") == 0);
	CHECK(try("write/link", O_RDONLY) == -EACCES);
	CHECK(unlink("write/newer") == 0);
}

static void test_writing(void **state)
{
	in_child(check_writing, *state);
}

static void check_execution(const struct testroot *t)
{
	static const char *const paths[] = {"/", NULL};
	static char *const argv[] = {(char *)"false", NULL};

	enter(&(struct sandbox){.read_paths = paths, .write_paths = paths});
	CHECK(try("/bin/false", O_RDONLY) == 0);
	CHECK(execv("/bin/false", argv) < 0 && errno == EACCES);
}

static void test_execution(void **state)
{
	in_child(check_execution, *state);
}

static void check_one_list(const struct testroot *t)
{
	enter(&(struct sandbox){.root = t->path, .write_paths = write_paths});
	CHECK(try("write/b", O_RDWR) == 0);
	CHECK(try("read/a", O_RDONLY) == -EACCES);
}

static void check_empty_list(const struct testroot *t)
{
	static const char *const none[] = {NULL};

	enter(&(struct sandbox){.read_paths = none});
	CHECK(try("write/b", O_RDWR) == -EACCES);
	CHECK(try("/dev/null", O_RDONLY) == -EACCES);
}

static void check_no_list(const struct testroot *t)
{
	enter(&(struct sandbox){});
	CHECK(try("other/c", O_RDONLY) == 0);
	CHECK(try("/etc/passwd", O_RDONLY) == 0);
}

static void test_lists(void **state)
{
	in_child(check_one_list, *state);
	in_child(check_empty_list, *state);
	in_child(check_no_list, *state);
}

static void check_open_file(const struct testroot *t)
{
	int fd = open("other/c", O_RDONLY | O_CLOEXEC);
	char c;

	CHECK(fd >= 0);
	enter_usual(t);
	CHECK(read(fd, &c, 1) == 1 && c == 'c');
}

static void test_open_file(void **state)
{
	in_child(check_open_file, *state);
}

/* A link in the root that leads to the root of the machine gives nothing of the machine away. */
static void check_hostile_root(const struct testroot *t)
{
	static const char *const paths[] = {"/way/out", "/up", NULL};

	CHECK(mkdir("way", 0700) == 0);
	CHECK(symlink("/", "way/out") == 0);
	CHECK(symlink("../../../..", "up") == 0);
	enter(&(struct sandbox){.root = t->path, .read_paths = paths});
	CHECK(try("other/c", O_RDONLY) == 0);
	CHECK(try("/etc/passwd", O_RDONLY) == -EACCES);
}

static void test_hostile_root(void **state)
{
	in_child(check_hostile_root, *state);
}

static void check_bad_paths(const struct testroot *t)
{
	static const char *const relative[] = {"read", NULL};
	const char *missing = "untouched";
	struct sandbox s = {.root = t->path, .read_paths = relative};

	CHECK(sandbox_enter(&s, &missing) == -EINVAL);
	s = (struct sandbox){.root = "/nonexistent", .read_paths = read_paths};
	CHECK(sandbox_enter(&s, &missing) == -ENOENT);
	CHECK(strcmp(missing, "untouched") == 0);
}

static void test_bad_paths(void **state)
{
	in_child(check_bad_paths, *state);
}

/* The paths are opened before the user changes, who need not reach them by himself. */
static void check_other_user(const struct testroot *t)
{
	CHECK(chown("write", 65534, 65534) == 0);
	enter(&(struct sandbox){
		.user = "nobody",
		.root = t->path,
		.read_paths = read_paths,
		.write_paths = write_paths,
	});
	CHECK(try("read/a", O_RDONLY) == 0);
	CHECK(try("write/new", O_WRONLY | O_CREAT) == 0);
	CHECK(try("write/b", O_WRONLY) == -EACCES);
	CHECK(try("other/c", O_RDONLY) == -EACCES);
}

static void test_other_user(void **state)
{
	if (geteuid() != 0) {
		print_message("skipped: only root can become somebody else\n");
		skip();
	}
	in_child(check_other_user, *state);
}

static void check_missing(const struct testroot *t)
{
	const struct sandbox s = {.root = t->path, .read_paths = read_paths};
	const char *missing = NULL;

	CHECK(sandbox_enter(&s, &missing) == 0);
	CHECK(missing && strstr(missing, "Landlock"));
	CHECK(try("other/c", O_RDONLY) == 0);
}

static void test_missing(void **state)
{
	in_child(check_missing, *state);
}

/* A socket of others whose name is not a path; own ones are made later. */
static void connect_abstract(const struct testroot *t)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(sa_family_t), name_len = sizeof(sa);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *const none[] = {NULL};
	int r;

	CHECK(bind(listener, (void *)&sa, len) == 0 && listen(listener, 4) == 0);
	CHECK(getsockname(listener, (void *)&sa, &name_len) == 0);
	CHECK(connect(fd, (void *)&sa, name_len) == 0);
	enter(&(struct sandbox){.root = t->path, .read_paths = none, .no_abstract = true});
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	r = connect(fd, (void *)&sa, name_len);
	CHECK(landlock_abi() < 6 ? r == 0 : r < 0 && errno == EPERM);
}

static void test_abstract(void **state)
{
	in_child(connect_abstract, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reading, setup, teardown),
		cmocka_unit_test_setup_teardown(test_writing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_execution, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_root, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_user, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abstract, setup, teardown),
	};
	const struct CMUnitTest without[] = {
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
	};
	int failed;

	if (landlock_abi() > 0)
		return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
	failed = cmocka_run_group_tests(without, testroot_setup, testroot_teardown);
	print_message("skipped: this kernel has no Landlock\n");
	return failed ? failed : EXIT_SKIP;
}
