/*
 * Readings as metrics: units, labels, and nothing of what is not known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/def.h"
#include "exporter/metrics.h"
#include "rpc/json.h"

static const struct metrics_look good = {.up = true, .duration_s = 0.0125, .errors = 3};

/* Of replies as JSON; the caller's. */
static char *text_of(const char *replies, const struct metrics_look *look)
{
	_cleanup_json_ json_t *json = json_loads(replies, 0, NULL);
	struct strbuf out = {};
	char *text;

	assert_non_null(json);
	assert_int_equal(metrics_write(json, look, &out), 0);
	assert_int_equal(strbuf_steal(&out, &text), 0);
	return text;
}

static void expect(const char *replies, const char *part)
{
	_cleanup_free_ char *text = text_of(replies, &good);

	if (!strstr(text, part))
		print_error("%s", text);
	assert_non_null(strstr(text, part));
}

static void expect_not(const char *replies, const char *part)
{
	_cleanup_free_ char *text = text_of(replies, &good);

	if (strstr(text, part))
		print_error("%s", text);
	assert_null(strstr(text, part));
}

static void test_power(void **state)
{
	static const char replies[] =
		"[[{\"item\":\"power.board\",\"place\":\"machine\",\"number\":142.5},"
		"{\"item\":\"power.memory\",\"place\":\"machine\",\"number\":11},"
		"{\"item\":\"power.level\",\"place\":\"machine\",\"text\":\"virtual machine\"}]]";

	expect(replies, "# HELP leonhard_power_watts ");
	expect(replies, "\n# TYPE leonhard_power_watts gauge\n"
			"leonhard_power_watts{part=\"board\",level=\"virtual machine\"} 142.5\n"
			"leonhard_power_watts{part=\"memory\",level=\"virtual machine\"} 11\n");
}

static void test_level_not_told(void **state)
{
	static const char replies[] =
		"[[{\"item\":\"ipmi.power\",\"place\":\"machine\",\"number\":90}]]";

	expect(replies, "leonhard_power_controller_watts{level=\"unknown\"} 90\n");
}

static void test_units(void **state)
{
	static const char replies[] =
		"[[{\"item\":\"powercap.energy\",\"place\":\"package-0\",\"number\":262143.125}],"
		"[{\"item\":\"cpufreq.frequency\",\"place\":\"policy0\",\"number\":3400000000},"
		"{\"item\":\"cpu.usage\",\"place\":\"cpu7\",\"number\":0.25},"
		"{\"item\":\"cpu.usage-mean\",\"place\":\"machine\",\"number\":0},"
		"{\"item\":\"thermal.temperature\",\"place\":\"acpitz\",\"number\":300.05}]]";

	expect(replies, "# TYPE leonhard_energy_joules_total counter\n");
	expect(replies, "{zone=\"package-0\",level=\"unknown\"} 262143.125\n");
	expect(replies, "leonhard_cpu_frequency_hertz{policy=\"policy0\"} 3400000000\n");
	expect(replies, "leonhard_cpu_usage_ratio{cpu=\"cpu7\"} 0.25\n");
	expect(replies, "leonhard_cpu_usage_mean_ratio 0\n");
	expect(replies, "leonhard_temperature_celsius{zone=\"acpitz\"} 26.9\n");
}

/* A metric of two items has one head, and its lines together, whatever their order. */
static void test_grouped(void **state)
{
	static const char replies[] =
		"[[{\"item\":\"hwmon.cap\",\"place\":\"m/power1\",\"number\":100},"
		"{\"item\":\"hwmon.fan\",\"place\":\"f\",\"number\":20}],"
		"[{\"item\":\"power.cap\",\"place\":\"machine\",\"number\":200}]]";

	expect(replies, "# TYPE leonhard_power_cap_watts gauge\n"
			"leonhard_power_cap_watts{place=\"m/power1\"} 100\n"
			"leonhard_power_cap_watts{place=\"machine\"} 200\n#");
}

static void test_not_known(void **state)
{
	static const char replies[] =
		"[[{\"item\":\"power.board\",\"place\":\"machine\",\"problem\":\"not known\"},"
		"{\"item\":\"hwmon.fan\",\"place\":\"f\",\"number\":null,"
		"\"problem\":\"it is gone\"},"
		"{\"item\":\"cpu.usage\",\"place\":\"\",\"problem\":\"it has none\"}]]";

	expect_not(replies, "leonhard_power_watts");
	expect_not(replies, "leonhard_fan_rotation_hertz");
	expect_not(replies, "NaN");
	expect(replies, "leonhard_power_unknown_readings 2\n");
}

static void test_labels(void **state)
{
	static const char replies[] =
		"[[{\"item\":\"hwmon.fan\",\"place\":\"a\\\"} 1\\n\\\\b\",\"number\":1}]]";

	expect(replies, "leonhard_fan_rotation_hertz{fan=\"a\\\"} 1\\n\\\\b\"} 1\n");
}

/* What is of another form than it should be is passed over. */
static void test_odd(void **state)
{
	static const char *const odd[] = {
		"[]",
		"[1,\"x\",null,{},[]]",
		"[[1,null,[],{}]]",
		"[[{\"item\":1,\"place\":2,\"number\":\"3\",\"problem\":4}]]",
		"[[{\"item\":\"power.board\",\"place\":\"machine\",\"number\":\"142\"}]]",
		"[[{\"item\":\"power.board\",\"place\":\"machine\",\"number\":true}]]",
		"[[{\"item\":\"power.board\"}]]",
		"[[{\"item\":\"power.level\",\"text\":\"\",\"place\":\"machine\"}]]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		expect_not(odd[i], "leonhard_power_watts");
	expect("[[{\"item\":\"hwmon.fan\",\"number\":1}]]", "{fan=\"\"} 1\n");
}

static void test_look(void **state)
{
	static const struct metrics_look bad = {.duration_s = 5, .errors = 4};
	_cleanup_free_ char *text = text_of("[]", &bad);

	expect("[]", "# TYPE leonhard_power_up gauge\nleonhard_power_up 1\n");
	expect("[]", "leonhard_power_scrape_duration_seconds 0.012500\n");
	expect("[]", "leonhard_power_scrape_errors_total 3\n");
	assert_non_null(strstr(text, "leonhard_power_up 0\n"));
	assert_non_null(strstr(text, "leonhard_power_scrape_errors_total 4\n"));
	assert_null(strstr(text, "unknown_readings"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_power),	  cmocka_unit_test(test_level_not_told),
		cmocka_unit_test(test_units),	  cmocka_unit_test(test_grouped),
		cmocka_unit_test(test_not_known), cmocka_unit_test(test_labels),
		cmocka_unit_test(test_odd),	  cmocka_unit_test(test_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
