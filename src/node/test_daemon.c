/*
 * Tests of the daemon as a whole, below a root that plays a machine: calls, trials that come, come
 * late or never, streams that tell of changes and only of changes. The test plays the probe.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fs.h"
#include "base/time.h"
#include "node/places.h"
#include "node/testnode.h"
#include "rpc/json.h"

enum { CLIENTS = 4 };

static void test_calls(void **state)
{
	_cleanup_json_ json_t *describe = client_ask("Describe", NULL),
			      *health = client_ask("Health", NULL);
	_cleanup_json_ json_t *all = client_ask("ListPowers", NULL);
	_cleanup_json_ json_t *some =
		client_ask("ListPowers", json_pack("{s:s}", "group", "memory"));
	_cleanup_json_ json_t *none =
		client_ask("ListPowers", json_pack("{s:s}", "group", "nothing"));
	_cleanup_json_ json_t *wrong = client_ask("ListPowers", json_pack("{s:i}", "group", 1));

	assert_string_equal(json_string_value(reply_member(describe, "hostname")), "fake");
	assert_true(json_is_true(reply_member(health, "healthy")));
	assert_string_equal(reply_kvm(all), "unknown");
	assert_true(json_is_null(reply_member(all, "probed_ns")));
	assert_true(json_array_size(reply_member(some, "powers")) > 3);
	assert_true(json_array_size(reply_member(some, "powers")) <
		    json_array_size(reply_member(all, "powers")));
	assert_int_equal(json_array_size(reply_member(none, "powers")), 0);
	assert_string_equal(json_string_value(json_object_get(wrong, "error")),
			    "org.varlink.service.InvalidParameter");
}

/* Calls at the same time share one request; a result that began before it does not answer it. */
static void test_probe(void **state)
{
	struct client *clients[CLIENTS];
	uint64_t before_ns = time_now_ns(CLOCK_BOOTTIME);

	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = client_new();
		client_send(clients[i], "Probe", NULL, false);
	}
	testnode_take_request();
	testnode_put_result(before_ns, "no");
	for (int i = 0; i < CLIENTS; i++)
		assert_null(client_receive(clients[i], QUIET_MS / CLIENTS));
	testnode_put_result(time_now_ns(CLOCK_BOOTTIME), "yes");
	for (int i = 0; i < CLIENTS; i++) {
		_cleanup_json_ json_t *reply = client_receive(clients[i], PATIENCE_MS);

		assert_non_null(reply);
		assert_string_equal(reply_kvm(reply), "yes");
		client_free_p(&clients[i]);
	}
	assert_false(testnode_requested());
}

/* Nobody makes the trial; and the next who asks is not the worse for it. */
static void test_probe_late(void **state)
{
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *late = client_ask("Probe", NULL), *reply = NULL;

	assert_failed(late, "within 2.0 s");
	assert_failed(late, "leonhard-node-probe.path");
	assert_failed(late, "run leonhard-node-probe as root");
	assert_int_equal(unlinkat(root->fd, &NODE_REQUEST_PATH[1], 0), 0);
	client_send(c, "Probe", NULL, false);
	testnode_take_request();
	testnode_put_result(time_now_ns(CLOCK_BOOTTIME), "no");
	reply = client_receive(c, PATIENCE_MS);
	assert_non_null(reply);
	assert_string_equal(reply_kvm(reply), "no");
}

/* A caller who goes away takes nothing along. */
static void test_probe_gone(void **state)
{
	struct client *gone = client_new();
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *reply = NULL;

	client_send(gone, "Probe", NULL, false);
	client_send(c, "Probe", NULL, false);
	testnode_take_request();
	client_free_p(&gone);
	pause_ms(50);
	testnode_put_result(time_now_ns(CLOCK_BOOTTIME), "yes");
	reply = client_receive(c, PATIENCE_MS);
	assert_non_null(reply);
	assert_string_equal(reply_kvm(reply), "yes");
}

/* Garbage in place of a result is no result. */
static void test_probe_garbage(void **state)
{
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *reply = NULL;

	client_send(c, "Probe", NULL, false);
	testnode_take_request();
	assert_int_equal(fs_replace(root->fd, NODE_RESULT_PATH, "{\"powers\":", 10, 0644), 0);
	reply = client_receive(c, PATIENCE_MS);
	assert_non_null(reply);
	assert_failed(reply, "no new result");
}

static void test_probe_impossible(void **state)
{
	_cleanup_json_ json_t *reply = client_ask("Probe", NULL);

	assert_failed(reply, NODE_REQUEST_PATH ": No such file or directory");
}

/* The folder of results comes into being after the daemon: who waits still gets the result. */
static void test_probe_late_folder(void **state)
{
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *reply = NULL;

	assert_int_equal(fs_mkdir(root->fd, NODE_RESULT_DIR, 0755), 0);
	assert_int_equal(fs_mkdir(root->fd, NODE_REQUEST_DIR, 0755), 0);
	client_send(c, "Probe", NULL, false);
	reply = client_receive(c, QUIET_MS);
	/* Where the daemon has confined itself, it cannot reach a folder that was not there then.
	 */
	if (reply) {
		assert_failed(reply, NODE_REQUEST_PATH ": Permission denied");
		return;
	}
	testnode_take_request();
	testnode_put_result(time_now_ns(CLOCK_BOOTTIME), "yes");
	reply = client_receive(c, PATIENCE_MS);
	assert_non_null(reply);
	assert_string_equal(reply_kvm(reply), "yes");
}

