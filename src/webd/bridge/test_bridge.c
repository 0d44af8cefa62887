/*
 * Tests of the bridge, with the test service of rpc behind it and a webd that sends what it likes.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "webd/bridge/lookup.h"
#include "webd/frames.h"
#include "webd/names.h"
#include "webd/testwebd.h"

#define TEST "io.leonhard.Test"
#define ECHO "{\"method\":\"" TEST ".Echo\",\"parameters\":{\"text\":\"x\"}}"
#define STORE                                           \
	"{\"method\":\"" TEST ".Store\",\"more\":true," \
	"\"parameters\":{\"count\":5000,\"size\":4000}}"

static int fd; /* webd's end */
static pid_t bridge;
static struct frames in;

static int start(void **state)
{
	const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	int sockets[2];
	char argument[64];

	testwebd_setup(state);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
	snprintf(argument, sizeof(argument), "--root=%s", root->path);
	bridge = fork();
	if (bridge == 0) {
		dup2(sockets[1], STDIN_FILENO);
		execl(getenv("WEBD_BRIDGE"), "bridge", argument, NULL);
		_exit(127);
	}
	close(sockets[1]);
	fd = sockets[0];
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return 0;
}

static int stop(void **state)
{
	if (fd >= 0)
		close(fd);
	if (bridge > 0)
		waitpid(bridge, NULL, 0);
	frames_deinit(&in);
	return testwebd_teardown(state);
}

static void put(enum frames_type type, uint32_t channel, const void *bytes, size_t len)
{
	uint8_t header[FRAMES_HEADER_BYTES];

	frames_put_header(header, type, channel, len);
	assert_int_equal(io_write_all(fd, header, sizeof(header)), 0);
	assert_int_equal(io_write_all(fd, bytes, len), 0);
}

static void call(uint32_t channel, const char *text)
{
	put(FRAMES_OPEN, channel, TEST, strlen(TEST));
	put(FRAMES_DATA, channel, text, strlen(text) + 1);
}

/* The next frame; valid until the next one. */
static struct frames_one next(void)
{
	static uint8_t bytes[4096];
	struct frames_one frame;
	int r;

	while ((r = frames_next(&in, &frame)) == 0) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		assert_true(n > 0);
		assert_int_equal(frames_add(&in, bytes, n), 0);
	}
	assert_int_equal(r, 1);
	return frame;
}

static void expect_close(uint32_t channel, int error)
{
	struct frames_one frame = next();

	assert_int_equal(frame.type, FRAMES_CLOSE);
	assert_int_equal(frame.channel, channel);
	assert_int_equal(frame.len, 4);
	assert_int_equal(frames_get_u32(frame.payload), error);
}

static void expect_echo(uint32_t channel)
{
	static const char reply[] = "{\"parameters\":{\"text\":\"x\"}}";
	struct frames_one frame = next();

	assert_int_equal(frame.type, FRAMES_DATA);
	assert_int_equal(frame.channel, channel);
	assert_int_equal(frame.len, sizeof(reply));
	assert_memory_equal(frame.payload, reply, sizeof(reply));
}

static void test_call(void **state)
{
	call(1, ECHO);
	expect_echo(1);
	/* The same channel may be asked again, and others meanwhile. */
	call(2, ECHO);
	expect_echo(2);
	put(FRAMES_DATA, 1, ECHO, sizeof(ECHO));
	expect_echo(1);
	put(FRAMES_CLOSE, 1, "", 0);
	put(FRAMES_DATA, 1, ECHO, sizeof(ECHO));
	put(FRAMES_DATA, 2, ECHO, sizeof(ECHO));
	expect_echo(2);
	testwebd_stop_service();
	expect_close(2, 0);
	call(3, ECHO);
	assert_true(next().type == FRAMES_CLOSE);
}

static void test_no_service(void **state)
{
	put(FRAMES_OPEN, 7, "io.leonhard.Nothing", 19);
	expect_close(7, ENOENT);
	call(8, ECHO);
	expect_echo(8);
}

/* A stream that nobody gives credit for stops there, and stops nobody else. */
static void test_credit(void **state)
{
	uint8_t credit[4];
	size_t taken = 0;

	call(1, STORE);
	while (taken < FRAMES_CREDIT) {
		struct frames_one frame = next();

		assert_int_equal(frame.type, FRAMES_DATA);
		taken += frame.len;
	}
	assert_int_equal(taken, FRAMES_CREDIT);
	for (uint32_t channel = 2; channel < 20; channel++) {
		call(channel, ECHO);
		expect_echo(channel);
	}
	frames_put_u32(credit, 1000);
	put(FRAMES_CREDIT_MORE, 1, credit, sizeof(credit));
	for (taken = 0; taken < 1000;)
		taken += next().len;
	assert_int_equal(taken, 1000);
	assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 200), 0);
}

