/*
 * The program itself: its mount, its faults, its clock and its log.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "rig.h"

#define POLICY "plant/sys/devices/system/cpu/cpufreq/policy0"
#define ZONE "plant/sys/class/powercap/intel-rapl:0"
#define METER "plant/sys/class/hwmon/hwmon0"

static const char *const usual[] = {"--seed", "21", "--faults", "@faults", "--load", "load", NULL};

static int setup(void **state)
{
	testroot_write(*state, "load", "0 0.4\n");
	testroot_write(*state, "faults", "");
	plant_start(*state, usual);
	return 0;
}

static int teardown(void **state)
{
	plant_kill(*state);
	testroot_clear(*state);
	return 0;
}

static int put(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	return n < 0 ? -errno : 0;
}

/* The text of a file, or "" and errno. */
static const char *get(const char *path)
{
	static char text[4096];
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void sleep_s(double seconds)
{
	usleep(seconds * 1e6);
}

static double now_s(void)
{
	return time_now_ns(CLOCK_MONOTONIC) * 1e-9;
}

static unsigned count_entries(const char *path)
{
	_cleanup_closedir_ DIR *d = opendir(path);
	unsigned count = 0;

	assert_non_null(d);
	while (readdir(d))
		count++;
	return count;
}

static void test_files(void **state)
{
	_cleanup_close_ int fd = open("plant/proc/stat", O_RDONLY | O_CLOEXEC);
	char half[8], rest[512];
	struct stat st;

	assert_string_equal(get(POLICY "/scaling_governor"), "schedutil\n");
	assert_int_equal(put(POLICY "/scaling_governor", "powersave\n"), 0);
	assert_string_equal(get(POLICY "/scaling_governor"), "powersave\n");
	assert_int_equal(put(POLICY "/scaling_governor", "warp"), -EINVAL);
	assert_int_equal(stat(ZONE "/energy_uj", &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0400);
	assert_int_equal(open("plant/sys/new", O_WRONLY | O_CREAT, 0600), -1);
	assert_int_equal(unlink(POLICY "/scaling_governor"), -1);
	/* Read in two parts, and again from the start. */
	assert_int_equal(pread(fd, half, 8, 0), 8);
	assert_true(pread(fd, rest, sizeof(rest), 8) > 0);
	assert_memory_equal(half, "cpu  ", 5);
	/* ".", "..", four processors, cpufreq, cpuidle, three lists. */
	assert_int_equal(count_entries("plant/sys/devices/system/cpu"), 11);
}

static void test_energy_is_power(void **state)
{
	double start = now_s(), before = plant_number(ZONE "/energy_uj"), joules;

	sleep_s(1.5);
	joules = (plant_number(ZONE "/energy_uj") - before) * 1e-6;
	start = joules / (now_s() - start);
	plant_stop();
	assert_true(fabs(start - truth_mean("cpu0_w", 0, INFINITY)) < 0.1 * start);
}

static void test_meter_is_near_truth(void **state)
{
	double shown, at;

	sleep_s(3);
	at = now_s();
	shown = plant_number(METER "/power1_average") * 1e-6;
	sleep_s(0.3);
	plant_stop();
	assert_true(fabs(shown - truth_at("board_w", at)) < 0.02 * shown);
}

static void test_faults(void **state)
{
	double start;

	plant_faults(*state, "0-1000 eio *energy_uj; 0-1000 ebusy *scaling_governor;"
			     "0-1000 vanish *thermal_zone0; 0-1000 garbage *scaling_cur_freq;"
			     "0-1000 slow *scaling_max_freq 300; 0-1000 stuck *power1_average");
	assert_string_equal(get(ZONE "/energy_uj"), "");
	assert_int_equal(errno, EIO);
	assert_int_equal(put(POLICY "/scaling_governor", "powersave"), -EBUSY);
	assert_int_equal(access("plant/sys/class/thermal/thermal_zone0/temp", F_OK), -1);
	assert_int_equal(atoi(get(POLICY "/scaling_cur_freq")), 12);
	start = now_s();
	assert_true(atoi(get(POLICY "/scaling_max_freq")) > 1000000);
	assert_true(now_s() - start > 0.29);
	start = plant_number(METER "/power1_average");
	assert_int_equal(put("plant/sys/devices/system/cpu/cpu1/online", "0"), 0);
	sleep_s(1);
	assert_true(plant_number(METER "/power1_average") == start);
	plant_faults(*state, "");
	assert_true(plant_number(METER "/power1_average") != start);
	assert_int_equal(put(POLICY "/scaling_governor", "powersave"), 0);
}

/* What is open when its file vanishes says so, and nothing hangs. */
static void test_vanish_while_open(void **state)
{
	_cleanup_close_ int fd = open(POLICY "/scaling_cur_freq", O_RDONLY | O_CLOEXEC);
	char text[32];

	assert_true(read(fd, text, sizeof(text)) > 0);
	plant_faults(*state, "0-1000 vanish *policy0");
	assert_int_equal(pread(fd, text, sizeof(text), 0), -1);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(access(POLICY, F_OK), -1);
}

static void test_wrong_schedule(void **state)
{
	plant_faults(*state, "0-1000 eio *energy_uj");
	plant_faults(*state, "nonsense");
	assert_string_equal(get(ZONE "/energy_uj"), "");
}

static void test_scaled(void **state)
{
	static const char *const fast[] = {"--scale-time", "50", "--load", "load", NULL};

	plant_kill(*state);
	plant_start(*state, fast);
	sleep_s(1);
	plant_stop();
	assert_true(truth_at("time_s", INFINITY) > 40);
	assert_true(truth_at("time_s", INFINITY) < 50 * 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_energy_is_power, setup, teardown),
		cmocka_unit_test_setup_teardown(test_meter_is_near_truth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_vanish_while_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_schedule, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scaled, setup, teardown),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
