/*
 * io.leonhard.Power as its clients see it: both halves of the power API, in a folder that plays a
 * machine of Intel's with two packages.
 */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/testrun.h"
#include "libpwrapi/wire.h"
#include "pwrapis/testfront.h"
#include "pwrapis/testlaunch.h"

/* ---- readings ---- */

static void test_list_items(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *all = client_call(c, "ListItems", NULL, false);
	_cleanup_json_ json_t *fans =
		client_call(c, "ListItems", json_pack("{s:s}", "domain", "fan"), false);
	json_t *item;
	size_t i;
	bool found = false;

	json_array_foreach(reply_member(fans, "items"), i, item)
	{
		found |= strcmp(json_string_value(json_object_get(item, "name")), "hwmon.fan") == 0;
		assert_string_equal(json_string_value(json_object_get(item, "domain")), "fan");
		assert_int_equal(json_array_size(json_object_get(item, "places")), 2);
	}
	assert_true(found);
	assert_true(json_array_size(reply_member(all, "items")) > 80);
}

static void test_read(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *governor = read_one(c, "cpufreq.governor");
	_cleanup_json_ json_t *temperature = read_one(c, "thermal.temperature");
	_cleanup_json_ json_t *limit = read_one(c, "powercap.limit");
	_cleanup_json_ json_t *words = read_one(c, "cpufreq.available-governors");
	_cleanup_json_ json_t *all = read_one(c, "*");

	assert_string_equal(text_at(governor, "policy3", "text"), "powersave");
	assert_true(fabs(number_at(temperature, "x86_pkg_temp") - 313.15) < 1e-9);
	assert_true(number_at(limit, "package-1") == 150);
	assert_int_equal(json_array_size(json_object_get(at(words, "policy0"), "words")), 2);
	assert_true(json_array_size(reply_member(all, "readings")) > 100);
}

/* What is not there has no number, and says why. */
static void test_read_nothing(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *frequency = read_one(c, "cpufreq.frequency");
	_cleanup_json_ json_t *ipmi = read_one(c, "ipmi.power");
	_cleanup_json_ json_t *group = read_one(c, "ipmi.*");
	_cleanup_json_ json_t *unknown = read_one(c, "cpufreq.speed");

	assert_null(json_object_get(at(frequency, "policy7"), "number"));
	assert_string_equal(text_at(frequency, "policy7", "problem"), "not known");
	assert_null(json_object_get(at(ipmi, ""), "number"));
	assert_non_null(text_at(ipmi, "", "problem"));
	assert_int_equal(json_array_size(reply_member(group, "readings")), 0);
	assert_error(unknown, INTERFACE ".NoSuchItem", "cpufreq.speed");
}

static void test_read_bounds(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *none = NULL, *many = NULL;
	json_t *items = json_array();

	none = client_call(c, "Read", json_pack("{s:[]}", "items"), false);
	assert_error(none, "org.varlink.service.InvalidParameter", "items");
	for (int i = 0; i < 65; i++)
		json_array_append_new(items, json_string("cpu.online"));
	many = client_call(c, "Read", json_pack("{s:o}", "items", items), false);
	assert_error(many, "org.varlink.service.InvalidParameter", "items");
}

/* Observers get energy in whole joules, and for a second the same; who controls gets it as it is.
 */
static void test_coarse(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE), *observer = NULL;
	_cleanup_json_ json_t *fine = read_one(c, "powercap.energy"), *coarse = NULL, *again = NULL,
			      *later = NULL;

	assert_true(fabs(number_at(fine, "package-0") - 102345.678901) < 1e-6);
	if (geteuid() != 0)
		skip();
	observer = client_connect_somebody(*state, INTERFACE);
	coarse = read_one(observer, "powercap.energy");
	assert_true(number_at(coarse, "package-0") == 102346);
	chmod(ZONE "energy_uj", 0600);
	testroot_write(*state, ZONE "energy_uj", "102399000000\n");
	again = read_one(observer, "powercap.energy");
	assert_true(number_at(again, "package-0") == 102346);
	pause_ms(1100);
	later = read_one(observer, "powercap.energy");
	assert_true(number_at(later, "package-0") == 102399);
}

