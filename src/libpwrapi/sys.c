/*
 * Functions of the API: the machine as a whole.
 */
#include "libpwrapi/call.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"

/* The states travel by the names that the kernel has for them. */
int PWR_SYS_SetPowerState(const int state)
{
	static const struct call_request names[] = {
		[PWR_MEM] = {"mem", sizeof("mem")},
		[PWR_DISK] = {"disk", sizeof("disk")},
	};
	int result = call_check(true, state == PWR_MEM || state == PWR_DISK);

	return result ? result : call_set(WIRE_SYS_SET_POWER_STATE, names[state]);
}

static const struct call_shape power_shape = {
	.operation = WIRE_SYS_GET_POWER,
	.head_bytes = sizeof(PWR_SYS_PowerInfo),
};

int PWR_SYS_GetRtPowerInfo(PWR_SYS_PowerInfo *power)
{
	int result = call_check(power, true);

	return result ? result : call_get(&power_shape, CALL_NOTHING, power, 0, NULL);
}

static const struct call_shape cap_shape = {
	.operation = WIRE_SYS_GET_CAP,
	.head_bytes = sizeof(int),
};

int PWR_SYS_GetCappedPower(int *watts)
{
	int result = call_check(watts, true);

	return result ? result : call_get(&cap_shape, CALL_NOTHING, watts, 0, NULL);
}

int PWR_SYS_SetCappedPower(const int watts)
{
	int result = call_check(true, watts > 0);

	return result ? result : call_set(WIRE_SYS_SET_CAP, CALL_WITH(&watts));
}

static const struct call_text statistic_texts[] = {
	{offsetof(PWR_SYS_StatisticPowerInfo, maxSysPowerTime), PWR_MAX_TIME_LEN, 1, 0},
	{offsetof(PWR_SYS_StatisticPowerInfo, startTime), PWR_MAX_TIME_LEN, 1, 0},
	{},
};

static const struct call_shape statistic_shape = {
	.operation = WIRE_SYS_GET_STATISTIC,
	.head_bytes = sizeof(PWR_SYS_StatisticPowerInfo),
	.texts = statistic_texts,
};

int PWR_SYS_GetStatisticPowerInfo(PWR_SYS_StatisticPowerInfo *statistic)
{
	int result = call_check(statistic, true);

	return result ? result : call_get(&statistic_shape, CALL_NOTHING, statistic, 0, NULL);
}
