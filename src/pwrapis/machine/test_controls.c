/*
 * Tests of the controls of each backend: what each takes and refuses, and what is written where.
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
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "pwrapis/machine/testtable.h"

static void test_idle(void **state)
{
	use("intel2s");
	assert_int_equal(check("idle.disabled", 1, 1), 0);
	assert_int_equal(check("idle.disabled", 1, 0.5), -EINVAL);
	assert_int_equal(write_number("idle.disabled", 1, 1), 0);
	for (unsigned cpu = 0; cpu < 7; cpu++) {
		char path[96];

		snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/cpuidle/state1/disable",
			 cpu);
		assert_file(path, "1");
	}
	assert_true(read_number("idle.disabled", 1) == 1);
	use("amd");
	assert_int_equal(check("idle.disabled", 1, 1), -ENOTUNIQ);
	assert_int_equal(write_number("idle.disabled", 1, 0), -ENOTUNIQ);
	assert_file("sys/devices/system/cpu/cpu3/cpuidle/state1/disable", "1\n");
	assert_int_equal(check_text("idle.governor", 0, "menu"), -EOPNOTSUPP);
}

/* Where one processor refuses, those before it are put back, and those behind it left alone. */
static void test_idle_refused(void **state)
{
	const struct power_value value = {.number = 1};
	uid_t user = geteuid();
	int r;

	use("intel2s");
	for (unsigned cpu = 0; cpu < 7; cpu++) {
		char path[96];

		snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/cpuidle/state0/disable",
			 cpu);
		assert_int_equal(fchmodat(root->fd, path, cpu == 5 ? 0444 : 0666, 0), 0);
	}
	/* Root would be let in. */
	assert_int_equal(user == 0 ? seteuid(65534) : 0, 0);
	r = machine_write(m, item("idle.disabled"), 0, &value);
	assert_int_equal(seteuid(user), 0);
	assert_int_equal(r, -EACCES);
	assert_file("sys/devices/system/cpu/cpu0/cpuidle/state0/disable", "0");
	assert_file("sys/devices/system/cpu/cpu4/cpuidle/state0/disable", "0");
	assert_file("sys/devices/system/cpu/cpu6/cpuidle/state0/disable", "0\n");
}