/* ---- settings ---- */

static void set_governor(struct client *c, const char *governor, bool keep)
{
	_cleanup_json_ json_t *reply =
		set(c, "cpufreq.governor", "policy0", json_string(governor), "text", keep);

	assert_string_equal(json_string_value(reply_member(reply, "text")), governor);
	expect_file(POLICIES "policy0/scaling_governor", governor);
}

static size_t count_settings(struct client *c)
{
	_cleanup_json_ json_t *reply = client_call(c, "ListSettings", NULL, false);

	return json_array_size(reply_member(reply, "settings"));
}

static void test_set(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE), *look = NULL;
	_cleanup_json_ json_t *settings = NULL, *limit = NULL;
	json_t *first;

	set_governor(c, "performance", false);
	limit = set(c, "powercap.limit", "package-0", json_real(90.5), "number", false);
	assert_true(json_number_value(reply_member(limit, "number")) == 90.5);
	look = client_connect(*state, INTERFACE);
	settings = client_call(look, "ListSettings", NULL, false);
	assert_int_equal(json_array_size(reply_member(settings, "settings")), 2);
	first = json_array_get(reply_member(settings, "settings"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "text")), "performance");
	assert_int_equal(json_integer_value(json_object_get(first, "uid")), getuid());
	assert_int_equal(json_integer_value(json_object_get(first, "pid")), getpid());
	assert_true(json_integer_value(json_object_get(first, "since_ns")) > 0);
	client_free_p(&c);
	c = NULL;
	expect_file(POLICIES "policy0/scaling_governor", "powersave");
	expect_file(ZONE "constraint_0_power_limit_uw", "150000000");
	assert_int_equal(count_settings(look), 0);
}

static double read_watts(struct client *c, const char *item)
{
	_cleanup_json_ json_t *reply = read_one(c, item);

	return number_at(reply, "board");
}

/* The cap of this machine is that of both packages, in equal parts. */
static void test_cap(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *mine = NULL, *cap = NULL, *much = NULL, *settings = NULL,
			      *released = NULL;

	assert_true(read_watts(c, "power.cap") == 300);
	mine = set(c, "powercap.limit", "package-1", json_real(120), "number", false);
	cap = set(c, "power.cap", "board", json_real(181), "number", false);
	assert_true(json_number_value(reply_member(cap, "number")) == 181);
	expect_file(ZONE "constraint_0_power_limit_uw", "90500000");
	assert_true(read_watts(c, "power.cap") == 181);
	settings = client_call(c, "ListSettings", NULL, false);
	assert_int_equal(json_array_size(reply_member(settings, "settings")), 2);
	much = set(c, "power.cap", "board", json_real(1e7), "number", false);
	assert_error(much, INTERFACE ".Refused", "range");
	expect_file(ZONE "constraint_0_power_limit_uw", "90500000");
	released = client_call(c, "Release", json_pack("{s:s}", "item", "power.cap"), false);
	assert_int_equal(json_integer_value(reply_member(released, "restored")), 2);
	expect_file(ZONE "constraint_0_power_limit_uw", "150000000");
	assert_int_equal(count_settings(c), 0);
}

/* What a later package refuses no package keeps: all have what was set before. */
static void test_cap_refused(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *cap = set(c, "power.cap", "board", json_real(200), "number", false),
			      *refused = NULL;

	expect_file(ZONE "constraint_0_power_limit_uw", "100000000");
	testroot_write(*state, ZONE "../intel-rapl:1/constraint_0_max_power_uw", "80000000\n");
	refused = set(c, "power.cap", "board", json_real(220), "number", false);
	assert_error(refused, INTERFACE ".Refused", "range");
	expect_file(ZONE "constraint_0_power_limit_uw", "100000000");
	assert_true(read_watts(c, "power.cap") == 200);
}

