/*
 * For tests: every function of the API, as it should be called.
 *
 * What they fill has room for TESTCALLS_ROOM units and not a byte more, where a sanitizer sees it.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/def.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/testcalls.h"
#include "libpwrapi/wire.h"

#define ROOM TESTCALLS_ROOM

static const PWR_COM_BasicDcTaskInfo task = {PWR_COM_DATATYPE_CPU_PERF, 1000};
static const PWR_CPU_FreqGovAttr attr = {"ondemand", {"up_threshold", "80"}};
static const PWR_CPU_FreqRange range = {1200, 3000};
static const PWR_CPU_CurFreq freq[ROOM] = {{0, 1200}, {1, 1200}};
static const PWR_PROC_WattAttrs watt = {.scaleThreshold = 85, .scaleInterval = 2000};
static const pid_t procs[ROOM] = {1, 2, 3, 4};
static const PWR_PROC_SmartGridGov grid = {1, "performance", "powersave"};
static PWR_PROC_ServiceState service = {PWR_PROC_SERVICE_EAGLE, PWR_SERVICE_START};
static PWR_DISK_PwrLevel level[ROOM] = {{"sda", 128, 0}};
static PWR_DISK_ScsiPolicy policy[ROOM] = {{"host0", 1}};
static PWR_USB_AutoSuspend usb[ROOM] = {{"1-1", 1, 2000, 0}};
static char eth0[] = "eth0";

static void on_log(int priority, const char *format, va_list args)
{
}

static void on_event(const PWR_COM_EventInfo *event)
{
}

static void on_data(const PWR_COM_CallbackData *data)
{
}

/* Where a function fills something: freed with the next one's. */
static void *fill(size_t bytes)
{
	static void *before;

	free(before);
	before = calloc(1, bytes);
	assert(before);
	return before;
}

#define SOME(type) fill(ROOM * sizeof(type))
#define ONE(type) fill(sizeof(type))
#define BEHIND(head, type) (sizeof(head) + ROOM * sizeof(type))

static PWR_CPU_IdleInfo *idle(void)
{
	PWR_CPU_IdleInfo *info = fill(BEHIND(PWR_CPU_IdleInfo, PWR_CPU_Cstate));

	info->cstateNum = ROOM;
	return info;
}

static PWR_PROC_SmartGridProcs *grid_procs(void)
{
	PWR_PROC_SmartGridProcs *p = fill(BEHIND(PWR_PROC_SmartGridProcs, pid_t));

	p->procNum = ROOM;
	return p;
}

