/*
 * Tests of sandbox.c and sandboxnet.c, each in a process of its own: what is given up stays given
 * up.
 *
 * They run as root and as anyone else. What only root can give up is only looked at as root.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/sandbox.h"
#include "base/testroot.h"

#define CHECK TESTROOT_CHECK

static void enter(const struct sandbox *s)
{
	const char *missing = "untouched";

	CHECK(sandbox_enter(s, &missing) == 0);
	if (missing)
		fprintf(stderr, "note: the kernel has no %s\n", missing);
}

/* A line of /proc/self/status, as a number of base 16. */
static uint64_t status_of(const char *name)
{
	_cleanup_free_ char *text = NULL;
	char *line;
	int root;

	CHECK(fs_open_root(NULL, &root) == 0);
	CHECK(fs_read(root, "/proc/self/status", 65536, &text, NULL) == 0);
	close(root);
	line = strstr(text, name);
	CHECK(line && line[strlen(name)] == ':');
	return strtoull(line + strlen(name) + 1, NULL, 16);
}

static void check_no_capabilities(void)
{
	CHECK(status_of("CapInh") == 0);
	CHECK(status_of("CapPrm") == 0);
	CHECK(status_of("CapEff") == 0);
	CHECK(status_of("CapAmb") == 0);
	CHECK(status_of("NoNewPrivs") == 1);
	if (getuid() == 0)
		CHECK(status_of("CapBnd") == 0);
}

static void stay(const struct testroot *t)
{
	uid_t uid = getuid();

	enter(&(struct sandbox){.keep_network = true});
	CHECK(getuid() == uid);
	check_no_capabilities();
	CHECK(status_of("Seccomp") == 0);
	/* Once more, by somebody who has nothing left to give up. */
	enter(&(struct sandbox){});
	check_no_capabilities();
	CHECK(status_of("Seccomp") == 2);
}

static void test_capabilities(void **state)
{
	assert_int_equal(testroot_run(NULL, stay), 0);
}

/* What stays of the capabilities of root, and of root who becomes somebody else. */
static void check_kept(const char *user)
{
	uint64_t keep = UINT64_C(1) << CAP_SYS_NICE, had = status_of("CapPrm");

	enter(&(struct sandbox){.user = user, .keep_capabilities = keep});
	CHECK(status_of("CapPrm") == (had & keep));
	CHECK(status_of("CapEff") == (had & keep));
	CHECK(status_of("CapInh") == 0 && status_of("CapAmb") == 0);
	if (had & UINT64_C(1) << CAP_SETPCAP)
		CHECK(status_of("CapBnd") == 0);
}

static void keep_one(const struct testroot *t)
{
	check_kept(NULL);
}

static void keep_one_as_nobody(const struct testroot *t)
{
	check_kept("nobody");
}

static void test_keep_capabilities(void **state)
{
	assert_int_equal(testroot_run(NULL, keep_one), 0);
	assert_int_equal(testroot_run(NULL, keep_one_as_nobody), 0);
}

static void check_core(const char *user)
{
	struct rlimit limit;

	enter(&(struct sandbox){.user = user});
	CHECK(getrlimit(RLIMIT_CORE, &limit) == 0);
	CHECK(limit.rlim_cur == 0 && limit.rlim_max == 0);
	CHECK(prctl(PR_GET_DUMPABLE) == 0);
}

static void lose_core(const struct testroot *t)
{
	check_core(NULL);
}

static void lose_core_as_nobody(const struct testroot *t)
{
	check_core("nobody");
}

static void test_core(void **state)
{
	assert_int_equal(testroot_run(NULL, lose_core), 0);
	assert_int_equal(testroot_run(NULL, lose_core_as_nobody), 0);
}

static void become_nobody(const struct testroot *t)
{
	const struct passwd *pw = getpwnam("nobody");
	gid_t real, effective, saved, groups[64];
	uid_t ids[3];
	int count;

	CHECK(pw && setgroups(2, (const gid_t[]){0, 4}) == 0);
	enter(&(struct sandbox){.user = "nobody"});
	CHECK(getresuid(&ids[0], &ids[1], &ids[2]) == 0);
	CHECK(ids[0] == pw->pw_uid && ids[1] == pw->pw_uid && ids[2] == pw->pw_uid);
	CHECK(getresgid(&real, &effective, &saved) == 0);
	CHECK(real == pw->pw_gid && effective == pw->pw_gid && saved == pw->pw_gid);
	count = getgroups(64, groups);
	CHECK(count >= 0);
	for (int i = 0; i < count; i++)
		CHECK(groups[i] != 0 && groups[i] != 4);
	check_no_capabilities();
	CHECK(status_of("CapBnd") == 0);
	CHECK(setuid(0) < 0 && errno == EPERM);
	CHECK(setgroups(0, NULL) < 0 && errno == EPERM);
}

static void stay_who_we_are(const struct testroot *t)
{
	uid_t uid = getuid();

	enter(&(struct sandbox){.user = "nobody"});
	CHECK(getuid() == uid);
	check_no_capabilities();
}

