/*
 * Tests of streams: complete for those who read, ended and counted for those who do not.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/testrig.h"

/* What a stream gave: how many replies in order from 0 on, then how it ended. */
struct ending {
	json_int_t count, missed;
	bool overrun, closed;
	size_t bytes;
};

static struct ending read_stream(struct wire *w, int pause_every, int pause_us)
{
	struct ending e = {};

	for (;;) {
		json_auto_t *reply = wire_read(w);
		json_t *parameters = json_object_get(reply, "parameters");

		e.closed = !reply;
		e.overrun = json_object_get(reply, "error");
		if (e.overrun)
			assert_string_equal(json_string_value(json_object_get(reply, "error")),
					    "io.leonhard.Rpc.Overrun");
		e.missed = json_integer_value(json_object_get(parameters, "missed"));
		if (e.closed || e.overrun)
			return e;
		assert_int_equal(json_integer_value(json_object_get(parameters, "number")),
				 e.count);
		e.bytes += json_string_length(json_object_get(parameters, "filler")) + 60;
		e.count++;
		if (!json_is_true(json_object_get(reply, "continues")))
			return e;
		if (pause_every && e.count % pause_every == 0)
			usleep(pause_us);
	}
}

static void test_complete(void **state)
{
	struct ending e;
	struct wire w;

	wire_open(&w, *state);
	wire_say(&w, STREAM("Stream", "{\"count\":1,\"size\":0}"));
	e = read_stream(&w, 0, 0);
	assert_int_equal(e.count, 1);
	wire_say(&w, STREAM("Stream", "{\"count\":5000,\"size\":100}"));
	wire_say(&w, STREAM("Store", "{\"count\":100000,\"size\":100}"));
	e = read_stream(&w, 0, 0);
	assert_int_equal(e.count, 5000);
	assert_false(e.overrun || e.closed);
	e = read_stream(&w, 0, 0);
	assert_int_equal(e.count, 100000);
	assert_false(e.overrun || e.closed);
	wire_echo(&w);
	wire_close(&w);
}

/* Messages of whatever size go through a store's stream, to a reader who takes a rest now and then.
 */
static void test_large(void **state)
{
	struct ending e;
	struct wire w;

	wire_open(&w, *state);
	wire_say(&w, STREAM("Store", "{\"count\":12,\"size\":1048000}"));
	e = read_stream(&w, 2, 50 * 1000);
	assert_int_equal(e.count, 12);
	assert_false(e.overrun || e.closed);
	wire_say(&w, STREAM("Store", "{\"count\":20000,\"size\":300}"));
	e = read_stream(&w, 1000, 20 * 1000);
	assert_int_equal(e.count, 20000);
	assert_false(e.overrun || e.closed);
	wire_close(&w);
}

/* What is dropped is counted to the last reply, and the connection is there for the next call. */
static void test_overrun(void **state)
{
	static const struct {
		const char *call;
		json_int_t count;
	} cases[] = {
		{STREAM("Stream", "{\"count\":40000,\"size\":100}"), 40000},
		{STREAM("Stream", "{\"count\":300000,\"size\":0}"), 300000},
		{STREAM("Stream", "{\"count\":10,\"size\":900000}"), 10},
	};
	struct wire w, other;

	wire_open(&w, *state);
	wire_open(&other, *state);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ending e;

		wire_say(&w, cases[i].call);
		/* Answered behind it: all of it was made by then. */
		wire_echo(&other);
		assert_int_equal(wire_ask_number(&other, CALL("Counts", "{}"), "closed"), i);
		e = read_stream(&w, 0, 0);
		assert_true(e.overrun);
		assert_int_equal(e.count + e.missed, cases[i].count);
		/* The bound, and what the socket itself holds. */
		assert_in_range(e.bytes, RPC_OUTPUT_MAX * 3 / 4, RPC_OUTPUT_MAX + 1500 * 1024);
		assert_int_equal(wire_ask_number(&w, CALL("Counts", "{}"), "closed"), i + 1);
	}
	wire_close(&w);
	wire_close(&other);
}

/* A reply that does not fit ends its stream, after those that did, and is reported. */
static void test_bad_stream(void **state)
{
	json_auto_t *reply = NULL;
	struct wire w;

	wire_open(&w, *state);
	wire_say(&w, STREAM("BadStream", "{}"));
	wire_expect(&w, "{\"parameters\":{\"sum\":1},\"continues\":true}");
	wire_expect_error(&w, "io.leonhard.Rpc.Failed");
	assert_int_equal(wire_ask_number(&w, CALL("Counts", "{}"), "closed"), 1);
	wire_say(&w, CALL("Problems", "{}"));
	reply = wire_read(&w);
	assert_int_equal(
		json_array_size(json_object_get(json_object_get(reply, "parameters"), "texts")), 1);
	wire_close(&w);
}

