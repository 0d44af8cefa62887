/*
 * Consumers of io.leonhard.Power as its clients see it: the daemon in a folder that plays a
 * machine, in which a process keeps running.
 */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/testrun.h"
#include "base/time.h"
#include "pwrapis/attrib/testattrib.h"
#include "pwrapis/testprobe.h"
#include "rpc/testclient.h"

#define INTERFACE "io.leonhard.Power"

enum { CONTROLLER = 2, WATTS = 40, STEP_MS = 50 };

static pid_t runner;

/* Two thirds of what its unit uses; a thread of the kernel as much as a tenth of that. */
static _Noreturn void keep_running(const struct testroot *t)
{
	struct play p = {.pid = 10, .name = "run", .group = "/a.slice/b.service", .threads = 1},
		    k = {.pid = 3, .name = "kworker", .group = "/", .threads = 1, .ppid = 2};
	uint64_t us = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;; us += 30000) {
		p.ns = us * 2 / 3 * NS_PER_US;
		k.ns = us / 10 * NS_PER_US;
		testattrib_process(t, &p);
		testattrib_process(t, &k);
		testattrib_group(t, "/a.slice/b.service", us);
		testattrib_group(t, "/a.slice", us);
		pause_ms(STEP_MS);
	}
}

static void make_machine(const struct testroot *t)
{
	char access[128];

	testroot_clear(t);
	testroot_write(t, "sys/fs/cgroup/cgroup.controllers", "cpu\n");
	testroot_write(t, "sys/devices/system/cpu/present", "0-3\n");
	testroot_write(t, "sys/devices/system/cpu/online", "0-3\n");
	for (int i = 0; i < 4; i++) {
		char path[64];

		snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%d/online", i);
		testroot_write(t, path, "1\n");
	}
	testroot_write(t, "etc/passwd", "root:x:0:0::/:/bin/sh\n");
	testroot_write(t, "etc/group", "root:x:0:\n");
	snprintf(access, sizeof(access), "[observe]\nusers = %d\n[control]\nusers = %d %d\n",
		 SOMEBODY, CONTROLLER, (int)getuid());
	testroot_write(t, "etc/leonhard/access.conf", access);
}

static void begin_with(const struct testroot *t, bool meter, bool counters)
{
	char text[32];

	make_machine(t);
	if (meter) {
		snprintf(text, sizeof(text), "%d\n", WATTS * 1000000);
		testroot_write(t, "sys/class/hwmon/hwmon0/name", "power_meter\n");
		testroot_write(t, "sys/class/hwmon/hwmon0/power1_average", text);
	}
	runner = fork();
	assert_true(runner >= 0);
	if (runner == 0)
		keep_running(t);
	pause_ms(2 * STEP_MS);
	if (counters)
		testprobe_start(t, true);
	testrun_launch_ready(t);
}

static void begin(const struct testroot *t, bool meter)
{
	begin_with(t, meter, false);
}

static int teardown(void **state)
{
	testprobe_stop();
	kill(runner, SIGKILL);
	waitpid(runner, NULL, 0);
	return testrun_teardown(state);
}

static json_t *ask(struct client *c, const char *by)
{
	return client_call(c, "Consumers", json_pack("{s:s}", "by", by), false);
}

static double number_in(const json_t *object, const char *name)
{
	const json_t *number = json_object_get(object, name);

	assert_true(json_is_number(number));
	return json_number_value(number);
}

/* That of a name, or NULL; borrowed. */
static json_t *find_row(const json_t *reply, const char *name)
{
	json_t *rows = reply_member(reply, "consumers"), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (str_equal(json_string_value(json_object_get(row, "name")), name))
			return row;
	}
	return NULL;
}

static json_t *row_named(const json_t *reply, const char *name)
{
	json_t *row = find_row(reply, name);

	if (!row)
		fail_msg("nobody is called %s", name);
	return row;
}

/* By units, until the runner is told of: on a loaded machine a second can pass without a step. */
static json_t *ask_running(struct client *c)
{
	json_t *reply = ask(c, "unit");

	for (int ms = 0; !find_row(reply, "b.service") && ms < PATIENCE_MS; ms += 200) {
		json_decref(reply);
		pause_ms(200);
		reply = ask(c, "unit");
	}
	return reply;
}

static double sum_of(const json_t *reply, const char *name)
{
	json_t *rows = reply_member(reply, "consumers"), *row;
	double sum = 0;
	size_t i;

	json_array_foreach(rows, i, row) sum += number_in(row, name);
	return sum;
}

static void test_processes(void **state)
{
	const struct testroot *t = *state;
	_cleanup_client_ struct client *c = NULL;
	_cleanup_json_ json_t *reply = NULL;
	double seconds, joules;
	json_t *run, *rest;

	begin(t, true);
	c = client_connect(t, INTERFACE);
	reply = ask(c, "process");
	seconds = (json_integer_value(reply_member(reply, "to_ns")) -
		   json_integer_value(reply_member(reply, "from_ns"))) /
		  1e9;
	/* Whoever asks first waits for a second, and is told of that. */
	assert_true(seconds > 0.5 && seconds < 4);
	assert_string_equal(json_string_value(reply_member(reply, "meter")), "power.board");
	joules = json_number_value(reply_member(reply, "joules"));
	assert_true(fabs(joules - WATTS * seconds) < 0.05 * WATTS);
	assert_true(fabs(sum_of(reply, "joules") - joules) < 1e-6);
	assert_true(fabs(sum_of(reply, "share") - 1) < 1e-6);
	run = row_named(reply, "run");
	rest = row_named(reply, "rest of b.service");
	assert_int_equal(json_integer_value(json_object_get(run, "pid")), 10);
	assert_int_equal(json_integer_value(json_object_get(run, "uid")), 1000);
	assert_string_equal(json_string_value(json_object_get(run, "unit")), "b.service");
	assert_true(number_in(run, "cpu_s") > number_in(rest, "cpu_s"));
	assert_null(json_object_get(rest, "pid"));
	assert_true(number_in(row_named(reply, "kernel"), "cpu_s") > 0);
	assert_int_equal(json_integer_value(reply_member(reply, "left_out")), 0);
}