/* The folder of results is made again while the daemon runs: who asks then gets the result. */
static void test_probe_new_folder(void **state)
{
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *reply = NULL;

	assert_int_equal(unlinkat(root->fd, &NODE_RESULT_DIR[1], AT_REMOVEDIR), 0);
	pause_ms(50);
	assert_int_equal(fs_mkdir(root->fd, NODE_RESULT_DIR, 0755), 0);
	client_send(c, "Probe", NULL, false);
	testnode_take_request();
	pause_ms(50);
	testnode_put_result(time_now_ns(CLOCK_BOOTTIME), "yes");
	reply = client_receive(c, PATIENCE_MS);
	assert_non_null(reply);
	assert_string_equal(reply_kvm(reply), "yes");
}

static void test_watch(void **state)
{
	_cleanup_client_ struct client *c = client_new(), *single = client_new();
	_cleanup_json_ json_t *first = NULL, *second = NULL, *third = NULL, *refused = NULL;

	client_send(single, "Watch", NULL, false);
	refused = client_receive(single, PATIENCE_MS);
	assert_string_equal(json_string_value(json_object_get(refused, "error")),
			    "io.leonhard.Rpc.ExpectedMore");
	client_send(c, "Watch", NULL, true);
	first = client_receive(c, PATIENCE_MS);
	assert_non_null(first);
	assert_true(json_is_true(json_object_get(first, "continues")));
	assert_string_equal(reply_kvm(first), "unknown");
	testnode_put_result(1, "no");
	second = client_receive(c, PATIENCE_MS);
	assert_non_null(second);
	assert_string_equal(reply_kvm(second), "no");
	/* The same again is no news; a new state is. */
	testnode_put_result(2, "no");
	assert_null(client_receive(c, QUIET_MS));
	testnode_put_result(3, "yes");
	third = client_receive(c, PATIENCE_MS);
	assert_non_null(third);
	assert_string_equal(reply_kvm(third), "yes");
}

/* Many streams, of which some go away; what has changed in between is told with the next change. */
static void test_watch_many(void **state)
{
	struct client *clients[CLIENTS];

	for (int i = 0; i < CLIENTS; i++) {
		_cleanup_json_ json_t *reply = NULL;

		clients[i] = client_new();
		client_send(clients[i], "Watch", NULL, true);
		reply = client_receive(clients[i], PATIENCE_MS);
		assert_non_null(reply);
	}
	client_free_p(&clients[0]);
	testroot_write(root, "sys/kernel/mm/ksm/run", "1\n");
	testnode_put_result(1, "yes");
	for (int i = 1; i < CLIENTS; i++) {
		_cleanup_json_ json_t *reply = client_receive(clients[i], PATIENCE_MS);

		assert_non_null(reply);
		assert_string_equal(reply_kvm(reply), "yes");
		client_free_p(&clients[i]);
	}
}

/* It ends while calls and streams are open, and with success. */
static void test_end(void **state)
{
	_cleanup_client_ struct client *waits = client_new(), *streams = client_new();
	_cleanup_json_ json_t *first = NULL, *last = NULL;

	client_send(waits, "Probe", NULL, false);
	testnode_take_request();
	client_send(streams, "Watch", NULL, true);
	first = client_receive(streams, PATIENCE_MS);
	assert_non_null(first);
	testnode_stop();
	last = client_receive(waits, PATIENCE_MS);
	assert_non_null(last);
	assert_failed(last, "the service ends");
}

/* A reload that is right is taken, one that is wrong is not. */
static void test_reload(void **state)
{
	_cleanup_json_ json_t *reply = NULL, *again = NULL;

	testroot_write(root, "etc/leonhard/node.conf", "[probe]\ntimeout = 1s\n");
	testnode_reload();
	reply = client_ask("Probe", NULL);
	assert_failed(reply, "within 1.0 s");
	testroot_write(root, "etc/leonhard/node.conf", "[probe]\ntimeout = 0\n");
	testnode_reload();
	again = client_ask("Probe", NULL);
	assert_failed(again, "within 1.0 s");
}

#define WHOLE(test) cmocka_unit_test_setup_teardown(test, testnode_whole, testnode_teardown)
#define BARE(test) cmocka_unit_test_setup_teardown(test, testnode_bare, testnode_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WHOLE(test_calls),	WHOLE(test_probe),	     WHOLE(test_probe_late),
		WHOLE(test_probe_gone), WHOLE(test_probe_garbage),   WHOLE(test_probe_new_folder),
		WHOLE(test_watch),	WHOLE(test_watch_many),	     WHOLE(test_end),
		WHOLE(test_reload),	BARE(test_probe_impossible), BARE(test_probe_late_folder),
	};

	return cmocka_run_group_tests(tests, testnode_group, testroot_teardown);
}