static int setup_impatient(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig_init(rig);
	rig->limits.stall_ms = 1500;
	rig_start(rig);
	*state = rig;
	return 0;
}

/* A peer that does not read is let go, with all that it held. */
static void test_stalled(void **state)
{
	struct ending e;
	struct wire w, reply, other;

	wire_open(&w, *state);
	wire_open(&reply, *state);
	wire_open(&other, *state);
	wire_say(&w, STREAM("Stream", "{\"count\":40000,\"size\":100}"));
	wire_say(&reply, CALL("Large", "{\"size\":1000000}"));
	wire_echo(&other);
	usleep(2500 * 1000);
	assert_int_equal(wire_ask_number(&other, CALL("Counts", "{}"), "closed"), 1);
	e = read_stream(&w, 0, 0);
	assert_true(e.closed);
	/* In the middle of a message. */
	assert_null(wire_read(&reply));
	wire_close(&w);
	wire_close(&reply);
	wire_close(&other);
}

/* One that reads slowly, but does, is not. */
static void test_slow_reader(void **state)
{
	struct ending e;
	struct wire w;

	wire_open(&w, *state);
	wire_say(&w, STREAM("Stream", "{\"count\":2000,\"size\":1000}"));
	e = read_stream(&w, 50, 30 * 1000);
	assert_true(e.overrun);
	assert_int_equal(e.count + e.missed, 2000);
	assert_true(e.count > 1000);
	wire_say(&w, STREAM("Store", "{\"count\":2000,\"size\":1000}"));
	e = read_stream(&w, 50, 30 * 1000);
	assert_int_equal(e.count, 2000);
	assert_false(e.overrun || e.closed);
	wire_close(&w);
}

/* One that takes a little now and then, so that it is never quite still, is no reader. */
static void test_trickle(void **state)
{
	static char bytes[20000];
	uint64_t begin = rig_now_ms();
	struct wire w;

	wire_open(&w, *state);
	wire_say(&w, CALL("Large", "{\"size\":1000000}"));
	while (recv(w.fd, bytes, sizeof(bytes), 0) > 0)
		usleep(100 * 1000);
	/* All of it would have taken five seconds. */
	assert_in_range(rig_now_ms() - begin, 1500, 4500);
	wire_close(&w);
}

static int echo_in_time(struct rig *rig, void *data)
{
	uint64_t begin = rig_now_ms();
	struct wire w;

	wire_open(&w, rig);
	for (int i = 0; i < 20; i++)
		wire_echo(&w);
	wire_close(&w);
	return rig_now_ms() - begin < 2000 ? 0 : 1;
}

static int count_answered(struct wire *w, size_t count)
{
	int answered = 0;

	for (size_t i = 0; i < count; i++)
		answered += !wire_is_silent(&w[i], 0);
	return answered;
}

/*
 * Asks on every connection for more than may wait, and reads nothing until told to. When what
 * waits is too much for one user, no further call is served, until some of it was read.
 */
static int read_nothing(struct rig *rig, void *data)
{
	struct wire w[RPC_USER_CONNECTIONS];
	const int *fds = data;
	char byte;

	for (size_t i = 0; i < ARRAY_SIZE(w); i++) {
		wire_open(&w[i], rig);
		wire_say(&w[i], STREAM("Stream", "{\"count\":2000,\"size\":1000}"));
	}
	if (write(fds[1], "r", 1) != 1 || read(fds[2], &byte, 1) != 1)
		return 1;
	if (count_answered(w, ARRAY_SIZE(w)) > 1 + RPC_USER_BYTES / RPC_OUTPUT_MAX)
		return 2;
	for (size_t i = 0; i < ARRAY_SIZE(w); i++) {
		struct ending e = read_stream(&w[i], 0, 0);

		if (e.count + e.missed != 2000)
			return 3;
		wire_close(&w[i]);
	}
	return 0;
}

