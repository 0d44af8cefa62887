/*
 * Tests of look.c: what is there, what must not be opened, and what changes meanwhile.
 */
#include "filetrace/look.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
#include "base/time.h"

enum { MAX = 1024 };

static void look(const struct testroot *t, const char *path, struct look *ret_look)
{
	assert_int_equal(look_at(t->fd, path, MAX, ret_look), 0);
}

static int clear(void **state)
{
	testroot_clear(*state);
	return 0;
}

static void test_sha256(void **state)
{
	/* FIPS 180-2, appendix B.1. */
	static const uint8_t abc[SHA256_BYTES] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
		0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
		0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	struct sha256 sha256;

	assert_int_equal(sha256_of("abc", 3, &sha256), 0);
	assert_memory_equal(sha256.bytes, abc, sizeof(abc));
	assert_int_equal(sha256_of("", 0, &sha256), 0);
	assert_int_equal(sha256.bytes[0], 0xe3);
}

static void test_absent(void **state)
{
	static const char *const paths[] = {"/nothing", "/no/thing", "/file/below", "/loop/x",
					    "/dangling/x"};
	static const struct state absent;

	testroot_write(*state, "file", "x");
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(symlink("/nowhere", "dangling"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct state s = {.kind = STATE_OTHER};
		struct look l;

		look(*state, paths[i], &l);
		assert_memory_equal(&l.state, &absent, sizeof(absent));
		assert_null(l.content);
		assert_int_equal(l.fd, -1);
		assert_int_equal(look_hash(&l), 0);
		assert_false(l.state.hashed);
		look_deinit(&l);
		assert_int_equal(look_state(((struct testroot *)*state)->fd, paths[i], &s), 0);
		assert_memory_equal(&s, &absent, sizeof(absent));
	}
}

static void test_file(void **state)
{
	const struct testroot *t = *state;
	struct state s;
	struct sha256 sha256;
	struct stat st;
	struct look l;

	testroot_write_bytes(t, "etc/file", "a\0b", 3);
	assert_int_equal(chmod("etc/file", 0640), 0);
	assert_int_equal(symlink("/etc", "link"), 0);
	assert_int_equal(stat("etc/file", &st), 0);
	look(t, "/link/file", &l);
	assert_int_equal(l.state.kind, STATE_FILE);
	assert_int_equal(l.state.mode, S_IFREG | 0640);
	assert_true(l.state.private);
	assert_int_equal(l.state.uid, getuid());
	assert_int_equal(l.state.size, 3);
	assert_int_equal(l.len, 3);
	assert_memory_equal(l.content, "a\0b", 4);
	assert_int_equal(l.state.key.ino, st.st_ino);
	assert_int_equal(l.state.key.dev, major(st.st_dev) << 20 | minor(st.st_dev));
	assert_true(l.state.mtime_ns == st.st_mtim.tv_sec * (int64_t)NS_PER_S + st.st_mtim.tv_nsec);
	assert_true(l.state.ctime_ns == st.st_ctim.tv_sec * (int64_t)NS_PER_S + st.st_ctim.tv_nsec);
	assert_true(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
	assert_false(l.state.hashed);
	assert_int_equal(look_state(t->fd, "/etc/file", &s), 0);
	assert_memory_equal(&s, &l.state, sizeof(s));
	assert_int_equal(look_hash(&l), 0);
	assert_int_equal(sha256_of("a\0b", 3, &sha256), 0);
	assert_true(l.state.hashed);
	assert_memory_equal(&l.state.sha256, &sha256, sizeof(sha256));
	look_deinit(&l);
	assert_int_equal(chmod("etc/file", 0644), 0);
	look(t, "/etc/file", &l);
	assert_false(l.state.private);
	look_deinit(&l);
}

/* Reading leaves no trace in the time of access, which somebody may rely on. */
static void test_no_access_time(void **state)
{
	const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 2000}};
	struct stat st;
	struct look l;

	testroot_write(*state, "file", "x");
	assert_int_equal(utimensat(AT_FDCWD, "file", old, 0), 0);
	look(*state, "/file", &l);
	assert_string_equal(l.content, "x");
	assert_int_equal(stat("file", &st), 0);
	assert_int_equal(st.st_atim.tv_sec, 1000);
	assert_true(l.state.mtime_ns == 2000 * (int64_t)NS_PER_S);
	look_deinit(&l);
}

static void test_too_large(void **state)
{
	static char bytes[MAX + 1];
	struct look l;

	memset(bytes, 'x', sizeof(bytes));
	testroot_write_bytes(*state, "file", bytes, MAX);
	look(*state, "/file", &l);
	assert_int_equal(l.len, MAX);
	look_deinit(&l);
	testroot_write_bytes(*state, "file", bytes, MAX + 1);
	look(*state, "/file", &l);
	assert_int_equal(l.state.kind, STATE_FILE);
	assert_int_equal(l.state.size, MAX + 1);
	assert_null(l.content);
	assert_int_equal(look_hash(&l), 0);
	assert_false(l.state.hashed);
	look_deinit(&l);
	/* An empty file has content, of no bytes. */
	testroot_write(*state, "file", "");
	look(*state, "/file", &l);
	assert_non_null(l.content);
	assert_int_equal(l.len, 0);
	look_deinit(&l);
}

