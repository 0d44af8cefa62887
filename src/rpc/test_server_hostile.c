/*
 * Tests of peers that mean harm, or are broken: what they send, how slowly, and when they leave.
 */
#include <linux/sockios.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/testrig.h"

#define INVALID "io.leonhard.Rpc.InvalidMessage"

/* A server with short deadlines. */
static int setup_limited(void **state, unsigned message_ms)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig_init(rig);
	rig->limits.message_ms = message_ms;
	rig_start(rig);
	*state = rig;
	return 0;
}

static int setup_hasty(void **state)
{
	return setup_limited(state, 300);
}

/* For large messages. */
static int setup_patient(void **state)
{
	return setup_limited(state, 2000);
}

/* What is no call is answered with an error, and ends the connection; nobody else's. */
static void test_no_calls(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"x",
		"null",
		"1",
		"\"method\"",
		"[]",
		"{}",
		"{\"method\":1}",
		"{\"method\":null}",
		"{\"method\":\"\"}",
		"{\"method\":\"Echo\"}",
		"{\"method\":\".\"}",
		"{\"method\":\"io.leonhard.Test.\"}",
		"{\"method\":\"io..Echo\"}",
		"{\"method\":\"io.leonhard.Test.Echo\\u0000\"}",
		"{\"method\":\"io.leonhard.Test.Echo x\"}",
		"{\"method\":\"\\u00e4.b\"}",
		"{\"method\":[\"io.leonhard.Test.Echo\"]}",
		"{\"method\":\"a.b\",\"parameters\":[]}",
		"{\"method\":\"a.b\",\"parameters\":1}",
		"{\"method\":\"a.b\",\"parameters\":\"{}\"}",
		"{\"method\":\"a.b\",\"more\":1}",
		"{\"method\":\"a.b\",\"more\":null}",
		"{\"method\":\"a.b\",\"oneway\":\"true\"}",
		"{\"method\":\"a.b\",\"more\":true,\"oneway\":true}",
		"{\"method\":\"a.b\",\"upgrade\":true}",
		"{\"method\":\"a.b\",\"upgrade\":0}",
		"{\"method\":\"a.b\",\"method\":\"a.b\"}",
		"{\"method\":\"a.b\",\"parameters\":{\"a\":1,\"a\":1}}",
		"{\"method\":\"a.b\"}}",
		"{\"method\":\"a.b\"} {}",
		"{\"method\":\"a.b\",}",
		"{'method':'a.b'}",
		"{\"method\":\"a.b\"",
		"{\"method\":\"a.b\",\"x\":\"\xff\"}",
		"{\"method\":\"a.b\",\"x\":\"\\ud800\"}",
		"{\"method\":\"a.b\",\"x\":\"\n\"}",
		"{\"method\":\"a.b\",\"x\":99999999999999999999}",
		"{\"method\":\"a.b\",\"x\":1e999}",
		"{\"method\":\"a.b\",\"x\":NaN}",
		"\xef\xbb\xbf{\"method\":\"a.b\"}",
		"GET / HTTP/1.1\r\n\r\n",
	};
	struct wire w, other;

	wire_open(&other, *state);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		wire_open(&w, *state);
		wire_echo(&w);
		wire_say(&w, texts[i]);
		wire_say(&w, CALL("Echo", "{\"text\":\"never\"}"));
		wire_expect_error(&w, INVALID);
		wire_expect(&w, NULL);
		wire_close(&w);
		wire_echo(&other);
	}
	wire_close(&other);
}

static char *repeated(const char *text, size_t count)
{
	size_t len = strlen(text);
	char *all = malloc(len * count + 1);

	assert_non_null(all);
	for (size_t i = 0; i < count; i++)
		memcpy(all + i * len, text, len);
	all[len * count] = '\0';
	return all;
}

/* Nesting that would be deep calls of the parser, and small values that would be much memory. */
static void test_shapes(void **state)
{
	static const struct {
		const char *head, *piece;
		size_t count;
	} cases[] = {
		{"", "[", 100000},
		{"", "{\"a\":", 100000},
		{"{\"method\":\"a.b\",\"parameters\":{\"x\":", "[", 1000000},
		{"{\"method\":\"a.b\",\"parameters\":{\"x\":", "[{\"a\":", 32},
		{"{\"method\":\"a.b\",\"parameters\":{\"x\":[", "{},", 340000},
		{"{\"method\":\"a.b\",\"parameters\":{\"x\":[", "[],", 340000},
	};
	struct wire w;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *tail = repeated(cases[i].piece, cases[i].count);

		wire_open(&w, *state);
		wire_send(&w, cases[i].head, strlen(cases[i].head));
		wire_say(&w, tail);
		wire_expect_error(&w, INVALID);
		wire_expect(&w, NULL);
		wire_close(&w);
	}
	/* None of it is in the server's memory any more. */
	wire_open(&w, *state);
	wire_echo(&w);
	wire_close(&w);
}

