/*
 * Tests of process ids of other namespaces.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/testroot.h"
#include "pwrapis/ownpid.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		pid_t pid; /* 0: it is refused */
	} rows[] = {
		{"Name:\tx\nNSpid:\t12\n", 12},
		{"Name:\tx\nNSpid:\t12\t7\t1\nNSpgid:\t1\t2\t3\n", 1},
		{"Name:\tNSpid:\t9\nNSpid:\t12\t7\n", 7},
		{"Name:\t\\nNSpid:\t9\nNSpid:\t12\n", 12},
		{"Name:\tx\n", 0},
		{"", 0},
		{"\nNSpid:\n", 0},
		{"\nNSpid:\t\n", 0},
		{"\nNSpid:\t0\n", 0},
		{"\nNSpid:\t12", 0},
		{"\nNSpid:\t12 7\n", 0},
		{"\nNSpid:\t12\t\n", 0},
		{"\nNSpid:\t-1\n", 0},
		{"\nNSpid:\t2147483648\n", 0},
		{"\nNSpid:\t99999999999999999999\n", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		pid_t pid = -1;

		assert_int_equal(ownpid_parse(rows[i].text, &pid), rows[i].pid ? 0 : -EBADMSG);
		assert_int_equal(pid, rows[i].pid ?: -1);
	}
}

/* A process that connects and stays until it is told to end. */
struct peer_process {
	int listen_fd, fd, stop_fd;
	struct ucred cred;
	pid_t pid;
};

static void run_peer(const struct sockaddr_un *sa, int stop_fd)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char byte;

	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0)
		_exit(1);
	_exit(read(stop_fd, &byte, 1) < 0);
}

/* Another namespace's processes are children of who has asked for it. */
static void start_peer(struct peer_process *p, bool elsewhere)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX, .sun_path = "socket"};
	socklen_t len = sizeof(p->cred);
	int stop[2];

	unlink(sa.sun_path);
	p->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listen_fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(p->listen_fd, 1), 0);
	assert_int_equal(pipe(stop), 0);
	p->pid = fork();
	if (p->pid == 0) {
		close(stop[1]);
		if (elsewhere && unshare(CLONE_NEWPID) < 0)
			_exit(1);
		if (elsewhere && fork() != 0)
			_exit(wait(NULL) < 0);
		run_peer(&sa, stop[0]);
	}
	close(stop[0]);
	p->stop_fd = stop[1];
	p->fd = accept(p->listen_fd, NULL, NULL);
	assert_int_equal(getsockopt(p->fd, SOL_SOCKET, SO_PEERCRED, &p->cred, &len), 0);
}

static void end_peer(struct peer_process *p)
{
	close(p->stop_fd);
	waitpid(p->pid, NULL, 0);
}

static void close_peer(struct peer_process *p)
{
	close(p->fd);
	close(p->listen_fd);
}

/* The kernel's own file, of the machine on which the test runs. */
static void test_here(void **state)
{
	_cleanup_close_ int root_fd = -1;
	struct peer_process p;
	pid_t pid;

	assert_int_equal(fs_open_root("/", &root_fd), 0);
	start_peer(&p, false);
	assert_int_equal(ownpid_read(root_fd, p.fd, p.cred.pid, &pid), 0);
	assert_int_equal(pid, p.cred.pid);
	end_peer(&p);
	pid = -1;
	assert_true(ownpid_read(root_fd, p.fd, p.cred.pid, &pid) < 0);
	assert_int_equal(pid, -1);
	close_peer(&p);
}

static void test_elsewhere(void **state)
{
	_cleanup_close_ int root_fd = -1;
	struct peer_process p;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	assert_int_equal(fs_open_root("/", &root_fd), 0);
	start_peer(&p, true);
	assert_int_equal(ownpid_read(root_fd, p.fd, p.cred.pid, &pid), 0);
	assert_int_equal(pid, 1);
	end_peer(&p);
	close_peer(&p);
}

/* What the number tells once its process has ended is another one's. */
static void test_gone(void **state)
{
	const struct testroot *t = *state;
	struct peer_process p;
	char path[64];
	pid_t pid = -1;

	start_peer(&p, false);
	snprintf(path, sizeof(path), "proc/%d/status", p.cred.pid);
	testroot_write(t, path, "Name:\tother\nNSpid:\t12\t7\n");
	assert_int_equal(ownpid_read(t->fd, p.fd, p.cred.pid, &pid), 0);
	assert_int_equal(pid, 7);
	end_peer(&p);
	pid = -1;
	assert_true(ownpid_read(t->fd, p.fd, p.cred.pid, &pid) < 0);
	assert_int_equal(pid, -1);
	close_peer(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_here),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests_name("pwrapis/ownpid", tests, testroot_setup,
					   testroot_teardown);
}
