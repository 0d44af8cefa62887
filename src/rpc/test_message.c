/*
 * Tests of the envelopes: what is taken, what is refused, what is written; and of the shape of
 * JSON.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/message.h"
#include "rpc/server.h"
#include "rpc/shape.h"

static void test_calls(void **state)
{
	static const struct {
		const char *text, *method;
		bool parameters, oneway, more;
	} cases[] = {
		{"{\"method\":\"a.b\"}", "a.b", false, false, false},
		{" {\"method\" : \"a.b\"} ", "a.b", false, false, false},
		{"{\"method\":\"a.b\",\"parameters\":{}}", "a.b", true, false, false},
		{"{\"method\":\"a.b\",\"parameters\":null}", "a.b", false, false, false},
		{"{\"method\":\"a-b.c1.D_e\",\"more\":true}", "a-b.c1.D_e", false, false, true},
		{"{\"oneway\":true,\"method\":\"a.b\"}", "a.b", false, true, false},
		{"{\"method\":\"a.b\",\"oneway\":false,\"more\":false,\"upgrade\":false}", "a.b",
		 false, false, false},
		{"{\"method\":\"a.b\",\"other\":[1,{\"x\":null}]}", "a.b", false, false, false},
		{"{\"method\":\"\\u0061.b\"}", "a.b", false, false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(message_call_deinit) struct message_call c = {};
		char reason[MESSAGE_REASON_MAX];

		assert_int_equal(
			message_parse_call(cases[i].text, strlen(cases[i].text), &c, reason), 0);
		assert_string_equal(c.method, cases[i].method);
		assert_int_equal(c.parameters != NULL, cases[i].parameters);
		assert_int_equal(c.oneway, cases[i].oneway);
		assert_int_equal(c.more, cases[i].more);
	}
}

/* The reason says what is wrong; it is text for people, whatever the message was made of. */
static void test_refused_calls(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{"", "not JSON"},
		{"[1]", "not an object"},
		{"{}", "no \"method\""},
		{"{\"method\":1}", "name of a method"},
		{"{\"method\":\"ab\"}", "name of a method"},
		{"{\"method\":\"a..b\"}", "name of a method"},
		{"{\"method\":\".a.b\"}", "name of a method"},
		{"{\"method\":\"a.b.\"}", "name of a method"},
		{"{\"method\":\"a.b/c\"}", "name of a method"},
		{"{\"method\":\"a.b\",\"parameters\":[]}", "\"parameters\""},
		{"{\"method\":\"a.b\",\"more\":1}", "\"more\""},
		{"{\"method\":\"a.b\",\"oneway\":null}", "\"oneway\""},
		{"{\"method\":\"a.b\",\"more\":true,\"oneway\":true}", "exclude"},
		{"{\"method\":\"a.b\",\"upgrade\":true}", "upgraded"},
		{"{\"method\":\"a.b\",\"upgrade\":null}", "\"upgrade\""},
		{"{\"method\":\"a.b\",\"method\":\"a.c\"}", "duplicate"},
		{"{\"method\":\"a.b\",\"x\":{\"\xc3\xa4\":1,\"\xc3\xa4\":2}}", "duplicate"},
		{"{\"method\":\"a.b\",\"x\":\"\xff\"}", "decode byte"},
		{"{\"method\":\"a.b\",\"x\":\"\\u0000\"}", "not JSON"},
		{"{\"method\":\"a.b\"}\n{}", "not JSON"},
	};
	char name[MESSAGE_NAME_MAX + 64];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct message_call c = {.method = "untouched"};
		char reason[MESSAGE_REASON_MAX] = "";

		assert_int_equal(
			message_parse_call(cases[i].text, strlen(cases[i].text), &c, reason),
			-EINVAL);
		assert_string_equal(c.method, "untouched");
		if (!strstr(reason, cases[i].reason))
			fail_msg("%s: %s", cases[i].text, reason);
		for (const char *p = reason; *p; p++)
			assert_in_range(*p, 0x20, 0x7e);
	}
	memset(name, 'a', sizeof(name));
	strcpy(name + MESSAGE_NAME_MAX - 2, ".b");
	assert_true(message_name_valid(name));
	strcpy(name + MESSAGE_NAME_MAX - 1, ".b");
	assert_false(message_name_valid(name));
}