static void test_many_stalled(void **state)
{
	struct rig *rig = *state;
	int fds[4];
	pid_t pid;
	char byte;

	rig_need_users();
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pipe(fds + 2), 0);
	pid = rig_fork_as(RIG_USER, read_nothing, rig, fds);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER + 1, echo_in_time, rig, NULL)), 0);
	assert_int_equal(write(fds[3], "r", 1), 1);
	assert_int_equal(rig_wait(pid), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static int drink(struct rig *rig, void *data)
{
	static char bytes[65536];
	const int *fd = data;

	while (recv(*fd, bytes, sizeof(bytes), 0) > 0)
		;
	return 0;
}

/* A stream as fast as its reader, without end, leaves room for the calls of everybody else. */
static void test_firehose(void **state)
{
	struct wire w;
	pid_t pid;

	wire_open(&w, *state);
	wire_say(&w, STREAM("Store", "{\"count\":1000000000,\"size\":100}"));
	pid = rig_fork_as(0, drink, *state, &w.fd);
	assert_int_equal(echo_in_time(*state, NULL), 0);
	kill(pid, SIGKILL);
	rig_wait(pid);
	wire_close(&w);
}

/* The server ends in the midst of it all: in order, as rig_stop() sees. */
static void test_end(void **state)
{
	static const char *const calls[] = {
		STREAM("Ticks", "{\"interval\":1}"),
		STREAM("Store", "{\"count\":100000,\"size\":100}"),
		STREAM("Stream", "{\"count\":40000,\"size\":100}"),
		CALL("Hold", "{}"),
		"{\"method\":\"" TEST "Hold\",\"oneway\":true}",
		CALL("Large", "{\"size\":1000000}"),
		"{\"method\":",
	};
	struct wire w[ARRAY_SIZE(calls)], last;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		wire_open(&w[i], *state);
		wire_say(&w[i], calls[i]);
	}
	wire_open(&last, *state);
	wire_echo(&last);
	rig_stop(*state);
	wire_expect(&last, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		wire_close(&w[i]);
	wire_close(&last);
}

/* A handler that is told of the end of its call may end everything, itself included. */
static void test_end_from_handler(void **state)
{
	struct rig *rig = *state;
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, CALL("Last", "{}"));
	wire_close(&w);
	assert_int_equal(rig_wait(rig->server), 0);
	rig->server = 0;
}

static int lose_last(struct rig *rig, void *data)
{
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, STREAM("Last", "{}"));
	usleep(100 * 1000);
	if (write(*(int *)data, "r", 1) != 1)
		return 1;
	wire_expect_error(&w, "org.varlink.service.PermissionDenied");
	wire_expect(&w, NULL);
	wire_close(&w);
	return 0;
}

/* The same when the call ends because its class is taken away. */
static void test_end_from_revoked(void **state)
{
	struct rig *rig = *state;
	int fds[2];
	pid_t pid;
	char byte;

	rig_need_users();
	assert_int_equal(pipe(fds), 0);
	pid = rig_fork_as(RIG_USER, lose_last, rig, &fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	rig_set_access(rig, "");
	assert_int_equal(rig_wait(rig->server), 0);
	rig->server = 0;
	assert_int_equal(rig_wait(pid), 0);
	close(fds[0]);
	close(fds[1]);
}

/* A handler ends the server, with calls of others on their way, when it is told of its own end. */
static void test_end_from_within(void **state)
{
	struct rig *rig = *state;
	struct wire w[3], other;

	for (size_t i = 0; i < ARRAY_SIZE(w); i++) {
		wire_open(&w[i], rig);
		wire_say(&w[i], i == 1 ? CALL("Last", "{}") : CALL("Hold", "{}"));
	}
	wire_open(&other, rig);
	while (wire_ask_number(&other, CALL("Counts", "{}"), "held") < 2)
		usleep(10000);
	wire_close(&w[1]);
	assert_int_equal(rig_wait(rig->server), 0);
	rig->server = 0;
	wire_expect(&w[0], NULL);
	wire_close(&w[0]);
	wire_close(&w[2]);
	wire_close(&other);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
#define WITH_IMPATIENT(test) cmocka_unit_test_setup_teardown(test, setup_impatient, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(test_complete),	    WITH_SERVER(test_large),
		WITH_SERVER(test_overrun),	    WITH_SERVER(test_bad_stream),
		WITH_IMPATIENT(test_stalled),	    WITH_IMPATIENT(test_slow_reader),
		WITH_IMPATIENT(test_trickle),	    WITH_SERVER(test_many_stalled),
		WITH_SERVER(test_firehose),	    WITH_SERVER(test_end),
		WITH_SERVER(test_end_from_handler), WITH_SERVER(test_end_from_revoked),
		WITH_SERVER(test_end_from_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
