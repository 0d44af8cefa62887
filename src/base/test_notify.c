/*
 * Tests of notify.c against a real socket, in the file system and in the abstract namespace, and
 * of variables that are meant for somebody else.
 */
#include <errno.h>
#include <fcntl.h>
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
#include "base/notify.h"
#include "base/testroot.h"
#include "base/time.h"

/* A manager's socket with the name @name, which takes @len bytes of the address. */
static int listen_at(const char *name, size_t len)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memcpy(sa.sun_path, name, len);
	assert_int_equal(bind(fd, (void *)&sa, offsetof(struct sockaddr_un, sun_path) + len), 0);
	return fd;
}

static const char *received(int fd)
{
	static char buf[256];
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);

	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

static int clear(void **state)
{
	static const char *const variables[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
						"LISTEN_PID",	 "LISTEN_FDS",	  "LISTEN_FDNAMES"};

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
	testroot_clear(*state);
	return 0;
}

static void set_number(const char *variable, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ju", (uintmax_t)value);
	setenv(variable, text, 1);
}

static void test_no_manager(void **state)
{
	assert_int_equal(notify_ready(), 0);
	assert_int_equal(notify_reloading(), 0);
	assert_int_equal(notify_stopping(), 0);
	assert_int_equal(notify_watchdog_interval_ns(), 0);
	assert_int_equal(notify_listen_fds(), 0);
	setenv("NOTIFY_SOCKET", "", 1);
	assert_int_equal(notify_ready(), 0);
}

static void send_all(int fd)
{
	uint64_t us = 0, now = time_now_ns(CLOCK_MONOTONIC) / NS_PER_US;

	assert_int_equal(notify_ready(), 0);
	assert_string_equal(received(fd), "READY=1");
	assert_int_equal(notify_stopping(), 0);
	assert_string_equal(received(fd), "STOPPING=1");
	assert_int_equal(notify_send("STATUS=a\nb=c"), 0);
	assert_string_equal(received(fd), "STATUS=a\nb=c");
	assert_int_equal(notify_reloading(), 0);
	assert_int_equal(sscanf(received(fd), "RELOADING=1\nMONOTONIC_USEC=%ju", &us), 1);
	assert_true(us >= now && us <= time_now_ns(CLOCK_MONOTONIC) / NS_PER_US);
}

static void test_path(void **state)
{
	const struct testroot *t = *state;
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = listen_at("notify", strlen("notify"));

	assert_true(asprintf(&path, "%s/notify", t->path) > 0);
	setenv("NOTIFY_SOCKET", path, 1);
	send_all(fd);
	/* The manager restarts: a failure, and nothing that hangs or kills. */
	close(take_fd(&fd));
	assert_int_equal(notify_ready(), -ECONNREFUSED);
	assert_int_equal(unlink("notify"), 0);
	assert_int_equal(notify_ready(), -ENOENT);
}

static void test_abstract(void **state)
{
	_cleanup_close_ int fd = -1;
	char name[64];

	snprintf(name, sizeof(name), "@test_notify/%d", (int)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_ready(), -ECONNREFUSED);
	name[0] = '\0';
	fd = listen_at(name, 1 + strlen(name + 1));
	send_all(fd);
}

