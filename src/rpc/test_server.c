/*
 * Tests of calls: what a client gets for what it asks, in order, and what it may ask.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/testrig.h"

#define STANDARD(name, parameters) \
	"{\"method\":\"org.varlink.service." name "\",\"parameters\":" parameters "}"

/* One connection, many calls: each gets its answer, and the next is answered as well. */
static void test_answers(void **state)
{
	static const struct {
		const char *call, *reply;
	} cases[] = {
		{CALL("Echo", "{\"text\":\"\"}"), "{\"parameters\":{\"text\":\"\"}}"},
		{CALL("Echo", "{\"text\":\"\\u00e4\\ud83d\\ude00 \\\"\\\\\\n\"}"),
		 "{\"parameters\":{\"text\":\"\\u00e4\\ud83d\\ude00 \\\"\\\\\\n\"}}"},
		{CALL("Sum", "{\"numbers\":[1,2,-9223372036854775808]}"),
		 "{\"parameters\":{\"sum\":-9223372036854775805}}"},
		{CALL("Sum", "{\"numbers\":[]}"), "{\"parameters\":{\"sum\":0}}"},
		{"{\"method\":\"" TEST "Refuse\"}",
		 ERROR(TEST "Refused", "{\"reason\":\"as asked\"}")},
		{"{\"method\":\"" TEST "Refuse\",\"parameters\":null}",
		 ERROR(TEST "Refused", "{\"reason\":\"as asked\"}")},
		{CALL("Fail", "{}"),
		 ERROR("io.leonhard.Rpc.Failed", "{\"reason\":\"the disk is gone\",\"errno\":5}")},
		{CALL("Stream", "{\"count\":1,\"size\":1}"),
		 ERROR("io.leonhard.Rpc.ExpectedMore", "{}")},
		/* What clients may add, and members in any order. */
		{"{\"x\":[{}],\"parameters\":{\"text\":\"a\"},\"more\":false,\"oneway\":false,"
		 "\"upgrade\":false,\"method\":\"" TEST "Echo\"}",
		 "{\"parameters\":{\"text\":\"a\"}}"},
		/* A call with "more" of a method that knows no streams. */
		{"{\"method\":\"" TEST "Echo\",\"parameters\":{\"text\":\"a\"},\"more\":true}",
		 "{\"parameters\":{\"text\":\"a\"}}"},
		{CALL("Control", "{}"), "{\"parameters\":{}}"},
	};
	struct wire w;

	wire_open(&w, *state);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		wire_say(&w, cases[i].call);
		wire_expect(&w, cases[i].reply);
	}
	wire_close(&w);
}

static void test_not_found(void **state)
{
	static const struct {
		const char *call, *reply;
	} cases[] = {
		{CALL("Nothing", "{}"),
		 ERROR("org.varlink.service.MethodNotFound", "{\"method\":\"" TEST "Nothing\"}")},
		{CALL("echo", "{}"),
		 ERROR("org.varlink.service.MethodNotFound", "{\"method\":\"" TEST "echo\"}")},
		/* An error and a type are no methods. */
		{CALL("Refused", "{}"),
		 ERROR("org.varlink.service.MethodNotFound", "{\"method\":\"" TEST "Refused\"}")},
		{"{\"method\":\"io.leonhard.Other.Echo\"}",
		 ERROR("org.varlink.service.InterfaceNotFound",
		       "{\"interface\":\"io.leonhard.Other\"}")},
		{"{\"method\":\"io.leonhard.Test\"}",
		 ERROR("org.varlink.service.InterfaceNotFound", "{\"interface\":\"io.leonhard\"}")},
		{STANDARD("GetInterfaceDescription", "{\"interface\":\"io.leonhard.Tes\"}"),
		 ERROR("org.varlink.service.InterfaceNotFound",
		       "{\"interface\":\"io.leonhard.Tes\"}")},
	};
	struct wire w;

	wire_open(&w, *state);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		wire_say(&w, cases[i].call);
		wire_expect(&w, cases[i].reply);
	}
	wire_close(&w);
}