/* Files that tell no size, or another one than their content has. */
static void test_size_of_content(void **state)
{
	_cleanup_close_ int root = open("/", O_PATH | O_CLOEXEC);
	struct look l;

	assert_int_equal(look_at(root, "/proc/sys/kernel/ostype", MAX, &l), 0);
	assert_string_equal(l.content, "Linux\n");
	assert_int_equal(l.state.size, 6);
	look_deinit(&l);
}

static void test_link(void **state)
{
	struct look l;

	testroot_write(*state, "file", "content");
	assert_int_equal(symlink("/file", "link"), 0);
	look(*state, "/link", &l);
	assert_int_equal(l.state.kind, STATE_SYMLINK);
	assert_string_equal(l.content, "/file");
	assert_int_equal(l.len, 5);
	assert_int_equal(l.state.size, 5);
	assert_int_equal(look_hash(&l), 0);
	assert_true(l.state.hashed);
	look_deinit(&l);
}

static void make_others(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX, .sun_path = "socket"};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (void *)&sa, sizeof(sa)), 0);
	assert_int_equal(mkfifo("fifo", 0644), 0);
	assert_int_equal(mkdir("dir", 0755), 0);
}

/* Whoever watches a directory sees each open of what is in it; there must be none. */
static void test_nothing_is_opened(void **state)
{
	static const struct {
		const char *path;
		enum state_kind kind;
	} cases[] = {{"/fifo", STATE_OTHER}, {"/socket", STATE_OTHER}, {"/dir", STATE_DIRECTORY}};
	const struct testroot *t = *state;
	_cleanup_close_ int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char event[sizeof(struct inotify_event) + NAME_MAX + 1];

	make_others();
	assert_true(inotify_add_watch(watch, t->path, IN_OPEN | IN_ACCESS) >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct state s;
		struct look l;

		look(t, cases[i].path, &l);
		assert_int_equal(l.state.kind, cases[i].kind);
		assert_int_equal(l.state.size, 0);
		assert_null(l.content);
		assert_true(fcntl(l.fd, F_GETFL) & O_PATH);
		assert_int_equal(look_state(t->fd, cases[i].path, &s), 0);
		assert_memory_equal(&s, &l.state, sizeof(s));
		look_deinit(&l);
	}
	assert_int_equal(read(watch, event, sizeof(event)), -1);
	assert_int_equal(errno, EAGAIN);
}

static void test_device(void **state)
{
	_cleanup_close_ int root = open("/", O_PATH | O_CLOEXEC);
	struct look l;

	assert_int_equal(look_at(root, "/dev/zero", MAX, &l), 0);
	assert_int_equal(l.state.kind, STATE_OTHER);
	assert_true(fcntl(l.fd, F_GETFL) & O_PATH);
	look_deinit(&l);
}

