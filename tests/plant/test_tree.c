/*
 * The tree without a mount: what files show, what they take, and what faults do to them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "tree.h"

#define POLICY "sys/devices/system/cpu/cpufreq/policy2"
#define ZONE "sys/devices/virtual/powercap/intel-rapl/intel-rapl:0"
#define METER "sys/devices/platform/plant-cap/hwmon/hwmon0"
#define FAN "sys/devices/platform/plant-fan/hwmon/hwmon1"

enum { SECOND = 1000 * 1000 * 1000 };

static struct plant plant;
static struct tree tree;

static int setup(void **state)
{
	const struct shape shape = {.cpus = 4, .packages = 1, .policy_cpus = 2, .seed = 11};

	plant = (struct plant){.scale = 1};
	if (model_init(&plant.model, &shape) < 0 || tree_new(&plant, &tree) < 0)
		return -1;
	plant_run(&plant, SECOND);
	return 0;
}

static int teardown(void **state)
{
	tree_deinit(&tree);
	plant_deinit(&plant);
	return 0;
}

static const char *shown(const char *path)
{
	static char text[512];
	struct strbuf out = {};
	unsigned node = tree_walk(&tree, path);

	if (!node)
		fail_msg("no %s", path);
	assert_int_equal(tree_show(&tree, node, &out), 0);
	snprintf(text, sizeof(text), "%s", out.text);
	strbuf_deinit(&out);
	return text;
}

static int put(const char *path, const char *text)
{
	unsigned node = tree_walk(&tree, path);

	if (!node)
		fail_msg("no %s", path);
	return tree_store(&tree, node, text, strlen(text));
}

static bool there(const char *path)
{
	unsigned node = tree_walk(&tree, path);

	return node && tree_there(&tree, node);
}

static void test_policy(void **state)
{
	const struct params *p = &plant.model.params;
	char text[32];

	assert_string_equal(shown(POLICY "/scaling_governor"), "schedutil\n");
	assert_string_equal(shown(POLICY "/related_cpus"), "2 3\n");
	assert_string_equal(shown(POLICY "/scaling_setspeed"), "<unsupported>\n");
	assert_int_equal(put(POLICY "/scaling_setspeed", "1000000"), -EINVAL);
	assert_int_equal(put(POLICY "/scaling_governor", "warp\n"), -EINVAL);
	assert_int_equal(put(POLICY "/scaling_governor", "performance\n"), 0);
	snprintf(text, sizeof(text), "%u\n", p->khz[p->freq_count - 1]);
	plant_run(&plant, SECOND / 100);
	assert_string_equal(shown(POLICY "/scaling_cur_freq"), text);
	assert_int_equal(put(POLICY "/scaling_max_freq", "1"), 0);
	snprintf(text, sizeof(text), "%u\n", p->khz[0]);
	assert_string_equal(shown(POLICY "/scaling_max_freq"), text);
	assert_int_equal(put(POLICY "/scaling_max_freq", "-5"), -EINVAL);
	assert_int_equal(put(POLICY "/scaling_max_freq", "1 2"), -EINVAL);
	assert_int_equal(put(POLICY "/scaling_cur_freq", "1"), -EACCES);
}

static void test_governors_files(void **state)
{
	assert_true(there(POLICY "/schedutil/rate_limit_us"));
	assert_false(there(POLICY "/ondemand/up_threshold"));
	assert_int_equal(put(POLICY "/scaling_governor", "ondemand"), 0);
	assert_false(there(POLICY "/schedutil"));
	assert_int_equal(put(POLICY "/ondemand/up_threshold", "80"), 0);
	assert_string_equal(shown(POLICY "/ondemand/up_threshold"), "80\n");
}

static void test_online(void **state)
{
	assert_int_equal(put("sys/devices/system/cpu/cpu3/online", "0"), 0);
	assert_string_equal(shown("sys/devices/system/cpu/online"), "0-2\n");
	assert_string_equal(shown(POLICY "/affected_cpus"), "2\n");
	assert_int_equal(put("sys/devices/system/cpu/cpu2/online", "0"), 0);
	assert_false(there(POLICY));
	assert_false(there(POLICY "/scaling_governor"));
	assert_false(there("sys/devices/system/cpu/cpu0/online"));
	assert_int_equal(put("sys/devices/system/cpu/cpu2/online", "1"), 0);
	assert_true(there(POLICY "/scaling_governor"));
	assert_string_equal(shown("sys/devices/system/cpu/online"), "0-2\n");
}

/* As registers hold them: eighths of a watt, quarters of powers of two. */
static void test_limits(void **state)
{
	assert_string_equal(shown(ZONE "/constraint_0_name"), "long_term\n");
	assert_int_equal(put(ZONE "/constraint_0_power_limit_uw", "20300000"), 0);
	assert_string_equal(shown(ZONE "/constraint_0_power_limit_uw"), "20250000\n");
	assert_int_equal(put(ZONE "/constraint_0_time_window_us", "1000000"), 0);
	assert_string_equal(shown(ZONE "/constraint_0_time_window_us"), "1000000\n");
	assert_int_equal(put(ZONE "/constraint_0_time_window_us", "1200000"), 0);
	assert_string_equal(shown(ZONE "/constraint_0_time_window_us"), "1000000\n");
	assert_int_equal(put(ZONE "/constraint_0_time_window_us", "0"), -EINVAL);
	assert_int_equal(put(ZONE "/energy_uj", "0"), -EACCES);
	assert_string_equal(shown(ZONE "/intel-rapl:0:0/name"), "dram\n");
}

