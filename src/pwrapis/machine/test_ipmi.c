/*
 * Tests of dcmi.c and ipmi.c: replies that are short, refused or of others, and a controller that
 * is late, mute or talks without end.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
#include "base/time.h"
#include "pwrapis/machine/ipmi.h"

/* 214 W now, 100 to 300 W, 180 W in the mean of 60 s; it measures. */
static const uint8_t power_reply[] = {0x00, 0xdc, 0xd6, 0x00, 0x64, 0x00, 0x2c, 0x01, 0xb4, 0x00,
				      0x78, 0x56, 0x34, 0x12, 0x60, 0xea, 0x00, 0x00, 0x40};
/* 250 W within 1 s. */
static const uint8_t limit_reply[] = {0x00, 0xdc, 0x00, 0x00, 0x11, 0xfa, 0x00, 0xe8,
				      0x03, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00};

static void test_requests(void **state)
{
	static const uint8_t power[] = {0xdc, 0x01, 0x00, 0x00}, limit[] = {0xdc, 0x00, 0x00};
	uint8_t data[DCMI_REQUEST_MAX];

	assert_int_equal(dcmi_request(DCMI_GET_POWER, data), sizeof(power));
	assert_memory_equal(data, power, sizeof(power));
	assert_int_equal(dcmi_request(DCMI_GET_LIMIT, data), sizeof(limit));
	assert_memory_equal(data, limit, sizeof(limit));
	/* What sets has data of its own, and everything else is asked by nobody. */
	assert_int_equal(dcmi_request(DCMI_SET_LIMIT, data), 0);
	assert_int_equal(dcmi_request(DCMI_ACTIVATE_LIMIT, data), 0);
	assert_int_equal(dcmi_request(0x01, data), 0);
}

static void test_set_requests(void **state)
{
	static const uint8_t set[] = {0xdc, 0x00, 0x00, 0x00, 0x11, 0xfa, 0x00, 0xe8,
				      0x03, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00};
	static const uint8_t fresh[] = {0xdc, 0x00, 0x00, 0x00, 0x00, 0xfa, 0x00, 0x70,
					0x17, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00};
	static const uint8_t on[] = {0xdc, 0x01, 0x00, 0x00}, off[] = {0xdc, 0x00, 0x00, 0x00};
	struct dcmi_limit limit = {
		.watts = 250, .correction_seconds = 1, .action = 0x11, .sample_seconds = 2};
	const struct dcmi_limit bare = {.watts = 250};
	uint8_t data[DCMI_REQUEST_MAX];

	assert_int_equal(dcmi_request_limit(&limit, data), sizeof(set));
	assert_memory_equal(data, set, sizeof(set));
	assert_int_equal(dcmi_request_limit(&bare, data), sizeof(fresh));
	assert_memory_equal(data, fresh, sizeof(fresh));
	assert_int_equal(dcmi_request_active(true, data), sizeof(on));
	assert_memory_equal(data, on, sizeof(on));
	assert_int_equal(dcmi_request_active(false, data), sizeof(off));
	assert_memory_equal(data, off, sizeof(off));
}

static void test_set_replies(void **state)
{
	static const uint8_t done[] = {0x00, 0xdc}, other[] = {0x00, 0xdd};
	static const struct {
		uint8_t code;
		int error;
	} cases[] = {{0x84, -ERANGE}, {0x85, -EINVAL},	   {0x89, -EINVAL},
		     {0x80, -EIO},    {0xc1, -EOPNOTSUPP}, {0xd4, -EACCES}};

	assert_int_equal(dcmi_parse_set(done, sizeof(done)), 0);
	assert_int_equal(dcmi_parse_set(done, 1), -EBADMSG);
	assert_int_equal(dcmi_parse_set(done, 0), -EBADMSG);
	assert_int_equal(dcmi_parse_set(other, sizeof(other)), -EBADMSG);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(dcmi_parse_set(&cases[i].code, 1), cases[i].error);
}

static void test_power(void **state)
{
	uint8_t copy[sizeof(power_reply)];
	struct dcmi_power p = {};

	assert_int_equal(dcmi_parse_power(power_reply, sizeof(power_reply), &p), 0);
	assert_true(p.now_watts == 214 && p.min_watts == 100 && p.max_watts == 300);
	assert_true(p.mean_watts == 180 && p.period_seconds == 60);
	for (size_t len = 0; len < sizeof(power_reply); len++)
		assert_int_equal(dcmi_parse_power(power_reply, len, &p), -EBADMSG);
	memcpy(copy, power_reply, sizeof(copy));
	copy[18] = 0;
	assert_int_equal(dcmi_parse_power(copy, sizeof(copy), &p), -ENODATA);
	memcpy(copy, power_reply, sizeof(copy));
	copy[1] = 0xdd;
	assert_int_equal(dcmi_parse_power(copy, sizeof(copy), &p), -EBADMSG);
}

