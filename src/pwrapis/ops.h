/*
 * The table of operations: who may ask each, on which items it stands, and what answers it.
 */
#ifndef PWRAPIS_OPS_H
#define PWRAPIS_OPS_H

#include "pwrapis/call.h"
#include "pwrapis/items.h"

struct pwrapis;

enum op_need {
	OP_READ, /* class observe; or a grant of one of the items */
	OP_SET, /* the token where the published API wants it, else class control; or grants */
	OP_TOKEN, /* class control, to take the token */
	OP_OWN, /* anybody who is connected: concerns nobody else */
	OP_ADMIN, /* class admin, with the token; cannot be granted */
};

enum { OP_ITEMS = 3 };

struct op {
	uint16_t operation;
	enum op_need need;
	int (*handle)(struct call *c);
	enum item items[OP_ITEMS]; /* ITEM_NONE: no more */
};

/* NULL: there is no such operation. */
const struct op *op_find(uint16_t operation);

/* ---- handlers, by group ---- */

/* ops_common.c */
int op_create_task(struct call *c);
int op_delete_task(struct call *c);
int op_request_control(struct call *c);
int op_release_control(struct call *c);

/* ops_cpu.c */
int op_cpu_info(struct call *c);
int op_cpu_usage(struct call *c);
int op_cpu_perf(struct call *c);
int op_cpu_idle_info(struct call *c);
int op_cpu_idle_governor(struct call *c);
int op_cpu_set_idle_governor(struct call *c);
int op_cpu_latency(struct call *c);
int op_cpu_set_latency(struct call *c);

/* ops_freq.c */
int op_freq_ability(struct call *c);
int op_freq_range(struct call *c);
int op_freq_set_range(struct call *c);
int op_freq_governor(struct call *c);
int op_freq_set_governor(struct call *c);
int op_freq(struct call *c);
int op_freq_set(struct call *c);

/* ops_gov.c */
int op_governor_attrs(struct call *c);
int op_governor_attr(struct call *c);
int op_governor_set_attr(struct call *c);

/* ops_sys.c */
int op_sys_set_power_state(struct call *c);
int op_sys_cap(struct call *c);
int op_sys_set_cap(struct call *c);
int op_sys_power(struct call *c);
int op_sys_statistic(struct call *c);

/* query.c */
int op_proc_query(struct call *c);

/* ops_service.c */
int op_service(struct call *c);
int op_service_set(struct call *c);

/* ops_sched.c */
int op_watt_state(struct call *c);
int op_watt_set_state(struct call *c);
int op_watt_set_first_domain(struct call *c);
int op_watt_attrs(struct call *c);
int op_watt_set_attrs(struct call *c);
int op_watt_procs(struct call *c);
int op_watt_add_procs(struct call *c);
int op_watt_delete_procs(struct call *c);
int op_grid_state(struct call *c);
int op_grid_set_state(struct call *c);
int op_grid_procs(struct call *c);
int op_grid_set_level(struct call *c);
int op_grid_governors(struct call *c);
int op_grid_set_governors(struct call *c);

/* ops_disk.c */
int op_disk_list(struct call *c);
int op_disk_load(struct call *c);
int op_disk_policy(struct call *c);
int op_disk_set_policy(struct call *c);
int op_disk_level(struct call *c);
int op_disk_set_level(struct call *c);

/* ops_net.c */
int op_net_info(struct call *c);
int op_net_throughput(struct call *c);
int op_net_speed(struct call *c);
int op_net_set_speed(struct call *c);

/* ops_hbm.c */
int op_hbm_state(struct call *c);
int op_hbm_set_power(struct call *c);

/* ops_usb.c */
int op_usb_autosuspend(struct call *c);
int op_usb_set_autosuspend(struct call *c);

#endif
