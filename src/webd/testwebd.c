/*
 * The world of webd's tests: its processes; see testwebd.h.
 */
#include "webd/testwebd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "webd/frames.h"
#include "webd/loginproto.h"

const struct testroot *root;
unsigned testwebd_port;

static pid_t daemon_pid, service_pid, login_pid;
static int bridge_pids = -1; /* of a pipe, from the half that logs in */

static char *below(const char *path)
{
	static char text[100];

	snprintf(text, sizeof(text), "%s%s", root->path, path);
	return text;
}

static pid_t spawn(const char *variable, const char *argument, int out)
{
	const char *program = getenv(variable);
	pid_t pid;

	assert_non_null(program);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (out >= 0)
			dup2(out, STDOUT_FILENO);
		execl(program, program, argument, NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	return pid;
}

/* ---- the half that logs in ---- */

static int start_bridge(pid_t *ret_pid)
{
	int sockets[2];
	char argument[256];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		_exit(1);
	snprintf(argument, sizeof(argument), "--root=%s", root->path);
	*ret_pid = fork();
	if (*ret_pid == 0) {
		dup2(sockets[1], STDIN_FILENO);
		execl(getenv("WEBD_BRIDGE"), "bridge", argument, NULL);
		_exit(127);
	}
	close(sockets[1]);
	return sockets[0];
}

static void send_reply(int to, const struct login_reply *reply, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = {(void *)reply, sizeof(*reply)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)),
						  .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	if (sendmsg(to, &message, MSG_NOSIGNAL) < 0)
		_exit(1);
}

/* A bridge that somebody has made themselves: to whatever it is asked, it says what is in the
 * file "lie". */
_Noreturn static void be_liar(int fd)
{
	uint8_t bytes[4096], header[FRAMES_HEADER_BYTES];
	struct frames in = {};
	struct frames_one frame;
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0 && frames_add(&in, bytes, n) == 0) {
		while (frames_next(&in, &frame) > 0) {
			_cleanup_free_ char *lie = NULL;
			size_t len;

			if (frame.type != FRAMES_DATA)
				continue;
			if (io_read_file(root->fd, "lie", FRAMES_PAYLOAD_MAX, &lie, &len) < 0)
				_exit(1);
			frames_put_header(header, FRAMES_DATA, frame.channel, len + 1);
			io_write_all(fd, header, sizeof(header));
			io_write_all(fd, lie, len + 1);
		}
	}
	_exit(0);
}

static int start_liar(pid_t *ret_pid)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		_exit(1);
	*ret_pid = fork();
	if (*ret_pid == 0) {
		close(sockets[0]);
		be_liar(sockets[1]);
	}
	close(sockets[1]);
	return sockets[0];
}

/* The password says what becomes of it, and one name gets another bridge. */
static void play_login(int connection, int pids)
{
	struct login_request request = {};
	struct login_reply reply = {.magic = LOGIN_MAGIC, .result = LOGIN_DENIED};
	int fd = -1;
	pid_t bridge = 0;

	if (recv(connection, &request, sizeof(request), 0) != sizeof(request))
		return;
	if (strcmp(request.password, "right") == 0) {
		reply.result = LOGIN_GRANTED;
		memcpy(reply.user, request.user, sizeof(reply.user));
		fd = strcmp(request.user, "liar") == 0 ? start_liar(&bridge)
						       : start_bridge(&bridge);
		if (write(pids, &bridge, sizeof(bridge)) != sizeof(bridge))
			_exit(1);
	} else if (strcmp(request.password, "later") == 0) {
		reply.result = LOGIN_LATER;
		reply.retry_after_s = 7;
	} else if (strcmp(request.password, "hang up") == 0) {
		return;
	} else if (strcmp(request.password, "lie") == 0) {
		reply.result = LOGIN_GRANTED;
	}
	send_reply(connection, &reply, fd);
	if (fd >= 0)
		close(fd);
}

_Noreturn static void be_login(int fd, int pids)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (connection < 0)
			_exit(1);
		play_login(connection, pids);
		close(connection);
	}
}

static void start_login(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), ends[2];

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", below(LOGIN_SOCKET_PATH));
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(pipe(ends), 0);
	login_pid = fork();
	if (login_pid == 0)
		be_login(fd, ends[1]);
	assert_true(login_pid > 0);
	close(fd);
	close(ends[1]);
	bridge_pids = ends[0];
}