static void test_keep(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE), *later = NULL;
	_cleanup_json_ json_t *released = NULL;

	set_governor(c, "performance", true);
	client_free_p(&c);
	c = NULL;
	pause_ms(200);
	expect_file(POLICIES "policy0/scaling_governor", "performance");
	later = client_connect(*state, INTERFACE);
	assert_int_equal(count_settings(later), 1);
	released = client_call(later, "Release", NULL, false);
	assert_int_equal(json_integer_value(reply_member(released, "restored")), 1);
	expect_file(POLICIES "policy0/scaling_governor", "powersave");
}

static void test_release_one(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *limit = NULL, *released = NULL, *nothing = NULL, *unknown = NULL;

	set_governor(c, "performance", false);
	limit = set(c, "powercap.limit", "package-0", json_real(90), "number", true);
	released = client_call(
		c, "Release",
		json_pack("{s:s, s:s}", "item", "powercap.limit", "place", "package-0"), false);
	assert_int_equal(json_integer_value(reply_member(released, "restored")), 1);
	expect_file(ZONE "constraint_0_power_limit_uw", "150000000");
	expect_file(POLICIES "policy0/scaling_governor", "performance");
	nothing = client_call(c, "Release", json_pack("{s:s}", "item", "hwmon.cap"), false);
	assert_int_equal(json_integer_value(reply_member(nothing, "restored")), 0);
	unknown = client_call(c, "Release", json_pack("{s:s}", "item", "nothing"), false);
	assert_error(unknown, INTERFACE ".NoSuchItem", "nothing");
}

/* What somebody else has set meanwhile stays, and is told. */
static void test_conflict(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *limit = NULL, *released = NULL, *health = NULL;

	limit = set(c, "powercap.limit", "package-0", json_real(90), "number", false);
	testroot_write(*state, ZONE "constraint_0_power_limit_uw", "120000000\n");
	released = client_call(c, "Release", NULL, false);
	assert_int_equal(json_integer_value(reply_member(released, "restored")), 0);
	assert_int_equal(json_integer_value(reply_member(released, "conflicts")), 1);
	expect_file(ZONE "constraint_0_power_limit_uw", "120000000");
	health = client_call(c, "Health", NULL, false);
	assert_true(json_is_true(reply_member(health, "healthy")));
}

static void test_refused(void **state)
{
	static const struct {
		const char *item, *place, *text;
		double number;
		const char *error, *says;
	} rows[] = {
		{"nothing", "policy0", "x", 0, "NoSuchItem", "nothing"},
		{"cpufreq.governor", "policy99", "x", 0, "NoSuchPlace", "policy99"},
		{"cpufreq.governor", "policy0", "turbo", 0, "Refused", "nothing that the machine"},
		{"cpufreq.governor", "policy0", NULL, 1, "Refused", "takes a text"},
		{"cpufreq.driver", "policy0", "x", 0, "Refused", "only be read"},
		{"cpu.usage-mean", "board", NULL, 1, "Refused", "only be read"},
		{"powercap.limit", "package-0", "90", 0, "Refused", "takes a number"},
		{"powercap.limit", "package-0", NULL, 1e9, "Refused", "range"},
		{"hwmon.cap", "pmbus/power1", NULL, 90, "Refused", "does not have it"},
	};
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool text = rows[i].text;
		_cleanup_json_ json_t *reply =
			set(c, rows[i].item, rows[i].place,
			    text ? json_string(rows[i].text) : json_real(rows[i].number),
			    text ? "text" : "number", false);
		char name[64];

		snprintf(name, sizeof(name), INTERFACE ".%s", rows[i].error);
		assert_error(reply, name, rows[i].says);
	}
	assert_int_equal(count_settings(c), 0);
}