static void test_codes(void **state)
{
	static const struct {
		uint8_t code;
		int power, limit;
	} cases[] = {
		{0xc1, -EOPNOTSUPP, -EOPNOTSUPP},
		{0xc0, -EAGAIN, -EAGAIN},
		{0xd4, -EACCES, -EACCES},
		{0x80, -EIO, 0},
		{0xff, -EIO, -EIO},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dcmi_power p;
		struct dcmi_limit l = {.active = true};

		assert_int_equal(dcmi_parse_power(&cases[i].code, 1, &p), cases[i].power);
		assert_int_equal(dcmi_parse_limit(&cases[i].code, 1, &l), cases[i].limit);
		assert_int_equal(l.active, cases[i].limit != 0);
	}
}

static void test_limit(void **state)
{
	uint8_t copy[sizeof(limit_reply)];
	struct dcmi_limit l = {};

	assert_int_equal(dcmi_parse_limit(limit_reply, sizeof(limit_reply), &l), 0);
	assert_true(l.active && l.watts == 250 && l.correction_seconds == 1);
	memcpy(copy, limit_reply, sizeof(copy));
	copy[0] = 0x80;
	assert_int_equal(dcmi_parse_limit(copy, sizeof(copy), &l), 0);
	assert_true(!l.active && l.watts == 250);
	for (size_t len = 0; len < sizeof(limit_reply); len++)
		assert_int_equal(dcmi_parse_limit(limit_reply, len, &l), -EBADMSG);
}

/* A controller of the test's. */
static struct {
	int sent, refuse;
	long id; /* of the last question */
	uint8_t reply[DCMI_REPLY_MAX];
	size_t len; /* 0: it has nothing to say */
	long reply_id;
	bool endless, closed;
	uint64_t now_ns, latency_ns; /* of calls; 0: they are not answered */
} board;

static int board_send(void *arg, uint8_t command, const uint8_t *data, size_t len, long id)
{
	if (board.refuse)
		return board.refuse;
	board.sent++;
	board.id = id;
	return 0;
}

static int board_receive(void *arg, uint8_t reply[DCMI_REPLY_MAX], size_t *ret_len, long *ret_id)
{
	if (!board.len)
		return -EAGAIN;
	memcpy(reply, board.reply, board.len);
	*ret_len = board.len;
	*ret_id = board.reply_id;
	if (!board.endless)
		board.len = 0;
	return 0;
}

static void answer(long id);

/* What is waited for comes after the latency, if that is within the time. */
static void board_wait(void *arg, uint64_t ns)
{
	bool answers = board.latency_ns && board.latency_ns <= ns;

	board.now_ns += answers ? board.latency_ns : ns;
	if (answers)
		answer(board.id);
}

static uint64_t board_now(void *arg)
{
	return board.now_ns;
}

static void board_close(void *arg)
{
	board.closed = true;
}

static const struct ipmi_port port = {.send = board_send,
				      .receive = board_receive,
				      .wait = board_wait,
				      .now = board_now,
				      .close = board_close};

static void answer(long id)
{
	memcpy(board.reply, power_reply, sizeof(power_reply));
	board.len = sizeof(power_reply);
	board.reply_id = id;
}

static int ask(struct ipmi *i, unsigned ms)
{
	uint8_t reply[DCMI_REPLY_MAX];
	size_t len = 0;
	int r = ipmi_ask(i, DCMI_GET_POWER, ms * NS_PER_MS, reply, &len);

	if (r == 0)
		assert_int_equal(len, sizeof(power_reply));
	return r;
}

static void test_ask(void **state)
{
	struct ipmi *i;

	memset(&board, 0, sizeof(board));
	assert_int_equal(ipmi_new(&port, &i), 0);
	assert_int_equal(ask(i, 0), -EAGAIN);
	assert_int_equal(ask(i, 10), -EAGAIN);
	assert_int_equal(board.sent, 1);
	answer(board.id);
	assert_int_equal(ask(i, 20), 0);
	assert_int_equal(ask(i, 519), 0);
	assert_int_equal(board.sent, 1);
	/* Not that young any more: it is told, and asked again behind it. */
	assert_int_equal(ask(i, 520), 0);
	assert_int_equal(board.sent, 2);
	/* Nothing comes: given up after a second, told while it is not old. */
	assert_int_equal(ask(i, 1521), 0);
	assert_int_equal(board.sent, 3);
	assert_int_equal(ask(i, 5020), 0);
	assert_int_equal(ask(i, 5021), -ETIMEDOUT);
	/* An answer to a question that was given up is none. */
	answer(board.id - 1);
	assert_int_equal(ask(i, 5022), -ETIMEDOUT);
	answer(board.id);
	assert_int_equal(ask(i, 5023), 0);
	ipmi_free(i);
	assert_true(board.closed);
}

