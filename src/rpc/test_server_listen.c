/*
 * Tests of where a server listens, and of who else is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "rpc/testrig.h"

static void expect_echo(const struct rig *rig)
{
	struct wire w;

	wire_open(&w, rig);
	wire_echo(&w);
	wire_close(&w);
}

static void kill_hard(struct rig *rig)
{
	kill(rig->server, SIGKILL);
	assert_int_equal(rig_wait(rig->server), 128 + SIGKILL);
	rig->server = 0;
}

static void test_modes(void **state)
{
	struct rig *rig = *state;
	_cleanup_free_ char *dir = strdup(rig->socket);
	struct stat st;

	assert_int_equal(lstat(rig->socket, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0666);
	*strrchr(dir, '/') = '\0';
	assert_int_equal(lstat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

/* What a killed server left is replaced; what a living one has is left alone. */
static void test_stale(void **state)
{
	struct rig *rig = *state;
	pid_t second;

	kill_hard(rig);
	rig_start(rig);
	expect_echo(rig);
	assert_false(rig_spawn(rig, -1, &second));
	assert_int_equal(rig_wait(second), 1);
	expect_echo(rig);
}

static void test_no_socket(void **state)
{
	struct rig *rig = *state;
	_cleanup_free_ char *text = NULL;
	pid_t second;

	rig_stop(rig);
	rig_write(rig, "/run/leonhard/io.leonhard.Test", "somebody's");
	assert_false(rig_spawn(rig, -1, &second));
	assert_int_equal(rig_wait(second), 1);
	assert_int_equal(io_read_file(AT_FDCWD, rig->socket, 100, &text, NULL), 0);
	assert_string_equal(text, "somebody's");
	assert_int_equal(unlink(rig->socket), 0);
}

static pid_t fork_starter(struct rig *rig, int ready)
{
	pid_t pid = fork(), server;

	if (pid == 0) {
		bool is_ready = rig_spawn(rig, -1, &server);

		if (is_ready && write(ready, &server, sizeof(server)) != sizeof(server))
			_exit(2);
		/* The winner is not waited for; who asks for it is told its number. */
		_exit(is_ready ? 0 : rig_wait(server));
	}
	return pid;
}

/* Of many that start at once beside a stale socket, one serves; its socket stays where it is. */
static void test_race(void **state)
{
	enum { COUNT = 8, ROUNDS = 5 };
	struct rig *rig = *state;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	for (int round = 0; round < ROUNDS; round++) {
		pid_t starters[COUNT];
		int won = 0;

		kill_hard(rig);
		for (int i = 0; i < COUNT; i++)
			starters[i] = fork_starter(rig, fds[1]);
		for (int i = 0; i < COUNT; i++)
			won += rig_wait(starters[i]) == 0;
		assert_int_equal(won, 1);
		assert_int_equal(read(fds[0], &rig->server, sizeof(rig->server)), sizeof(pid_t));
		expect_echo(rig);
		/* It is no child of this process: its end is seen by the socket. */
		kill(rig->server, SIGTERM);
		for (int i = 0; access(rig->socket, F_OK) == 0; i++) {
			assert_true(i < 1000);
			usleep(10000);
		}
		rig_start(rig);
	}
	close(fds[0]);
	close(fds[1]);
}

/* A starter waits until the one before it has done what it does. */
static void test_lock(void **state)
{
	struct rig *rig = *state;
	_cleanup_free_ char *path = NULL;
	uint64_t begin = rig_now_ms();
	pid_t other;
	int fd;

	rig_stop(rig);
	assert_true(asprintf(&path, "%s/run/leonhard/.io.leonhard.Test.lock", rig->root) > 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	other = fork();
	if (other == 0) {
		usleep(500 * 1000);
		_exit(0);
	}
	/* It is the other's now, until that ends. */
	close(fd);
	rig_start(rig);
	assert_true(rig_now_ms() - begin >= 500);
	assert_int_equal(rig_wait(other), 0);
	expect_echo(rig);
}

static int listen_at(const struct rig *rig, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, rig->socket);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(chmod(rig->socket, 0600), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 16), 0);
	return fd;
}

/* The service manager's socket is served, and is the manager's when the server ends. */
static void test_passed(void **state)
{
	struct rig *rig = *state;
	struct stat before, after;
	int fd;

	rig_stop(rig);
	fd = listen_at(rig, SOCK_STREAM);
	assert_int_equal(lstat(rig->socket, &before), 0);
	for (int i = 0; i < 2; i++) {
		assert_true(rig_spawn(rig, fd, &rig->server));
		expect_echo(rig);
		kill(rig->server, SIGTERM);
		assert_int_equal(rig_wait(rig->server), 0);
		assert_int_equal(lstat(rig->socket, &after), 0);
		assert_int_equal(after.st_ino, before.st_ino);
		assert_int_equal(after.st_mode, before.st_mode);
	}
	rig->server = 0;
	close(fd);
	/* A socket of another kind is a mistake in the unit, not a reason to make one. */
	assert_int_equal(unlink(rig->socket), 0);
	fd = listen_at(rig, SOCK_DGRAM);
	assert_false(rig_spawn(rig, fd, &rig->server));
	assert_int_equal(rig_wait(rig->server), 1);
	rig->server = 0;
	close(fd);
}

/* A server that ends removes its own socket, and not that of one which came after it. */
static void test_replaced(void **state)
{
	struct rig *rig = *state;
	pid_t first = rig->server;
	struct stat st;

	assert_int_equal(unlink(rig->socket), 0);
	assert_true(rig_spawn(rig, -1, &rig->server));
	kill(first, SIGTERM);
	assert_int_equal(rig_wait(first), 0);
	assert_int_equal(lstat(rig->socket, &st), 0);
	expect_echo(rig);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(test_modes),    WITH_SERVER(test_stale), WITH_SERVER(test_no_socket),
		WITH_SERVER(test_race),	    WITH_SERVER(test_lock),  WITH_SERVER(test_passed),
		WITH_SERVER(test_replaced),

	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