static void test_latency(void **state)
{
	static const char path[] = "dev/cpu_dma_latency";
	struct power_value value = {.number = 0.0001};
	_cleanup_close_ int fd = -1;
	int32_t us = 0;

	use("intel2s");
	assert_int_equal(machine_check(m, item("idle.latency-limit"), 0, &value), 0);
	assert_int_equal(machine_write(m, item("idle.latency-limit"), 0, &value), -EOPNOTSUPP);
	assert_int_equal(machine_hold(m, item("idle.latency-limit"), 0, &value, &fd), 0);
	assert_true(fd >= 0 && fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(pread(fd, &us, sizeof(us), 0), sizeof(us));
	assert_int_equal(us, 100);
	assert_true(read_number("idle.latency-limit", 0) == 0.0001);
	assert_int_equal(check("idle.latency-limit", 0, -1), -ERANGE);
	assert_int_equal(check("idle.latency-limit", 0, NAN), -EINVAL);
	testroot_write(root, path, "12");
	assert_int_equal(read_error("idle.latency-limit", 0), -EBADMSG);
	use("bare");
	assert_int_equal(machine_hold(m, item("idle.latency-limit"), 0, &value, &fd), -EOPNOTSUPP);
	assert_int_equal(machine_hold(m, item("cpufreq.boost"), 0, &value, &fd), -EOPNOTSUPP);
}

static void test_powercap(void **state)
{
	use("intel2s");
	assert_int_equal(check("powercap.limit", 0, 100), 0);
	assert_int_equal(check("powercap.limit", 0, 151), -ERANGE);
	assert_int_equal(check("powercap.limit", 0, 0), -ERANGE);
	assert_int_equal(check("powercap.limit", 0, NAN), -EINVAL);
	assert_int_equal(check("powercap.short-limit", 0, 376), 0);
	assert_int_equal(check("powercap.short-limit", 1, 10), -EOPNOTSUPP);
	assert_int_equal(check("powercap.peak-limit", 0, 10), -EOPNOTSUPP);
	assert_int_equal(check("powercap.enabled", 0, 1), 0);
	assert_int_equal(write_number("powercap.short-limit", 2, 123.456789), 0);
	assert_file("sys/class/powercap/intel-rapl:1/constraint_1_power_limit_uw", "123456789");
	use("arm128");
	assert_int_equal(check("powercap.limit", 0, 49), -ERANGE);
	assert_int_equal(check("powercap.limit", 0, 50), 0);
	assert_int_equal(check("powercap.window", 0, 0.0009), -ERANGE);
	assert_int_equal(check("powercap.window", 0, 2), 0);
	assert_int_equal(check("powercap.window", 0, 2.1), -ERANGE);
}

static void test_cap(void **state)
{
	use("guest-acpi");
	assert_int_equal(check("hwmon.cap", 0, 100), 0);
	assert_int_equal(check("hwmon.cap", 0, 49.9), -ERANGE);
	assert_int_equal(check("hwmon.cap", 0, 250.1), -ERANGE);
	assert_int_equal(write_number("hwmon.cap", 0, 100), 0);
	assert_file("sys/class/hwmon/hwmon1/device/power1_cap", "100000000");
	/* A meter whose firmware does not let it be set. */
	assert_int_equal(fchmodat(root->fd, "sys/class/hwmon/hwmon1/device/power1_cap", 0444, 0),
			 0);
	assert_int_equal(check("hwmon.cap", 0, 100), -EOPNOTSUPP);
	use("intel2s");
	assert_int_equal(check("hwmon.cap", 0, 100), -EOPNOTSUPP);
}

static void test_fans(void **state)
{
	use("intel2s");
	assert_int_equal(check("hwmon.fan-level", 0, 0.5), 0);
	assert_int_equal(check("hwmon.fan-level", 0, 1.5), -ERANGE);
	assert_int_equal(check("hwmon.fan-level", 1, 0.5), -EOPNOTSUPP);
	assert_int_equal(check("hwmon.fan-mode", 1, 1), 0);
	assert_int_equal(check("hwmon.fan-mode", 1, 1.5), -EINVAL);
	assert_int_equal(write_number("hwmon.fan-level", 0, 1), 0);
	assert_file("sys/class/hwmon/hwmon2/pwm1", "255");
	use("guest-acpi");
	assert_int_equal(check("thermal.fan-state", 1, 1), 0);
	assert_int_equal(check("thermal.fan-state", 1, 1.1), -ERANGE);
	assert_int_equal(check("thermal.fan-state", 0, 1), -EOPNOTSUPP);
	assert_int_equal(write_number("thermal.fan-state", 1, 2.0 / 3), 0);
	assert_file("sys/class/thermal/cooling_device0/cur_state", "2");
}

static void test_devices(void **state)
{
	use("intel2s");
	assert_int_equal(check_text("disk.link", 1, "min_power"), 0);
	assert_int_equal(check_text("disk.link", 1, "no_power"), -EINVAL);
	assert_int_equal(check_text("disk.link", 0, "min_power"), -EOPNOTSUPP);
	assert_int_equal(check_text("disk.scheduler", 1, "kyber"), 0);
	assert_int_equal(check_text("disk.scheduler", 1, "mq-deadline"), 0);
	assert_int_equal(check_text("disk.scheduler", 1, "[mq-deadline]"), -EINVAL);
	assert_int_equal(check("disk.sleep-delay", 1, 60), 0);
	assert_int_equal(check("disk.sleep-delay", 1, -0.001), 0);
	assert_int_equal(check("disk.sleep-delay", 1, -1), -ERANGE);
	assert_int_equal(check("disk.spin-down", 1, 0), 0);
	assert_int_equal(check("disk.spin-down", 1, 2), -EINVAL);
	assert_int_equal(check("disk.spin-down", 0, 1), -EOPNOTSUPP);
	assert_int_equal(write_number("disk.spin-down", 1, 0), 0);
	assert_file("sys/block/sda/device/scsi_disk/2:0:0:0/manage_runtime_start_stop", "0");
	assert_int_equal(write_number("disk.spin-down-suspend", 1, 1), 0);
	assert_file("sys/block/sda/device/scsi_disk/2:0:0:0/manage_system_start_stop", "1");
	assert_int_equal(check_text("usb.runtime", 0, "auto"), 0);
	assert_int_equal(check_text("usb.wakeup", 0, "disabled"), 0);
	assert_int_equal(check_text("usb.wakeup", 0, "auto"), -EINVAL);
	assert_int_equal(check("usb.sleep-delay", 0, -0.001), 0);
	assert_int_equal(check("usb.sleep-delay", 0, -1), -ERANGE);
	assert_int_equal(write_number("usb.sleep-delay", 0, -0.001), 0);
	assert_file("sys/bus/usb/devices/1-1/power/autosuspend_delay_ms", "-1");
}

/* Only the states that end by themselves; "on" is what there is to put back, and does nothing. */
static void test_sleep(void **state)
{
	const struct power_value on = {.text = "on"}, mem = {.text = "mem"};

	use("amd");
	assert_int_equal(check_text("sleep.state", 0, "mem"), 0);
	assert_int_equal(check_text("sleep.state", 0, "disk"), -EOPNOTSUPP);
	assert_int_equal(check_text("sleep.state", 0, "freeze"), -EINVAL);
	assert_int_equal(machine_write(m, item("sleep.state"), 0, &on), 0);
	assert_file("sys/power/state", "freeze mem\n");
	assert_int_equal(machine_write(m, item("sleep.state"), 0, &mem), 0);
	assert_file("sys/power/state", "mem");
}

/* A word that the firmware has, and no other. */
static void test_platform(void **state)
{
	use("intel2s");
	assert_int_equal(check_text("platform.profile", 0, "low-power"), 0);
	assert_int_equal(check_text("platform.profile", 0, "quiet"), -EINVAL);
	assert_int_equal(check_text("platform.profile", 0, "low-power balanced"), -EINVAL);
	assert_int_equal(machine_write(m, item("platform.profile"), 0,
				       &(struct power_value){.text = "low-power"}),
			 0);
	assert_file("sys/firmware/acpi/platform_profile", "low-power");
	use("amd");
	assert_int_equal(check_text("platform.profile", 0, "low-power"), -EOPNOTSUPP);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idle),	 cmocka_unit_test(test_idle_refused),
		cmocka_unit_test(test_latency),	 cmocka_unit_test(test_powercap),
		cmocka_unit_test(test_cap),	 cmocka_unit_test(test_fans),
		cmocka_unit_test(test_devices),	 cmocka_unit_test(test_sleep),
		cmocka_unit_test(test_platform),
	};

	if (argc < 2 || testtable_open(argv[1]) < 0)
		return 2;
	return cmocka_run_group_tests(tests, testtable_setup, testtable_teardown);
}
