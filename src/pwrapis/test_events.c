/*
 * Events that clients have not asked for: a governor that has changed, control that somebody asks
 * for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "pwrapis/testpwrapis.h"

#define GOVERNOR(policy) "sys/devices/system/cpu/cpufreq/" policy "/scaling_governor"

enum { BEATS_MS = 1500, NOTICES_BYTES = 16 * 1024 };

static int setup(void **state)
{
	rig_setup_stopped(state);
	rig_config(*state, "[grant]\nusers = agent:idle.latency-limit\n");
	writer_start(*state);
	rig_start(*state);
	return 0;
}

/* Answered, whatever it is: so it has been accepted. */
static void open_listener(struct client *c, uid_t uid)
{
	client_open(c, uid);
	client_code(c, WIRE_CPU_GET_FREQ_RANGE, NULL, 0);
	c->all_events = true;
}

static void expect_changed(struct client *c, const char *text)
{
	assert_string_equal(client_expect_event(c, PWR_COM_EVTTYPE_CPUFREQ_GOV_CHANGED), text);
}

/* Everybody who may look is told, once; who was granted something else is not. */
static void test_by_others(void **state)
{
	struct client a, b, agent;

	open_listener(&a, TEST_OBSERVER);
	open_listener(&b, TEST_CONTROLLER);
	open_listener(&agent, TEST_NOBODY);
	testroot_write(*state, GOVERNOR("policy2"), "powersave\n");
	expect_changed(&a, "powersave: policy2");
	expect_changed(&b, "powersave: policy2");
	assert_true(client_is_silent(&a, BEATS_MS));
	assert_true(client_is_silent(&agent, 0));
	client_close(&a);
	client_close(&b);
	client_close(&agent);
}

/* Two at once, to different governors, and one that cannot be read for a while. */
static void test_several(void **state)
{
	struct client c;

	open_listener(&c, TEST_OBSERVER);
	rename(GOVERNOR("policy2"), "away");
	testroot_write(*state, GOVERNOR("policy0"), "performance\n");
	expect_changed(&c, "performance: policy0");
	rename("away", GOVERNOR("policy2"));
	assert_true(client_is_silent(&c, BEATS_MS));
	testroot_write(*state, GOVERNOR("policy0"), "powersave\n");
	testroot_write(*state, GOVERNOR("policy2"), "powersave\n");
	/* The beat may fall between the two. */
	for (unsigned told = 0; told < 2;) {
		const char *text = client_expect_event(&c, PWR_COM_EVTTYPE_CPUFREQ_GOV_CHANGED);

		assert_non_null(strstr(text, "powersave: policy"));
		told += strstr(text, "policy0 policy2") ? 2 : 1;
	}
	client_close(&c);
}

static void test_by_us(void **state)
{
	struct client c, other;

	open_listener(&other, TEST_OBSERVER);
	client_open(&c, TEST_CONTROLLER);
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "performance", 12), PWR_SUCCESS);
	c.all_events = true;
	expect_changed(&c, "performance: policy0 policy2");
	expect_changed(&other, "performance: policy0 policy2");
	client_close(&c);
	client_close(&other);
}

/* What changed while nobody was there is no news to who comes. */
static void test_before(void **state)
{
	struct client c;

	open_listener(&c, TEST_OBSERVER);
	client_close(&c);
	usleep(BEATS_MS * 1000);
	testroot_write(*state, GOVERNOR("policy2"), "powersave\n");
	open_listener(&c, TEST_OBSERVER);
	assert_true(client_is_silent(&c, BEATS_MS));
	client_close(&c);
}

/* A client that leaves unread what it has asked for is spared the rest, and stays. */
static void test_unread(void **state)
{
	enum { ASKED = NOTICES_BYTES / 64 };
	char reply[4096];
	struct client c, other;

	open_listener(&c, TEST_OBSERVER);
	open_listener(&other, TEST_OBSERVER);
	for (int i = 0; i < ASKED; i++)
		client_request(&c, WIRE_CPU_GET_FREQ_RANGE, NULL, 0);
	/* The last one is answered when all of the first client's are waiting. */
	for (int i = 0; i < 2 * ASKED; i++)
		client_ask(&other, WIRE_CPU_GET_FREQ_RANGE, NULL, 0, reply, sizeof(reply), NULL);
	testroot_write(*state, GOVERNOR("policy2"), "powersave\n");
	expect_changed(&other, "powersave: policy2");
	for (int i = 0; i < ASKED; i++)
		assert_int_equal(client_read(&c, reply, sizeof(reply)).type, WIRE_REPLY);
	assert_true(client_is_silent(&c, BEATS_MS));
	testroot_write(*state, GOVERNOR("policy2"), "performance\n");
	expect_changed(&c, "performance: policy2");
	client_close(&c);
	client_close(&other);
}

/* The owner is told who asks, once a second however often they do; and keeps control. */
static void test_asked(void **state)
{
	char wanted[96];
	struct client owner, asker;

	client_open(&owner, TEST_CONTROLLER);
	client_open(&asker, TEST_OTHER_CONTROLLER);
	assert_int_equal(client_code(&owner, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	for (int i = 0; i < 50; i++)
		assert_int_equal(client_code(&asker, WIRE_COM_REQUEST_CONTROL, NULL, 0),
				 PWR_ERR_CONTROL_AUTH_REQUESTED);
	snprintf(wanted, sizeof(wanted), "control was asked for by user %d, process %d",
		 TEST_OTHER_CONTROLLER, (int)getpid());
	assert_string_equal(client_expect_event(&owner, PWR_COM_EVTTYPE_AUTH_REQUESTED), wanted);
	assert_true(client_is_silent(&owner, 200));
	assert_int_equal(client_code(&owner, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	usleep(1100 * 1000);
	assert_int_equal(client_code(&asker, WIRE_COM_REQUEST_CONTROL, NULL, 0),
			 PWR_ERR_CONTROL_AUTH_REQUESTED);
	client_expect_event(&owner, PWR_COM_EVTTYPE_AUTH_REQUESTED);
	client_close(&owner);
	client_close(&asker);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_by_others), TEST(test_several), TEST(test_by_us),
		TEST(test_before),    TEST(test_unread),  TEST(test_asked),
	};

	return cmocka_run_group_tests_name("pwrapis/events", tests, testrun_setup_group,
					   testroot_teardown);
}
