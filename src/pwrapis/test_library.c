/*
 * The library against the daemon and its privileged half: what a program written for the published
 * API gets here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_control, setup, teardown),
	};

	return cmocka_run_group_tests_name("pwrapis/library", tests, testrun_setup_group,
					   testroot_teardown);
}
