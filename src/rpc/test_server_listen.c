/*
 * Tests of where a server listens, and of access.conf while it runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
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

/* ---- access.conf ---- */

static int is_served(struct rig *rig, void *data)
{
	json_auto_t *reply = NULL;
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, CALL("Echo", "{\"text\":\"a\"}"));
	reply = wire_read(&w);
	wire_close(&w);
	return reply && !json_object_get(reply, "error") ? 1 : 0;
}

/* Whether somebody else is served, within the time that a change may take. */
static bool becomes(struct rig *rig, bool served)
{
	for (int i = 0; i < 200; i++) {
		if (rig_wait(rig_fork_as(RIG_USER, is_served, rig, NULL)) == served)
			return true;
		usleep(20000);
	}
	return false;
}

static const char everybody[] = "[observe]\nusers = *\n", nobody[] = "";

static void test_reload(void **state)
{
	struct rig *rig = *state;
	char conf[256], old[258];

	rig_need_users();
	snprintf(conf, sizeof(conf), "%s%s", rig->root, ACCESS_PATH);
	snprintf(old, sizeof(old), "%s~", conf);
	rig_set_access(rig, nobody);
	assert_true(becomes(rig, false));
	rig_set_access(rig, everybody);
	assert_true(becomes(rig, true));
	/* The file in place, shorter and longer. */
	assert_int_equal(truncate(conf, 0), 0);
	assert_true(becomes(rig, false));
	rig_set_access(rig, everybody);
	assert_true(becomes(rig, true));
	/* Moved away, and back. */
	assert_int_equal(rename(conf, old), 0);
	assert_true(becomes(rig, false));
	assert_int_equal(rename(old, conf), 0);
	assert_true(becomes(rig, true));
	assert_int_equal(unlink(conf), 0);
	assert_true(becomes(rig, false));
}

/* The folder is not there yet, comes, goes, and is another one. */
static void test_reload_folder(void **state)
{
	struct rig *rig = *state;
	char dir[256], other[256];

	rig_need_users();
	snprintf(dir, sizeof(dir), "%s/etc/leonhard", rig->root);
	snprintf(other, sizeof(other), "%s/etc/other", rig->root);
	rig_stop(rig);
	assert_int_equal(rename(dir, other), 0);
	rig_start(rig);
	assert_true(becomes(rig, false));
	assert_int_equal(rename(other, dir), 0);
	assert_true(becomes(rig, true));
	assert_int_equal(rename(dir, other), 0);
	assert_true(becomes(rig, false));
	assert_int_equal(mkdir(dir, 0755), 0);
	usleep(500 * 1000);
	rig_set_access(rig, everybody);
	assert_true(becomes(rig, true));
}

static bool has_problem(struct rig *rig, const char *part)
{
	json_auto_t *reply = NULL;
	json_t *text;
	struct wire w;
	size_t i;

	wire_open(&w, rig);
	wire_say(&w, CALL("Problems", "{}"));
	reply = wire_read(&w);
	wire_close(&w);
	json_array_foreach(json_object_get(json_object_get(reply, "parameters"), "texts"), i, text)
	{
		if (strstr(json_string_value(text), part))
			return true;
	}
	return false;
}

/* A file that is none changes nothing and is told of; so is a name that nobody has. */
static void test_reload_bad(void **state)
{
	struct rig *rig = *state;

	rig_need_users();
	rig_set_access(rig, "[observe]\nusers = *\nfriends = *\n");
	for (int i = 0; !has_problem(rig, "access.conf:3"); i++) {
		assert_true(i < 200);
		usleep(20000);
	}
	assert_true(becomes(rig, true));
	rig_set_access(rig, "[observe]\nusers = nobody-is-called-so\n");
	assert_true(becomes(rig, false));
	assert_true(has_problem(rig, "nobody-is-called-so"));
	/* At the start there is nothing to keep: root alone is let in. */
	rig_stop(rig);
	rig_set_access(rig, "users = *\n");
	rig_start(rig);
	assert_true(has_problem(rig, "access.conf:1"));
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER, is_served, rig, NULL)), 0);
	rig_set_access(rig, everybody);
	assert_true(becomes(rig, true));
}

/* While an editor moves files about, nobody is thrown out in between. */
static int hold_ticks(struct rig *rig, void *data)
{
	uint64_t begin = rig_now_ms();
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, STREAM("Ticks", "{\"interval\":1}"));
	while (rig_now_ms() - begin < 2000) {
		json_auto_t *reply = wire_read(&w);

		if (!reply || json_object_get(reply, "error"))
			return 1;
	}
	return 0;
}

static void test_editor(void **state)
{
	struct rig *rig = *state;
	char conf[256], old[258];
	pid_t pid;

	rig_need_users();
	snprintf(conf, sizeof(conf), "%s%s", rig->root, ACCESS_PATH);
	snprintf(old, sizeof(old), "%s~", conf);
	pid = rig_fork_as(RIG_USER, hold_ticks, rig, NULL);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(rename(conf, old), 0);
		usleep(10000);
		rig_set_access(rig, "[control]\nusers = *\n# more\n");
		usleep(40000);
	}
	assert_int_equal(rig_wait(pid), 0);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(test_modes),      WITH_SERVER(test_stale),
		WITH_SERVER(test_no_socket),  WITH_SERVER(test_race),
		WITH_SERVER(test_passed),     WITH_SERVER(test_replaced),
		WITH_SERVER(test_reload),     WITH_SERVER(test_reload_folder),
		WITH_SERVER(test_reload_bad), WITH_SERVER(test_editor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
