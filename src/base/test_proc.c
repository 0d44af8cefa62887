/*
 * Tests of proc.c: names that look like fields, processes that go, and a /proc that makes no sense.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
#include "base/proc.h"
#include "base/str.h"
#include "base/testroot.h"
#include "base/time.h"

enum { NOBODY = 65534 };

static const char fields[] = " S 7 1 1 0 -1 4194560 1 2 3 4 100 50 5 6 20 0 1 0 9876 1000 3 0\n";
static const char status[] = "Name:\tx\nState:\tS\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n";

static void write_process(const struct testroot *t, const char *name, const char *rest,
			  const char *status_text)
{
	_cleanup_free_ char *stat_text = NULL;

	assert_true(asprintf(&stat_text, "42 (%s)%s", name, rest) > 0);
	testroot_write(t, "proc/42/stat", stat_text);
	testroot_write(t, "proc/42/status", status_text);
}

static void test_fields(void **state)
{
	const struct testroot *t = *state;
	uint64_t tick = NS_PER_S / sysconf(_SC_CLK_TCK);
	struct proc p = {};

	write_process(t, "a b", fields, status);
	assert_int_equal(proc_read(t->fd, 42, &p), 0);
	assert_int_equal(p.pid, 42);
	assert_int_equal(p.ppid, 7);
	assert_int_equal(p.uid, 1000);
	assert_int_equal(p.state, 'S');
	assert_int_equal(p.start_ticks, 9876);
	assert_int_equal(p.rss_bytes, 3 * sysconf(_SC_PAGESIZE));
	assert_int_equal(p.cpu_ns, 150 * tick);
	assert_int_equal(p.threads, 1);
	assert_string_equal(p.comm, "a b");
}

/* Behind the user come groups, of which there can be 65536: nobody hides behind them. */
static void test_many_groups(void **state)
{
	_cleanup_(strbuf_deinit) struct strbuf text = {};
	const struct testroot *t = *state;
	struct proc p = {};

	assert_int_equal(strbuf_addf(&text, "%sGroups:\t", status), 0);
	for (int i = 0; i < 65536; i++)
		assert_int_equal(strbuf_addf(&text, "4294967294 "), 0);
	write_process(t, "x", fields, text.text);
	assert_int_equal(proc_read(t->fd, 42, &p), 0);
	assert_int_equal(p.uid, 1000);
}

static void test_names(void **state)
{
	static const char *const names[] = {
		"",
		")",
		") R 1 1 (",
		"a (b) c",
		"x\n42 (y) R",
		"\xff\x01\\",
		") ) ) )",
		"0123456789012345678901234567890123456789012345678901234567890123456789",
	};
	const struct testroot *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct proc p = {};
		char expected[64];

		snprintf(expected, sizeof(expected), "%s", names[i]);
		write_process(t, names[i], fields, status);
		assert_int_equal(proc_read(t->fd, 42, &p), 0);
		assert_string_equal(p.comm, expected);
		assert_int_equal(p.state, 'S');
	}
}

static void test_nonsense(void **state)
{
	static const struct {
		const char *rest, *status;
	} cases[] = {
		{"", status},
		{" S", status},
		{" S 7 1 1 0 -1 4194560 1 2 3 4 100 50 5 6 20 0 1 0 9876 1000", status},
		{" S x 1 1 0 -1 4194560 1 2 3 4 100 50 5 6 20 0 1 0 9876 1000 3", status},
		{" S -7 1 1 0 -1 4194560 1 2 3 4 100 50 5 6 20 0 1 0 9876 1000 3", status},
		{" S 2147483648 1 1 0 -1 4194560 1 2 3 4 100 50 5 6 20 0 1 0 9876 1000 3", status},
		{" S 7 1 1 0 -1 4194560 1 2 3 4 -1 50 5 6 20 0 1 0 9876 1000 3", status},
		{" S 7 1 1 0 -1 0 1 2 3 4 9000000000000000000 9 5 6 20 0 1 0 9 1 3", status},
		{" S 7 1 1 0 -1 0 1 2 3 4 18446744073709551615 9 5 6 20 0 1 0 9 1 3", status},
		{" S 7 1 1 0 -1 0 1 2 3 4 100 50 5 6 20 0 1 0 98 10 18446744073709551615", status},
		{fields, ""},
		{fields, "Uid:\t1\n"},
		{fields, "Name:\tx\nUid:\n"},
		{fields, "Name:\tx\nUid:\t1"},
		{fields, "Name:\tx\nUid:\t-1\t0\n"},
		{fields, "Name:\tx\nUid:\t4294967296\t0\n"},
	};
	const struct testroot *t = *state;
	struct proc p = {.pid = -5};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		write_process(t, "x", cases[i].rest, cases[i].status);
		assert_int_equal(proc_read(t->fd, 42, &p), -EBADMSG);
	}
	testroot_write(t, "proc/42/stat", "42 x S 7 1");
	assert_int_equal(proc_read(t->fd, 42, &p), -EBADMSG);
	testroot_write(t, "proc/42/stat", "42 )x( S 7 1");
	assert_int_equal(proc_read(t->fd, 42, &p), -EBADMSG);
	assert_int_equal(p.pid, -5);
}