static void test_class(void **state)
{
	_cleanup_client_ struct client *c = NULL;
	_cleanup_json_ json_t *reply = NULL, *released = NULL, *fast = NULL;

	if (geteuid() != 0)
		skip();
	c = client_connect_somebody(*state, INTERFACE);
	reply = set(c, "cpufreq.governor", "policy0", json_string("performance"), "text", false);
	assert_error(reply, "org.varlink.service.PermissionDenied", NULL);
	released = client_call(c, "Release", NULL, false);
	assert_error(released, "org.varlink.service.PermissionDenied", NULL);
	fast = client_call(c, "Watch",
			   json_pack("{s:[s], s:I}", "items", "cpu.online", "interval_ns",
				     (json_int_t)999000000),
			   true);
	assert_error(fast, "org.varlink.service.InvalidParameter", "interval_ns");
	expect_file(POLICIES "policy0/scaling_governor", "powersave");
}

/* A client of the published wire, which takes the token. */
static int take_token(uid_t uid)
{
	const struct sockaddr_un sa = {.sun_family = AF_UNIX,
				       .sun_path = "etc/sysconfig/pwrapis/pwrserver.sock"};
	struct wire_head head = {
		.major = WIRE_MAJOR,
		.minor = WIRE_MINOR,
		.operation = WIRE_COM_REQUEST_CONTROL,
		.type = WIRE_REQUEST,
		.sequence = 1,
		.system = getpid(),
		.pointer = UINT64_MAX,
	};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	assert_int_equal(seteuid(uid), 0);
	r = connect(fd, (const struct sockaddr *)&sa, sizeof(sa));
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(r, 0);
	assert_int_equal(io_write_all(fd, &head, sizeof(head)), 0);
	assert_int_equal(io_read_exact(fd, &head, sizeof(head)), 0);
	assert_int_equal(head.result, 0);
	return fd;
}

static void look_anew(struct client *c)
{
	/* The machine is looked over again every five seconds at most. */
	pause_ms(5100);
	json_decref(client_call(c, "ListItems", NULL, false));
}

static bool is_set_at(struct client *c, const char *place)
{
	_cleanup_json_ json_t *reply = client_call(c, "ListSettings", NULL, false);
	json_t *list = reply_member(reply, "settings"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "place")), place) == 0)
			return true;
	}
	return false;
}

/* The policy that is set goes, comes back, and then one before it goes: what is told and released
 * is that one, by its name, and nothing is forgotten. */
static void test_places_go(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *reply = NULL, *released = NULL;

	reply = set(c, "cpufreq.governor", "policy5", json_string("performance"), "text", true);
	assert_int_equal(rename(POLICIES "policy5", "away5"), 0);
	look_anew(c);
	assert_true(is_set_at(c, "policy5"));
	assert_int_equal(rename("away5", POLICIES "policy5"), 0);
	assert_int_equal(rename(POLICIES "policy0", "away0"), 0);
	look_anew(c);
	assert_true(is_set_at(c, "policy5"));
	released = client_call(
		c, "Release",
		json_pack("{s:s, s:s}", "item", "cpufreq.governor", "place", "policy5"), false);
	assert_int_equal(json_integer_value(reply_member(released, "restored")), 1);
	expect_file(POLICIES "policy5/scaling_governor", "powersave");
	assert_int_equal(count_settings(c), 0);
}

/* Who has the token keeps everybody out who has no higher priority. */
static void test_token(void **state)
{
	_cleanup_client_ struct client *c = NULL;
	_cleanup_json_ json_t *settings = NULL, *refused = NULL;
	int fd;

	if (geteuid() != 0)
		skip();
	c = client_connect(*state, INTERFACE);
	fd = take_token(CONTROLLER);
	settings = client_call(c, "ListSettings", NULL, false);
	assert_int_equal(
		json_integer_value(json_object_get(reply_member(settings, "token"), "uid")),
		CONTROLLER);
	refused = set(c, "cpufreq.governor", "policy0", json_string("performance"), "text", false);
	assert_error(refused, INTERFACE ".ControlHeld", NULL);
	close(fd);
	for (int ms = 0; ms < PATIENCE_MS; ms += 10) {
		_cleanup_json_ json_t *now = client_call(c, "ListSettings", NULL, false);

		if (json_is_null(reply_member(now, "token")))
			break;
		pause_ms(10);
	}
	set_governor(c, "performance", false);
}

