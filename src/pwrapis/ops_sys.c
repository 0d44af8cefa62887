/*
 * Operations on the whole machine: its power, the cap of it, its sleep.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "pwrapis/cap.h"
#include "pwrapis/ops.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/read.h"
#include "pwrapis/stamp.h"

enum { UNKNOWN_WATTS = -1 };

/* ---- power ---- */

static int whole_watts(double watts)
{
	return isnan(watts) ? UNKNOWN_WATTS : (int)lround(watts);
}

int op_sys_power(struct call *c)
{
	const double *watts = c->session->p->power.watts;
	PWR_SYS_PowerInfo *info;

	if (isnan(watts[POWER_PART_BOARD]) && isnan(watts[POWER_PART_CPU]) &&
	    isnan(watts[POWER_PART_MEMORY]))
		return PWR_ERR_NOT_SUPPORTED;
	info = call_reply(c, sizeof(*info));
	if (!info)
		return PWR_ERR_SYS_EXCEPTION;
	*info = (PWR_SYS_PowerInfo){
		.sysPower = whole_watts(watts[POWER_PART_BOARD]),
		.cpuPower = whole_watts(watts[POWER_PART_CPU]),
		.memPower = whole_watts(watts[POWER_PART_MEMORY]),
	};
	return PWR_SUCCESS;
}

int op_sys_statistic(struct call *c)
{
	const struct power *p = &c->session->p->power;
	PWR_SYS_StatisticPowerInfo *info;

	if (p->seconds <= 0)
		return PWR_ERR_NOT_SUPPORTED;
	info = call_reply(c, sizeof(*info));
	if (!info)
		return PWR_ERR_SYS_EXCEPTION;
	info->maxSysPower = whole_watts(p->max_watts);
	info->avgSysPower = whole_watts(p->joules / p->seconds);
	info->totalEnergy = round(p->joules);
	clock_stamp_of(p->max_ns, info->maxSysPowerTime);
	clock_stamp_of(p->start_ns, info->startTime);
	return PWR_SUCCESS;
}

/* ---- cap ---- */

static int tell_cap(struct call *c, double watts)
{
	int *reply = call_reply(c, sizeof(*reply));

	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	*reply = whole_watts(watts);
	return PWR_SUCCESS;
}

/* A limit that is not active is no cap. */
static int on_active(struct call *c, double active)
{
	if (!active)
		return call_code(c, -ENODATA);
	return call_read_guarded(c, item_number(ITEM_IPMI_LIMIT), 0, tell_cap);
}

int op_sys_cap(struct call *c)
{
	struct cap cap;
	int r = cap_find(call_machine(c), &cap);

	if (r == 0 && cap.item == ITEM_IPMI_LIMIT)
		return call_read_guarded(c, item_number(ITEM_IPMI_ACTIVE), 0, on_active);
	return r < 0 ? call_code(c, r) : tell_cap(c, cap.watts);
}

int op_sys_set_cap(struct call *c)
{
	const int *watts = c->data;
	struct power_value value = {};
	struct cap cap;
	int code = PWR_SUCCESS, r;

	if (*watts <= 0)
		return PWR_ERR_INVALIDE_PARAM;
	r = cap_find(call_machine(c), &cap);
	if (r < 0)
		return call_code(c, r);
	value.number = (double)*watts / cap.count;
	for (unsigned i = 0; code == PWR_SUCCESS && i < cap.count; i++)
		code = call_set(c, item_number(cap.item), cap.places[i], &value);
	return code == PWR_SUCCESS ? call_commit(c) : code;
}

/* ---- sleep ---- */

int op_sys_set_power_state(struct call *c)
{
	struct power_value value = {};
	int code, r;

	snprintf(value.text, sizeof(value.text), "%s", (const char *)c->data);
	r = machine_check(call_machine(c), item_number(ITEM_SLEEP), 0, &value);
	if (r < 0 && r != -EACCES)
		return call_code(c, r);
	code = call_set(c, item_number(ITEM_SLEEP), 0, &value);
	return code == PWR_SUCCESS ? call_commit(c) : code;
}
