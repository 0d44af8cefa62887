/*
 * Both halves of the power API together, in a folder that plays a machine: what a client has set is
 * put back however it goes.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "pwrapis/testlaunch.h"
#include "pwrapis/testpwrapis.h"

#define POLICY0 "sys/devices/system/cpu/cpufreq/policy0/"
#define SDA "sys/block/sda/device/"
#define POLICY2 "sys/devices/system/cpu/cpufreq/policy2/"

/* A disk that stops its motor, and memory with a power switch. */
static void make_devices(const struct testroot *t)
{
	testroot_write(t, SDA "scsi_device/0:0:0:0/x", "");
	testroot_write(t, SDA "scsi_disk/0:0:0:0/manage_runtime_start_stop", "0\n");
	testroot_write(t, SDA "power/control", "on\n");
	testroot_write(t, SDA "power/autosuspend_delay_ms", "-1\n");
	testroot_write(t, "sys/bus/acpi/devices/HISI04A1:00/status", "15\n");
	testroot_write(t, "sys/kernel/hbm_cache/cache0/state", "online\n");
	testroot_write(t, "sys/kernel/hbm_cache/cache1/state", "online\n");
}

static int setup(void **state)
{
	const struct testroot *t = *state;

	rig_setup_stopped(state);
	make_devices(t);
	testroot_write(t, "proc/sys/kernel/random/boot_id",
		       "01234567-89ab-cdef-0123-456789abcdef\n");
	launch_writer(t);
	rig_start(t);
	return 0;
}

static int teardown(void **state)
{
	end_writer(SIGKILL);
	return rig_teardown(state);
}

static void take_control(struct client *c, uid_t uid)
{
	client_open(c, uid);
	assert_int_equal(client_code(c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
}

static void set_governor(struct client *c)
{
	assert_int_equal(client_code(c, WIRE_CPU_SET_GOVERNOR, "powersave", 10), PWR_SUCCESS);
	assert_string_equal(rig_file(POLICY0 "scaling_governor"), "powersave");
	assert_string_equal(rig_file(POLICY2 "scaling_governor"), "powersave");
}

static void expect_governor(void)
{
	rig_expect_file(POLICY0 "scaling_governor", "ondemand");
	rig_expect_file(POLICY2 "scaling_governor", "ondemand");
}

static void test_release(void **state)
{
	const PWR_CPU_FreqRange range = {1500, 2000}, higher = {2500, 3000};
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	set_governor(&c);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_FREQ_RANGE, &range, sizeof(range)), 0);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_FREQ_RANGE, &higher, sizeof(higher)), 0);
	assert_string_equal(rig_file(POLICY2 "scaling_min_freq"), "2500000");
	assert_int_equal(client_code(&c, WIRE_COM_RELEASE_CONTROL, NULL, 0), PWR_SUCCESS);
	expect_governor();
	rig_expect_file(POLICY0 "scaling_min_freq", "1200000");
	rig_expect_file(POLICY2 "scaling_max_freq", "3000000");
	client_close(&c);
}

static void test_client_gone(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	set_governor(&c);
	client_close(&c);
	expect_governor();
}

static void test_daemon_killed(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	set_governor(&c);
	testrun_signal(SIGKILL);
	testrun_finish();
	expect_governor();
	client_close(&c);
}

/* What the killed half could not put back, it does when it starts again; the owner is told. */
static void test_writer_killed(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	set_governor(&c);
	end_writer(SIGKILL);
	client_expect_event(&c, PWR_COM_EVTTYPE_AUTH_RELEASED);
	assert_string_equal(rig_file(POLICY0 "scaling_governor"), "powersave");
	launch_writer(*state);
	expect_governor();
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	client_close(&c);
}

static void test_preempted(void **state)
{
	struct client eagle, c;

	take_control(&eagle, TEST_EAGLE);
	set_governor(&eagle);
	take_control(&c, TEST_CONTROLLER);
	client_expect_event(&eagle, PWR_COM_EVTTYPE_AUTH_RELEASED);
	expect_governor();
	set_governor(&c);
	client_close(&eagle);
	client_close(&c);
	expect_governor();
}

static int set_level(struct client *c, uint16_t power, uint16_t spin)
{
	const PWR_DISK_PwrLevel level = {
		.diskId = "sda", .powerLevel = power, .spindownLevel = spin};

	return client_code(c, WIRE_DISK_SET_POWER_LEVEL, &level, sizeof(level));
}

static unsigned get_level(struct client *c)
{
	PWR_DISK_PwrLevel level;

	assert_int_equal(
		client_ask(c, WIRE_DISK_GET_POWER_LEVEL, NULL, 0, &level, sizeof(level), NULL),
		PWR_SUCCESS);
	assert_string_equal(level.diskId, "sda");
	assert_int_equal(level.powerLevel, UINT16_MAX);
	return level.spindownLevel;
}

static void test_disk(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	assert_int_equal(get_level(&c), 0);
	assert_int_equal(set_level(&c, UINT16_MAX, 12), PWR_SUCCESS);
	assert_string_equal(rig_file(SDA "power/autosuspend_delay_ms"), "60000");
	assert_string_equal(rig_file(SDA "scsi_disk/0:0:0:0/manage_runtime_start_stop"), "1");
	assert_string_equal(rig_file(SDA "power/control"), "auto");
	assert_int_equal(get_level(&c), 12);
	assert_int_equal(set_level(&c, UINT16_MAX, 242), PWR_SUCCESS);
	assert_string_equal(rig_file(SDA "power/autosuspend_delay_ms"), "3600000");
	assert_int_equal(get_level(&c), 242);
	assert_int_equal(set_level(&c, UINT16_MAX, 252), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(set_level(&c, 128, 12), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(set_level(&c, UINT16_MAX, 0), PWR_SUCCESS);
	assert_string_equal(rig_file(SDA "power/control"), "on");
	assert_int_equal(get_level(&c), 0);
	client_close(&c);
	rig_expect_file(SDA "power/autosuspend_delay_ms", "-1");
	rig_expect_file(SDA "scsi_disk/0:0:0:0/manage_runtime_start_stop", "0");
}

static void test_hbm(void **state)
{
	const int off = PWR_DISABLE, wrong = 2;
	PWR_HBM_SYS_STATE mode;
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	assert_int_equal(client_ask(&c, WIRE_HBM_GET_STATE, NULL, 0, &mode, sizeof(mode), NULL),
			 PWR_SUCCESS);
	assert_int_equal(mode, PWR_HBM_CACHE_MOD);
	assert_int_equal(client_code(&c, WIRE_HBM_SET_POWER, &off, sizeof(off)), PWR_SUCCESS);
	assert_string_equal(rig_file("sys/kernel/hbm_cache/cache0/state"), "offline");
	assert_string_equal(rig_file("sys/kernel/hbm_cache/cache1/state"), "offline");
	assert_int_equal(client_code(&c, WIRE_HBM_SET_POWER, &wrong, sizeof(wrong)),
			 PWR_ERR_INVALIDE_PARAM);
	client_close(&c);
	rig_expect_file("sys/kernel/hbm_cache/cache0/state", "online");
	rig_expect_file("sys/kernel/hbm_cache/cache1/state", "online");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_release),	  TEST(test_client_gone), TEST(test_daemon_killed),
		TEST(test_writer_killed), TEST(test_preempted),	  TEST(test_disk),
		TEST(test_hbm),
	};

	return cmocka_run_group_tests_name("pwrapis/whole", tests, testrun_setup_group,
					   testroot_teardown);
}
