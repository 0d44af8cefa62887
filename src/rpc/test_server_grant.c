/*
 * Tests of grants: what a service's own judge lets in beneath the classes, and nothing beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/testrig.h"

/* The user whom the test service has granted something. */
enum { GRANTED = RIG_USER + 5 };

static const char denied[] = "org.varlink.service.PermissionDenied";

static void expect_denied(struct wire *w, const char *call)
{
	wire_say(w, call);
	wire_expect_error(w, denied);
}

static int setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig_init(rig);
	rig_set_access(rig, "[observe]\nusers = 12345\n[control]\nusers = 12346\n");
	rig_start(rig);
	*state = rig;
	return 0;
}

/* access.conf is taken when its folder has been left alone. */
static void change_access(struct rig *rig, const char *text)
{
	rig_set_access(rig, text);
	usleep(600 * 1000);
}

static int run_as(struct rig *rig, uid_t uid, int (*fn)(struct rig *rig, void *data))
{
	return rig_wait(rig_fork_as(uid, fn, rig, NULL));
}

/* What is annotated, and who the service is; nothing of the class that it stands beneath. */
static int ask_granted(struct rig *rig, void *data)
{
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, CALL("ByGrant", "{}"));
	wire_expect(&w, "{\"parameters\":{\"by_grant\":true}}");
	expect_denied(&w, CALL("Echo", "{\"text\":\"a\"}"));
	expect_denied(&w, CALL("Who", "{\"wrong\":1}"));
	expect_denied(&w, CALL("Control", "{}"));
	expect_denied(&w, CALL("Admin", "{}"));
	wire_say(&w, CALL("ByGrant", "{\"wrong\":1}"));
	wire_expect_error(&w, "org.varlink.service.InvalidParameter");
	wire_say(&w, CALL("Nothing", "{}"));
	wire_expect_error(&w, "org.varlink.service.MethodNotFound");
	wire_say(&w, "{\"method\":\"org.varlink.service.GetInfo\"}");
	json_decref(wire_read(&w));
	wire_say(&w, CALL("ByGrant", "{}"));
	wire_expect(&w, "{\"parameters\":{\"by_grant\":true}}");
	wire_close(&w);
	return 0;
}

static void test_granted(void **state)
{
	rig_need_users();
	assert_int_equal(run_as(*state, GRANTED, ask_granted), 0);
}

static int ask_observer(struct rig *rig, void *data)
{
	struct wire w;

	wire_open(&w, rig);
	expect_denied(&w, CALL("ByGrant", "{}"));
	wire_echo(&w);
	wire_close(&w);
	return 0;
}

static int ask_controller(struct rig *rig, void *data)
{
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, CALL("ByGrant", "{}"));
	wire_expect(&w, "{\"parameters\":{\"by_grant\":false}}");
	wire_close(&w);
	return 0;
}

static int ask_nobody(struct rig *rig, void *data)
{
	struct wire w;

	wire_open(&w, rig);
	expect_denied(&w, CALL("ByGrant", "{}"));
	wire_expect(&w, NULL);
	wire_close(&w);
	return 0;
}

/* The grant of one is nobody else's; a class that is high enough needs none. */
static void test_others(void **state)
{
	rig_need_users();
	assert_int_equal(run_as(*state, RIG_USER, ask_observer), 0);
	assert_int_equal(run_as(*state, RIG_USER + 1, ask_controller), 0);
	assert_int_equal(run_as(*state, GRANTED + 1, ask_nobody), 0);
}

/* access.conf cannot make anybody "granted": there is no such class. */
static void test_no_class(void **state)
{
	rig_need_users();
	change_access(*state, "[granted]\nusers = *\n");
	assert_int_equal(run_as(*state, GRANTED + 1, ask_nobody), 0);
	assert_int_equal(run_as(*state, RIG_USER, ask_observer), 0);
}

