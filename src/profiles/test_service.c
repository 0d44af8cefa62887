/*
 * The daemon as desktops see it: on a bus of its own, with a polkit that is played, over the power
 * API in a folder that plays a machine.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "base/time.h"
#include "profiles/testprofiles.h"

static sd_bus *bus; /* of whoever runs the test: root, where there are other users */

static void hang_up(sd_bus **b)
{
	sd_bus_flush_close_unref(*b);
}

#define _cleanup_bus_ _cleanup_(hang_up)
#define _cleanup_error_ _cleanup_(sd_bus_error_free)

/* ---- asking ---- */

static char *get(const char *property)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
	char *text = NULL;
	int r = sd_bus_get_property_string(bus, NEW_NAME, NEW_PATH, NEW_NAME, property, &error,
					   &text);

	if (r < 0)
		fail_msg("%s: %s", property, error.message);
	return text;
}

static void expect_active(const char *profile)
{
	for (int ms = 0;; ms += 10) {
		_cleanup_free_ char *active = get("ActiveProfile");

		if (strcmp(active, profile) == 0)
			return;
		if (ms >= PATIENCE_MS)
			assert_string_equal(active, profile);
		usleep(10000);
	}
}

/* 0, or the error's name is @ret_error's. */
static int set(sd_bus *b, const char *profile, sd_bus_error *ret_error)
{
	return sd_bus_set_property(b, NEW_NAME, NEW_PATH, NEW_NAME, "ActiveProfile", ret_error, "s",
				   profile);
}

static void change(const char *profile)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;

	if (set(bus, profile, &error) < 0)
		fail_msg("%s: %s", profile, error.message);
	expect_active(profile);
}

static void refuse_change(sd_bus *b, const char *profile, const char *name)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;

	assert_true(set(b, profile, &error) < 0);
	assert_string_equal(error.name, name);
}

/* A cookie; 0 when it is refused. */
static uint32_t hold_for(sd_bus *b, const char *profile, const char *reason, sd_bus_error *error)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	uint32_t cookie = 0;

	if (sd_bus_call_method(b, NEW_NAME, NEW_PATH, NEW_NAME, "HoldProfile", error, &reply, "sss",
			       profile, reason, "app") < 0)
		return 0;
	assert_true(sd_bus_message_read(reply, "u", &cookie) > 0);
	assert_true(cookie != 0);
	return cookie;
}

static uint32_t hold(sd_bus *b, const char *profile)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
	uint32_t cookie = hold_for(b, profile, "why", &error);

	if (!cookie)
		fail_msg("%s: %s", profile, error.message);
	return cookie;
}

static void refuse_hold(sd_bus *b, const char *profile, const char *reason, const char *name)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;

	assert_int_equal(hold_for(b, profile, reason, &error), 0);
	assert_string_equal(error.name, name);
}

static int release(sd_bus *b, uint32_t cookie)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;

	return sd_bus_call_method(b, NEW_NAME, NEW_PATH, NEW_NAME, "ReleaseProfile", &error, NULL,
				  "u", cookie);
}

/* An array of dictionaries, as one text: "Profile=power-saver Driver=…;…". */
static void expect_array(const char *name, const char *path, const char *property,
			 const char *expected)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	char said[1024] = "";
	size_t len = 0;

	assert_true(sd_bus_get_property(bus, name, path, name, property, &error, &m, "aa{sv}") >=
		    0);
	assert_true(sd_bus_message_enter_container(m, 'a', "a{sv}") > 0);
	while (sd_bus_message_enter_container(m, 'a', "{sv}") > 0) {
		const char *key, *value;

		while (sd_bus_message_read(m, "{sv}", &key, "s", &value) > 0)
			len += snprintf(said + len, sizeof(said) - len, "%s=%s ", key, value);
		len += snprintf(said + len, sizeof(said) - len, ";");
		sd_bus_message_exit_container(m);
	}
	assert_string_equal(said, expected);
}

