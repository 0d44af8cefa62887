/*
 * Tests of peer.c: ourselves, no peer at all, and children that have become others, with none, few
 * and the most groups there can be.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "rpc/access_int.h"

static void access_free_p(struct access **a)
{
	access_free(*a);
}

/* What access.conf says on a machine without names. */
static struct access *parse(const char *conf)
{
	_cleanup_(str_vector_free_p) char **unknown = NULL;
	const struct accounts nobody = {};
	struct access *a = NULL;
	const char *problem;
	unsigned line;

	assert_int_equal(access_parse(conf, strlen(conf), &nobody, &a, &unknown, &line, &problem),
			 0);
	return a;
}

static int compare_ids(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

	return (x > y) - (x < y);
}

static void test_peer_is_us(void **state)
{
	gid_t groups[NGROUPS_MAX];
	int fds[2], count = getgroups(NGROUPS_MAX, groups);
	struct peer p;

	assert_true(count >= 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(peer_of_socket(fds[0], &p), 0);
	assert_int_equal(p.pid, getpid());
	assert_int_equal(p.uid, geteuid());
	assert_int_equal(p.gid, getegid());
	assert_int_equal(p.group_count, count);
	qsort(groups, count, sizeof(*groups), compare_ids);
	qsort(p.groups, count, sizeof(*groups), compare_ids);
	if (count)
		assert_memory_equal(p.groups, groups, count * sizeof(*groups));
	peer_deinit(&p);
	peer_deinit(&p);
	close(fds[0]);
	close(fds[1]);
}

static void test_no_peer(void **state)
{
	_cleanup_close_ int unix_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	_cleanup_close_ int inet_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	_cleanup_close_ int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct peer p = {.pid = 42};

	assert_int_equal(peer_of_socket(unix_fd, &p), -ENOTCONN);
	assert_int_equal(peer_of_socket(inet_fd, &p), -ENOTCONN);
	assert_int_equal(peer_of_socket(file, &p), -ENOTSOCK);
	assert_int_equal(peer_of_socket(-1, &p), -EBADF);
	assert_int_equal(p.pid, 42);
}

/* In a child: becomes somebody, and connects. Exit status 77: it may not become anybody. */
static void connect_as(const struct sockaddr_un *address, socklen_t len, uid_t uid, gid_t gid,
		       const gid_t *groups, size_t count)
{
	int fd;

	if (setgroups(count, groups) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		_exit(77);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)address, len) < 0)
		_exit(1);
	/* What it becomes or leaves afterwards does not count. */
	_exit(0);
}

/* The peer that a child with these ids is; false when children here cannot have them. */
static bool peer_as(uid_t uid, gid_t gid, const gid_t *groups, size_t count, struct peer *ret_peer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = -1;
	socklen_t len = sizeof(sa_family_t);
	int status;
	pid_t pid;

	/* An abstract name of the kernel's choice: nobody's permissions are in the way. */
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	len = sizeof(address);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		connect_as(&address, len, uid, gid, groups, count);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		return false;
	assert_int_equal(WEXITSTATUS(status), 0);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(peer_of_socket(fd, ret_peer), 0);
	return true;
}

static void test_other_peers(void **state)
{
	static const gid_t groups[] = {5, 200, 6};
	_cleanup_(peer_deinit) struct peer few = {}, none = {}, many = {};
	_cleanup_(access_free_p) struct access *a = NULL;
	_cleanup_free_ gid_t *all = NULL;

	if (!peer_as(1000, 1000, groups, ARRAY_SIZE(groups), &few)) {
		print_message("children cannot take other ids here\n");
		skip();
	}
	a = parse("[observe]\nusers = 1000\n[control]\ngroups = 200\n[admin]\ngroups = 59999\n");
	assert_int_equal(few.uid, 1000);
	assert_int_equal(few.gid, 1000);
	assert_int_equal(few.group_count, 3);
	assert_int_equal(access_class_of(a, &few), ACCESS_CONTROL);
	assert_true(peer_as(1000, 1000, NULL, 0, &none));
	assert_int_equal(none.group_count, 0);
	assert_int_equal(access_class_of(a, &none), ACCESS_OBSERVE);
	/* Some twice: in a user namespace the greatest ids may be missing. */
	all = calloc(NGROUPS_MAX, sizeof(*all));
	assert_non_null(all);
	for (gid_t i = 0; i < NGROUPS_MAX; i++)
		all[i] = i % 60000;
	assert_true(peer_as(1000, 1000, all, NGROUPS_MAX, &many));
	assert_int_equal(many.group_count, NGROUPS_MAX);
	assert_int_equal(access_class_of(a, &many), ACCESS_ADMIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peer_is_us),
		cmocka_unit_test(test_no_peer),
		cmocka_unit_test(test_other_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