pid_t testwebd_bridge(void)
{
	pid_t pid = 0, next;

	while (poll(&(struct pollfd){.fd = bridge_pids, .events = POLLIN}, 1, 0) > 0 &&
	       read(bridge_pids, &next, sizeof(next)) == sizeof(next))
		pid = next;
	assert_true(pid > 0);
	return pid;
}

/* ---- the others ---- */

static void start_service(void)
{
	int ends[2];
	char line[8];

	assert_int_equal(pipe(ends), 0);
	service_pid = spawn("WEBD_SERVICE", root->path, ends[1]);
	close(ends[1]);
	/* It is ready when it says so. */
	assert_true(read(ends[0], line, sizeof(line)) > 0);
	close(ends[0]);
}

static void end(pid_t *pid, int number)
{
	int status;

	if (*pid > 0) {
		kill(*pid, number);
		assert_int_equal(waitpid(*pid, &status, 0), *pid);
		if (number == SIGTERM)
			assert_int_equal(status, 0);
	}
	*pid = 0;
}

void testwebd_stop_service(void)
{
	end(&service_pid, SIGTERM);
}

/* A port that nobody has, for the moment at least. */
static unsigned free_port(void)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(sa);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	return ntohs(sa.sin_port);
}

void testwebd_start(const char *settings)
{
	char text[1024], argument[256];
	int fd;

	testwebd_port = free_port();
	snprintf(text, sizeof(text), "[http]\naddress = 127.0.0.1\nport = %u\n%s\n", testwebd_port,
		 settings);
	testroot_write(root, "etc/leonhard/webd.conf", text);
	snprintf(argument, sizeof(argument), "--root=%s", root->path);
	daemon_pid = spawn("WEBD_DAEMON", argument, -1);
	for (int i = 0; i < PATIENCE_MS / 10; i++) {
		fd = tcp_open();
		if (fd >= 0) {
			close(fd);
			return;
		}
		pause_ms(10);
	}
	fail_msg("the daemon does not listen");
}

void testwebd_stop(void)
{
	end(&daemon_pid, SIGTERM);
}

void testwebd_signal(int number)
{
	assert_int_equal(kill(daemon_pid, number), 0);
}

long testwebd_rss_kib(void)
{
	_cleanup_free_ char *text = NULL;
	char path[64];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)daemon_pid);
	assert_int_equal(io_read_file(AT_FDCWD, path, 65536, &text, NULL), 0);
	at = strstr(text, "VmRSS:");
	assert_non_null(at);
	return strtol(at + 6, NULL, 10);
}

void pause_ms(unsigned ms)
{
	poll(NULL, 0, ms);
}

/* ---- cmocka ---- */

static void fill_root(void)
{
	testroot_write(root, "etc/leonhard/access.conf", "[control]\nusers = *\n");
	testroot_write(root, "etc/passwd",
		       "root:x:0:0::/root:/bin/sh\nodd\033[31m:x:7:7::/:/bin/sh\n"
		       "ada:x:1000:1000::/home/ada:/bin/sh\n");
	testroot_write(root, "usr/share/leonhard/web/index.html", "<!doctype html><p>hello\n");
	testroot_write(root, "usr/share/leonhard/web/app/list.js", "export const a = 1;\n");
	testroot_write(root, "usr/share/leonhard/web/app/list.js.gz", "not really compressed");
	testroot_write(root, "usr/share/leonhard/web/notes.md", "no type\n");
	testroot_write(root, "usr/share/leonhard/web/.hidden.js", "hidden\n");
	testroot_write(root, "usr/share/leonhard/secret.js", "secret\n");
	testroot_write(root, "usr/share/leonhard/api/io.leonhard.A.varlink",
		       "# One.\ninterface io.leonhard.A\nmethod Follow(after: ?string) -> ()\n");
	testroot_write(root, "usr/share/leonhard/api/broken.varlink", "interface\n");
	testroot_write(root, "var/lib/leonhard/webd/.keep", "");
	testroot_write(root, "run/leonhard/.keep", "");
}

int testwebd_group(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	if (testroot_setup(state) < 0)
		return -1;
	root = *state;
	return 0;
}

int testwebd_group_end(void **state)
{
	return testroot_teardown(state);
}

int testwebd_setup(void **state)
{
	fill_root();
	start_service();
	start_login();
	return 0;
}

int testwebd_teardown(void **state)
{
	testwebd_stop();
	end(&service_pid, SIGTERM);
	end(&login_pid, SIGKILL);
	if (bridge_pids >= 0)
		close(bridge_pids);
	bridge_pids = -1;
	testroot_clear(root);
	return 0;
}