static void test_user(void **state)
{
	assert_int_equal(testroot_run(NULL, geteuid() == 0 ? become_nobody : stay_who_we_are), 0);
}

static void try_unknown_user(const struct testroot *t)
{
	const struct sandbox s = {.user = "no such user"};
	const char *missing = "untouched";
	int r = sandbox_enter(&s, &missing);

	if (geteuid() != 0)
		CHECK(r == 0);
	else
		CHECK(r == -ESRCH && strcmp(missing, "untouched") == 0);
}

static void test_unknown_user(void **state)
{
	assert_int_equal(testroot_run(NULL, try_unknown_user), 0);
}

static int open_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static void lose_network(const struct testroot *t)
{
	static const int refused[] = {AF_INET, AF_INET6, AF_PACKET, AF_VSOCK, AF_SMC, AF_TIPC, -1};
	char io_uring_parameters[256] = "";

	enter(&(struct sandbox){.user = "nobody"});
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		CHECK(open_socket(refused[i], SOCK_STREAM) == -EAFNOSUPPORT);
	CHECK(open_socket(AF_UNIX, SOCK_STREAM) == 0);
	CHECK(open_socket(AF_NETLINK, SOCK_RAW) == 0);
	/* The upper half of an argument that is an int is not looked at by the kernel either. */
	CHECK(syscall(SYS_socket, (INT64_C(1) << 32) | AF_INET, SOCK_STREAM, 0) < 0);
	CHECK(errno == EAFNOSUPPORT);
	CHECK(syscall(SYS_io_uring_setup, 1, io_uring_parameters) < 0 && errno == ENOSYS);
	CHECK(getpid() > 0);
}

static void test_no_network(void **state)
{
	assert_int_equal(testroot_run(NULL, lose_network), 0);
}

/* Without a network up there is still a port to be had. */
static void use_open_socket(const struct testroot *t)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t len = sizeof(sa);

	CHECK(fd >= 0);
	enter(&(struct sandbox){});
	CHECK(open_socket(AF_INET, SOCK_DGRAM) == -EAFNOSUPPORT);
	CHECK(bind(fd, (void *)&sa, len) == 0);
	CHECK(getsockname(fd, (void *)&sa, &len) == 0 && sa.sin_port != 0);
}

static void test_open_socket(void **state)
{
	assert_int_equal(testroot_run(NULL, use_open_socket), 0);
}

/* FIONREAD of a pipe is let through, a size of a terminal is not asked for any more. */
static void limit_ioctls(const struct testroot *t)
{
	static const uint32_t allowed[] = {FIONREAD, 0};
	int ends[2], count = -1;

	CHECK(pipe(ends) == 0 && write(ends[1], "abc", 3) == 3);
	enter(&(struct sandbox){.ioctls = allowed});
	CHECK(ioctl(ends[0], FIONREAD, &count) == 0 && count == 3);
	CHECK(ioctl(ends[0], FIONBIO, &count) < 0 && errno == ENOTTY);
	CHECK(syscall(SYS_ioctl, ends[0], (INT64_C(1) << 32) | FIONBIO, &count) < 0);
	CHECK(open_socket(AF_INET, SOCK_STREAM) == -EAFNOSUPPORT);
}

static void test_ioctls(void **state)
{
	assert_int_equal(testroot_run(NULL, limit_ioctls), 0);
}

static void keep_network(const struct testroot *t)
{
	enter(&(struct sandbox){.keep_network = true});
	CHECK(open_socket(AF_INET, SOCK_STREAM) == 0);
}

static void test_keep_network(void **state)
{
	assert_int_equal(testroot_run(NULL, keep_network), 0);
}

#if defined(__x86_64__)
/* socket(AF_INET, SOCK_STREAM, 0) by the numbers of i386, and by those of x32. */
static void use_foreign_calls(const struct testroot *t)
{
	long r = 359;

	enter(&(struct sandbox){});
	CHECK(syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0) < 0 && errno == ENOSYS);
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"((long)AF_INET), "c"((long)SOCK_STREAM), "d"(0L)
			 : "memory");
	CHECK(r == -ENOSYS);
}

static void test_foreign_calls(void **state)
{
	int result = testroot_run(NULL, use_foreign_calls);

	/* A kernel that has no calls of i386 at all kills who tries, which is as good. */
	assert_true(result == 0 || (WIFSIGNALED(result) && WTERMSIG(result) == SIGSEGV));
}
#else
static void test_foreign_calls(void **state)
{
	print_message("skipped: this processor has one set of system calls\n");
	skip();
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capabilities), cmocka_unit_test(test_keep_capabilities),
		cmocka_unit_test(test_core),	     cmocka_unit_test(test_user),
		cmocka_unit_test(test_unknown_user), cmocka_unit_test(test_no_network),
		cmocka_unit_test(test_open_socket),  cmocka_unit_test(test_ioctls),
		cmocka_unit_test(test_keep_network), cmocka_unit_test(test_foreign_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
