/*
 * Tests of who may do what, and of the settings that say so.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
#include "pwrapis/machine.h"
#include "pwrapis/who.h"

#define CONF "etc/leonhard/pwrapis.conf"
#define ACCESS "etc/leonhard/access.conf"

static unsigned problems;

static void on_problem(const char *text)
{
	problems++;
}

static void write_all(const struct testroot *t, const char *conf)
{
	testroot_write(t, "etc/passwd", "ann:x:7:7::/:\neagle:x:8:8::/:\n");
	testroot_write(t, "etc/group", "power:x:70:\n");
	testroot_write(t, ACCESS, "[observe]\nusers = ann\n");
	testroot_write(t, CONF, conf);
	problems = 0;
}

static unsigned item(const char *name)
{
	unsigned number;

	assert_int_equal(power_item_find(name, &number), 0);
	return number;
}

static void test_grants(void **state)
{
	const struct testroot *t = *state;
	const struct peer ann = {.uid = 7, .gid = 7}, bob = {.uid = 9, .gid = 70};
	struct settings s;
	struct who w;
	char *problem = NULL;

	write_all(t, "[grant]\nusers = ann:hwmon.cap ann:cpufreq.max nobody:cpufreq.min\n"
		     "groups = power:powercap.limit\n[priority]\nusers = ann:60 eagle:1\n");
	assert_int_equal(conf_load(&settings_table, t->fd, &s, &problem), 0);
	who_init(&w, t->fd, on_problem);
	who_load(&w, &s);
	assert_int_equal(problems, 1);
	assert_true(who_is_granted(&w, &ann, item("hwmon.cap")));
	assert_true(who_is_granted(&w, &ann, item("cpufreq.max")));
	assert_false(who_is_granted(&w, &ann, item("cpufreq.min")));
	assert_false(who_is_granted(&w, &ann, item("powercap.limit")));
	assert_true(who_is_granted(&w, &bob, item("powercap.limit")));
	assert_true(who_has_grants(&w, &bob));
	assert_int_equal(who_class(&w, &ann), ACCESS_OBSERVE);
	assert_int_equal(who_class(&w, &bob), ACCESS_NONE);
	assert_int_equal(who_priority(&w, 7), 60);
	assert_int_equal(who_priority(&w, 8), 1);
	assert_int_equal(who_priority(&w, 9), SETTINGS_PRIORITY_USUAL);
	who_deinit(&w);
	conf_deinit(&settings_table, &s);
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {
		"[grant]\nusers = ann\n",
		"[grant]\nusers = ann:\n",
		"[grant]\nusers = :hwmon.cap\n",
		"[grant]\nusers = ann:no.such\n",
		"[grant]\nusers = ann:hwmon.power\n", /* no control */
		"[priority]\nusers = ann:101\n",
		"[priority]\nusers = ann:-1\n",
		"[server]\nsock_file = relative\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_free_ char *problem = NULL;
		struct settings s;

		write_all(*state, wrong[i]);
		assert_int_not_equal(
			conf_load(&settings_table, ((struct testroot *)*state)->fd, &s, &problem),
			0);
		assert_non_null(problem);
	}
}

/* A changed file counts once it was left alone between two looks; one that is wrong never. */
static void test_refresh(void **state)
{
	const struct testroot *t = *state;
	const struct peer ann = {.uid = 7, .gid = 7};
	struct who w;

	write_all(t, "");
	who_init(&w, t->fd, on_problem);
	testroot_write(t, ACCESS, "[control]\nusers = ann\n");
	who_refresh(&w, 500);
	assert_int_equal(who_class(&w, &ann), ACCESS_OBSERVE);
	who_refresh(&w, 1500);
	assert_int_equal(who_class(&w, &ann), ACCESS_OBSERVE);
	who_refresh(&w, 2000);
	assert_int_equal(who_class(&w, &ann), ACCESS_OBSERVE);
	who_refresh(&w, 2500);
	assert_int_equal(who_class(&w, &ann), ACCESS_CONTROL);
	testroot_write(t, ACCESS, "wrong\n");
	who_refresh(&w, 4000);
	who_refresh(&w, 5000);
	assert_int_equal(problems, 1);
	assert_int_equal(who_class(&w, &ann), ACCESS_CONTROL);
	unlink(ACCESS);
	who_refresh(&w, 6000);
	who_refresh(&w, 7000);
	assert_int_equal(who_class(&w, &ann), ACCESS_NONE);
	who_deinit(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grants),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refresh),
	};

	return cmocka_run_group_tests_name("pwrapis/who", tests, testroot_setup, testroot_teardown);
}