/* The longest message that is allowed, and one byte more. */
static void test_length(void **state)
{
	static const char head[] = "{\"method\":\"" TEST "Sum\",\"parameters\":{\"numbers\":[]";
	_cleanup_free_ char *blanks = repeated(" ", RPC_MESSAGE_MAX - strlen(head) - 1);
	struct wire w;

	wire_open(&w, *state);
	wire_send(&w, head, strlen(head));
	wire_send(&w, blanks, strlen(blanks) - 1);
	wire_say(&w, "}}");
	wire_expect(&w, "{\"parameters\":{\"sum\":0}}");
	wire_send(&w, head, strlen(head));
	wire_send(&w, blanks, strlen(blanks));
	wire_say(&w, "}}");
	wire_expect_error(&w, INVALID);
	wire_expect(&w, NULL);
	wire_close(&w);
}

/* One that never ends is not waited for until it does. */
static void test_endless(void **state)
{
	_cleanup_free_ char *much = repeated("[ ", 4 * 1024 * 1024);
	struct wire w;

	wire_open(&w, *state);
	wire_send(&w, much, strlen(much));
	wire_expect_error(&w, INVALID);
	wire_expect(&w, NULL);
	wire_close(&w);
}

/* Half a message, and one that comes byte by byte: both have the same time. */
static void test_slow(void **state)
{
	static const char call[] = CALL("Echo", "{\"text\":\"a\"}");
	struct rig *rig = *state;
	struct wire half, slow, other;
	uint64_t begin = rig_now_ms(), took;

	wire_open(&half, rig);
	wire_open(&slow, rig);
	wire_open(&other, rig);
	wire_echo(&half);
	wire_send(&half, call, sizeof(call) / 2);
	for (size_t i = 0; i < sizeof(call) && wire_is_silent(&slow, 20); i++)
		wire_send(&slow, call + i, 1);
	wire_expect_error(&slow, "io.leonhard.Rpc.MessageTimeout");
	wire_expect(&slow, NULL);
	took = rig_now_ms() - begin;
	assert_in_range(took, rig->limits.message_ms, rig->limits.message_ms + 1000);
	wire_expect_error(&half, "io.leonhard.Rpc.MessageTimeout");
	wire_expect(&half, NULL);
	/* Who says nothing is not slow. */
	wire_echo(&other);
	wire_close(&half);
	wire_close(&slow);
	wire_close(&other);
}

/* In two pieces, in time, over and over: the time begins anew with each message. */
static void test_pieces(void **state)
{
	static const char call[] = CALL("Echo", "{\"text\":\"a\"}");
	struct wire w;

	wire_open(&w, *state);
	for (int i = 0; i < 5; i++) {
		wire_send(&w, call, 10);
		usleep(100 * 1000);
		wire_send(&w, call + 10, sizeof(call) - 10);
		wire_expect(&w, "{\"parameters\":{\"text\":\"a\"}}");
	}
	wire_close(&w);
}

/* While a call is kept, what comes after it may be half a message only for so long. */
static void test_half_behind_kept(void **state)
{
	struct wire w, other;

	wire_open(&w, *state);
	wire_open(&other, *state);
	wire_say(&w, CALL("Hold", "{}"));
	wire_send(&w, "{", 1);
	wire_expect_error(&w, "io.leonhard.Rpc.MessageTimeout");
	wire_expect(&w, NULL);
	wire_say(&other, CALL("Counts", "{}"));
	wire_expect(&other, "{\"parameters\":{\"held\":0,\"closed\":1,\"echoed\":0}}");
	wire_close(&w);
	wire_close(&other);
}

/* Behind a call that is kept, no more is read than the buffer of one message holds. */
static void test_read_ahead(void **state)
{
	static const char call[] = CALL("Echo", "{\"text\":\"a\"}");
	_cleanup_free_ char *many = malloc(1000 * sizeof(call));
	size_t sent = 0;
	struct wire w;
	ssize_t n;

	for (size_t i = 0; i < 1000; i++)
		memcpy(many + i * sizeof(call), call, sizeof(call));
	wire_open(&w, *state);
	wire_say(&w, CALL("Hold", "{}"));
	for (int idle = 0; idle < 20;) {
		n = send(w.fd, many, 1000 * sizeof(call), MSG_DONTWAIT | MSG_NOSIGNAL);
		sent += n > 0 ? n : 0;
		idle = n > 0 ? 0 : idle + 1;
		usleep(n > 0 ? 0 : 10000);
	}
	/* Most of it is in the socket itself. */
	assert_in_range(sent, 16 * 1024, 700 * 1024);
	wire_close(&w);
}

