/*
 * What the tests of the server stand on; see testrig.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/time.h"
#include "rpc/client.h"
#include "rpc/testrig.h"

/* ---- the server ---- */

void rig_write(const struct rig *rig, const char *path, const char *text)
{
	_cleanup_free_ char *full = NULL;

	assert_true(asprintf(&full, "%s%s", rig->root, path) > 0);
	assert_int_equal(io_replace_file(AT_FDCWD, full, text, strlen(text), 0644), 0);
}

void rig_set_access(const struct rig *rig, const char *text)
{
	rig_write(rig, ACCESS_PATH, text);
}

static void make_dir(const struct rig *rig, const char *path)
{
	_cleanup_free_ char *full = NULL;

	assert_true(asprintf(&full, "%s%s", rig->root, path) > 0);
	assert_int_equal(mkdir(full, 0755), 0);
}

void rig_init(struct rig *rig)
{
	rig->root = strdup("/tmp/rpc-test-XXXXXX");
	assert_non_null(mkdtemp(rig->root));
	/* Other users come in, too. */
	assert_int_equal(chmod(rig->root, 0755), 0);
	make_dir(rig, "/etc");
	make_dir(rig, "/etc/leonhard");
	rig_set_access(rig, "[control]\nusers = *\n");
	assert_true(asprintf(&rig->socket, "%s" RPC_SOCKET_DIR "/io.leonhard.Test", rig->root) > 0);
}

static void limit_descriptors(unsigned max)
{
	struct rlimit limit = {max, max};

	if (max)
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void exec_service(const struct rig *rig)
{
	const struct rpc_server_config *l = &rig->limits;
	const unsigned values[] = {l->message_ms, l->stall_ms, l->user_connections, l->connections};
	char texts[ARRAY_SIZE(values)][12];
	const char *argv[2 + ARRAY_SIZE(values) + 1] = {"rpc-testservice", rig->root};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		snprintf(texts[i], sizeof(texts[i]), "%u", values[i]);
		argv[2 + i] = texts[i];
	}
	execv(getenv("RPC_TESTSERVICE"), (char **)argv);
	_exit(127);
}

static void pass_socket(int fd)
{
	char number[16];

	assert_int_equal(dup2(fd, 3), 3);
	/* When it was number 3 before, it would still be closed by exec. */
	assert_int_equal(fcntl(3, F_SETFD, 0), 0);
	snprintf(number, sizeof(number), "%d", getpid());
	setenv("LISTEN_PID", number, 1);
	setenv("LISTEN_FDS", "1", 1);
}

bool rig_spawn(struct rig *rig, int listen_fd, pid_t *ret_pid)
{
	char line[8];
	int fds[2];
	bool ready;
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		if (listen_fd >= 0)
			pass_socket(listen_fd);
		limit_descriptors(rig->descriptors);
		exec_service(rig);
	}
	close(fds[1]);
	ready = io_read_exact(fds[0], line, 6) == 0;
	close(fds[0]);
	*ret_pid = pid;
	return ready;
}

void rig_start(struct rig *rig)
{
	assert_true(rig_spawn(rig, -1, &rig->server));
}

int rig_setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig_init(rig);
	rig_start(rig);
	*state = rig;
	return 0;
}

int rig_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void rig_stop(struct rig *rig)
{
	struct stat st;

	if (!rig->server)
		return;
	kill(rig->server, SIGTERM);
	assert_int_equal(rig_wait(rig->server), 0);
	assert_int_equal(lstat(rig->socket, &st), -1);
	rig->server = 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void rig_deinit(struct rig *rig)
{
	rig_stop(rig);
	nftw(rig->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(rig->root);
	free(rig->socket);
}

int rig_teardown(void **state)
{
	rig_deinit(*state);
	free(*state);
	return 0;
}

/* ---- processes ---- */

void rig_need_users(void)
{
	if (geteuid() == 0)
		return;
	print_message("skipped: other users cannot be played without root\n");
	skip();
}

static void become(uid_t uid)
{
	if (setgroups(0, NULL) < 0 || setgid(uid) < 0 || setuid(uid) < 0)
		_exit(100);
}

pid_t rig_fork_as(uid_t uid, int (*fn)(struct rig *rig, void *data), struct rig *rig, void *data)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (uid)
			become(uid);
		_exit(fn(rig, data));
	}
	return pid;
}

