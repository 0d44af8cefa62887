/*
 * io.leonhard.Power for users whom no class lets in: one line of pwrapis.conf gives them a control,
 * and nothing beside it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "pwrapis/testfront.h"

/* Users without a class: two who were granted limits of powercap, one of whom is an observer, too;
 * and one who was not. */
enum { GRANTED = 3, OTHER_GRANTED = 4, NOBODY = 5 };

#define LIMIT "constraint_0_power_limit_uw"

static const char denied[] = "org.varlink.service.PermissionDenied";

static int setup(void **state)
{
	const struct testroot *t = *state;

	front_prepare(t);
	testroot_write(t, "etc/passwd",
		       "root:x:0:0::/:/bin/sh\nsomebody:x:1:1::/:/bin/sh\nagent:x:3:3::/:/bin/sh\n"
		       "other:x:4:4::/:/bin/sh\n");
	testroot_write(t, "etc/leonhard/pwrapis.conf",
		       "[grant]\nusers = agent:powercap.limit other:powercap.limit "
		       "somebody:powercap.limit agent:sleep.state\n");
	front_launch(t);
	return 0;
}

static struct client *connect_as(void **state, uid_t uid)
{
	if (geteuid() != 0)
		skip();
	return client_connect_as(*state, INTERFACE, uid);
}

static void expect_denied(struct client *c, const char *method, json_t *parameters)
{
	_cleanup_json_ json_t *reply = client_call(c, method, parameters, false);

	assert_error(reply, denied, NULL);
}

static json_t *set_limit(struct client *c, double watts, bool keep)
{
	return set(c, "powercap.limit", "package-0", json_real(watts), "number", keep);
}

static void expect_limit(json_t *reply, double watts)
{
	_cleanup_json_ json_t *owned = reply;

	assert_true(json_number_value(reply_member(owned, "number")) == watts);
}

/* What was granted is there to be found, read, watched. */
static void test_look(void **state)
{
	_cleanup_client_ struct client *c = connect_as(state, GRANTED);
	_cleanup_json_ json_t *items = client_call(c, "ListItems", NULL, false);
	_cleanup_json_ json_t *read = read_one(c, "powercap.limit"), *some = read_one(c, "*");
	_cleanup_json_ json_t *watched =
		client_call(c, "Watch",
			    json_pack("{s:[s], s:I}", "items", "powercap.limit", "interval_ns",
				      (json_int_t)1000000000),
			    true);
	const json_t *list = reply_member(items, "items");

	/* The limits of all packages are the cap of this machine. */
	assert_int_equal(json_array_size(list), 5);
	for (size_t i = 0; i < 5; i++)
		assert_non_null(strstr(
			"powercap.limit sleep.state power.cap power.cap-min power.cap-max",
			json_string_value(json_object_get(json_array_get(list, i), "name"))));
	assert_true(number_at(read, "package-1") == 150);
	assert_true(number_at(some, "package-0") == 150);
	for (size_t i = 0; i < json_array_size(reply_member(some, "readings")); i++)
		assert_null(
			strstr(json_string_value(json_object_get(
				       json_array_get(reply_member(some, "readings"), i), "item")),
			       "energy"));
	assert_true(number_at(watched, "package-0") == 150);
}

/* Set, seen by themselves alone, and put back with the connection. */
static void test_set(void **state)
{
	_cleanup_client_ struct client *c = connect_as(state, GRANTED);
	_cleanup_client_ struct client *other = connect_as(state, OTHER_GRANTED);
	_cleanup_json_ json_t *own = NULL, *others = NULL;

	expect_limit(set_limit(c, 90, false), 90);
	expect_file(ZONE LIMIT, "90000000");
	own = client_call(c, "ListSettings", NULL, false);
	others = client_call(other, "ListSettings", NULL, false);
	assert_int_equal(json_array_size(reply_member(own, "settings")), 1);
	assert_int_equal(json_array_size(reply_member(others, "settings")), 0);
	assert_true(json_is_null(json_object_get(json_object_get(own, "parameters"), "token")));
	client_free_p(&c);
	c = NULL;
	expect_file(ZONE LIMIT, "150000000");
}

static void test_release(void **state)
{
	_cleanup_client_ struct client *c = connect_as(state, GRANTED);
	_cleanup_client_ struct client *other = connect_as(state, OTHER_GRANTED);
	_cleanup_json_ json_t *none = NULL, *released = NULL;

	expect_limit(set_limit(c, 90, true), 90);
	none = client_call(other, "Release", NULL, false);
	assert_int_equal(json_integer_value(reply_member(none, "restored")), 0);
	expect_file(ZONE LIMIT, "90000000");
	released = client_call(c, "Release", json_pack("{s:s}", "item", "powercap.limit"), false);
	assert_int_equal(json_integer_value(reply_member(released, "restored")), 1);
	expect_file(ZONE LIMIT, "150000000");
}

