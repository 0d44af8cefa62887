/*
 * The table of operations: what a client may ask, and how many bytes of data that takes.
 *
 * The sizes are those that the published library sends. Where it knows no bound, ours is what the
 * published header names as the largest number of such things.
 */
#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"

/* Nothing; one thing; a text with its NUL; @from to @to things; and a head before them. */
#define NOTHING 0, 0, 0
#define ONE(type) sizeof(type), sizeof(type), 0
#define TEXT(from, to) (from) + 1, (to), 0
#define NAME TEXT(1, PWR_MAX_ELEMENT_NAME_LEN)
#define SOME(from, to, type) (from) * sizeof(type), (to) * sizeof(type), sizeof(type)
#define BEHIND(head, from, to, type) \
	(head) + (from) * sizeof(type), (head) + (to) * sizeof(type), sizeof(type)

static const struct wire_op ops[] = {
	{WIRE_COM_CREATE_TASK, false, ONE(PWR_COM_BasicDcTaskInfo), "task.create"},
	{WIRE_COM_DELETE_TASK, false, ONE(PWR_COM_COL_DATATYPE), "task.delete"},
	{WIRE_COM_REQUEST_CONTROL, false, NOTHING, "control.request"},
	{WIRE_COM_RELEASE_CONTROL, true, NOTHING, "control.release"},

	{WIRE_SYS_SET_POWER_STATE, true, TEXT(3, 5), "sys.set-power-state"},
	{WIRE_SYS_GET_CAP, false, NOTHING, "sys.get-cap"},
	{WIRE_SYS_SET_CAP, true, ONE(int), "sys.set-cap"},
	{WIRE_SYS_GET_POWER, false, NOTHING, "sys.get-power"},
	{WIRE_SYS_GET_STATISTIC, false, NOTHING, "sys.get-statistic"},

	{WIRE_CPU_GET_INFO, false, NOTHING, "cpu.get-info"},
	{WIRE_CPU_GET_USAGE, false, NOTHING, "cpu.get-usage"},
	{WIRE_CPU_GET_PERF, false, NOTHING, "cpu.get-perf"},
	{WIRE_CPU_GET_FREQ_ABILITY, false, NOTHING, "cpu.get-freq-ability"},
	{WIRE_CPU_GET_FREQ_RANGE, false, NOTHING, "cpu.get-freq-range"},
	{WIRE_CPU_SET_FREQ_RANGE, true, ONE(PWR_CPU_FreqRange), "cpu.set-freq-range"},
	{WIRE_CPU_GET_GOVERNOR, false, NOTHING, "cpu.get-governor"},
	{WIRE_CPU_SET_GOVERNOR, true, NAME, "cpu.set-governor"},
	{WIRE_CPU_GET_GOVERNOR_ATTRS, false, ONE(char[PWR_MAX_ELEMENT_NAME_LEN]),
	 "cpu.get-governor-attrs"},
	{WIRE_CPU_GET_GOVERNOR_ATTR, false, ONE(PWR_CPU_FreqGovAttr), "cpu.get-governor-attr"},
	{WIRE_CPU_SET_GOVERNOR_ATTR, true, ONE(PWR_CPU_FreqGovAttr), "cpu.set-governor-attr"},
	{WIRE_CPU_GET_FREQ, false, SOME(0, PWR_MAX_CPUFREQ_POLICY_NUM, PWR_CPU_CurFreq),
	 "cpu.get-freq"},
	{WIRE_CPU_SET_FREQ, true, SOME(1, PWR_MAX_CPUFREQ_POLICY_NUM, PWR_CPU_CurFreq),
	 "cpu.set-freq"},
	{WIRE_CPU_GET_IDLE_INFO, false, NOTHING, "cpu.get-idle-info"},
	{WIRE_CPU_GET_IDLE_GOVERNOR, false, NOTHING, "cpu.get-idle-governor"},
	{WIRE_CPU_SET_IDLE_GOVERNOR, false, NAME, "cpu.set-idle-governor"},
	{WIRE_CPU_GET_LATENCY, false, NOTHING, "cpu.get-latency"},
	{WIRE_CPU_SET_LATENCY, true, ONE(int), "cpu.set-latency"},

	{WIRE_DISK_GET_LIST, false, NOTHING, "disk.get-list"},
	{WIRE_DISK_GET_LOAD, false, SOME(0, PWR_MAX_DISK_LIST_LEN, PWR_DISK_Load), "disk.get-load"},
	{WIRE_DISK_GET_POWER_LEVEL, false, SOME(0, PWR_MAX_DISK_LIST_LEN, PWR_DISK_PwrLevel),
	 "disk.get-power-level"},
	{WIRE_DISK_SET_POWER_LEVEL, true, SOME(1, PWR_MAX_DISK_LIST_LEN, PWR_DISK_PwrLevel),
	 "disk.set-power-level"},
	{WIRE_DISK_GET_SCSI_POLICY, false, SOME(0, PWR_MAX_DISK_LIST_LEN, PWR_DISK_ScsiPolicy),
	 "disk.get-scsi-policy"},
	{WIRE_DISK_SET_SCSI_POLICY, true, SOME(1, PWR_MAX_DISK_LIST_LEN, PWR_DISK_ScsiPolicy),
	 "disk.set-scsi-policy"},

	{WIRE_NET_GET_INFO, false, NOTHING, "net.get-info"},
	{WIRE_NET_GET_THROUGHPUT, false, NAME, "net.get-throughput"},
	{WIRE_NET_GET_SPEED, false, NAME, "net.get-speed"},
	{WIRE_NET_SET_SPEED, true, BEHIND(sizeof(uint32_t), 2, PWR_MAX_ELEMENT_NAME_LEN, char),
	 "net.set-speed"},

	{WIRE_USB_GET_AUTOSUSPEND, false, NOTHING, "usb.get-autosuspend"},
	{WIRE_USB_SET_AUTOSUSPEND, true, SOME(1, PWR_MAX_DISK_LIST_LEN, PWR_USB_AutoSuspend),
	 "usb.set-autosuspend"},

	{WIRE_PROC_QUERY, false, TEXT(0, PWR_MAX_STRING_LEN), "proc.query"},
	{WIRE_PROC_GET_WATT_STATE, false, NOTHING, "proc.get-watt-state"},
	{WIRE_PROC_SET_WATT_STATE, true, ONE(int), "proc.set-watt-state"},
	{WIRE_PROC_GET_WATT_ATTRS, false, NOTHING, "proc.get-watt-attrs"},
	{WIRE_PROC_SET_WATT_ATTRS, true, ONE(PWR_PROC_WattAttrs), "proc.set-watt-attrs"},
	{WIRE_PROC_GET_WATT_PROCS, false, NOTHING, "proc.get-watt-procs"},
	{WIRE_PROC_ADD_WATT_PROCS, true, SOME(1, PWR_MAX_PROC_NUM, pid_t), "proc.add-watt-procs"},
	{WIRE_PROC_DELETE_WATT_PROCS, true, SOME(1, PWR_MAX_PROC_NUM, pid_t),
	 "proc.delete-watt-procs"},
	{WIRE_PROC_GET_GRID_STATE, false, NOTHING, "proc.get-grid-state"},
	{WIRE_PROC_SET_GRID_STATE, true, ONE(int), "proc.set-grid-state"},
	{WIRE_PROC_GET_GRID_PROCS, false, ONE(PWR_PROC_SMART_GRID_LEVEL), "proc.get-grid-procs"},
	{WIRE_PROC_SET_GRID_LEVEL, true,
	 BEHIND(sizeof(PWR_PROC_SmartGridProcs), 1, PWR_MAX_PROC_NUM, pid_t),
	 "proc.set-grid-level"},
	{WIRE_PROC_GET_GRID_GOVERNOR, false, NOTHING, "proc.get-grid-governor"},
	{WIRE_PROC_SET_GRID_GOVERNOR, true, ONE(PWR_PROC_SmartGridGov), "proc.set-grid-governor"},
	{WIRE_PROC_GET_SERVICE, false, ONE(PWR_PROC_ServiceStatus), "proc.get-service"},
	{WIRE_PROC_SET_SERVICE, true, ONE(PWR_PROC_ServiceState), "proc.set-service"},
	{WIRE_PROC_SET_WATT_FIRST_DOMAIN, true, ONE(int), "proc.set-watt-first-domain"},

	{WIRE_HBM_GET_STATE, false, NOTHING, "hbm.get-state"},
	{WIRE_HBM_SET_POWER, true, ONE(int), "hbm.set-power"},
};

const struct wire_op *wire_ops(size_t *ret_count)
{
	*ret_count = sizeof(ops) / sizeof(ops[0]);
	return ops;
}