uint64_t rig_now_ms(void)
{
	return time_now_ns(CLOCK_MONOTONIC) / NS_PER_MS;
}

uint64_t rig_server_cpu_ms(const struct rig *rig)
{
	clockid_t clock;

	assert_int_equal(clock_getcpuclockid(rig->server, &clock), 0);
	return time_now_ns(clock) / NS_PER_MS;
}

uint64_t rig_server_status(const struct rig *rig, const char *name)
{
	_cleanup_free_ char *path = NULL, *text = NULL, *key = NULL;
	const char *line;

	assert_true(asprintf(&path, "/proc/%d/status", rig->server) > 0);
	assert_true(asprintf(&key, "\n%s:", name) > 0);
	assert_int_equal(io_read_file(AT_FDCWD, path, 65536, &text, NULL), 0);
	line = strstr(text, key);
	assert_non_null(line);
	return strtoull(line + strlen(key), NULL, 10);
}

/* ---- clients ---- */

void wire_open(struct wire *w, const struct rig *rig)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_true(strlen(rig->socket) < sizeof(address.sun_path));
	strcpy(address.sun_path, rig->socket);
	*w = (struct wire){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	assert_true(w->fd >= 0);
	assert_int_equal(connect(w->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

void wire_close(struct wire *w)
{
	frame_deinit(&w->in);
	cleanup_close_p(&w->fd);
	w->fd = -1;
}

/* The server may have closed: what it has said is then still to be read. */
void wire_send(struct wire *w, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len) {
		ssize_t n = send(w->fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return;
		assert_true(n > 0);
		p += n;
		len -= n;
	}
}

void wire_say(struct wire *w, const char *text)
{
	wire_send(w, text, strlen(text) + 1);
}

static bool is_readable(struct wire *w, int within_ms)
{
	struct pollfd p = {.fd = w->fd, .events = POLLIN};

	return poll(&p, 1, within_ms) == 1;
}

json_t *wire_read(struct wire *w)
{
	const char *text;
	size_t len, room_len;
	json_t *value;
	char *room;

	while (frame_peek(&w->in, &text, &len) == 0) {
		ssize_t n;

		assert_true(is_readable(w, RIG_HANG_MS));
		assert_int_equal(frame_room(&w->in, &room, &room_len), 0);
		n = recv(w->fd, room, room_len, 0);
		frame_added(&w->in, n < 0 ? 0 : n);
		assert_true(n >= 0 || errno == ECONNRESET);
		if (n <= 0)
			return NULL;
	}
	value = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(value);
	frame_consume(&w->in);
	return value;
}

void wire_expect(struct wire *w, const char *expected)
{
	json_auto_t *got = wire_read(w), *wanted = NULL;
	_cleanup_free_ char *text = NULL;

	if (!expected) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	wanted = json_loads(expected, 0, NULL);
	assert_non_null(wanted);
	if (json_equal(got, wanted))
		return;
	text = json_dumps(got, JSON_COMPACT);
	fail_msg("expected %s, got %.500s", expected, text);
}

void wire_expect_error(struct wire *w, const char *name)
{
	json_auto_t *got = wire_read(w);
	const char *error = json_string_value(json_object_get(got, "error"));

	assert_non_null(got);
	if (!error || strcmp(error, name) != 0)
		fail_msg("expected the error %s, got %s", name, error ? error : "none");
}

bool wire_is_silent(struct wire *w, int for_ms)
{
	return frame_len(&w->in) == 0 && !is_readable(w, for_ms);
}

json_int_t wire_ask_number(struct wire *w, const char *call, const char *name)
{
	json_auto_t *reply = NULL;

	wire_say(w, call);
	reply = wire_read(w);
	return json_integer_value(json_object_get(json_object_get(reply, "parameters"), name));
}

void wire_echo(struct wire *w)
{
	wire_say(w, "{\"method\":\"io.leonhard.Test.Echo\",\"parameters\":{\"text\":\"hi\"}}");
	wire_expect(w, "{\"parameters\":{\"text\":\"hi\"}}");
}