/* Waits until nobody holds anything. */
static void expect_no_hold(void)
{
	expect_active("balanced");
	expect_array(NEW_NAME, NEW_PATH, "ActiveProfileHolds", "");
}

/* ---- before and after ---- */

static bool has_name(void)
{
	return sd_bus_get_name_creds(bus, NEW_NAME, 0, NULL) >= 0 &&
	       sd_bus_get_name_creds(bus, OLD_NAME, 0, NULL) >= 0;
}

static void begin(const struct testroot *t, bool bare)
{
	make_machine(t, bare);
	helper_start(t, HELPER_BUS);
	helper_start(t, HELPER_WRITER);
	helper_start(t, HELPER_POWER);
	bus = dial(geteuid());
	testrun_launch_ready(t);
	for (int ms = 0; !has_name(); ms += 10) {
		assert_true(ms < PATIENCE_MS);
		usleep(10000);
	}
}

static int setup(void **state)
{
	begin(*state, false);
	return 0;
}

static int setup_bare(void **state)
{
	begin(*state, true);
	return 0;
}

static int teardown(void **state)
{
	bus = sd_bus_close_unref(bus);
	testrun_teardown(state);
	for (enum helper h = 0; h < HELPERS; h++)
		helper_kill(h);
	return 0;
}

/* ---- what is told ---- */

static void test_told(void **state)
{
	static const char profiles[] = "Profile=power-saver Driver=leonhard CpuDriver=intel_pstate "
				       "PlatformDriver=platform_profile ;"
				       "Profile=balanced Driver=placeholder ;"
				       "Profile=performance Driver=leonhard CpuDriver=intel_pstate "
				       "PlatformDriver=platform_profile ;";
	_cleanup_free_ char *degraded = get("PerformanceDegraded"), *version = get("Version");

	expect_active("balanced");
	expect_array(NEW_NAME, NEW_PATH, "Profiles", profiles);
	expect_array(OLD_NAME, OLD_PATH, "Profiles", profiles);
	assert_string_equal(degraded, "");
	assert_true(*version != '\0');
	/* Nothing is set until somebody wants it. */
	expect_file(PREFERENCE, "balance_performance");
}

/* Those two are published as always there; performance only where it would do anything. */
static void test_bare(void **state)
{
	expect_array(NEW_NAME, NEW_PATH, "Profiles",
		     "Profile=power-saver Driver=placeholder ;"
		     "Profile=balanced Driver=placeholder ;");
	refuse_change(bus, "performance", SD_BUS_ERROR_INVALID_ARGS);
	refuse_hold(bus, "performance", "why", SD_BUS_ERROR_INVALID_ARGS);
	change("power-saver");
}

/* ---- changes ---- */

static void test_change(void **state)
{
	change("performance");
	expect_file(PREFERENCE, "performance");
	expect_file(PLATFORM, "performance");
	change("power-saver");
	expect_file(PREFERENCE, "power");
	expect_file(PLATFORM, "low-power");
	expect_file(BOOST, "0");
	expect_file(POLICY "scaling_governor", "powersave");
	change("balanced");
	expect_file(PREFERENCE, "balance_performance");
	expect_file(PLATFORM, "balanced");
	expect_file(BOOST, "1");
}

static void test_put_back(void **state)
{
	change("power-saver");
	expect_file(PREFERENCE, "power");
	testrun_stop(SIGTERM);
	expect_file(PREFERENCE, "balance_performance");
	expect_file(BOOST, "1");
}

static void test_killed(void **state)
{
	change("power-saver");
	expect_file(BOOST, "0");
	testrun_signal(SIGKILL);
	testrun_finish();
	expect_file(PREFERENCE, "balance_performance");
	expect_file(BOOST, "1");
}