static void test_gone(void **state)
{
	const struct testroot *t = *state;
	char *text = NULL;
	struct proc p;

	assert_int_equal(proc_read(t->fd, 43, &p), -ESRCH);
	assert_int_equal(proc_read(t->fd, 0, &p), -ESRCH);
	assert_int_equal(proc_read(t->fd, -42, &p), -ESRCH);
	assert_int_equal(proc_read_command(t->fd, 43, 100, &text), -ESRCH);
	assert_int_equal(proc_read_exe(t->fd, 43, &text), -ESRCH);
	/* It went between the directory and the file. */
	assert_int_equal(mkdir("proc/44", 0755), 0);
	assert_int_equal(proc_read(t->fd, 44, &p), -ESRCH);
	assert_int_equal(proc_read_command(t->fd, 44, 100, &text), -ESRCH);
	assert_int_equal(proc_read_exe(t->fd, 44, &text), -ESRCH);
	assert_null(text);
}

static void test_command(void **state)
{
	static const struct {
		const char *raw;
		size_t len, max;
		const char *text;
	} cases[] = {
		{"", 0, 10, ""},
		{"\0\0", 2, 10, ""},
		{"sh\0-c\0ls\0", 9, 100, "sh -c ls"},
		{"sh\0-c\0ls\0", 9, 5, "sh -c"},
		{"sh\0\0x\0\0\0", 8, 100, "sh  x"},
		{"no end", 6, 100, "no end"},
		{"a\nb\\\xff", 5, 100, "a\\x0ab\\x5c\\xff"},
		{"a\nb", 3, 4, "a"},
		{"a\nb", 3, 5, "a\\x0a"},
		{"ab\xc3\xa4", 4, 3, "ab"},
		{"ab\xc3\xa4", 4, 4, "ab\xc3\xa4"},
		{"ab\xf0\x9f\x98\x80", 6, 5, "ab"},
		{"abc", 3, 0, ""},
	};
	const struct testroot *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;

		testroot_write_bytes(t, "proc/42/cmdline", cases[i].raw, cases[i].len);
		assert_int_equal(proc_read_command(t->fd, 42, cases[i].max, &text), 0);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_exe(void **state)
{
	const struct testroot *t = *state;
	char *path = NULL;

	write_process(t, "kthreadd", fields, status);
	assert_int_equal(proc_read_exe(t->fd, 42, &path), -ENOENT);
	assert_null(path);
	assert_int_equal(symlink("/bin/a\nb (deleted)", "proc/42/exe"), 0);
	assert_int_equal(proc_read_exe(t->fd, 42, &path), 0);
	assert_string_equal(path, "/bin/a\\x0ab (deleted)");
	free(path);
}

static void test_ourselves(void **state)
{
	_cleanup_close_ int root = -1;
	_cleanup_free_ char *command = NULL, *exe = NULL;
	char own[PATH_MAX] = "";
	struct proc p;

	assert_int_equal(fs_open_root(NULL, &root), 0);
	assert_int_equal(prctl(PR_SET_NAME, ") Z\nUid:\t99"), 0);
	assert_int_equal(proc_read(root, getpid(), &p), 0);
	assert_int_equal(p.pid, getpid());
	assert_int_equal(p.ppid, getppid());
	assert_int_equal(p.uid, getuid());
	assert_int_equal(p.state, 'R');
	assert_string_equal(p.comm, ") Z\nUid:\t99");
	assert_true(p.rss_bytes > 65536 && p.start_ticks > 0);
	assert_int_equal(proc_read_command(root, getpid(), 4096, &command), 0);
	assert_non_null(strstr(command, "test_proc"));
	assert_true(readlink("/proc/self/exe", own, sizeof(own) - 1) > 0);
	assert_int_equal(proc_read_exe(root, getpid(), &exe), 0);
	assert_string_equal(exe, own);
}

/* First a zombie, then nothing, whoever gets the id next. */
static void test_child(void **state)
{
	_cleanup_close_ int root = -1;
	_cleanup_free_ char *command = NULL;
	char *exe = NULL;
	siginfo_t info;
	struct proc p;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	assert_true(child > 0);
	assert_int_equal(waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(fs_open_root(NULL, &root), 0);
	assert_int_equal(proc_read(root, child, &p), 0);
	assert_int_equal(p.state, 'Z');
	assert_int_equal(p.rss_bytes, 0);
	assert_int_equal(proc_read_command(root, child, 100, &command), 0);
	assert_string_equal(command, "");
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(proc_read(root, child, &p), -ESRCH);
	assert_int_equal(proc_read_exe(root, child, &exe), -ESRCH);
}

/* What a process that is nobody special finds out about one of root. */
static int look_as_nobody(pid_t pid)
{
	struct proc p;
	char *exe = NULL;
	int root;

	if (setresuid(NOBODY, NOBODY, NOBODY) < 0 || fs_open_root(NULL, &root) < 0)
		return 1;
	if (proc_read(root, pid, &p) < 0 || p.uid != 0)
		return 2;
	return proc_read_exe(root, pid, &exe) == -EACCES ? 0 : 3;
}

static void test_of_others(void **state)
{
	int result;
	pid_t child;

	if (geteuid() != 0) {
		print_message("skipped: only root can become somebody else\n");
		skip();
	}
	child = fork();
	if (child == 0)
		_exit(look_as_nobody(getppid()));
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields), cmocka_unit_test(test_many_groups),
		cmocka_unit_test(test_names),  cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_gone),   cmocka_unit_test(test_command),
		cmocka_unit_test(test_exe),    cmocka_unit_test(test_ourselves),
		cmocka_unit_test(test_child),  cmocka_unit_test(test_of_others),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