/* A handler never sees any of these: the counter of Echo stays where it is. */
static void test_invalid_parameters(void **state)
{
	static const struct {
		const char *call, *parameter;
	} cases[] = {
		{CALL("Echo", "{}"), "text"},
		{"{\"method\":\"" TEST "Echo\"}", "text"},
		{CALL("Echo", "{\"text\":1}"), "text"},
		{CALL("Echo", "{\"text\":null}"), "text"},
		{CALL("Echo", "{\"text\":[\"a\"]}"), "text"},
		{CALL("Echo", "{\"text\":\"a\",\"more\":true}"), "more"},
		{CALL("Sum", "{\"numbers\":[1,2,3.0]}"), "numbers[2]"},
		{CALL("Sum", "{\"numbers\":[1,true]}"), "numbers[1]"},
		{CALL("Sum", "{\"numbers\":{\"0\":1}}"), "numbers"},
		{CALL("Nest", "{\"value\":[]}"), "value"},
		{CALL("Counts", "{\"\":0}"), ""},
		{STANDARD("GetInfo", "{\"a\":1}"), "a"},
	};
	struct wire w;

	wire_open(&w, *state);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_auto_t *reply = NULL;

		wire_say(&w, cases[i].call);
		reply = wire_read(&w);
		assert_string_equal(json_string_value(json_object_get(reply, "error")),
				    "org.varlink.service.InvalidParameter");
		assert_string_equal(json_string_value(json_object_get(
					    json_object_get(reply, "parameters"), "parameter")),
				    cases[i].parameter);
	}
	wire_say(&w, CALL("Counts", "{}"));
	wire_expect(&w, "{\"parameters\":{\"held\":0,\"closed\":0,\"echoed\":0}}");
	wire_close(&w);
}

static void test_standard(void **state)
{
	static const char *const names[] = {"io.leonhard.Rpc", "io.leonhard.Test",
					    "org.varlink.service"};
	struct wire w;

	wire_open(&w, *state);
	wire_say(&w, STANDARD("GetInfo", "{}"));
	wire_expect(&w, "{\"parameters\":{\"vendor\":\"Leonhard\",\"product\":\"test service\","
			"\"version\":\"1\",\"url\":\"https://leonhard.invalid/\",\"interfaces\":["
			"\"io.leonhard.Rpc\",\"io.leonhard.Test\",\"org.varlink.service\"]}}");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *call = NULL;
		_cleanup_(idl_free_p) struct idl *idl = NULL;
		json_auto_t *reply = NULL;
		const char *text;

		assert_true(asprintf(&call,
				     STANDARD("GetInterfaceDescription", "{\"interface\":\"%s\"}"),
				     names[i]) > 0);
		wire_say(&w, call);
		reply = wire_read(&w);
		text = json_string_value(
			json_object_get(json_object_get(reply, "parameters"), "description"));
		assert_non_null(text);
		assert_int_equal(idl_parse(text, strlen(text), true, &idl, NULL), 0);
		assert_string_equal(idl->name, names[i]);
	}
	wire_close(&w);
}

/* What handlers get wrong is an error for the caller, and is reported to whoever logs. */
static void test_bad_replies(void **state)
{
	static const char *const calls[] = {"BadReply", "BadError"};
	json_auto_t *reply = NULL;
	json_t *texts;
	struct wire w;

	wire_open(&w, *state);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		_cleanup_free_ char *call = NULL;

		assert_true(asprintf(&call, "{\"method\":\"" TEST "%s\"}", calls[i]) > 0);
		wire_say(&w, call);
		wire_expect_error(&w, "io.leonhard.Rpc.Failed");
	}
	/* The longest that fits, and one more. */
	wire_say(&w, CALL("Large", "{\"size\":1048550}"));
	reply = wire_read(&w);
	assert_int_equal(
		json_string_length(json_object_get(json_object_get(reply, "parameters"), "text")),
		1048550);
	json_decref(reply);
	wire_say(&w, CALL("Large", "{\"size\":1048551}"));
	wire_expect_error(&w, "io.leonhard.Rpc.Failed");
	wire_say(&w, CALL("Problems", "{}"));
	reply = wire_read(&w);
	texts = json_object_get(json_object_get(reply, "parameters"), "texts");
	assert_int_equal(json_array_size(texts), 3);
	assert_string_equal(json_string_value(json_array_get(texts, 0)),
			    TEST "BadReply: a reply does not fit the interface at sum");
	wire_close(&w);
}