static int misbehave(struct rig *rig, void *data)
{
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, "x");
	wire_expect_error(&w, "io.leonhard.Rpc.InvalidMessage");
	wire_expect(&w, NULL);
	wire_close(&w);
	wire_open(&w, rig);
	wire_say(&w, CALL("Revoke", "{}"));
	wire_expect_error(&w, denied);
	/* Oneway and streams of what is not granted are not served either. */
	wire_say(&w, "{\"method\":\"" TEST "Echo\",\"oneway\":true,\"parameters\":"
		     "{\"text\":\"a\"}}");
	wire_say(&w, STREAM("Ticks", "{\"interval\":5}"));
	wire_expect_error(&w, denied);
	wire_close(&w);
	return 0;
}

static void test_hostile(void **state)
{
	struct wire w;

	rig_need_users();
	assert_int_equal(run_as(*state, GRANTED, misbehave), 0);
	wire_open(&w, *state);
	assert_int_equal(wire_ask_number(&w, CALL("Counts", "{}"), "echoed"), 0);
	wire_close(&w);
}

/* Once the grant is gone, so is everything, also on a connection that has been. */
static int ask_then_revoked(struct rig *rig, void *data)
{
	const int *fds = data;
	struct wire w;
	char byte;

	wire_open(&w, rig);
	wire_say(&w, CALL("ByGrant", "{}"));
	wire_expect(&w, "{\"parameters\":{\"by_grant\":true}}");
	if (write(fds[1], "r", 1) != 1 || read(fds[2], &byte, 1) != 1)
		return 1;
	expect_denied(&w, CALL("ByGrant", "{}"));
	wire_expect(&w, NULL);
	wire_close(&w);
	return 0;
}

static void take_back(struct rig *rig)
{
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, CALL("Revoke", "{}"));
	wire_expect(&w, "{\"parameters\":{}}");
	wire_close(&w);
}

static void test_revoked(void **state)
{
	int fds[4];
	pid_t pid;
	char byte;

	rig_need_users();
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pipe(fds + 2), 0);
	pid = rig_fork_as(GRANTED, ask_then_revoked, *state, fds);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	take_back(*state);
	assert_int_equal(write(fds[3], "r", 1), 1);
	assert_int_equal(rig_wait(pid), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

/* Reads until the stream is denied. */
static int read_ticks(struct rig *rig, void *data)
{
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, STREAM("GrantedTicks", "{\"interval\":5}"));
	for (int number = 0;; number++) {
		json_auto_t *reply = wire_read(&w);
		const char *error = json_string_value(json_object_get(reply, "error"));

		if (!reply || (error && strcmp(error, denied) != 0))
			return 1;
		if (error)
			return number > 10 ? 0 : 2;
		if (number == 10 && write(*(int *)data, "r", 1) != 1)
			return 3;
	}
}

/*
 * A stream that began by a class ends with the class, whatever was granted: it was given more than
 * a grant would. One that began by a grant goes on while it is there.
 */
static void test_streams(void **state)
{
	int by_class[2], by_grant[2];
	pid_t pid, other;
	char byte;

	rig_need_users();
	assert_int_equal(pipe(by_class), 0);
	assert_int_equal(pipe(by_grant), 0);
	other = rig_fork_as(GRANTED, read_ticks, *state, &by_grant[1]);
	assert_int_equal(read(by_grant[0], &byte, 1), 1);
	change_access(*state, "[control]\nusers = 12350\n");
	pid = rig_fork_as(GRANTED, read_ticks, *state, &by_class[1]);
	assert_int_equal(read(by_class[0], &byte, 1), 1);
	change_access(*state, "[observe]\nusers = 12345\n");
	assert_int_equal(rig_wait(pid), 0);
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	take_back(*state);
	rig_set_access(*state, "");
	assert_int_equal(rig_wait(other), 0);
	close(by_class[0]);
	close(by_class[1]);
	close(by_grant[0]);
	close(by_grant[1]);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(test_granted), WITH_SERVER(test_others),  WITH_SERVER(test_no_class),
		WITH_SERVER(test_hostile), WITH_SERVER(test_revoked), WITH_SERVER(test_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