static void test_writer_killed(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *failed = NULL, *health = NULL;

	set_governor(c, "performance", false);
	end_writer(SIGKILL);
	health = client_call(c, "Health", NULL, false);
	assert_true(json_is_false(reply_member(health, "healthy")));
	failed = set(c, "cpufreq.governor", "policy1", json_string("performance"), "text", false);
	assert_error(failed, "io.leonhard.Rpc.Failed", NULL);
	assert_int_equal(count_settings(c), 0);
	launch_writer(*state);
	expect_file(POLICIES "policy0/scaling_governor", "powersave");
}

static void test_daemon_killed(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);

	set_governor(c, "performance", true);
	testrun_signal(SIGKILL);
	testrun_finish();
	expect_file(POLICIES "policy0/scaling_governor", "powersave");
}

/* It ends well with settings, streams and calls on their way. */
static void test_stop(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE),
				       *w = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *first = NULL;

	set_governor(c, "performance", true);
	first = client_call(
		w, "Watch",
		json_pack("{s:[s], s:I}", "items", "*", "interval_ns", (json_int_t)100000000),
		true);
	client_send(c, "Read", json_pack("{s:[s]}", "items", "*"), false);
	testrun_stop(SIGTERM);
	expect_file(POLICIES "policy0/scaling_governor", "powersave");
}

/* ---- Watch, Health ---- */

static void test_watch(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *first = NULL, *refused = NULL;

	refused = client_call(c, "Watch",
			      json_pack("{s:[s], s:I}", "items", "cpu.online", "interval_ns",
					(json_int_t)99000000),
			      true);
	assert_error(refused, "org.varlink.service.InvalidParameter", "interval_ns");
	first = client_call(c, "Watch",
			    json_pack("{s:[s], s:I}", "items", "powercap.limit", "interval_ns",
				      (json_int_t)100000000),
			    true);
	assert_true(number_at(first, "package-0") == 150);
	testroot_write(*state, ZONE "constraint_0_power_limit_uw", "100000000\n");
	for (int i = 0;; i++) {
		_cleanup_json_ json_t *next = client_receive(c, PATIENCE_MS);

		assert_non_null(next);
		assert_true(i < 50);
		if (number_at(next, "package-0") == 100)
			break;
	}
}

static void test_health(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *health = client_call(c, "Health", NULL, false);
	json_t *meter = json_array_get(reply_member(health, "signs"), 1);

	assert_true(json_is_true(reply_member(health, "healthy")));
	assert_string_equal(json_string_value(json_object_get(meter, "name")), "meter");
	assert_string_equal(json_string_value(json_object_get(meter, "condition")), "good");
	assert_non_null(strstr(json_string_value(json_object_get(meter, "detail")), "214 W"));
}

/* ---- what was ---- */

static json_t *ask_past(struct client *c, const char *method, const char *item, const char *place)
{
	return client_call(c, method, json_pack("{s:s, s:s}", "item", item, "place", place), false);
}

/* As soon as @count seconds are known. */
static json_t *history_of(struct client *c, const char *item, const char *place, size_t count)
{
	for (int ms = 0;; ms += 100) {
		json_t *reply = ask_past(c, "History", item, place);
		const json_t *points = json_object_get(reply, "parameters");

		points = json_object_get(points, "points");
		if (json_array_size(points) >= count)
			return reply;
		json_decref(reply);
		assert_true(ms < PATIENCE_MS);
		pause_ms(100);
	}
}