static void test_sensors(void **state)
{
	assert_int_equal(put(METER "/power1_cap", "1"), -EINVAL);
	assert_int_equal(put(METER "/power1_cap", shown(METER "/power1_cap_min")), 0);
	assert_true(plant.model.cap.limit_w == plant.model.cap_min_w);
	assert_int_equal(put(FAN "/pwm1", "255"), -EBUSY);
	assert_int_equal(put(FAN "/pwm1_enable", "1"), 0);
	assert_int_equal(put(FAN "/pwm1", "255"), 0);
	assert_int_equal(put(FAN "/pwm1", "256"), -EINVAL);
	plant_run(&plant, 20ull * SECOND);
	assert_int_equal(atoi(shown(FAN "/fan1_input")), (int)plant.model.params.fan_rpm);
	assert_int_equal(put("sys/devices/system/cpu/cpu1/cpuidle/state2/disable", "1"), 0);
	assert_true(plant.model.cpus[1].disabled[2]);
}

/* What is hidden is told nowhere: no file shows a parameter that the seed has drawn. */
static void test_nothing_told(void **state)
{
	const struct params *p = &plant.model.params;
	const double hidden[] = {p->leak_w,    p->uncore_w,	 p->board_w,	 p->memory_work_w,
				 p->air_c,     p->heat_j_per_k,	 p->farads[0],	 p->efficiency,
				 p->volts_low, p->conduct_still, p->meter_lag_s, p->rapl_lag_s};

	for (unsigned node = 1; node < tree.count; node++) {
		struct strbuf out = {};

		if (tree.nodes[node].type != NODE_FILE)
			continue;
		assert_int_equal(tree_show(&tree, node, &out), 0);
		for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
			char text[32];

			snprintf(text, sizeof(text), "%.0f", hidden[i] * 1000000);
			assert_null(strstr(out.text, text));
		}
		strbuf_deinit(&out);
	}
}

static void test_faults(void **state)
{
	assert_int_equal(faults_parse("0-1 ebusy *policy2/*; 0-1 deaf *constraint_0*; "
				      "0-1 vanish *thermal_zone0",
				      plant.model.now_ns, &plant.faults),
			 0);
	assert_int_equal(put(POLICY "/scaling_governor", "powersave"), -EBUSY);
	assert_int_equal(put(ZONE "/constraint_0_power_limit_uw", "1000000"), 0);
	assert_string_not_equal(shown(ZONE "/constraint_0_power_limit_uw"), "1000000\n");
	assert_false(there("sys/devices/virtual/thermal/thermal_zone0/temp"));
	plant_run(&plant, SECOND);
	assert_int_equal(put(POLICY "/scaling_governor", "powersave"), 0);
	assert_true(there("sys/devices/virtual/thermal/thermal_zone0/temp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_policy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_governors_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_online, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sensors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
