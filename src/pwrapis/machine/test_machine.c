/*
 * Tests of the table: its rows, what is no number of it, frequencies and governors, and files that
 * are not what they were.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"
#include "pwrapis/machine/testtable.h"

static void test_rows(void **state)
{
	size_t count = power_item_count();

	assert_null(power_item(count));
	for (unsigned i = 0; i < count; i++) {
		const struct power_item *row = power_item(i);
		unsigned number;

		assert_int_equal(power_item_find(row->name, &number), 0);
		assert_int_equal(number, i);
		assert_non_null(strchr(row->name, '.'));
		assert_true(strlen(row->name) < POWER_NAME_BYTES);
		assert_true(str_ends(row->help, "."));
		assert_true(row->domain < POWER_DOMAINS);
		assert_true(row->flags & POWER_SIGNAL);
		assert_non_null(row->read);
		assert_int_equal(!!row->check, !!(row->flags & POWER_CONTROL));
		assert_int_equal(!!row->hold, !!(row->flags & POWER_PER_CLIENT));
		assert_int_equal(!!row->write,
				 (row->flags & POWER_CONTROL) && !(row->flags & POWER_PER_CLIENT));
		if (row->unit == POWER_LIST)
			assert_non_null(row->more);
	}
}

static void test_scale(void **state)
{
	assert_true(power_item_scale(item("cpufreq.min")) == 1000);
	assert_true(power_item_scale(item("powercap.limit")) == 1e-6);
	assert_true(power_item_scale(item("cpufreq.ondemand.up_threshold")) == 0.01);
	assert_true(power_item_scale(item("cpufreq.boost")) == 1);
	assert_true(power_item_scale(power_item_count()) == 1);
}

static void test_wrong_numbers(void **state)
{
	const struct power_value value = {};
	struct power_value unended;
	struct power_value out;
	char **words;

	use("amd");
	memset(&unended, 'x', sizeof(unended));
	assert_int_equal(machine_read(m, power_item_count(), 0, &out), -EINVAL);
	assert_int_equal(machine_read(m, UINT32_MAX, 0, &out), -EINVAL);
	assert_int_equal(machine_read(m, item("cpufreq.min"), 4, &out), -EINVAL);
	assert_int_equal(machine_check(m, item("cpufreq.min"), UINT32_MAX, &value), -EINVAL);
	assert_int_equal(machine_write(m, item("cpufreq.min"), 4, &value), -EINVAL);
	assert_int_equal(machine_check(m, item("cpufreq.governor"), 0, &unended), -EINVAL);
	assert_int_equal(machine_write(m, item("cpufreq.governor"), 0, &unended), -EINVAL);
	assert_int_equal(machine_check(m, item("cpufreq.driver"), 0, &value), -EOPNOTSUPP);
	assert_int_equal(machine_write(m, item("cpufreq.driver"), 0, &value), -EOPNOTSUPP);
	assert_int_equal(machine_words(m, item("cpufreq.driver"), 0, &words), -EINVAL);
	assert_int_equal(machine_words(m, item("cpufreq.processors"), 9, &words), -EINVAL);
}

static void test_governor(void **state)
{
	const struct power_value value = {.text = "powersave"};

	use("amd");
	assert_int_equal(check_text("cpufreq.governor", 1, "powersave"), 0);
	assert_int_equal(check_text("cpufreq.governor", 1, "power"), -EINVAL);
	assert_int_equal(check_text("cpufreq.governor", 1, ""), -EINVAL);
	assert_int_equal(check_text("cpufreq.governor", 1, "ondemand userspace"), -EINVAL);
	assert_int_equal(check_text("cpufreq.governor", 1, "../ondemand"), -EINVAL);
	assert_int_equal(check_text("cpufreq.governor", 1, "powersave\n"), -EINVAL);
	assert_int_equal(machine_write(m, item("cpufreq.governor"), 1, &value), 0);
	assert_file(CPUFREQ "/policy1/scaling_governor", "powersave");
	assert_file(CPUFREQ "/policy0/scaling_governor", "ondemand\n");
}

static void test_range(void **state)
{
	bool max_first = false;

	use("amd");
	assert_int_equal(check("cpufreq.min", 0, 1200e6), 0);
	assert_int_equal(check("cpufreq.min", 0, 2900e6), 0);
	assert_int_equal(check("cpufreq.min", 0, 1199e6), -ERANGE);
	assert_int_equal(check("cpufreq.max", 0, 2901e6), -ERANGE);
	assert_int_equal(check("cpufreq.max", 0, NAN), -EINVAL);
	assert_int_equal(check("cpufreq.max", 0, INFINITY), -EINVAL);
	assert_int_equal(check("cpufreq.max", 0, -2e9), -ERANGE);
	testroot_write(root, CPUFREQ "/policy0/scaling_min_freq", "2000000\n");
	testroot_write(root, CPUFREQ "/policy0/scaling_max_freq", "2400000\n");
	assert_int_equal(check("cpufreq.min", 0, 2500e6), -ERANGE);
	assert_int_equal(check("cpufreq.max", 0, 1900e6), -ERANGE);
	/* To 2.6 to 2.8 GHz, and to 1.2 to 1.6 GHz. */
	assert_int_equal(machine_range_order(m, 0, 2800e6, &max_first), 0);
	assert_true(max_first);
	assert_int_equal(machine_range_order(m, 0, 1600e6, &max_first), 0);
	assert_false(max_first);
	assert_int_equal(machine_range_order(m, 99, 1600e6, &max_first), -EINVAL);
	assert_int_equal(write_number("cpufreq.min", 0, 1600e6), 0);
	assert_file(CPUFREQ "/policy0/scaling_min_freq", "1600000");
	assert_true(read_number("cpufreq.min", 0) == 1600e6);
}