static void test_series(void **state)
{
	static const char *const items[] = {
		"power.board",	  "power.processors",	    "power.memory",
		"cpu.usage-mean", "cpufreq.frequency-mean", "thermal.temperature"};
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *reply = NULL, *unknown = NULL, *lacking = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		const char *place = i == 5 ? "x86_pkg_temp" : "board";
		_cleanup_json_ json_t *first = NULL;

		if (i != 1 && i != 2)
			first = history_of(c, items[i], place, i == 3 ? 0 : 1);
	}
	reply = client_call(c, "ListSeries", NULL, false);
	assert_true(json_array_size(reply_member(reply, "series")) >= 4);
	unknown = ask_past(c, "History", "power.nothing", "board");
	assert_error(unknown, INTERFACE ".NoHistory", "power.nothing");
	lacking = ask_past(c, "Statistics", "ipmi.power", "board");
	assert_error(lacking, INTERFACE ".NoHistory", "ipmi.power");
}

/* The machine's meter says 214 W all the time. */
static void test_history(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *history = history_of(c, "power.board", "board", 3),
			      *statistics = NULL, *later = NULL, *wrong = NULL;
	const json_t *points = reply_member(history, "points");
	json_int_t at[3];
	double joules;

	for (size_t i = 0; i < 3; i++) {
		const json_t *point = json_array_get(points, i);

		at[i] = json_integer_value(json_object_get(point, "at_ns"));
		assert_true(json_number_value(json_object_get(point, "mean")) == 214);
		/* A machine that is busy may be late by a second. */
		assert_true(i == 0 || (at[i] > at[i - 1] && (at[i] - at[i - 1]) % 1000000000 == 0));
	}
	assert_int_equal(json_integer_value(reply_member(history, "step_ns")), 1000000000);
	assert_string_equal(json_string_value(reply_member(history, "unit")), "W");
	statistics = ask_past(c, "Statistics", "power.board", "board");
	joules = json_number_value(reply_member(statistics, "joules"));
	assert_true(joules > 214 && joules < 30 * 214);
	assert_true(json_number_value(reply_member(statistics, "max")) == 214);
	assert_true(json_integer_value(reply_member(statistics, "known_ns")) >= 3000000000);
	later = client_call(c, "History",
			    json_pack("{s:s, s:s, s:I}", "item", "power.board", "place", "board",
				      "since_ns", at[1]),
			    false);
	points = reply_member(later, "points");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(points, 0), "at_ns")),
			 at[2]);
	wrong = client_call(c, "History",
			    json_pack("{s:s, s:s, s:I}", "item", "power.board", "place", "board",
				      "step_ns", (json_int_t)0),
			    false);
	assert_error(wrong, "org.varlink.service.InvalidParameter", "step_ns");
}

/* This machine has no cpuset: it says so, and nothing is packed. */
static void test_scheduling(void **state)
{
	_cleanup_client_ struct client *c = client_connect(*state, INTERFACE);
	_cleanup_json_ json_t *reply = client_call(c, "Scheduling", NULL, false);
	const json_t *watt = reply_member(reply, "watt"), *grid = reply_member(reply, "grid");

	assert_true(json_is_false(json_object_get(watt, "on")));
	assert_true(json_is_null(json_object_get(watt, "backend")));
	assert_true(json_is_null(json_object_get(watt, "active")));
	assert_true(json_is_false(json_object_get(grid, "on")));
	assert_int_equal(json_array_size(reply_member(reply, "places")), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, front_setup, front_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_list_items),	TEST(test_read),	  TEST(test_read_nothing),
		TEST(test_read_bounds), TEST(test_coarse),	  TEST(test_set),
		TEST(test_keep),	TEST(test_release_one),	  TEST(test_conflict),
		TEST(test_refused),	TEST(test_class),	  TEST(test_token),
		TEST(test_places_go),	TEST(test_writer_killed), TEST(test_daemon_killed),
		TEST(test_stop),	TEST(test_watch),	  TEST(test_health),
		TEST(test_series),	TEST(test_history),	  TEST(test_cap),
		TEST(test_cap_refused), TEST(test_scheduling),
	};

	front_init(argc, argv);
	return cmocka_run_group_tests_name("pwrapis/front", tests, testrun_setup_group,
					   testroot_teardown);
}