static void test_units(void **state)
{
	const struct testroot *t = *state;
	_cleanup_client_ struct client *c = NULL;
	_cleanup_json_ json_t *reply = NULL, *groups = NULL, *one = NULL, *wrong = NULL;

	begin(t, true);
	c = client_connect(t, INTERFACE);
	reply = ask_running(c);
	assert_true(number_in(row_named(reply, "b.service"), "cpu_s") > 0);
	assert_null(json_object_get(row_named(reply, "b.service"), "pid"));
	groups = ask(c, "cgroup");
	assert_true(number_in(row_named(groups, "/a.slice/b.service"), "joules") > 0);
	one = client_call(c, "Consumers", json_pack("{s:s, s:i}", "by", "unit", "limit", 1), false);
	assert_int_equal(json_array_size(reply_member(one, "consumers")), 1);
	assert_true(json_integer_value(reply_member(one, "left_out")) >= 1);
	wrong = client_call(c, "Consumers", json_pack("{s:s, s:i}", "by", "unit", "limit", 0),
			    false);
	assert_error(wrong, "org.varlink.service.InvalidParameter", "limit");
}

/* Whole joules and watts, hundredths. */
static void test_observer(void **state)
{
	const struct testroot *t = *state;
	_cleanup_client_ struct client *c = NULL;
	_cleanup_json_ json_t *reply = NULL;
	json_t *row;

	begin(t, true);
	c = client_connect_somebody(t, INTERFACE);
	reply = ask_running(c);
	row = row_named(reply, "b.service");
	assert_true(number_in(row, "joules") == round(number_in(row, "joules")));
	assert_true(number_in(row, "watts") == round(number_in(row, "watts")));
	assert_true(fabs(number_in(row, "cpu_s") * 100 - round(number_in(row, "cpu_s") * 100)) <
		    1e-6);
}

static void test_no_meter(void **state)
{
	const struct testroot *t = *state;
	_cleanup_client_ struct client *c = NULL;
	_cleanup_json_ json_t *reply = NULL;

	begin(t, false);
	c = client_connect(t, INTERFACE);
	reply = ask_running(c);
	assert_true(number_in(row_named(reply, "b.service"), "cpu_s") > 0);
	assert_null(json_object_get(row_named(reply, "b.service"), "joules"));
	assert_null(json_object_get(json_object_get(reply, "parameters"), "meter"));
	assert_null(json_object_get(json_object_get(reply, "parameters"), "joules"));
}

/* The first reading of @item at processor 0 that is a number. */
static double await_number(struct client *c, const char *item)
{
	for (int ms = 0; ms < PATIENCE_MS; ms += 200) {
		_cleanup_json_ json_t *reply =
			client_call(c, "Read", json_pack("{s:[s]}", "items", item), false);
		json_t *first = json_array_get(reply_member(reply, "readings"), 0);

		if (json_is_number(json_object_get(first, "number")))
			return number_in(first, "number");
		pause_ms(200);
	}
	fail_msg("%s is never known", item);
	return 0;
}

/* Two instructions a cycle, and 10 misses in a thousandth of a second: injected, and said to be. */
static void test_counters(void **state)
{
	const struct testroot *t = *state;
	_cleanup_client_ struct client *c = NULL;
	_cleanup_json_ json_t *health = NULL;
	json_t *sign;

	begin_with(t, false, true);
	c = client_connect(t, INTERFACE);
	assert_true(fabs(await_number(c, "cpu.ipc") - 2) < 0.01);
	assert_true(fabs(await_number(c, "cpu.llc-misses") - 10000) < 100);
	health = client_call(c, "Health", NULL, false);
	sign = json_array_get(reply_member(health, "signs"), 2);
	assert_string_equal(json_string_value(json_object_get(sign, "name")), "counters");
	assert_non_null(strstr(json_string_value(json_object_get(sign, "detail")), "injected"));
}

/* Who has gone is not told, and nothing is left of them. */
static void test_gone(void **state)
{
	const struct testroot *t = *state;
	_cleanup_json_ json_t *reply = NULL;

	begin(t, true);
	for (int i = 0; i < 3; i++) {
		_cleanup_client_ struct client *c = client_connect(t, INTERFACE);

		client_send(c, "Consumers", json_pack("{s:s}", "by", "unit"), false);
		pause_ms(20);
	}
	{
		_cleanup_client_ struct client *c = client_connect(t, INTERFACE);

		reply = ask_running(c);
		assert_true(number_in(row_named(reply, "b.service"), "cpu_s") > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_processes, teardown),
		cmocka_unit_test_teardown(test_units, teardown),
		cmocka_unit_test_teardown(test_observer, teardown),
		cmocka_unit_test_teardown(test_no_meter, teardown),
		cmocka_unit_test_teardown(test_counters, teardown),
		cmocka_unit_test_teardown(test_gone, teardown),
	};

	return cmocka_run_group_tests(tests, testrun_setup_group, testroot_teardown);
}
