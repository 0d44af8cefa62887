/*
 * Tests of a hostile guest and a hostile client: what breaks the rules is an error, at once.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "lab/loop.h"

enum { TIMEOUT_MS = 20000 };

struct fake {
	struct session session;
	struct loop loop;
	int fd; /* the guest's side */
};

static void fake_init(struct fake *f)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	*f = (struct fake){.fd = fds[1], .loop.signal_fd = -1};
	assert_int_equal(session_init(&f->session, fds[0]), 0);
	f->loop.session = &f->session;
	loop_set_timeout(&f->loop, TIMEOUT_MS);
}

static void fake_deinit(struct fake *f)
{
	session_deinit(&f->session);
	close(f->fd);
}

static void send_frame(struct fake *f, uint8_t type, uint16_t stream, uint8_t channel,
		       const void *payload, uint32_t len)
{
	uint8_t header[LAB_HEADER_BYTES];

	lab_header_encode(&(struct lab_frame){type, channel, stream, len, NULL}, header);
	assert_int_equal(io_write_all(f->fd, header, sizeof(header)), 0);
	assert_int_equal(io_write_all(f->fd, payload, len), 0);
}

static void hello(struct fake *f, uint32_t version)
{
	uint8_t payload[4];

	lab_put_u32(payload, version);
	send_frame(f, LAB_HELLO, 0, 0, payload, 4);
}

/* Takes what is allowed and grants nothing again. */
static int take(void *owner, const struct lab_frame *f)
{
	return 0;
}

static const struct stream_ops ops = {.frame = take};

/* A session in which one command runs, as stream 1. */
static void start(struct fake *f)
{
	struct stream *st;

	hello(f, LAB_VERSION);
	assert_int_equal(loop_wait_ready(&f->loop), 0);
	assert_int_equal(session_exec(&f->session, "", 0, &ops, NULL, &st), 0);
	assert_int_equal(st->id, 1);
}

static void test_frames(void **state)
{
	static const uint8_t zeros[LAB_PAYLOAD_MAX];
	static const uint8_t much[4] = {0xff, 0xff, 0xff, 0x7f};
	static const struct {
		uint8_t type, channel;
		uint16_t stream;
		const uint8_t *payload;
		uint32_t len;
		unsigned times;
	} cases[] = {
		{LAB_HELLO, 0, 0, zeros, 4, 1},	   {LAB_DATA, 1, 2, zeros, 1, 1},
		{LAB_DATA, 1, 65535, zeros, 1, 1}, {LAB_DATA, 0, 1, zeros, 1, 1},
		{LAB_DATA, 1, 1, zeros, 65536, 5}, {LAB_EOF, 1, 1, zeros, 0, 2},
		{LAB_CREDIT, 0, 1, much, 4, 1},	   {LAB_EXIT, 0, 1, zeros, 8, 2},
		{LAB_EOF, 0, 1, zeros, 0, 2},	   {LAB_CREDIT, 0, 1, zeros, 4, 1},
		{LAB_EXEC, 0, 1, zeros, 8, 1},	   {LAB_KILL, 0, 1, zeros, 4, 1},
		{LAB_POWEROFF, 0, 0, zeros, 0, 1}, {77, 0, 1, zeros, 0, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake f;
		int size = 1 << 20, r;

		fake_init(&f);
		setsockopt(f.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		start(&f);
		for (unsigned n = 0; n < cases[i].times; n++)
			send_frame(&f, cases[i].type, cases[i].stream, cases[i].channel,
				   cases[i].payload, cases[i].len);
		r = loop_wait_gone(&f.loop);
		if (r != -EPROTO)
			fail_msg("case %zu: %d", i, r);
		fake_deinit(&f);
	}
}

/* What is allowed, to the last byte of the windows, is taken. */
static void test_allowed(void **state)
{
	static const uint8_t zeros[LAB_PAYLOAD_MAX];
	struct fake f;
	int size = 1 << 20;

	fake_init(&f);
	setsockopt(f.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	start(&f);
	for (unsigned n = 0; n < LAB_WINDOW / LAB_PAYLOAD_MAX; n++)
		send_frame(&f, LAB_DATA, 1, 1, zeros, LAB_PAYLOAD_MAX);
	send_frame(&f, LAB_EOF, 1, 0, zeros, 0);
	send_frame(&f, LAB_EOF, 1, 1, zeros, 0);
	send_frame(&f, LAB_DATA, 1, 2, zeros, 1);
	send_frame(&f, LAB_EXIT, 1, 0, zeros, 8);
	shutdown(f.fd, SHUT_WR);
	assert_int_equal(loop_wait_gone(&f.loop), 0);
	assert_null(f.session.streams[0]);
	fake_deinit(&f);
}

static void test_versions(void **state)
{
	struct fake f;

	fake_init(&f);
	hello(&f, LAB_VERSION + 1);
	assert_int_equal(loop_wait_ready(&f.loop), -EPROTONOSUPPORT);
	fake_deinit(&f);
	fake_init(&f);
	assert_int_equal(io_write_all(f.fd, "SSH-2.0-OpenSSH\r\n", 17), 0);
	assert_int_equal(loop_wait_ready(&f.loop), -EPROTO);
	fake_deinit(&f);
}

/* A guest that goes away, before its agent is there or while a command runs. */
static void test_hang_up(void **state)
{
	struct lab_exec e = {.argv = (char *[]){(char *)"x", NULL}};
	struct fake f;
	int status = 42;

	fake_init(&f);
	shutdown(f.fd, SHUT_RDWR);
	assert_int_equal(loop_wait_ready(&f.loop), -ECONNRESET);
	fake_deinit(&f);
	fake_init(&f);
	hello(&f, LAB_VERSION);
	assert_int_equal(loop_wait_ready(&f.loop), 0);
	shutdown(f.fd, SHUT_RDWR);
	assert_int_equal(loop_run(&f.loop, &e, (const int[]){-1, -1, -1}, &status), -ECONNRESET);
	assert_int_equal(status, 42);
	fake_deinit(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_hang_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
