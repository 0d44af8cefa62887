/*
 * The power API: what this machine tells about power, and what of it can be set.
 *
 * Every function returns 0 or a code of pwrerr.h, may be called by any number of threads at once,
 * and by a callback. What it fills is untouched when it fails, but where another word stands. A
 * child of fork() starts unregistered. Functions that set need control (PWR_RequestControlAuth()),
 * unless the machine's administrator has granted the control to this user; PWR_ERR_NOT_AUTHED
 * otherwise. What this machine does not have is PWR_ERR_NOT_SUPPORTED or the published code for it.
 *
 * A count that is given as a pointer says how much room there is, and then how much was filled.
 * What does not fit is left out.
 *
 * libpwrapi(3) describes all of it.
 */
#ifndef PWRAPI_POWERAPI_H
#define PWRAPI_POWERAPI_H

#include <stdarg.h>
#include <stdint.h>
#include <sys/types.h>

#include "pwrerr.h"
#include "pwrdata.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PWR_API

/* ---- connection ---- */

/* Levels are 0 (debug) to 3 (error). Without a callback nothing is told. */
PWR_API int PWR_SetLogCallback(void (*callback)(int level, const char *format, va_list args));
/* Where the daemon is: for the next PWR_Register(). */
PWR_API int PWR_SetServerInfo(const char *path);
/* A folder that can be written to. Nothing is put there: the kernel says who connects. */
PWR_API int PWR_SetClientSockPath(const char *folder);
PWR_API int PWR_Register(void);
/* Ends calls that wait with PWR_ERR_DISCONNECTED. Waits for a callback that is running. */
PWR_API int PWR_UnRegister(void);
PWR_API int PWR_RequestControlAuth(void);
PWR_API int PWR_ReleaseControlAuth(void);

/* Callbacks run one at a time in a thread of the library; what they are given is theirs until they
 * return. */
PWR_API int PWR_SetEventCallback(void (*callback)(const PWR_COM_EventInfo *event));
PWR_API int PWR_SetMetaDataCallback(void (*callback)(const PWR_COM_CallbackData *data));
/* Data every interval, through the callback, which must be set. One task of a type. */
PWR_API int PWR_CreateDcTask(const PWR_COM_BasicDcTaskInfo *task);
PWR_API int PWR_DeleteDcTask(PWR_COM_COL_DATATYPE type);

/* ---- processors ---- */

PWR_API int PWR_CPU_GetInfo(PWR_CPU_Info *info);
PWR_API int PWR_CPU_GetFreqAbility(PWR_CPU_FreqAbility *ability, uint32_t bytes);
/* @bytes: at least PWR_MAX_ELEMENT_NAME_LEN. */
PWR_API int PWR_CPU_GetFreqGovernor(char governor[], uint32_t bytes);
PWR_API int PWR_CPU_SetFreqGovernor(const char governor[]);
/* attrs->gov and attr->gov say which governor's; an empty one: the one at work. */
PWR_API int PWR_CPU_GetFreqGovAttrs(PWR_CPU_FreqGovAttrs *attrs);
PWR_API int PWR_CPU_GetFreqGovAttr(PWR_CPU_FreqGovAttr *attr);
PWR_API int PWR_CPU_SetFreqGovAttr(const PWR_CPU_FreqGovAttr *attr);
PWR_API int PWR_CPU_GetFreqRange(PWR_CPU_FreqRange *range);
PWR_API int PWR_CPU_SetFreqRange(const PWR_CPU_FreqRange *range);
/* @spec: PWR_TRUE for the policies that @freq names, PWR_FALSE for all. */
PWR_API int PWR_CPU_GetFreq(PWR_CPU_CurFreq freq[], uint32_t *count, int spec);
PWR_API int PWR_CPU_SetFreq(const PWR_CPU_CurFreq freq[], uint32_t count);
/* info->cstateNum: the room, then what was filled. */
PWR_API int PWR_CPU_GetIdleInfo(PWR_CPU_IdleInfo *info);
PWR_API int PWR_CPU_GetIdleGovernor(char governor[], uint32_t bytes);
PWR_API int PWR_CPU_SetIdleGovernor(const char governor[]);
/* Microseconds. */
PWR_API int PWR_CPU_DmaGetLatency(int *latency);
PWR_API int PWR_CPU_DmaSetLatency(int latency);
PWR_API int PWR_CPU_GetUsage(PWR_CPU_Usage *usage, uint32_t bytes);
PWR_API int PWR_CPU_GetPerfData(PWR_CPU_PerfData *data);