static void test_too_many(void **state)
{
	for (uint32_t channel = 1; channel <= FRAMES_CHANNELS_MAX; channel++)
		put(FRAMES_OPEN, channel, TEST, strlen(TEST));
	put(FRAMES_OPEN, 99, TEST, strlen(TEST));
	expect_close(99, EMFILE);
	put(FRAMES_CLOSE, 1, "", 0);
	call(100, ECHO);
	expect_echo(100);
}

/* ---- users ---- */

static void ask_users(uint32_t channel, const char *question)
{
	put(FRAMES_OPEN, channel, NAMES_CHANNEL, strlen(NAMES_CHANNEL));
	put(FRAMES_DATA, channel, question, strlen(question) + 1);
}

static void expect_users(uint32_t channel, const char *answer)
{
	struct frames_one frame = next();

	assert_int_equal(frame.type, FRAMES_DATA);
	assert_int_equal(frame.channel, channel);
	assert_int_equal(frame.len, strlen(answer) + 1);
	assert_memory_equal(frame.payload, answer, frame.len);
	expect_close(channel, 0);
}

static void test_users(void **state)
{
	ask_users(1, "uid=1000,7,4242,0");
	expect_users(1, "1000:ada\n0:root\n");
	ask_users(2, "name=ada");
	expect_users(2, "1000:ada\n");
	ask_users(3, "name=eve");
	expect_users(3, "");
	ask_users(4, "uid=01");
	expect_close(4, 0);
	ask_users(5, "");
	expect_close(5, 0);
}

/* So many at a time; they hold up nothing else, and those that are given up make room. */
static void test_many_lookups(void **state)
{
	static char bytes[2 * NAMES_QUESTION_MAX];

	for (uint32_t channel = 1; channel <= LOOKUPS_MAX; channel++)
		put(FRAMES_OPEN, channel, NAMES_CHANNEL, strlen(NAMES_CHANNEL));
	ask_users(99, "uid=0");
	expect_close(99, EMFILE);
	call(100, ECHO);
	expect_echo(100);
	put(FRAMES_CLOSE, 1, "", 0);
	ask_users(101, "uid=0");
	expect_users(101, "0:root\n");
	/* A question without an end. */
	memset(bytes, '1', sizeof(bytes));
	put(FRAMES_DATA, 2, bytes, sizeof(bytes));
	assert_true(next().type == FRAMES_CLOSE);
}

/* It ends, and nothing else: these are no frames of webd's. */
static void expect_end(void)
{
	uint8_t bytes[4096];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		;
	assert_true(n == 0 || errno == ECONNRESET);
}

static void wrong(enum frames_type type, const void *bytes, size_t len)
{
	void *state = NULL;

	start(&state);
	put(FRAMES_OPEN, 1, TEST, strlen(TEST));
	put(type, 1, bytes, len);
	expect_end();
	stop(&state);
}

static void test_wrong_frames(void **state)
{
	static const char long_name[300] = "a.a";
	uint8_t credit[4];

	frames_put_u32(credit, 1);
	wrong(FRAMES_CREDIT_MORE, credit, 4); /* more than all */
	wrong(FRAMES_CREDIT_MORE, credit, 3);
	wrong(FRAMES_CLOSE, credit, 1);
	wrong(FRAMES_OPEN, TEST, strlen(TEST)); /* again */
	wrong(FRAMES_OPEN, "", 0);
	wrong(FRAMES_OPEN, "../../etc/x", 11);
	wrong(FRAMES_OPEN, "users2", 6);
	wrong(FRAMES_OPEN, "unix:/run/x", 11);
	wrong(FRAMES_OPEN, "io.leonhard\0x", 13);
	wrong(FRAMES_OPEN, long_name, sizeof(long_name));
	wrong(99, "", 0);
	fd = -1;
	bridge = 0;
}

static void test_too_long_call(void **state)
{
	static char bytes[FRAMES_PAYLOAD_MAX];

	put(FRAMES_OPEN, 1, TEST, strlen(TEST));
	memset(bytes, ' ', sizeof(bytes));
	for (int i = 0; i < FRAMES_CALL_MAX / FRAMES_PAYLOAD_MAX; i++)
		put(FRAMES_DATA, 1, bytes, sizeof(bytes));
	put(FRAMES_DATA, 1, bytes, 2);
	expect_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_call, start, stop),
		cmocka_unit_test_setup_teardown(test_no_service, start, stop),
		cmocka_unit_test_setup_teardown(test_credit, start, stop),
		cmocka_unit_test_setup_teardown(test_too_many, start, stop),
		cmocka_unit_test_setup_teardown(test_users, start, stop),
		cmocka_unit_test_setup_teardown(test_many_lookups, start, stop),
		cmocka_unit_test(test_wrong_frames),
		cmocka_unit_test_setup_teardown(test_too_long_call, start, stop),
	};

	return cmocka_run_group_tests(tests, testwebd_group, testwebd_group_end);
}