static void test_wrong(void **state)
{
	_cleanup_error_ sd_bus_error type = SD_BUS_ERROR_NULL, only_read = SD_BUS_ERROR_NULL,
				     more = SD_BUS_ERROR_NULL;

	refuse_change(bus, "turbo", SD_BUS_ERROR_INVALID_ARGS);
	assert_true(sd_bus_set_property(bus, NEW_NAME, NEW_PATH, NEW_NAME, "ActiveProfile", &type,
					"u", 1) < 0);
	assert_string_equal(type.name, SD_BUS_ERROR_INVALID_ARGS);
	assert_true(sd_bus_set_property(bus, NEW_NAME, NEW_PATH, NEW_NAME, "Version", &only_read,
					"s", "2") < 0);
	assert_string_equal(only_read.name, SD_BUS_ERROR_PROPERTY_READ_ONLY);
	assert_true(sd_bus_call_method(bus, NEW_NAME, NEW_PATH, "org.freedesktop.DBus.Properties",
				       "Set", &more, NULL, "ssvs", NEW_NAME, "ActiveProfile", "s",
				       "performance", "and more") < 0);
	expect_active("balanced");
}

static void test_reload(void **state)
{
	change("performance");
	testroot_write(*state, "etc/leonhard/power-profiles.conf",
		       "[performance]\npreference = balance_power\n");
	testrun_signal(SIGHUP);
	expect_file(PREFERENCE, "balance_power");
	expect_active("performance");
}

/* What cannot be put in force is refused, and all stays as it was. */
static void test_not_in_force(void **state)
{
	change("power-saver");
	helper_kill(HELPER_WRITER);
	refuse_change(bus, "performance", SD_BUS_ERROR_FAILED);
	expect_active("power-saver");
	helper_start(*state, HELPER_WRITER);
	/* It is tried again from here. */
	expect_file(PREFERENCE, "power");
}

/* The power API ends and puts everything back; the next one is told again. */
static void test_power_killed(void **state)
{
	change("power-saver");
	helper_kill(HELPER_POWER);
	expect_file(PREFERENCE, "balance_performance");
	expect_active("power-saver");
	helper_start(*state, HELPER_POWER);
	expect_file(PREFERENCE, "power");
}

/* ---- holds ---- */

static void test_hold(void **state)
{
	_cleanup_bus_ sd_bus *one = dial(geteuid()), *two = dial(geteuid());
	uint32_t fast = hold(one, "performance"), slow;

	expect_active("performance");
	expect_file(PREFERENCE, "performance");
	slow = hold(two, "power-saver");
	expect_active("power-saver");
	expect_array(NEW_NAME, NEW_PATH, "ActiveProfileHolds",
		     "ApplicationId=app Profile=performance Reason=why ;"
		     "ApplicationId=app Profile=power-saver Reason=why ;");
	assert_true(release(one, slow) < 0);
	assert_true(release(two, slow) >= 0);
	assert_true(release(two, slow) < 0);
	expect_active("performance");
	assert_true(release(one, fast) >= 0);
	expect_no_hold();
	expect_file(PREFERENCE, "balance_performance");
}

static void test_hold_left(void **state)
{
	sd_bus *one = dial(geteuid());

	hold(one, "performance");
	hold(one, "power-saver");
	expect_file(PREFERENCE, "power");
	sd_bus_close_unref(one);
	expect_no_hold();
	expect_file(PREFERENCE, "balance_performance");
}

/* The next message for @b of this member, within ten seconds; the caller's. */
static sd_bus_message *await(sd_bus *b, const char *member)
{
	uint64_t begin_ns = time_now_ns(CLOCK_MONOTONIC);

	while (time_now_ns(CLOCK_MONOTONIC) - begin_ns < 10 * NS_PER_S) {
		_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
		int r = sd_bus_process(b, &m);

		assert_true(r >= 0);
		if (m && sd_bus_message_is_signal(m, NULL, member))
			return take_ptr(m);
		if (r == 0)
			sd_bus_wait(b, 100000);
	}
	fail_msg("no %s came", member);
	return NULL;
}