/* A manager that no longer reads, as one does that has crashed, does not stop the daemon too. */
static void test_manager_hangs(void **state)
{
	_cleanup_close_ int fd = -1;
	int sent = 0, r;
	char name[64];

	snprintf(name, sizeof(name), "@test_notify/%d", (int)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	name[0] = '\0';
	fd = listen_at(name, 1 + strlen(name + 1));
	alarm(20);
	while ((r = notify_ready()) == 0)
		sent++;
	alarm(0);
	assert_int_equal(r, -EAGAIN);
	assert_true(sent > 0);
	/* Once it reads, all is well. */
	assert_string_equal(received(fd), "READY=1");
	assert_int_equal(notify_stopping(), 0);
}

static void test_addresses(void **state)
{
	char name[sizeof((struct sockaddr_un){}.sun_path) + 2];
	_cleanup_close_ int fd = -1;

	setenv("NOTIFY_SOCKET", "relative", 1);
	assert_int_equal(notify_ready(), -EAFNOSUPPORT);
	setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	assert_int_equal(notify_ready(), -EAFNOSUPPORT);
	setenv("NOTIFY_SOCKET", "@", 1);
	assert_int_equal(notify_ready(), -EAFNOSUPPORT);
	/* The longest name there is, and one byte more. */
	snprintf(name, sizeof(name), "@%0*d", (int)sizeof(name) - 2, (int)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_ready(), -ENAMETOOLONG);
	name[sizeof(name) - 2] = '\0';
	setenv("NOTIFY_SOCKET", name, 1);
	name[0] = '\0';
	fd = listen_at(name, sizeof(name) - 2);
	assert_int_equal(notify_ready(), 0);
	assert_string_equal(received(fd), "READY=1");
}

static void test_watchdog(void **state)
{
	setenv("WATCHDOG_USEC", "3000000", 1);
	assert_int_equal(notify_watchdog_interval_ns(), 1500 * NS_PER_MS);
	set_number("WATCHDOG_PID", getpid());
	assert_int_equal(notify_watchdog_interval_ns(), 1500 * NS_PER_MS);
	set_number("WATCHDOG_PID", getpid() + 1);
	assert_int_equal(notify_watchdog_interval_ns(), 0);
	setenv("WATCHDOG_PID", "nobody", 1);
	assert_int_equal(notify_watchdog_interval_ns(), 0);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "2", 1);
	assert_int_equal(notify_watchdog_interval_ns(), NS_PER_US);
	setenv("WATCHDOG_USEC", "18446744073709551", 1);
	assert_true(notify_watchdog_interval_ns() > 0);
	for (const char *const *bad =
		     (const char *const[]){"0", "-1", "", "3s", "18446744073709552",
					   "18446744073709551616", NULL};
	     *bad; bad++) {
		setenv("WATCHDOG_USEC", *bad, 1);
		assert_int_equal(notify_watchdog_interval_ns(), 0);
	}
}

static void assert_taken(int count)
{
	assert_int_equal(notify_listen_fds(), count);
	assert_null(getenv("LISTEN_PID"));
	assert_null(getenv("LISTEN_FDS"));
	assert_null(getenv("LISTEN_FDNAMES"));
	assert_int_equal(notify_listen_fds(), 0);
}

static void test_listen_not_ours(void **state)
{
	set_number("LISTEN_PID", getpid() + 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "x", 1);
	assert_taken(0);
	setenv("LISTEN_FDS", "1", 1);
	assert_taken(0);
	set_number("LISTEN_PID", getpid());
	assert_taken(0);
	set_number("LISTEN_PID", getpid());
	setenv("LISTEN_FDS", "-1", 1);
	assert_taken(-EINVAL);
	set_number("LISTEN_PID", getpid());
	setenv("LISTEN_FDS", "99999999999", 1);
	assert_taken(-ERANGE);
	setenv("LISTEN_PID", "me", 1);
	assert_taken(-EINVAL);
}

/* In a child, whose descriptors from the third on are ours to arrange. */
static int take_two(void)
{
	int flags[2];

	if (dup2(STDIN_FILENO, 3) != 3 || dup2(STDIN_FILENO, 4) != 4)
		return 1;
	close(5);
	set_number("LISTEN_PID", getpid());
	setenv("LISTEN_FDS", "2", 1);
	if (notify_listen_fds() != 2)
		return 2;
	flags[0] = fcntl(3, F_GETFD);
	flags[1] = fcntl(4, F_GETFD);
	if (!(flags[0] & FD_CLOEXEC) || !(flags[1] & FD_CLOEXEC) || getenv("LISTEN_FDS"))
		return 3;
	set_number("LISTEN_PID", getpid());
	setenv("LISTEN_FDS", "3", 1);
	return notify_listen_fds() == -EBADF ? 0 : 4;
}

static void test_listen(void **state)
{
	pid_t child = fork();
	int result;

	if (child == 0)
		_exit(take_two());
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_no_manager, clear),
		cmocka_unit_test_setup(test_path, clear),
		cmocka_unit_test_setup(test_abstract, clear),
		cmocka_unit_test_setup(test_manager_hangs, clear),
		cmocka_unit_test_setup(test_addresses, clear),
		cmocka_unit_test_setup(test_watchdog, clear),
		cmocka_unit_test_setup(test_listen_not_ours, clear),
		cmocka_unit_test_setup(test_listen, clear),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
