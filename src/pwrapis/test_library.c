/*
 * The library against the daemon and its privileged half: what a program written for the published
 * API gets here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/testrun.h"
#include "pwrapis/testpwrapis.h"

static int setup(void **state)
{
	rig_setup(state);
	writer_start(*state);
	assert_int_equal(PWR_SetServerInfo("etc/sysconfig/pwrapis/pwrserver.sock"), PWR_SUCCESS);
	assert_int_equal(PWR_Register(), PWR_SUCCESS);
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(PWR_UnRegister(), PWR_SUCCESS);
	return rig_teardown(state);
}

static void test_reads(void **state)
{
	char governor[PWR_MAX_ELEMENT_NAME_LEN];
	PWR_CPU_Usage *usage = malloc(4096);
	PWR_CPU_CurFreq freq[8];
	PWR_CPU_FreqRange range;
	PWR_SYS_PowerInfo power;
	static PWR_CPU_Info info;
	uint32_t count = 8;
	pid_t pids[8];

	assert_int_equal(PWR_CPU_GetInfo(&info), PWR_SUCCESS);
	assert_int_equal(info.coreNum, 4);
	assert_int_equal(PWR_CPU_GetFreqRange(&range), PWR_SUCCESS);
	assert_int_equal(range.maxFreq, 3000);
	assert_int_equal(PWR_CPU_GetFreqGovernor(governor, sizeof(governor)), PWR_SUCCESS);
	assert_string_equal(governor, "ondemand");
	assert_int_equal(PWR_CPU_GetFreq(freq, &count, PWR_FALSE), PWR_SUCCESS);
	assert_int_equal(count, 2);
	rig_processors(*state, 50, 250);
	assert_int_equal(PWR_CPU_GetUsage(usage, 4096), PWR_SUCCESS);
	assert_int_equal(usage->coreNum, 4);
	count = 8;
	assert_int_equal(PWR_PROC_QueryProcs("daemon", pids, &count), PWR_SUCCESS);
	assert_int_equal(count, 1);
	assert_int_equal(PWR_SYS_GetRtPowerInfo(&power), PWR_ERR_NOT_SUPPORTED);
	free(usage);
}

static void test_control(void **state)
{
	const PWR_CPU_FreqRange range = {.minFreq = 1500, .maxFreq = 2000};
	char governor[PWR_MAX_ELEMENT_NAME_LEN];

	assert_int_equal(PWR_CPU_SetFreqGovernor("powersave"), PWR_ERR_NOT_AUTHED);
	assert_int_equal(PWR_RequestControlAuth(), PWR_SUCCESS);
	assert_int_equal(PWR_CPU_SetFreqGovernor("powersave"), PWR_SUCCESS);
	assert_int_equal(PWR_CPU_GetFreqGovernor(governor, sizeof(governor)), PWR_SUCCESS);
	assert_string_equal(governor, "powersave");
	assert_int_equal(PWR_CPU_SetFreqGovernor("wrong"), PWR_ERR_GOVERNOR_INVALIDE);
	assert_int_equal(PWR_CPU_SetFreqRange(&range), PWR_SUCCESS);
	assert_int_equal(PWR_CPU_SetIdleGovernor("teo"), PWR_SUCCESS);
	assert_int_equal(PWR_ReleaseControlAuth(), PWR_SUCCESS);
	assert_int_equal(PWR_CPU_SetFreqGovernor("powersave"), PWR_ERR_NOT_AUTHED);
}

/* ---- events ---- */

static atomic_int asked, changed;
static char changed_to[128];

static void on_event(const PWR_COM_EventInfo *event)
{
	if (event->eventType == PWR_COM_EVTTYPE_AUTH_REQUESTED)
		atomic_fetch_add(&asked, 1);
	if (event->eventType != PWR_COM_EVTTYPE_CPUFREQ_GOV_CHANGED)
		return;
	snprintf(changed_to, sizeof(changed_to), "%s", event->info);
	atomic_fetch_add(&changed, 1);
}

static void wait_for(const atomic_int *count)
{
	for (int i = 0; i < 2000 && !atomic_load(count); i++)
		usleep(5000);
	assert_int_equal(atomic_load(count), 1);
}

/* Of others: one who asks for control, one who changes a governor. */
static void test_events(void **state)
{
	struct client other;

	assert_int_equal(PWR_SetEventCallback(on_event), PWR_SUCCESS);
	assert_int_equal(PWR_RequestControlAuth(), PWR_SUCCESS);
	client_open(&other, TEST_CONTROLLER);
	assert_int_equal(client_code(&other, WIRE_COM_REQUEST_CONTROL, NULL, 0),
			 PWR_ERR_CONTROL_AUTH_REQUESTED);
	wait_for(&asked);
	testroot_write(*state, "sys/devices/system/cpu/cpufreq/policy2/scaling_governor",
		       "powersave\n");
	wait_for(&changed);
	assert_string_equal(changed_to, "powersave: policy2");
	client_close(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_control, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events, setup, teardown),
	};

	return cmocka_run_group_tests_name("pwrapis/library", tests, testrun_setup_group,
					   testroot_teardown);
}