/* A change by a person ends all holds; their programs are told. */
static void test_hold_ended(void **state)
{
	_cleanup_bus_ sd_bus *one = dial(geteuid());
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	uint32_t cookie = hold(one, "performance"), ended = 0;

	change("power-saver");
	m = await(one, "ProfileReleased");
	assert_true(sd_bus_message_read(m, "u", &ended) > 0);
	assert_int_equal(ended, cookie);
	expect_array(NEW_NAME, NEW_PATH, "ActiveProfileHolds", "");
	assert_true(release(one, cookie) < 0);
	expect_file(PREFERENCE, "power");
}

static void test_hold_bounds(void **state)
{
	_cleanup_bus_ sd_bus *one = dial(geteuid());
	char reason[300];

	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	refuse_hold(one, "balanced", "why", SD_BUS_ERROR_INVALID_ARGS);
	refuse_hold(one, "turbo", "why", SD_BUS_ERROR_INVALID_ARGS);
	refuse_hold(one, "performance", reason, SD_BUS_ERROR_INVALID_ARGS);
	for (int i = 0; i < 16; i++)
		hold(one, "performance");
	refuse_hold(one, "performance", "why", SD_BUS_ERROR_LIMITS_EXCEEDED);
	hold(bus, "performance");
}

/* Who watches is told on both objects. */
static void test_watch(void **state)
{
	static const char *const interfaces[] = {OLD_NAME, NEW_NAME};
	_cleanup_bus_ sd_bus *watcher = dial(geteuid());

	for (size_t i = 0; i < ARRAY_SIZE(interfaces); i++) {
		char rule[256];

		snprintf(rule, sizeof(rule), "type='signal',member='PropertiesChanged',arg0='%s'",
			 interfaces[i]);
		assert_true(sd_bus_add_match(watcher, NULL, rule, NULL, NULL) >= 0);
	}
	change("performance");
	for (size_t i = 0; i < ARRAY_SIZE(interfaces); i++) {
		_cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
			await(watcher, "PropertiesChanged");
		const char *interface, *property, *value;

		assert_true(sd_bus_message_read(m, "s", &interface) > 0);
		assert_string_equal(interface, interfaces[i]);
		assert_true(sd_bus_message_enter_container(m, 'a', "{sv}") > 0);
		assert_true(sd_bus_message_read(m, "{sv}", &property, "s", &value) > 0);
		assert_string_equal(property, "ActiveProfile");
		assert_string_equal(value, "performance");
	}
}

/* ---- who may ---- */

static void test_no_polkit(void **state)
{
	_cleanup_bus_ sd_bus *somebody = NULL;

	if (geteuid() != 0)
		skip();
	somebody = dial(SOMEBODY);
	refuse_change(somebody, "performance", SD_BUS_ERROR_ACCESS_DENIED);
	refuse_hold(somebody, "performance", "why", SD_BUS_ERROR_ACCESS_DENIED);
	expect_no_hold();
	change("performance");
}