/* Every order that machine_range_order() tells passes both checks. */
static void test_order(void **state)
{
	static const double steps[] = {1200e6, 1600e6, 2000e6, 2400e6, 2900e6};
	const size_t n = ARRAY_SIZE(steps);

	use("amd");
	for (size_t k = 0; k < n * n * n * n; k++) {
		double now_min = steps[k % n], now_max = steps[k / n % n];
		double min = steps[k / n / n % n], max = steps[k / n / n / n % n];
		const char *first, *second;
		bool max_first;

		if (now_min > now_max || min > max)
			continue;
		write_number("cpufreq.min", 0, now_min);
		write_number("cpufreq.max", 0, now_max);
		assert_int_equal(machine_range_order(m, 0, max, &max_first), 0);
		first = max_first ? "cpufreq.max" : "cpufreq.min";
		second = max_first ? "cpufreq.min" : "cpufreq.max";
		assert_int_equal(check(first, 0, max_first ? max : min), 0);
		write_number(first, 0, max_first ? max : min);
		assert_true(read_number("cpufreq.min", 0) <= read_number("cpufreq.max", 0));
		assert_int_equal(check(second, 0, max_first ? min : max), 0);
	}
}

static void test_setspeed(void **state)
{
	use("amd");
	assert_int_equal(check("cpufreq.setspeed", 0, 2000e6), -EOPNOTSUPP);
	assert_int_equal(check("cpufreq.setspeed", 3, 2000e6), 0);
	assert_int_equal(check("cpufreq.setspeed", 3, 3000e6), -ERANGE);
	assert_int_equal(read_error("cpufreq.setspeed", 0), -EOPNOTSUPP);
}

static void test_boost(void **state)
{
	use("intel2s");
	assert_true(read_number("cpufreq.boost", 0) == 1);
	assert_int_equal(check("cpufreq.boost", 0, 0), 0);
	assert_int_equal(check("cpufreq.boost", 0, 2), -EINVAL);
	assert_int_equal(write_number("cpufreq.boost", 0, 0), 0);
	assert_file("sys/devices/system/cpu/intel_pstate/no_turbo", "1");
	use("amd");
	assert_int_equal(write_number("cpufreq.boost", 0, 0), 0);
	assert_file(CPUFREQ "/boost", "0");
	use("bare");
	assert_int_equal(check("cpufreq.boost", 0, 1), -EOPNOTSUPP);
}

/* In the folder of the policy, or in that of all: once. */
static void test_attributes(void **state)
{
	use("amd");
	assert_int_equal(check("cpufreq.ondemand.up_threshold", 0, 0.8), 0);
	assert_int_equal(check("cpufreq.ondemand.up_threshold", 0, 1.01), -ERANGE);
	assert_int_equal(check("cpufreq.ondemand.up_threshold", 1, 0.8), -EOPNOTSUPP);
	assert_int_equal(check("cpufreq.ondemand.ignore_nice_load", 0, 0.5), -EINVAL);
	assert_int_equal(check("cpufreq.conservative.up_threshold", 0, 0.8), -EOPNOTSUPP);
	assert_int_equal(write_number("cpufreq.ondemand.up_threshold", 0, 0.8), 0);
	assert_file(CPUFREQ "/ondemand/up_threshold", "80");
	use("guest-acpi");
	assert_int_equal(write_number("cpufreq.conservative.sampling_rate", 1, 0.02), 0);
	assert_file(CPUFREQ "/policy1/conservative/sampling_rate", "20000");
	assert_file(CPUFREQ "/policy0/conservative/sampling_rate", "4000\n");
	assert_int_equal(check("cpufreq.conservative.freq_step", 1, -0.01), -ERANGE);
	assert_int_equal(check("cpufreq.conservative.sampling_rate", 1, 0.0009), -ERANGE);
	assert_int_equal(check("cpufreq.conservative.sampling_down_factor", 1, 1.5), -EINVAL);
}