#define TIMES_8(x) x x x x x x x x
#define TIMES_32(x) TIMES_8(x) TIMES_8(x) TIMES_8(x) TIMES_8(x)

static void test_depth(void **state)
{
	static const char open[] = TIMES_32("{\"a\":"), close[] = TIMES_32("}");
	struct wire w;

	wire_open(&w, *state);
	/* The parameters are one level, so 31 are left for the value. */
	for (int depth = 30; depth <= 32; depth++) {
		_cleanup_free_ char *call = NULL;
		json_auto_t *reply = NULL;

		assert_true(asprintf(&call, CALL("Nest", "{\"value\":%.*s1%.*s}"), depth * 5, open,
				     depth, close) > 0);
		wire_say(&w, call);
		if (depth == 32)
			break;
		reply = wire_read(&w);
		assert_null(json_object_get(reply, "error"));
	}
	wire_expect_error(&w, "io.leonhard.Rpc.InvalidMessage");
	wire_expect(&w, NULL);
	wire_close(&w);
}

enum { PIPELINE_COUNT = 3000 };

/* More than all buffers between here and there hold. */
static int say_many(struct rig *rig, void *data)
{
	char call[128];

	for (int i = 0; i < PIPELINE_COUNT; i++) {
		sprintf(call, CALL("Echo", "{\"text\":\"%d\"}"), i);
		wire_say(data, i == PIPELINE_COUNT / 2 ? CALL("Hold", "{}") : call);
	}
	return 0;
}

/* Calls that are sent at once are answered in their order, one kept in the middle of them. */
static void test_pipeline(void **state)
{
	struct wire w, other;
	char call[128];
	pid_t sayer;

	wire_open(&w, *state);
	wire_open(&other, *state);
	sayer = rig_fork_as(0, say_many, *state, &w);
	for (int i = 0; i < PIPELINE_COUNT; i++) {
		json_auto_t *reply = NULL;

		if (i == PIPELINE_COUNT / 2) {
			assert_true(wire_is_silent(&w, 100));
			/* Others are not held up by that. */
			wire_echo(&other);
			wire_say(&other, CALL("Release", "{}"));
			wire_expect(&other, "{\"parameters\":{\"released\":1}}");
			wire_expect(&w, "{\"parameters\":{\"text\":\"released\"}}");
			continue;
		}
		sprintf(call, "{\"parameters\":{\"text\":\"%d\"}}", i);
		wire_expect(&w, call);
	}
	assert_int_equal(rig_wait(sayer), 0);
	wire_close(&w);
	wire_close(&other);
}

/* Calls without replies: nothing comes, whatever they meet. */
static void test_oneway(void **state)
{
#define ONEWAY(name, parameters) \
	"{\"method\":\"" TEST name "\",\"oneway\":true,\"parameters\":" parameters "}"
	static const char *const calls[] = {
		ONEWAY("Echo", "{\"text\":\"a\"}"),
		ONEWAY("Echo", "{}"),
		ONEWAY("Nothing", "{}"),
		ONEWAY("Admin", "{}"),
		ONEWAY("Refuse", "{}"),
		ONEWAY("Stream", "{\"count\":1,\"size\":1}"),
		ONEWAY("BadReply", "{}"),
		ONEWAY("Hold", "{}"),
	};
	struct wire w, other;

	wire_open(&w, *state);
	wire_open(&other, *state);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		wire_say(&w, calls[i]);
	assert_true(wire_is_silent(&w, 100));
	/* The last one is kept; what comes after it waits, as for any other. */
	wire_say(&other, CALL("Release", "{}"));
	wire_expect(&other, "{\"parameters\":{\"released\":1}}");
	wire_say(&w, CALL("Counts", "{}"));
	wire_expect(&w, "{\"parameters\":{\"held\":0,\"closed\":0,\"echoed\":1}}");
	/* A peer that says everything and leaves is heard. */
	for (int i = 0; i < 1000; i++)
		wire_say(&w, calls[0]);
	wire_close(&w);
	for (int i = 0; i < 1000; i++) {
		if (wire_ask_number(&other, CALL("Counts", "{}"), "echoed") == 1001)
			break;
		assert_true(i < 999);
		usleep(10000);
	}
	wire_close(&other);
}

