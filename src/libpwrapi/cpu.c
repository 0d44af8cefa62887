/*
 * Functions of the API: what processors are, and how busy.
 */
#include "libpwrapi/call.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"

#define LEN PWR_MAX_ELEMENT_NAME_LEN

/* ---- what there is ---- */

static const struct call_text info_texts[] = {
	{offsetof(PWR_CPU_Info, arch), LEN, 1, 0},
	{offsetof(PWR_CPU_Info, modelName), PWR_MAX_NAME_LEN, 1, 0},
	{offsetof(PWR_CPU_Info, onlineList), PWR_MAX_CPU_LIST_LEN, 1, 0},
	{offsetof(PWR_CPU_Info, numa[0].cpuList), PWR_MAX_CPU_LIST_LEN, PWR_MAX_NUMA_NODE_NUM,
	 sizeof(PWR_CPU_NumaInfo)},
	{},
};

static bool info_sane(const void *reply, size_t bytes)
{
	const PWR_CPU_Info *info = reply;

	return info->numaNum >= 0 && info->numaNum <= PWR_MAX_NUMA_NODE_NUM;
}

static const struct call_shape info_shape = {
	.operation = WIRE_CPU_GET_INFO,
	.head_bytes = sizeof(PWR_CPU_Info),
	.texts = info_texts,
	.sane = info_sane,
};

int PWR_CPU_GetInfo(PWR_CPU_Info *info)
{
	int result = call_check(info, true);

	return result ? result : call_get(&info_shape, CALL_NOTHING, info, 0, NULL);
}

/* ---- usage ---- */

static const struct call_shape usage_shape = {
	.operation = WIRE_CPU_GET_USAGE,
	.head_bytes = sizeof(PWR_CPU_Usage),
	.unit_bytes = sizeof(PWR_CPU_CoreUsage),
};

int PWR_CPU_GetUsage(PWR_CPU_Usage *usage, uint32_t bytes)
{
	int result = call_check(usage, bytes >= sizeof(*usage));
	size_t count;

	if (result != PWR_SUCCESS)
		return result;
	result = call_get(&usage_shape, CALL_NOTHING, usage,
			  (bytes - sizeof(*usage)) / sizeof(usage->coreUsage[0]), &count);
	if (result == PWR_SUCCESS)
		usage->coreNum = count;
	return result;
}

static const struct call_shape perf_shape = {
	.operation = WIRE_CPU_GET_PERF,
	.head_bytes = sizeof(PWR_CPU_PerfData),
};

int PWR_CPU_GetPerfData(PWR_CPU_PerfData *data)
{
	int result = call_check(data, true);

	return result ? result : call_get(&perf_shape, CALL_NOTHING, data, 0, NULL);
}

/* ---- idle ---- */

static const struct call_text idle_texts[] = {
	{offsetof(PWR_CPU_IdleInfo, currDrv), LEN, 1, 0},
	{offsetof(PWR_CPU_IdleInfo, currGov), LEN, 1, 0},
	{offsetof(PWR_CPU_IdleInfo, avGovs), LEN, PWR_MAX_IDLE_GOV_NUM, LEN},
	{},
};

static const struct call_shape idle_shape = {
	.operation = WIRE_CPU_GET_IDLE_INFO,
	.head_bytes = sizeof(PWR_CPU_IdleInfo),
	.unit_bytes = sizeof(PWR_CPU_Cstate),
	.texts = idle_texts,
	.unit_text = {offsetof(PWR_CPU_Cstate, name), LEN, 1, 0},
};

int PWR_CPU_GetIdleInfo(PWR_CPU_IdleInfo *info)
{
	int result = call_check(info, info && info->cstateNum > 0);
	size_t count;

	if (result != PWR_SUCCESS)
		return result;
	result = call_get(&idle_shape, CALL_NOTHING, info, info->cstateNum, &count);
	if (result == PWR_SUCCESS)
		info->cstateNum = count;
	return result;
}

int PWR_CPU_GetIdleGovernor(char governor[], uint32_t bytes)
{
	int result = call_check(governor, bytes >= LEN);

	return result ? result : call_text(WIRE_CPU_GET_IDLE_GOVERNOR, governor, bytes);
}

int PWR_CPU_SetIdleGovernor(const char governor[])
{
	struct call_request request;
	int result = call_name(governor, &request);

	return result ? result : call_set(WIRE_CPU_SET_IDLE_GOVERNOR, request);
}

static const struct call_shape latency_shape = {
	.operation = WIRE_CPU_GET_LATENCY,
	.head_bytes = sizeof(int),
};

int PWR_CPU_DmaGetLatency(int *latency)
{
	int result = call_check(latency, true);

	return result ? result : call_get(&latency_shape, CALL_NOTHING, latency, 0, NULL);
}

int PWR_CPU_DmaSetLatency(int latency)
{
	int result = call_check(true, latency >= 0 && latency <= PWR_MAX_CPU_DMA_LATENCY);

	return result ? result : call_set(WIRE_CPU_SET_LATENCY, CALL_WITH(&latency));
}