/* A policy that is unplugged, and a file that becomes another. */
static void test_vanish(void **state)
{
	use("amd");
	testroot_write(root, CPUFREQ "/policy0/scaling_cur_freq", "fast\n");
	assert_int_equal(read_error("cpufreq.frequency", 0), -EBADMSG);
	assert_int_equal(unlinkat(root->fd, CPUFREQ "/policy0/scaling_cur_freq", 0), 0);
	assert_int_equal(read_error("cpufreq.frequency", 0), -EOPNOTSUPP);
	testroot_clear(root);
	assert_int_equal(read_error("cpufreq.frequency", 0), -ENODEV);
	assert_int_equal(check("cpufreq.min", 0, 1600e6), -ENODEV);
	assert_int_equal(write_number("cpufreq.min", 0, 1600e6), -ENODEV);
	assert_int_equal(read_error("cpufreq.boost", 0), -EOPNOTSUPP);
}

static void test_words(void **state)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	char line[POWER_TEXT_BYTES + 2];
	struct power_value value;

	use("arm128");
	assert_int_equal(machine_words(m, item("cpufreq.available-governors"), 0, &words), 0);
	assert_int_equal(str_vector_count(words), 6);
	/* What does not fit is left out as a whole word: the last one has its end where there is
	 * no room for a NUL. */
	memset(line, 'w', sizeof(line));
	memcpy(line, "conservative ondemand ", 22);
	line[POWER_TEXT_BYTES - 30] = ' ';
	memcpy(line + POWER_TEXT_BYTES, "\n", 2);
	testroot_write(root, CPUFREQ "/policy0/scaling_available_governors", line);
	assert_int_equal(machine_read(m, item("cpufreq.available-governors"), 0, &value), 0);
	line[POWER_TEXT_BYTES - 30] = '\0';
	assert_string_equal(value.text, line);
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t number;
		int error;
	} cases[] = {
		{"0", 0, 0},
		{"-1", -1, 0},
		{"9223372036854775807", INT64_MAX, 0},
		{"9223372036854775808", 0, -EBADMSG},
		{"", 0, -EBADMSG},
		{"-", 0, -EBADMSG},
		{"--1", 0, -EBADMSG},
		{"+1", 0, -EBADMSG},
		{"1.5", 0, -EBADMSG},
		{"1 2", 0, -EBADMSG},
		{"0x10", 0, -EBADMSG},
		{"nan", 0, -EBADMSG},
		{"<unsupported>", 0, -EOPNOTSUPP},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t number = 0;

		assert_int_equal(source_parse_number(cases[i].text, &number), cases[i].error);
		assert_int_equal(number, cases[i].number);
	}
	assert_true(source_has_word("a [b] c", "b"));
	assert_true(source_has_word("a [b] c", "c"));
	assert_false(source_has_word("ab [bc]", "b"));
	assert_false(source_has_word("a b", ""));
	assert_false(source_has_word("[] a", ""));
	assert_int_equal(machine_numbered("policy12", "policy", 100), 12);
	assert_int_equal(machine_numbered("policy012", "policy", 100), -1);
	assert_int_equal(machine_numbered("policy100", "policy", 100), -1);
	assert_int_equal(machine_numbered("policy", "policy", 100), -1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	      cmocka_unit_test(test_scale),
		cmocka_unit_test(test_wrong_numbers), cmocka_unit_test(test_governor),
		cmocka_unit_test(test_range),	      cmocka_unit_test(test_order),
		cmocka_unit_test(test_setspeed),      cmocka_unit_test(test_boost),
		cmocka_unit_test(test_attributes),    cmocka_unit_test(test_vanish),
		cmocka_unit_test(test_words),	      cmocka_unit_test(test_parse),
	};

	if (argc < 2 || testtable_open(argv[1]) < 0)
		return 2;
	return cmocka_run_group_tests(tests, testtable_setup, testtable_teardown);
}