static void test_unreadable(void **state)
{
	struct look l;
	int status;
	pid_t pid;

	testroot_write(*state, "file", "secret");
	assert_int_equal(chmod("file", 0), 0);
	pid = fork();
	if (pid == 0) {
		if (getuid() == 0 && setuid(65534) < 0)
			_exit(2);
		if (look_at(((struct testroot *)*state)->fd, "/file", MAX, &l) < 0)
			_exit(3);
		_exit(l.content || l.state.size != 6 || l.state.kind != STATE_FILE);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* As of a file system that does not answer us: that is no failure, and not the same as nothing. */
static void test_unreachable(void **state)
{
	struct look l;
	int status;
	pid_t pid;

	testroot_write(*state, "dir/file", "secret");
	assert_int_equal(chmod("dir", 0), 0);
	pid = fork();
	if (pid == 0) {
		const struct testroot *t = *state;
		struct state s = {};

		if (getuid() == 0 && setuid(65534) < 0)
			_exit(2);
		if (look_at(t->fd, "/dir/file", MAX, &l) < 0 ||
		    look_state(t->fd, "/dir/file", &s) < 0)
			_exit(3);
		_exit(l.content || l.fd >= 0 || l.state.kind != STATE_OTHER ||
		      s.kind != STATE_OTHER);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(chmod("dir", 0700), 0);
}

/* Who may not enter a directory does not read what is in it, whatever its mode says. */
static void test_enclosed(void **state)
{
	const struct testroot *t = *state;
	struct look l;

	testroot_write(t, "dir/sub/file", "not for all");
	assert_int_equal(chmod("dir/sub/file", 0644), 0);
	look(t, "/dir/sub/file", &l);
	assert_false(l.state.private);
	look_deinit(&l);
	assert_int_equal(chmod("dir", 0750), 0);
	look(t, "/dir/sub/file", &l);
	assert_true(l.state.private);
	look_deinit(&l);
	/* By a link that leads there it is the same. */
	assert_int_equal(symlink("dir/sub", "link"), 0);
	look(t, "/link/file", &l);
	assert_true(l.state.private);
	look_deinit(&l);
	assert_int_equal(chmod("dir", 0711), 0);
	look(t, "/link/file", &l);
	assert_false(l.state.private);
	look_deinit(&l);
	assert_int_equal(chmod("dir/sub/file", 0640), 0);
	look(t, "/dir/sub/file", &l);
	assert_true(l.state.private);
	look_deinit(&l);
}

static void assert_attributes(const struct testroot *t, const char *path, bool same,
			      struct sha256 *last)
{
	struct state s;

	assert_int_equal(look_state(t->fd, path, &s), 0);
	assert_true(s.attributed);
	assert_int_equal(!memcmp(&s.attributes, last, sizeof(*last)), same);
	*last = s.attributes;
}

static void test_attributes(void **state)
{
	struct sha256 none, last;
	struct state s;

	testroot_write(*state, "file", "");
	if (setxattr("file", "user.probe", "", 0, 0) < 0) {
		print_message("[  SKIPPED ] no extended attributes here: %s\n", strerror(errno));
		skip();
	}
	assert_int_equal(removexattr("file", "user.probe"), 0);
	assert_int_equal(look_state(((struct testroot *)*state)->fd, "/file", &s), 0);
	none = last = s.attributes;
	assert_int_equal(setxattr("file", "user.b", "1", 1, 0), 0);
	assert_attributes(*state, "/file", false, &last);
	assert_int_equal(setxattr("file", "user.a", "", 0, 0), 0);
	assert_attributes(*state, "/file", false, &last);
	assert_int_equal(setxattr("file", "user.b", "2", 1, 0), 0);
	assert_attributes(*state, "/file", false, &last);
	/* In whichever order they were set. */
	testroot_write(*state, "other", "");
	assert_int_equal(setxattr("other", "user.a", "", 0, 0), 0);
	assert_int_equal(setxattr("other", "user.b", "2", 1, 0), 0);
	assert_attributes(*state, "/other", true, &last);
	assert_int_equal(removexattr("file", "user.a"), 0);
	assert_int_equal(removexattr("file", "user.b"), 0);
	assert_attributes(*state, "/file", false, &last);
	assert_memory_equal(&last, &none, sizeof(none));
	/* Of the link, not of what it leads to. */
	assert_int_equal(symlink("other", "link"), 0);
	assert_attributes(*state, "/link", true, &last);
}

/* Puts a file and a pipe at one path, in turn, until it is ended. */
static void swap_without_end(void)
{
	for (;;) {
		int fd = open("new", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		if (fd < 0 || write(fd, "content", 7) != 7 || close(fd) < 0 ||
		    rename("new", "path") < 0 || mkfifo("new", 0644) < 0 ||
		    rename("new", "path") < 0)
			_exit(1);
	}
}

/* What was a file is read as a file, whatever is at its path by then. */
static void test_replaced_meanwhile(void **state)
{
	uint64_t end_ns = time_now_ns(CLOCK_MONOTONIC) + 500 * NS_PER_MS;
	size_t files = 0, others = 0;
	pid_t pid = fork();

	if (pid == 0)
		swap_without_end();
	while (time_now_ns(CLOCK_MONOTONIC) < end_ns || !files || !others) {
		struct look l;

		look(*state, "/path", &l);
		if (l.state.kind == STATE_FILE) {
			assert_string_equal(l.content, "content");
			files++;
		} else if (l.state.kind == STATE_OTHER) {
			assert_true(fcntl(l.fd, F_GETFL) & O_PATH);
			others++;
		}
		look_deinit(&l);
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_refused(void **state)
{
	struct look l = {.fd = 42};

	assert_int_equal(look_at(((struct testroot *)*state)->fd, "relative", MAX, &l), -EINVAL);
	assert_int_equal(l.fd, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),
		cmocka_unit_test_teardown(test_absent, clear),
		cmocka_unit_test_teardown(test_file, clear),
		cmocka_unit_test_teardown(test_no_access_time, clear),
		cmocka_unit_test_teardown(test_too_large, clear),
		cmocka_unit_test(test_size_of_content),
		cmocka_unit_test_teardown(test_link, clear),
		cmocka_unit_test_teardown(test_nothing_is_opened, clear),
		cmocka_unit_test(test_device),
		cmocka_unit_test_teardown(test_unreadable, clear),
		cmocka_unit_test_teardown(test_unreachable, clear),
		cmocka_unit_test_teardown(test_enclosed, clear),
		cmocka_unit_test_teardown(test_attributes, clear),
		cmocka_unit_test_teardown(test_replaced_meanwhile, clear),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