/* A peer that has said everything, and reads on, gets all of its answers and then the end. */
static void test_half_closed(void **state)
{
	struct wire w, other;

	wire_open(&w, *state);
	wire_open(&other, *state);
	wire_say(&w, CALL("Echo", "{\"text\":\"a\"}"));
	wire_say(&w, CALL("Hold", "{}"));
	wire_say(&w, CALL("Echo", "{\"text\":\"b\"}"));
	/* Half a message is none. */
	wire_send(&w, "{\"method\"", 9);
	shutdown(w.fd, SHUT_WR);
	wire_expect(&w, "{\"parameters\":{\"text\":\"a\"}}");
	assert_true(wire_is_silent(&w, 100));
	wire_say(&other, CALL("Release", "{}"));
	wire_expect(&other, "{\"parameters\":{\"released\":1}}");
	wire_expect(&w, "{\"parameters\":{\"text\":\"released\"}}");
	wire_expect(&w, "{\"parameters\":{\"text\":\"b\"}}");
	wire_expect(&w, NULL);
	wire_close(&w);
	wire_close(&other);
}

static int ask_as_user(struct rig *rig, void *data)
{
	const char *const *script = data;
	struct wire w;

	wire_open(&w, rig);
	for (; script[0]; script += 2) {
		wire_say(&w, script[0]);
		wire_expect(&w, *script[1] ? script[1] : NULL);
	}
	wire_close(&w);
	return 0;
}

/* The class comes before the parameters, and those who have none are not listened to at all. */
static void test_classes(void **state)
{
	static const char denied[] = ERROR("org.varlink.service.PermissionDenied", "{}");
	static const char who[] = CALL("Who", "{}");
	static const char *const observer[] = {
		CALL("Echo", "{\"text\":\"a\"}"),
		"{\"parameters\":{\"text\":\"a\"}}",
		CALL("Control", "{\"wrong\":1}"),
		denied,
		CALL("Admin", "{}"),
		denied,
		CALL("Echo", "{\"text\":\"b\"}"),
		"{\"parameters\":{\"text\":\"b\"}}",
		NULL,
	};
	static const char *const nobody[] = {"x", denied, "", "", NULL};
	static const char *const admin[] = {CALL("Admin", "{}"), "{\"parameters\":{}}", NULL};
	struct rig *rig = *state;
	char wanted[256];
	struct wire w;

	rig_need_users();
	rig_stop(rig);
	rig_set_access(rig, "[observe]\nusers = 12345\n[admin]\ngroups = 12347\n");
	rig_start(rig);
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER, ask_as_user, rig, (void *)observer)), 0);
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER + 1, ask_as_user, rig, (void *)nobody)), 0);
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER + 2, ask_as_user, rig, (void *)admin)), 0);
	/* Root is in no list and always in. */
	wire_open(&w, rig);
	wire_say(&w, who);
	sprintf(wanted, "{\"parameters\":{\"uid\":0,\"pid\":%d,\"class\":\"admin\"}}", getpid());
	wire_expect(&w, wanted);
	wire_close(&w);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(test_answers),
		WITH_SERVER(test_not_found),
		WITH_SERVER(test_invalid_parameters),
		WITH_SERVER(test_standard),
		WITH_SERVER(test_bad_replies),
		WITH_SERVER(test_depth),
		WITH_SERVER(test_pipeline),
		WITH_SERVER(test_oneway),
		WITH_SERVER(test_half_closed),
		WITH_SERVER(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