#define CALLS(F)                                                                               \
	F(PWR_SetLogCallback, 0, (on_log))                                                     \
	F(PWR_SetServerInfo, 0, ("/nonexistent/socket"))                                       \
	F(PWR_SetClientSockPath, 0, ("/tmp"))                                                  \
	F(PWR_SetMetaDataCallback, 0, (on_data))                                               \
	F(PWR_SetEventCallback, 0, (on_event))                                                 \
	F(PWR_Register, 0, ())                                                                 \
	F(PWR_RequestControlAuth, WIRE_COM_REQUEST_CONTROL, ())                                \
	F(PWR_ReleaseControlAuth, WIRE_COM_RELEASE_CONTROL, ())                                \
	F(PWR_CreateDcTask, WIRE_COM_CREATE_TASK, (&task))                                     \
	F(PWR_DeleteDcTask, WIRE_COM_DELETE_TASK, (PWR_COM_DATATYPE_CPU_PERF))                 \
	F(PWR_CPU_GetInfo, WIRE_CPU_GET_INFO, (ONE(PWR_CPU_Info)))                             \
	F(PWR_CPU_GetFreqAbility, WIRE_CPU_GET_FREQ_ABILITY,                                   \
	  (fill(BEHIND(PWR_CPU_FreqAbility, char)), BEHIND(PWR_CPU_FreqAbility, char)))        \
	F(PWR_CPU_GetFreqGovernor, WIRE_CPU_GET_GOVERNOR, (fill(32), 32))                      \
	F(PWR_CPU_SetFreqGovernor, WIRE_CPU_SET_GOVERNOR, ("performance"))                     \
	F(PWR_CPU_GetFreqGovAttrs, WIRE_CPU_GET_GOVERNOR_ATTRS, (ONE(PWR_CPU_FreqGovAttrs)))   \
	F(PWR_CPU_GetFreqGovAttr, WIRE_CPU_GET_GOVERNOR_ATTR, (ONE(PWR_CPU_FreqGovAttr)))      \
	F(PWR_CPU_SetFreqGovAttr, WIRE_CPU_SET_GOVERNOR_ATTR, (&attr))                         \
	F(PWR_CPU_GetFreqRange, WIRE_CPU_GET_FREQ_RANGE, (ONE(PWR_CPU_FreqRange)))             \
	F(PWR_CPU_SetFreqRange, WIRE_CPU_SET_FREQ_RANGE, (&range))                             \
	F(PWR_CPU_GetFreq, WIRE_CPU_GET_FREQ, (SOME(PWR_CPU_CurFreq), &n, PWR_TRUE))           \
	F(PWR_CPU_SetFreq, WIRE_CPU_SET_FREQ, (freq, ROOM))                                    \
	F(PWR_CPU_GetIdleInfo, WIRE_CPU_GET_IDLE_INFO, (idle()))                               \
	F(PWR_CPU_GetIdleGovernor, WIRE_CPU_GET_IDLE_GOVERNOR, (fill(32), 32))                 \
	F(PWR_CPU_SetIdleGovernor, WIRE_CPU_SET_IDLE_GOVERNOR, ("menu"))                       \
	F(PWR_CPU_DmaGetLatency, WIRE_CPU_GET_LATENCY, (ONE(int)))                             \
	F(PWR_CPU_DmaSetLatency, WIRE_CPU_SET_LATENCY, (20))                                   \
	F(PWR_CPU_GetUsage, WIRE_CPU_GET_USAGE,                                                \
	  (fill(BEHIND(PWR_CPU_Usage, PWR_CPU_CoreUsage)),                                     \
	   BEHIND(PWR_CPU_Usage, PWR_CPU_CoreUsage)))                                          \
	F(PWR_CPU_GetPerfData, WIRE_CPU_GET_PERF, (ONE(PWR_CPU_PerfData)))                     \
	F(PWR_SYS_SetPowerState, WIRE_SYS_SET_POWER_STATE, (PWR_DISK))                         \
	F(PWR_SYS_GetRtPowerInfo, WIRE_SYS_GET_POWER, (ONE(PWR_SYS_PowerInfo)))                \
	F(PWR_SYS_GetCappedPower, WIRE_SYS_GET_CAP, (ONE(int)))                                \
	F(PWR_SYS_SetCappedPower, WIRE_SYS_SET_CAP, (100))                                     \
	F(PWR_SYS_GetStatisticPowerInfo, WIRE_SYS_GET_STATISTIC,                               \
	  (ONE(PWR_SYS_StatisticPowerInfo)))                                                   \
	F(PWR_PROC_QueryProcs, WIRE_PROC_QUERY, ("init", SOME(pid_t), &n))                     \
	F(PWR_PROC_GetWattState, WIRE_PROC_GET_WATT_STATE, (ONE(int)))                         \
	F(PWR_PROC_SetWattState, WIRE_PROC_SET_WATT_STATE, (PWR_ENABLE))                       \
	F(PWR_PROC_SetWattFirstDomain, WIRE_PROC_SET_WATT_FIRST_DOMAIN, (0))                   \
	F(PWR_PROC_GetWattAttrs, WIRE_PROC_GET_WATT_ATTRS, (ONE(PWR_PROC_WattAttrs)))          \
	F(PWR_PROC_SetWattAttrs, WIRE_PROC_SET_WATT_ATTRS, (&watt))                            \
	F(PWR_PROC_GetWattProcs, WIRE_PROC_GET_WATT_PROCS, (SOME(pid_t), &n))                  \
	F(PWR_PROC_AddWattProcs, WIRE_PROC_ADD_WATT_PROCS, (procs, ROOM))                      \
	F(PWR_PROC_DelWattProcs, WIRE_PROC_DELETE_WATT_PROCS, (procs, ROOM))                   \
	F(PWR_PROC_GetSmartGridState, WIRE_PROC_GET_GRID_STATE, (ONE(int)))                    \
	F(PWR_PROC_SetSmartGridState, WIRE_PROC_SET_GRID_STATE, (PWR_DISABLE))                 \
	F(PWR_PROC_GetSmartGridProcs, WIRE_PROC_GET_GRID_PROCS,                                \
	  (PWR_PROC_SG_LEVEL_0, grid_procs()))                                                 \
	F(PWR_PROC_SetSmartGridLevel, WIRE_PROC_SET_GRID_LEVEL, (grid_procs()))                \
	F(PWR_PROC_GetSmartGridGov, WIRE_PROC_GET_GRID_GOVERNOR, (ONE(PWR_PROC_SmartGridGov))) \
	F(PWR_PROC_SetSmartGridGov, WIRE_PROC_SET_GRID_GOVERNOR, (&grid))                      \
	F(PWR_PROC_GetServiceState, WIRE_PROC_GET_SERVICE, (ONE(PWR_PROC_ServiceStatus)))      \
	F(PWR_PROC_SetServiceState, WIRE_PROC_SET_SERVICE, (&service))                         \
	F(PWR_DISK_GetList, WIRE_DISK_GET_LIST, (SOME(char[32]), &n))                          \
	F(PWR_DISK_GetLoad, WIRE_DISK_GET_LOAD, (SOME(PWR_DISK_Load), &n, PWR_TRUE))           \
	F(PWR_DISK_GetPwrLevel, WIRE_DISK_GET_POWER_LEVEL,                                     \
	  (SOME(PWR_DISK_PwrLevel), &n, PWR_TRUE))                                             \
	F(PWR_DISK_SetPwrLevel, WIRE_DISK_SET_POWER_LEVEL, (level, ROOM))                      \
	F(PWR_DISK_GetScsiPolicy, WIRE_DISK_GET_SCSI_POLICY,                                   \
	  (SOME(PWR_DISK_ScsiPolicy), &n, PWR_FALSE))                                          \
	F(PWR_DISK_SetScsiPolicy, WIRE_DISK_SET_SCSI_POLICY, (policy, ROOM))                   \
	F(PWR_NET_GetInfo, WIRE_NET_GET_INFO,                                                  \
	  (fill(BEHIND(PWR_NET_Info, PWR_NET_Eth)), BEHIND(PWR_NET_Info, PWR_NET_Eth)))        \
	F(PWR_NET_GetThrouth, WIRE_NET_GET_THROUGHPUT, (eth0, ONE(PWR_NET_Through)))           \
	F(PWR_NET_GetSpeedMod, WIRE_NET_GET_SPEED, (eth0, ONE(uint32_t)))                      \
	F(PWR_NET_SetSpeedMod, WIRE_NET_SET_SPEED, (eth0, 1000))                               \
	F(PWR_USB_GetAutoSuspend, WIRE_USB_GET_AUTOSUSPEND, (SOME(PWR_USB_AutoSuspend), &n))   \
	F(PWR_USB_SetAutoSuspend, WIRE_USB_SET_AUTOSUSPEND, (usb, ROOM))                       \
	F(PWR_HBM_GetSysState, WIRE_HBM_GET_STATE, (ONE(PWR_HBM_SYS_STATE)))                   \
	F(PWR_HBM_SetAllPwrState, WIRE_HBM_SET_POWER, (PWR_DISABLE))                           \
	F(PWR_UnRegister, 0, ())

#define DEFINE(name, operation, arguments)                 \
	static int call_##name(void)                       \
	{                                                  \
		uint32_t n __attribute__((unused)) = ROOM; \
		return name arguments;                     \
	}
#define ROW(name, operation, arguments) {#name, operation, call_##name},

CALLS(DEFINE)

static const struct testcall calls[] = {CALLS(ROW)};

const struct testcall *testcalls(size_t *ret_count)
{
	*ret_count = ARRAY_SIZE(calls);
	return calls;
}
