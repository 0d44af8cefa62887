/*
 * The table of operations; see ops.h. In ascending order, as the table of the wire.
 */
#include "pwrapis/ops.h"

#include <stdlib.h>

#include "base/def.h"

static const struct op ops[] = {
	{WIRE_COM_CREATE_TASK, OP_READ, op_create_task, {}},
	{WIRE_COM_DELETE_TASK, OP_OWN, op_delete_task, {}},
	{WIRE_COM_REQUEST_CONTROL, OP_TOKEN, op_request_control, {}},
	{WIRE_COM_RELEASE_CONTROL, OP_OWN, op_release_control, {}},

	{WIRE_SYS_SET_POWER_STATE, OP_ADMIN, op_sys_set_power_state, {}},
	{WIRE_SYS_GET_CAP, OP_READ, op_sys_cap, {ITEM_METER_CAP, ITEM_ZONE_LIMIT, ITEM_IPMI_LIMIT}},
	{WIRE_SYS_SET_CAP, OP_SET, op_sys_set_cap, {}},
	{WIRE_SYS_GET_POWER,
	 OP_READ,
	 op_sys_power,
	 {ITEM_METER_CAP, ITEM_ZONE_LIMIT, ITEM_IPMI_LIMIT}},
	{WIRE_SYS_GET_STATISTIC, OP_READ, op_sys_statistic, {}},

	{WIRE_CPU_GET_INFO, OP_READ, op_cpu_info, {}},
	{WIRE_CPU_GET_USAGE, OP_READ, op_cpu_usage, {}},
	{WIRE_CPU_GET_PERF, OP_READ, op_cpu_perf, {}},
	{WIRE_CPU_GET_FREQ_ABILITY, OP_READ, op_freq_ability, {ITEM_GOVERNOR}},
	{WIRE_CPU_GET_FREQ_RANGE, OP_READ, op_freq_range, {ITEM_MIN, ITEM_MAX}},
	{WIRE_CPU_SET_FREQ_RANGE, OP_SET, op_freq_set_range, {}},
	{WIRE_CPU_GET_GOVERNOR, OP_READ, op_freq_governor, {ITEM_GOVERNOR}},
	{WIRE_CPU_SET_GOVERNOR, OP_SET, op_freq_set_governor, {}},
	{WIRE_CPU_GET_GOVERNOR_ATTRS, OP_READ, op_governor_attrs, {}},
	{WIRE_CPU_GET_GOVERNOR_ATTR, OP_READ, op_governor_attr, {}},
	{WIRE_CPU_SET_GOVERNOR_ATTR, OP_SET, op_governor_set_attr, {}},
	{WIRE_CPU_GET_FREQ, OP_READ, op_freq, {ITEM_SETSPEED}},
	{WIRE_CPU_SET_FREQ, OP_SET, op_freq_set, {}},
	{WIRE_CPU_GET_IDLE_INFO, OP_READ, op_cpu_idle_info, {}},
	{WIRE_CPU_GET_IDLE_GOVERNOR, OP_READ, op_cpu_idle_governor, {ITEM_IDLE_GOVERNOR}},
	{WIRE_CPU_SET_IDLE_GOVERNOR, OP_SET, op_cpu_set_idle_governor, {}},
	{WIRE_CPU_GET_LATENCY, OP_READ, op_cpu_latency, {ITEM_LATENCY_LIMIT}},
	{WIRE_CPU_SET_LATENCY, OP_SET, op_cpu_set_latency, {}},

	{WIRE_DISK_GET_LIST, OP_READ, op_disk_list, {ITEM_DISK_LINK}},
	{WIRE_DISK_GET_LOAD, OP_READ, op_disk_load, {}},
	{WIRE_DISK_GET_POWER_LEVEL,
	 OP_READ,
	 op_disk_level,
	 {ITEM_DISK_SPIN_DOWN, ITEM_DISK_RUNTIME, ITEM_DISK_DELAY}},
	{WIRE_DISK_SET_POWER_LEVEL, OP_SET, op_disk_set_level, {}},
	{WIRE_DISK_GET_SCSI_POLICY, OP_READ, op_disk_policy, {ITEM_DISK_LINK}},
	{WIRE_DISK_SET_SCSI_POLICY, OP_SET, op_disk_set_policy, {}},

	{WIRE_NET_GET_INFO, OP_READ, op_net_info, {}},
	{WIRE_NET_GET_THROUGHPUT, OP_READ, op_net_throughput, {}},
	{WIRE_NET_GET_SPEED, OP_READ, op_net_speed, {}},
	{WIRE_NET_SET_SPEED, OP_SET, op_net_set_speed, {}},

	{WIRE_USB_GET_AUTOSUSPEND, OP_READ, op_usb_autosuspend, {ITEM_USB_RUNTIME, ITEM_USB_DELAY}},
	{WIRE_USB_SET_AUTOSUSPEND, OP_SET, op_usb_set_autosuspend, {}},

	{WIRE_PROC_QUERY, OP_READ, op_proc_query, {}},
	{WIRE_PROC_GET_WATT_STATE, OP_READ, op_watt_state, {}},
	{WIRE_PROC_SET_WATT_STATE, OP_SET, op_watt_set_state, {}},
	{WIRE_PROC_GET_WATT_ATTRS, OP_READ, op_watt_attrs, {}},
	{WIRE_PROC_SET_WATT_ATTRS, OP_SET, op_watt_set_attrs, {}},
	{WIRE_PROC_GET_WATT_PROCS, OP_READ, op_watt_procs, {}},
	{WIRE_PROC_ADD_WATT_PROCS, OP_SET, op_watt_add_procs, {}},
	{WIRE_PROC_DELETE_WATT_PROCS, OP_SET, op_watt_delete_procs, {}},
	{WIRE_PROC_GET_GRID_STATE, OP_READ, op_grid_state, {}},
	{WIRE_PROC_SET_GRID_STATE, OP_SET, op_grid_set_state, {}},
	{WIRE_PROC_GET_GRID_PROCS, OP_READ, op_grid_procs, {}},
	{WIRE_PROC_SET_GRID_LEVEL, OP_SET, op_grid_set_level, {}},
	{WIRE_PROC_GET_GRID_GOVERNOR, OP_READ, op_grid_governors, {}},
	{WIRE_PROC_SET_GRID_GOVERNOR, OP_SET, op_grid_set_governors, {}},
	{WIRE_PROC_GET_SERVICE, OP_READ, op_service, {}},
	{WIRE_PROC_SET_SERVICE, OP_ADMIN, op_service_set, {}},
	{WIRE_PROC_SET_WATT_FIRST_DOMAIN, OP_SET, op_watt_set_first_domain, {}},

	{WIRE_HBM_GET_STATE, OP_READ, op_hbm_state, {ITEM_HBM_STATE}},
	{WIRE_HBM_SET_POWER, OP_SET, op_hbm_set_power, {}},
};

static int compare(const void *a, const void *b)
{
	const struct op *x = a, *y = b;

	return (int)x->operation - (int)y->operation;
}

const struct op *op_find(uint16_t operation)
{
	const struct op key = {.operation = operation};

	return bsearch(&key, ops, ARRAY_SIZE(ops), sizeof(ops[0]), compare);
}
