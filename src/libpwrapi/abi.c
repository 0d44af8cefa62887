/*
 * The layout of everything that programs and the wire share, as the published header gives it on
 * machines of 64 bits. Nothing here is code: it does not compile when a layout changes.
 */
#include <stddef.h>

#include "libpwrapi/powerapi.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type " " #field)

SIZE(PWR_COM_COL_DATATYPE, 4);
SIZE(PWR_COM_EVT_TYPE, 4);
SIZE(enum PWR_SYS_POWER_STATE, 4);
SIZE(PWR_PROC_SMART_GRID_LEVEL, 4);
SIZE(PWR_PROC_SERVICE_NAME, 4);
SIZE(PWR_PROC_SERVICE_STATUS, 4);
SIZE(PWR_HBM_SYS_STATE, 4);
SIZE(enum PWR_RtnCode, 4);
SIZE(pid_t, 4);

SIZE(PWR_COM_CallbackData, 40);
AT(PWR_COM_CallbackData, ctime, 0);
AT(PWR_COM_CallbackData, dataType, 32);
AT(PWR_COM_CallbackData, dataLen, 36);
AT(PWR_COM_CallbackData, data, 40);

SIZE(PWR_COM_BasicDcTaskInfo, 8);
AT(PWR_COM_BasicDcTaskInfo, dataType, 0);
AT(PWR_COM_BasicDcTaskInfo, interval, 4);

SIZE(PWR_COM_EventInfo, 40);
AT(PWR_COM_EventInfo, ctime, 0);
AT(PWR_COM_EventInfo, eventType, 32);
AT(PWR_COM_EventInfo, infoLen, 36);
AT(PWR_COM_EventInfo, info, 40);

SIZE(PWR_COM_Attr, 64);
AT(PWR_COM_Attr, key, 0);
AT(PWR_COM_Attr, value, 32);

SIZE(PWR_SYS_PowerInfo, 12);
AT(PWR_SYS_PowerInfo, sysPower, 0);
AT(PWR_SYS_PowerInfo, cpuPower, 4);
AT(PWR_SYS_PowerInfo, memPower, 8);

SIZE(PWR_SYS_StatisticPowerInfo, 80);
AT(PWR_SYS_StatisticPowerInfo, maxSysPower, 0);
AT(PWR_SYS_StatisticPowerInfo, avgSysPower, 4);
AT(PWR_SYS_StatisticPowerInfo, totalEnergy, 8);
AT(PWR_SYS_StatisticPowerInfo, maxSysPowerTime, 16);
AT(PWR_SYS_StatisticPowerInfo, startTime, 48);

SIZE(PWR_CPU_NumaInfo, 252);
AT(PWR_CPU_NumaInfo, nodeNo, 0);
AT(PWR_CPU_NumaInfo, cpuList, 4);

SIZE(PWR_CPU_Info, 32704);
AT(PWR_CPU_Info, arch, 0);
AT(PWR_CPU_Info, modelName, 32);
AT(PWR_CPU_Info, byteOrder, 160);
AT(PWR_CPU_Info, coreNum, 164);
AT(PWR_CPU_Info, onlineList, 168);
AT(PWR_CPU_Info, threadsPerCore, 416);
AT(PWR_CPU_Info, coresperSocket, 420);
AT(PWR_CPU_Info, maxFreq, 424);
AT(PWR_CPU_Info, minFreq, 432);
AT(PWR_CPU_Info, numaNum, 440);
AT(PWR_CPU_Info, numa, 444);

SIZE(PWR_CPU_CoreUsage, 16);
AT(PWR_CPU_CoreUsage, coreNo, 0);
AT(PWR_CPU_CoreUsage, usage, 8);

SIZE(PWR_CPU_Usage, 16);
AT(PWR_CPU_Usage, avgUsage, 0);
AT(PWR_CPU_Usage, coreNum, 8);
AT(PWR_CPU_Usage, coreUsage, 16);

SIZE(PWR_CPU_PerfData, 16);
AT(PWR_CPU_PerfData, ipc, 0);
AT(PWR_CPU_PerfData, llcMiss, 8);

SIZE(PWR_CPU_FreqAbility, 556);
AT(PWR_CPU_FreqAbility, curDriver, 0);
AT(PWR_CPU_FreqAbility, avGovNum, 32);
AT(PWR_CPU_FreqAbility, avGovList, 36);
AT(PWR_CPU_FreqAbility, freqDomainNum, 548);
AT(PWR_CPU_FreqAbility, freqDomainStep, 552);
AT(PWR_CPU_FreqAbility, freqDomain, 556);