/* ---- the machine ---- */

/* PWR_MEM or PWR_DISK. */
PWR_API int PWR_SYS_SetPowerState(const int state);
PWR_API int PWR_SYS_GetRtPowerInfo(PWR_SYS_PowerInfo *power);
/* Watts. */
PWR_API int PWR_SYS_GetCappedPower(int *watts);
PWR_API int PWR_SYS_SetCappedPower(const int watts);
PWR_API int PWR_SYS_GetStatisticPowerInfo(PWR_SYS_StatisticPowerInfo *statistic);

/* ---- processes ---- */

/* Those with @keyword in name or arguments; NULL or empty: all. *count is 0 on failure. */
PWR_API int PWR_PROC_QueryProcs(const char *keyword, pid_t procs[], uint32_t *count);
PWR_API int PWR_PROC_GetWattState(int *state);
PWR_API int PWR_PROC_SetWattState(int state);
PWR_API int PWR_PROC_SetWattFirstDomain(int cpu);
PWR_API int PWR_PROC_GetWattAttrs(PWR_PROC_WattAttrs *attrs);
PWR_API int PWR_PROC_SetWattAttrs(const PWR_PROC_WattAttrs *attrs);
PWR_API int PWR_PROC_GetWattProcs(pid_t procs[], uint32_t *count);
PWR_API int PWR_PROC_AddWattProcs(const pid_t procs[], uint32_t count);
PWR_API int PWR_PROC_DelWattProcs(const pid_t procs[], uint32_t count);
PWR_API int PWR_PROC_GetSmartGridState(int *state);
PWR_API int PWR_PROC_SetSmartGridState(int state);
/* procs->procNum: the room, then what was filled. */
PWR_API int PWR_PROC_GetSmartGridProcs(PWR_PROC_SMART_GRID_LEVEL level,
				       PWR_PROC_SmartGridProcs *procs);
PWR_API int PWR_PROC_SetSmartGridLevel(const PWR_PROC_SmartGridProcs *procs);
PWR_API int PWR_PROC_GetSmartGridGov(PWR_PROC_SmartGridGov *governors);
PWR_API int PWR_PROC_SetSmartGridGov(const PWR_PROC_SmartGridGov *governors);
/* status->name says of which. */
PWR_API int PWR_PROC_GetServiceState(PWR_PROC_ServiceStatus *status);
PWR_API int PWR_PROC_SetServiceState(PWR_PROC_ServiceState *state);

/* ---- disks, network, USB, high-bandwidth memory ---- */

PWR_API int PWR_DISK_GetList(char disks[][PWR_MAX_ELEMENT_NAME_LEN], uint32_t *count);
/* @spec: as of PWR_CPU_GetFreq(). */
PWR_API int PWR_DISK_GetLoad(PWR_DISK_Load load[], uint32_t *count, int spec);
PWR_API int PWR_DISK_GetPwrLevel(PWR_DISK_PwrLevel level[], uint32_t *count, int spec);
PWR_API int PWR_DISK_SetPwrLevel(PWR_DISK_PwrLevel level[], uint32_t count);
PWR_API int PWR_DISK_GetScsiPolicy(PWR_DISK_ScsiPolicy policy[], uint32_t *count, int spec);
PWR_API int PWR_DISK_SetScsiPolicy(PWR_DISK_ScsiPolicy policy[], uint32_t count);

PWR_API int PWR_NET_GetInfo(PWR_NET_Info *info, uint32_t bytes);
PWR_API int PWR_NET_GetThrouth(char interface[], PWR_NET_Through *through);
/* Mbit/s. */
PWR_API int PWR_NET_GetSpeedMod(char interface[], uint32_t *speed);
PWR_API int PWR_NET_SetSpeedMod(char interface[], uint32_t speed);

PWR_API int PWR_USB_GetAutoSuspend(PWR_USB_AutoSuspend devices[], uint32_t *count);
PWR_API int PWR_USB_SetAutoSuspend(PWR_USB_AutoSuspend devices[], uint32_t count);

PWR_API int PWR_HBM_GetSysState(PWR_HBM_SYS_STATE *state);
PWR_API int PWR_HBM_SetAllPwrState(int state);

#ifdef __cplusplus
}
#endif

#endif
