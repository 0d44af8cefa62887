/*
 * Tests of the privileged half, with PAM's own modules that allow and deny everything. It logs in
 * the user who runs the test, since it need not be root to become that one.
 */
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/testrun.h"
#include "base/time.h"
#include "webd/frames.h"
#include "webd/loginproto.h"

#define PAM_FILE "etc/pam.d/leonhard-webd"
#define PERMIT                          \
	"auth required pam_permit.so\n" \
	"account required pam_permit.so\nsession required pam_permit.so\n"

enum { PATIENCE_MS = 20000, DELAY_MS = 400 };

static const struct testroot *root;
static char self[LOGIN_USER_MAX];

static void start(const char *pam, const char *settings)
{
	char text[512];

	testroot_write(root, PAM_FILE, pam);
	snprintf(text, sizeof(text), "[login]\nfailure_delay = 400ms\n%s", settings);
	testroot_write(root, "etc/leonhard/webd-login.conf", text);
	testrun_launch_ready(root);
}

static int open_socket(void)
{
	const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s" LOGIN_SOCKET_PATH, root->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static struct login_request request_of(const char *user, const char *address)
{
	struct login_request request = {.magic = LOGIN_MAGIC, .password = "secret"};

	snprintf(request.user, sizeof(request.user), "%s", user);
	snprintf(request.address, sizeof(request.address), "%s", address);
	return request;
}

/* Whether there is a reply at all; *@ret_fd is the bridge, or -1. */
static bool receive(int fd, struct login_reply *ret_reply, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = {ret_reply, sizeof(*ret_reply)};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

	*ret_fd = -1;
	if (n <= 0)
		return false;
	assert_int_equal(n, sizeof(*ret_reply));
	assert_int_equal(ret_reply->magic, LOGIN_MAGIC);
	if (message.msg_controllen)
		memcpy(ret_fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return true;
}

static struct login_reply ask(const char *user, const char *address, int *ret_bridge)
{
	const struct login_request request = request_of(user, address);
	_cleanup_close_ int fd = open_socket();
	struct login_reply reply = {};

	assert_int_equal(send(fd, &request, sizeof(request), 0), sizeof(request));
	assert_true(receive(fd, &reply, ret_bridge));
	assert_int_equal(reply.result == LOGIN_GRANTED, *ret_bridge >= 0);
	return reply;
}

static unsigned result_of(const char *user)
{
	int bridge;
	struct login_reply reply = ask(user, "192.0.2.1", &bridge);

	if (bridge >= 0)
		close(bridge);
	return reply.result;
}

static uint64_t now_ms(void)
{
	return time_now_ns(CLOCK_MONOTONIC) / NS_PER_MS;
}

/* The bridge that comes is one: it says that there is no such service. */
static void test_granted(void **state)
{
	static const char interface[] = "io.leonhard.Nothing";
	uint8_t bytes[64], answer[FRAMES_HEADER_BYTES + 4];
	struct login_reply reply;
	int bridge;

	start(PERMIT, "allow_root = yes\n");
	reply = ask(self, "192.0.2.1", &bridge);
	assert_int_equal(reply.result, LOGIN_GRANTED);
	assert_string_equal(reply.user, self);
	frames_put_header(bytes, FRAMES_OPEN, 5, strlen(interface));
	memcpy(bytes + FRAMES_HEADER_BYTES, interface, sizeof(interface));
	assert_int_equal(io_write_all(bridge, bytes, FRAMES_HEADER_BYTES + strlen(interface)), 0);
	assert_int_equal(io_read_exact(bridge, answer, sizeof(answer)), 0);
	assert_int_equal(answer[8], FRAMES_CLOSE);
	assert_int_equal(frames_get_u32(answer + 4), 5);
	assert_int_equal(frames_get_u32(answer + FRAMES_HEADER_BYTES), ENOENT);
	/* What is no frame ends it. */
	assert_int_equal(io_write_all(bridge, "\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9), 0);
	assert_int_equal(io_read_exact(bridge, answer, 1), -ENODATA);
	close(bridge);
	testrun_stop(SIGTERM);
}

static void test_denied(void **state)
{
	uint64_t begun = now_ms();

	start("auth required pam_deny.so\n" PERMIT, "allow_root = yes\n");
	assert_int_equal(result_of(self), LOGIN_DENIED);
	assert_true(now_ms() - begun >= DELAY_MS);
	begun = now_ms();
	assert_int_equal(result_of("nobody-has-this-name"), LOGIN_DENIED);
	assert_true(now_ms() - begun >= DELAY_MS);
	testrun_stop(SIGTERM);
}

/* An account that PAM lets in and the machine does not know, one that is locked, and root. */
static void test_refused(void **state)
{
	start(PERMIT, "");
	assert_int_equal(result_of("nobody-has-this-name"), LOGIN_DENIED);
	assert_int_equal(result_of("root"), LOGIN_DENIED);
	testrun_stop(SIGTERM);
	testrun_drain();
	start("auth required pam_permit.so\naccount required pam_deny.so\n", "allow_root = yes\n");
	assert_int_equal(result_of(self), LOGIN_DENIED);
	testrun_stop(SIGTERM);
}

static void test_waits(void **state)
{
	struct login_reply reply = {};
	int bridge, denied = 0;

	start("auth required pam_deny.so\n", "free_failures = 2\nallow_root = yes\n");
	/* Until so much of a wait is left that a slow machine is done with the rest in time. */
	while (reply.retry_after_s < 2) {
		reply = ask(self, "192.0.2.1", &bridge);
		denied += reply.result == LOGIN_DENIED;
		assert_true(reply.result == LOGIN_DENIED || reply.retry_after_s >= 1);
		poll(NULL, 0, 20);
	}
	/* Two cost nothing, the third a second, the fourth twice as much. */
	assert_true(denied >= 4);
	/* From elsewhere as well, but not another user. */
	assert_int_equal(ask(self, "192.0.2.9", &bridge).result, LOGIN_LATER);
	assert_int_equal(ask("somebody", "192.0.2.1", &bridge).result, LOGIN_DENIED);
	testrun_stop(SIGTERM);
}

/* A module that never ends is killed with its process. */
static void test_slow_module(void **state)
{
	start("auth required pam_exec.so /bin/sleep 8\n", "timeout = 1s\nallow_root = yes\n");
	assert_int_equal(result_of(self), LOGIN_FAILED);
	testrun_says("PAM was too slow");
	testrun_stop(SIGTERM);
}

static void expect_silence(const void *bytes, size_t len)
{
	_cleanup_close_ int fd = open_socket();
	struct login_reply reply;
	int bridge;

	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
	assert_false(receive(fd, &reply, &bridge));
}

static void test_wrong_records(void **state)
{
	struct login_request request = request_of(self, "192.0.2.1"), wrong;
	char longer[sizeof(request) + 1] = {};

	start(PERMIT, "allow_root = yes\n");
	expect_silence(&request, sizeof(request) - 1);
	memcpy(longer, &request, sizeof(request));
	expect_silence(longer, sizeof(longer));
	expect_silence("x", 1);
	wrong = request;
	wrong.magic++;
	expect_silence(&wrong, sizeof(wrong));
	wrong = request;
	memset(wrong.user, 'u', sizeof(wrong.user));
	expect_silence(&wrong, sizeof(wrong));
	wrong = request;
	memset(wrong.password, 'p', sizeof(wrong.password));
	expect_silence(&wrong, sizeof(wrong));
	wrong = request;
	memset(wrong.address, 'a', sizeof(wrong.address));
	expect_silence(&wrong, sizeof(wrong));
	assert_int_equal(result_of(self), LOGIN_GRANTED);
	testrun_stop(SIGTERM);
}

/* No session outlives the service. */
static void test_stop(void **state)
{
	char c;
	int bridge;

	start(PERMIT, "allow_root = yes\n");
	assert_int_equal(ask(self, "192.0.2.1", &bridge).result, LOGIN_GRANTED);
	testrun_stop(SIGTERM);
	assert_int_equal(poll(&(struct pollfd){.fd = bridge, .events = POLLIN}, 1, PATIENCE_MS), 1);
	assert_int_equal(read(bridge, &c, 1), 0);
	close(bridge);
}

static int setup_group(void **state)
{
	const struct passwd *pw = getpwuid(geteuid());

	if (!pw || testrun_setup_group(state) < 0)
		return -1;
	snprintf(self, sizeof(self), "%s", pw->pw_name);
	root = *state;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_granted, testrun_teardown),
		cmocka_unit_test_teardown(test_denied, testrun_teardown),
		cmocka_unit_test_teardown(test_refused, testrun_teardown),
		cmocka_unit_test_teardown(test_waits, testrun_teardown),
		cmocka_unit_test_teardown(test_slow_module, testrun_teardown),
		cmocka_unit_test_teardown(test_wrong_records, testrun_teardown),
		cmocka_unit_test_teardown(test_stop, testrun_teardown),
	};

	return cmocka_run_group_tests(tests, setup_group, testroot_teardown);
}