static void test_replies(void **state)
{
	static const struct {
		const char *text, *error;
		int r;
		bool parameters, continues;
	} cases[] = {
		{"{}", NULL, 0, false, false},
		{"{\"parameters\":{}}", NULL, 0, true, false},
		{"{\"parameters\":{\"a\":1},\"continues\":true}", NULL, 0, true, true},
		{"{\"error\":\"a.B\",\"parameters\":null}", "a.B", 0, false, false},
		{"{\"error\":null,\"parameters\":{}}", NULL, 0, true, false},
		{"{\"error\":\"a.B\",\"continues\":true}", NULL, -EINVAL, false, false},
		{"{\"error\":\"B\"}", NULL, -EINVAL, false, false},
		{"{\"continues\":1}", NULL, -EINVAL, false, false},
		{"{\"parameters\":1}", NULL, -EINVAL, false, false},
		{"null", NULL, -EINVAL, false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(message_reply_deinit) struct message_reply m = {};
		char reason[MESSAGE_REASON_MAX];

		assert_int_equal(
			message_parse_reply(cases[i].text, strlen(cases[i].text), &m, reason),
			cases[i].r);
		if (cases[i].error)
			assert_string_equal(m.error, cases[i].error);
		else
			assert_null(m.error);
		assert_int_equal(m.parameters != NULL, cases[i].parameters);
		assert_int_equal(m.continues, cases[i].continues);
	}
}

static void expect_output(struct output *o, const char *text)
{
	assert_int_equal(o->len, strlen(text) + 1);
	assert_string_equal(o->bytes + o->start, text);
	output_cut(o, 0);
	assert_null(o->bytes);
}

static void test_written(void **state)
{
	json_auto_t *p = json_pack("{si}", "a", 1);
	struct output o = {};

	assert_int_equal(message_write_call(&o, "a.B", NULL, false, false), 0);
	expect_output(&o, "{\"method\":\"a.B\",\"parameters\":{}}");
	assert_int_equal(message_write_call(&o, "a.B", p, true, false), 0);
	expect_output(&o, "{\"method\":\"a.B\",\"parameters\":{\"a\":1},\"oneway\":true}");
	assert_int_equal(message_write_call(&o, "a.B", p, false, true), 0);
	expect_output(&o, "{\"method\":\"a.B\",\"parameters\":{\"a\":1},\"more\":true}");
	assert_int_equal(message_write_reply(&o, NULL, false), 0);
	expect_output(&o, "{\"parameters\":{}}");
	assert_int_equal(message_write_reply(&o, p, true), 0);
	expect_output(&o, "{\"parameters\":{\"a\":1},\"continues\":true}");
	assert_int_equal(message_write_error(&o, "a.E", p), 0);
	expect_output(&o, "{\"error\":\"a.E\",\"parameters\":{\"a\":1}}");
}

/* The longest message, and one byte more: of that nothing is left, what was before it is. */
static void test_written_bound(void **state)
{
	static char text[RPC_MESSAGE_MAX];
	json_auto_t *fits = NULL, *exceeds = NULL;
	struct output o = {};

	memset(text, 'x', sizeof(text));
	fits = json_pack("{ss%}", "a", text, sizeof(text) - 23);
	exceeds = json_pack("{ss%}", "a", text, sizeof(text) - 22);
	assert_int_equal(message_write_reply(&o, NULL, false), 0);
	assert_int_equal(message_write_reply(&o, exceeds, false), -EMSGSIZE);
	assert_int_equal(message_write_reply(&o, fits, false), 0);
	assert_int_equal(o.len, 18 + RPC_MESSAGE_MAX + 1);
	output_cut(&o, 18);
	expect_output(&o, "{\"parameters\":{}}");
}

/* What a socket takes is gone, what it does not take stays, in order. */
static void test_flush(void **state)
{
	enum { COUNT = 300000 };
	struct output o = {};
	uint32_t next = 0, got[1024];
	int fds[2], r;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(output_add(&o, &i, sizeof(i)), 0);
	while ((r = output_flush(&o, fds[0])) == 1) {
		ssize_t n = recv(fds[1], got, sizeof(got), MSG_WAITALL);

		assert_int_equal(n, sizeof(got));
		for (size_t i = 0; i < ARRAY_SIZE(got); i++)
			assert_int_equal(got[i], next++);
	}
	assert_int_equal(r, 0);
	assert_null(o.bytes);
	assert_int_equal(o.written, COUNT * sizeof(uint32_t));
	close(fds[1]);
	assert_int_equal(output_add(&o, "x", 1), 0);
	assert_int_equal(output_flush(&o, fds[0]), -EPIPE);
	output_deinit(&o);
	close(fds[0]);
}

static int check_shape(const char *text, unsigned depth)
{
	return shape_check(text, strlen(text), depth);
}

static void test_shape(void **state)
{
	static char many[RPC_MESSAGE_MAX];

	assert_int_equal(check_shape("[[{}]]", 3), 0);
	assert_int_equal(check_shape("[[{}]]", 2), -ELOOP);
	assert_int_equal(check_shape("[],[],{\"a\":[]}", 2), 0);
	/* Brackets in strings are text, and so are quotes behind a backslash. */
	assert_int_equal(check_shape("[\"[[[[\",\"\\\"[[[\",\"\\\\\"]", 1), 0);
	assert_int_equal(check_shape("[\"\\\\\",[[]]]", 2), -ELOOP);
	/* Text that is cut short anywhere. */
	assert_int_equal(check_shape("[\"\\", 1), 0);
	assert_int_equal(check_shape("[\"a", 1), 0);
	assert_int_equal(check_shape("]]]]", 1), 0);
	for (size_t i = 0; i < sizeof(many) - 1; i += 2)
		memcpy(many + i, "1,", 2);
	assert_int_equal(shape_check(many, sizeof(many), 1), 0);
	for (size_t i = 0; i < sizeof(many) - 2; i += 3)
		memcpy(many + i, "{},", 3);
	assert_int_equal(shape_check(many, sizeof(many), 1), -E2BIG);
}

/* What JSON cannot say is not written. */
static void test_unspeakable(void **state)
{
	json_auto_t *bad = json_object();
	struct output o = {};

	json_object_set_new_nocheck(bad, "a", json_string_nocheck("\xff"));
	assert_int_equal(message_write_reply(&o, bad, false), -EINVAL);
	assert_null(o.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),	      cmocka_unit_test(test_refused_calls),
		cmocka_unit_test(test_replies),	      cmocka_unit_test(test_written),
		cmocka_unit_test(test_written_bound), cmocka_unit_test(test_flush),
		cmocka_unit_test(test_shape),	      cmocka_unit_test(test_unspeakable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