static void test_polkit(void **state)
{
	_cleanup_bus_ sd_bus *somebody = NULL;
	const char *sender;

	if (geteuid() != 0)
		skip();
	helper_start(*state, HELPER_POLKIT);
	somebody = dial(SOMEBODY);
	sd_bus_get_unique_name(somebody, &sender);
	polkit_say("no");
	refuse_change(somebody, "performance", SD_BUS_ERROR_ACCESS_DENIED);
	expect_asked(NEW_NAME ".switch-profile", sender);
	refuse_hold(somebody, "performance", "why", SD_BUS_ERROR_ACCESS_DENIED);
	expect_asked(NEW_NAME ".hold-profile", sender);
	polkit_say("challenge");
	refuse_change(somebody, "performance", SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
	expect_no_hold();
	polkit_say("yes");
	assert_true(sd_bus_set_property(somebody, OLD_NAME, OLD_PATH, OLD_NAME, "ActiveProfile",
					NULL, "s", "performance") >= 0);
	expect_asked(OLD_NAME ".switch-profile", sender);
	expect_active("performance");
	hold(somebody, "power-saver");
	expect_active("power-saver");
}

static int on_reply(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const sd_bus_error *e = sd_bus_message_get_error(m);

	*(bool *)data = e && strcmp(e->name, SD_BUS_ERROR_LIMITS_EXCEEDED) == 0;
	return 0;
}

static void hold_later(sd_bus *b, bool *limited)
{
	assert_true(sd_bus_call_method_async(b, NULL, NEW_NAME, NEW_PATH, NEW_NAME, "HoldProfile",
					     on_reply, limited, "sss", "performance", "why",
					     "app") >= 0);
}

/* While polkit thinks: others go on, nobody asks without end, and who leaves holds nothing. */
static void test_silent(void **state)
{
	sd_bus *somebody;
	bool limited = false;

	if (geteuid() != 0)
		skip();
	helper_start(*state, HELPER_POLKIT);
	polkit_say("silent");
	somebody = dial(SOMEBODY);
	for (int i = 0; i < 5; i++)
		hold_later(somebody, &limited);
	for (int i = 0; i < 1000 && !limited; i++)
		if (sd_bus_process(somebody, NULL) == 0)
			sd_bus_wait(somebody, 10000);
	assert_true(limited);
	change("power-saver");
	sd_bus_close_unref(somebody);
	helper_kill(HELPER_POLKIT);
	expect_active("power-saver");
	change("balanced");
	expect_no_hold();
}

/* Leaves while it is judged, and is let: nothing comes of it. */
static void test_left_early(void **state)
{
	bool limited = false;

	if (geteuid() != 0)
		skip();
	helper_start(*state, HELPER_POLKIT);
	polkit_say("yes");
	for (int i = 0; i < 50; i++) {
		sd_bus *somebody = dial(SOMEBODY);

		hold_later(somebody, &limited);
		sd_bus_flush(somebody);
		sd_bus_close_unref(somebody);
	}
	for (int ms = 0; ms < 1000; ms += 100) {
		usleep(100000);
		expect_active("balanced");
	}
	expect_no_hold();
}

static void test_bus_gone(void **state)
{
	change("power-saver");
	helper_kill(HELPER_BUS);
	assert_string_equal(testrun_told(), "STOPPING=1");
	assert_int_equal(testrun_finish(), 1);
	testrun_says("the bus is gone");
	expect_file(PREFERENCE, "balance_performance");
}

/* It ends well with a request on its way. */
static void test_stop(void **state)
{
	sd_bus *somebody;
	const char *sender;
	bool limited = false;

	if (geteuid() != 0)
		skip();
	helper_start(*state, HELPER_POLKIT);
	polkit_say("silent");
	somebody = dial(SOMEBODY);
	hold_later(somebody, &limited);
	sd_bus_flush(somebody);
	sd_bus_get_unique_name(somebody, &sender);
	expect_asked(NEW_NAME ".hold-profile", sender);
	testrun_stop(SIGTERM);
	sd_bus_close_unref(somebody);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_told),
		cmocka_unit_test_setup_teardown(test_bare, setup_bare, teardown),
		TEST(test_change),
		TEST(test_put_back),
		TEST(test_killed),
		TEST(test_wrong),
		TEST(test_reload),
		TEST(test_not_in_force),
		TEST(test_power_killed),
		TEST(test_hold),
		TEST(test_hold_left),
		TEST(test_hold_ended),
		TEST(test_hold_bounds),
		TEST(test_watch),
		TEST(test_no_polkit),
		TEST(test_polkit),
		TEST(test_silent),
		TEST(test_left_early),
		TEST(test_bus_gone),
		TEST(test_stop),
	};

	return cmocka_run_group_tests_name("profiles/service", tests, testrun_setup_group,
					   testroot_teardown);
}