static void test_bad_board(void **state)
{
	uint8_t reply[DCMI_REPLY_MAX];
	struct ipmi *i;
	size_t len;

	memset(&board, 0, sizeof(board));
	assert_int_equal(ipmi_new(&port, &i), 0);
	board.refuse = -ENODEV;
	assert_int_equal(ask(i, 0), -ENODEV);
	board.refuse = 0;
	board.endless = true;
	answer(12345);
	assert_int_equal(ask(i, 1), -EAGAIN);
	assert_int_equal(ipmi_ask(i, 0x04, 1, reply, &len), -EINVAL);
	ipmi_free(i);
}

static int call(struct ipmi *i, uint8_t command)
{
	uint8_t data[DCMI_REQUEST_MAX] = {}, reply[DCMI_REPLY_MAX];
	size_t len = 0;
	int r = ipmi_call(i, command, data, 4, reply, &len);

	if (r == 0)
		assert_int_equal(len, sizeof(power_reply));
	return r;
}

/* However many calls there are, a second of every two is waited. */
static void test_call(void **state)
{
	struct ipmi *i;

	memset(&board, 0, sizeof(board));
	board.now_ns = 100 * NS_PER_S;
	board.latency_ns = 400 * NS_PER_MS;
	assert_int_equal(ipmi_new(&port, &i), 0);
	assert_int_equal(call(i, DCMI_SET_LIMIT), 0);
	assert_int_equal(call(i, DCMI_ACTIVATE_LIMIT), 0);
	assert_int_equal(call(i, DCMI_GET_LIMIT), -ETIMEDOUT);
	assert_true(board.now_ns == 101 * NS_PER_S);
	/* No time is left, but what is there at once is taken. */
	assert_int_equal(call(i, DCMI_SET_LIMIT), -ETIMEDOUT);
	assert_true(board.now_ns == 101 * NS_PER_S);
	board.now_ns = 102 * NS_PER_S;
	assert_int_equal(call(i, DCMI_SET_LIMIT), 0);
	board.latency_ns = 0;
	board.now_ns = 104 * NS_PER_S;
	assert_int_equal(call(i, DCMI_SET_LIMIT), -ETIMEDOUT);
	assert_true(board.now_ns == 105 * NS_PER_S);
	board.now_ns = 110 * NS_PER_S;
	board.refuse = -ENODEV;
	assert_int_equal(call(i, DCMI_SET_LIMIT), -ENODEV);
	ipmi_free(i);
}

/* What was told before something is set is out of date; what was waited for is told. */
static void test_call_and_ask(void **state)
{
	struct ipmi *i;

	memset(&board, 0, sizeof(board));
	board.now_ns = NS_PER_S;
	board.latency_ns = NS_PER_MS;
	assert_int_equal(ipmi_new(&port, &i), 0);
	assert_int_equal(call(i, DCMI_GET_POWER), 0);
	assert_int_equal(ask(i, 1010), 0);
	assert_int_equal(call(i, DCMI_SET_LIMIT), 0);
	assert_int_equal(ask(i, 1020), -EAGAIN);
	/* A question that is on its way while something is set: its answer is of before. */
	answer(board.id);
	board.reply_id = board.id;
	assert_int_equal(call(i, DCMI_SET_LIMIT), 0);
	answer(board.id - 1);
	assert_int_equal(ask(i, 1030), -EAGAIN);
	ipmi_free(i);
}

static void test_device(void **state)
{
	const struct testroot *root = *state;
	struct ipmi_port own;
	uint8_t data[DCMI_REQUEST_MAX], reply[DCMI_REPLY_MAX];
	size_t len;
	long id;

	assert_int_equal(ipmi_open(root->fd, &own), -EOPNOTSUPP);
	/* A file that is no such device. */
	testroot_write(root, "dev/ipmi0", "");
	assert_int_equal(ipmi_open(root->fd, &own), 0);
	len = dcmi_request(DCMI_GET_POWER, data);
	assert_int_equal(own.send(own.arg, DCMI_GET_POWER, data, len, 1), -EOPNOTSUPP);
	assert_int_equal(own.receive(own.arg, reply, &len, &id), -ENOTTY);
	own.close(own.arg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),     cmocka_unit_test(test_set_requests),
		cmocka_unit_test(test_set_replies),  cmocka_unit_test(test_call),
		cmocka_unit_test(test_call_and_ask), cmocka_unit_test(test_power),
		cmocka_unit_test(test_codes),	     cmocka_unit_test(test_limit),
		cmocka_unit_test(test_ask),	     cmocka_unit_test(test_bad_board),
		cmocka_unit_test(test_device),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