static void test_cap(void **state)
{
	_cleanup_client_ struct client *c = connect_as(state, GRANTED);

	expect_limit(client_call(c, "Set",
				 json_pack("{s:s, s:s, s:f, s:b}", "item", "power.cap", "place",
					   "board", "number", 160.0, "keep", false),
				 false),
		     160);
	expect_file(ZONE LIMIT, "80000000");
}

/* Everything beside it is refused, and nothing is told of it. */
static void test_nothing_else(void **state)
{
	_cleanup_client_ struct client *c = connect_as(state, GRANTED);

	expect_denied(c, "Health", NULL);
	expect_denied(c, "Read", json_pack("{s:[s]}", "items", "powercap.energy"));
	expect_denied(c, "Read", json_pack("{s:[s]}", "items", "thermal.*"));
	expect_denied(c, "Read", json_pack("{s:[s]}", "items", "no.such-item"));
	expect_denied(c, "Read", json_pack("{s:[s, s]}", "items", "powercap.limit", "cpu.usage"));
	expect_denied(c, "Read", json_pack("{s:[s]}", "items", ""));
	expect_denied(c, "Release", json_pack("{s:s}", "item", "cpufreq.governor"));
	expect_denied(c, "Release", json_pack("{s:s}", "item", "no.such-item"));
	expect_denied(c, "Set",
		      json_pack("{s:s, s:s, s:s, s:b}", "item", "cpufreq.governor", "place",
				"policy0", "text", "performance", "keep", false));
	expect_denied(c, "Set",
		      json_pack("{s:s, s:s, s:s, s:b}", "item", "cpufreq.governor", "place",
				"nowhere", "text", "performance", "keep", false));
	/* What puts the machine to sleep needs the class, whatever a line says. */
	expect_denied(c, "Set",
		      json_pack("{s:s, s:s, s:s, s:b}", "item", "sleep.state", "place", "board",
				"text", "mem", "keep", false));
	expect_file(POLICIES "policy0/scaling_governor", "powersave");
}

/* Who may look at all may set what was granted, and still sees all. */
static void test_observer(void **state)
{
	_cleanup_client_ struct client *c = connect_as(state, SOMEBODY);
	_cleanup_json_ json_t *governor = read_one(c, "cpufreq.governor"), *refused = NULL;

	assert_string_equal(text_at(governor, "policy0", "text"), "powersave");
	expect_limit(set_limit(c, 91, false), 91);
	refused = set(c, "cpufreq.governor", "policy0", json_string("performance"), "text", false);
	assert_error(refused, denied, NULL);
}

static void test_nobody(void **state)
{
	_cleanup_client_ struct client *c = connect_as(state, NOBODY);

	expect_denied(c, "Read", json_pack("{s:[s]}", "items", "powercap.limit"));
}

/* A line that is taken away takes streams with it, and every further call. */
static void test_taken_back(void **state)
{
	_cleanup_client_ struct client *c = connect_as(state, GRANTED);
	_cleanup_client_ struct client *w = connect_as(state, GRANTED);
	_cleanup_json_ json_t *first =
		client_call(w, "Watch",
			    json_pack("{s:[s], s:I}", "items", "powercap.limit", "interval_ns",
				      (json_int_t)1000000000),
			    true);

	assert_non_null(first);
	expect_limit(set_limit(c, 90, false), 90);
	testroot_write(*state, "etc/leonhard/pwrapis.conf",
		       "[grant]\nusers = agent:sleep.state other:powercap.limit\n");
	testrun_signal(SIGHUP);
	for (int i = 0;; i++) {
		_cleanup_json_ json_t *next = client_receive(w, PATIENCE_MS);

		assert_non_null(next);
		assert_true(i < 20);
		if (!json_object_get(next, "error"))
			continue;
		assert_error(next, denied, NULL);
		break;
	}
	expect_denied(c, "Read", json_pack("{s:[s]}", "items", "powercap.limit"));
	/* The rest of the line counts on. */
	expect_denied(c, "Health", NULL);
	client_free_p(&c);
	c = NULL;
	expect_file(ZONE LIMIT, "150000000");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, front_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_look),   TEST(test_set),	    TEST(test_release),
		TEST(test_cap),	   TEST(test_nothing_else), TEST(test_observer),
		TEST(test_nobody), TEST(test_taken_back),
	};

	front_init(argc, argv);
	return cmocka_run_group_tests_name("pwrapis/grant", tests, testrun_setup_group,
					   testroot_teardown);
}