SIZE(PWR_CPU_FreqGovAttr, 96);
AT(PWR_CPU_FreqGovAttr, gov, 0);
AT(PWR_CPU_FreqGovAttr, attr, 32);

SIZE(PWR_CPU_FreqGovAttrs, 1316);
AT(PWR_CPU_FreqGovAttrs, gov, 0);
AT(PWR_CPU_FreqGovAttrs, attrs, 32);
AT(PWR_CPU_FreqGovAttrs, attrNum, 1312);

SIZE(PWR_CPU_FreqRange, 8);
AT(PWR_CPU_FreqRange, minFreq, 0);
AT(PWR_CPU_FreqRange, maxFreq, 4);

SIZE(PWR_CPU_CurFreq, 16);
AT(PWR_CPU_CurFreq, policyId, 0);
AT(PWR_CPU_CurFreq, curFreq, 8);

SIZE(PWR_CPU_Cstate, 44);
AT(PWR_CPU_Cstate, id, 0);
AT(PWR_CPU_Cstate, disable, 4);
AT(PWR_CPU_Cstate, latency, 8);
AT(PWR_CPU_Cstate, name, 12);

SIZE(PWR_CPU_IdleInfo, 324);
AT(PWR_CPU_IdleInfo, currDrv, 0);
AT(PWR_CPU_IdleInfo, currGov, 32);
AT(PWR_CPU_IdleInfo, avGovs, 64);
AT(PWR_CPU_IdleInfo, cstateNum, 320);
AT(PWR_CPU_IdleInfo, cstates, 324);

SIZE(PWR_NET_Eth, 40);
AT(PWR_NET_Eth, ethName, 0);
AT(PWR_NET_Eth, ethMaxSpeed, 32);
AT(PWR_NET_Eth, ethCurSpeed, 36);

SIZE(PWR_NET_Info, 4);
AT(PWR_NET_Info, ethNum, 0);
AT(PWR_NET_Info, eth, 4);

SIZE(PWR_NET_Through, 16);
AT(PWR_NET_Through, rx, 0);
AT(PWR_NET_Through, tx, 8);

SIZE(PWR_DISK_Info, 32);
AT(PWR_DISK_Info, diskId, 0);

SIZE(PWR_DISK_Load, 40);
AT(PWR_DISK_Load, diskId, 0);
AT(PWR_DISK_Load, rLoad, 32);
AT(PWR_DISK_Load, wLoad, 36);

SIZE(PWR_DISK_PwrLevel, 36);
AT(PWR_DISK_PwrLevel, diskId, 0);
AT(PWR_DISK_PwrLevel, powerLevel, 32);
AT(PWR_DISK_PwrLevel, spindownLevel, 34);

SIZE(PWR_DISK_ScsiPolicy, 36);
AT(PWR_DISK_ScsiPolicy, scsiId, 0);
AT(PWR_DISK_ScsiPolicy, alpm, 32);

SIZE(PWR_USB_AutoSuspend, 44);
AT(PWR_USB_AutoSuspend, usbId, 0);
AT(PWR_USB_AutoSuspend, control, 32);
AT(PWR_USB_AutoSuspend, autoSuspendDelay, 36);
AT(PWR_USB_AutoSuspend, wakeup, 40);

SIZE(PWR_PROC_WattAttrs, 44);
AT(PWR_PROC_WattAttrs, scaleThreshold, 0);
AT(PWR_PROC_WattAttrs, domainMask, 4);
AT(PWR_PROC_WattAttrs, scaleInterval, 8);
AT(PWR_PROC_WattAttrs, reserved, 12);

SIZE(PWR_PROC_SmartGridProcs, 8);
AT(PWR_PROC_SmartGridProcs, level, 0);
AT(PWR_PROC_SmartGridProcs, procNum, 4);
AT(PWR_PROC_SmartGridProcs, procs, 8);

SIZE(PWR_PROC_SmartGridGov, 68);
AT(PWR_PROC_SmartGridGov, sgAgentState, 0);
AT(PWR_PROC_SmartGridGov, sgLevel0Gov, 4);
AT(PWR_PROC_SmartGridGov, sgLevel1Gov, 36);

SIZE(PWR_PROC_ServiceStatus, 8);
AT(PWR_PROC_ServiceStatus, name, 0);
AT(PWR_PROC_ServiceStatus, status, 4);

SIZE(PWR_PROC_ServiceState, 8);
AT(PWR_PROC_ServiceState, name, 0);
AT(PWR_PROC_ServiceState, state, 4);