static int sit_as_nobody(struct rig *rig, void *data)
{
	struct wire w;

	wire_open(&w, rig);
	wire_expect_error(&w, "org.varlink.service.PermissionDenied");
	wire_expect(&w, NULL);
	return 0;
}

/* Who may not call anything may not sit there either. */
static void test_idle_nobody(void **state)
{
	struct rig *rig = *state;

	rig_need_users();
	rig_stop(rig);
	rig_set_access(rig, "");
	rig_start(rig);
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER, sit_as_nobody, rig, NULL)), 0);
}

/* Until the server has read all that was sent. */
static void wait_for_reader(struct wire *w)
{
	int unread = 1;

	for (int i = 0; unread; i++) {
		assert_int_equal(ioctl(w->fd, SIOCOUTQ, &unread), 0);
		assert_true(i < RIG_HANG_MS);
		usleep(1000);
	}
}

/* Holds a call, and behind it a message of so many bytes. */
static void hold_with(struct wire *w, struct rig *rig, size_t len)
{
	static char blanks[RPC_MESSAGE_MAX + 1];

	memset(blanks, ' ', len - 1);
	blanks[len - 1] = '\0';
	wire_open(w, rig);
	wire_say(w, CALL("Hold", "{}"));
	wire_send(w, blanks, len);
	wait_for_reader(w);
}

/*
 * As much waits behind calls that are kept as a user may have, and a little more. A call on a
 * connection of its own has no turn then, and is told so in time.
 */
static int fill_up(struct rig *rig, void *data)
{
	struct wire large[RPC_USER_BYTES / RPC_MESSAGE_MAX - 1], small[4], more;

	for (size_t i = 0; i < ARRAY_SIZE(large); i++)
		hold_with(&large[i], rig, RPC_MESSAGE_MAX + 1);
	for (size_t i = 0; i < ARRAY_SIZE(small); i++)
		hold_with(&small[i], rig, 40 * 1000);
	wire_open(&more, rig);
	wire_say(&more, CALL("Echo", "{\"text\":\"a\"}"));
	wire_expect_error(&more, "io.leonhard.Rpc.InvalidMessage");
	wire_expect(&more, NULL);
	return 0;
}

static void test_full_user(void **state)
{
	rig_need_users();
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER, fill_up, *state, NULL)), 0);
}

/* Peers that leave at every point of a call, with and without reading. */
static void test_hang_up(void **state)
{
	static const char *const calls[] = {
		CALL("Echo", "{\"text\":\"a\"}"),
		CALL("Hold", "{}"),
		CALL("Large", "{\"size\":1000000}"),
		STREAM("Ticks", "{\"interval\":1}"),
		STREAM("Stream", "{\"count\":50000,\"size\":100}"),
		STREAM("Store", "{\"count\":50000,\"size\":100}"),
	};
	struct wire w, other;

	wire_open(&other, *state);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		for (int wait_us = 0; wait_us <= 20000; wait_us += 10000) {
			wire_open(&w, *state);
			wire_say(&w, calls[i]);
			wire_say(&w, calls[i]);
			if (wait_us)
				usleep(wait_us);
			wire_close(&w);
			wire_echo(&other);
		}
	/* Nothing of it is kept. */
	for (int i = 0;; i++) {
		if (wire_ask_number(&other, CALL("Counts", "{}"), "held") == 0)
			break;
		assert_true(i < 1000);
		usleep(10000);
	}
	wire_close(&other);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
#define WITH_HASTY_SERVER(test) cmocka_unit_test_setup_teardown(test, setup_hasty, rig_teardown)
#define WITH_PATIENT_SERVER(test) cmocka_unit_test_setup_teardown(test, setup_patient, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(test_no_calls),
		WITH_SERVER(test_shapes),
		WITH_SERVER(test_length),
		WITH_SERVER(test_endless),
		WITH_HASTY_SERVER(test_slow),
		WITH_HASTY_SERVER(test_pieces),
		WITH_HASTY_SERVER(test_half_behind_kept),
		WITH_HASTY_SERVER(test_idle_nobody),
		WITH_PATIENT_SERVER(test_full_user),
		WITH_SERVER(test_read_ahead),
		WITH_SERVER(test_hang_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
