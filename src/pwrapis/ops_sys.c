/*
 * Operations on the whole machine: its power, the cap of it, its sleep.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/str.h"
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

/*
 * The cap of the machine is that of the first meter that has one; where none has, that of all
 * packages together, of which each has an equal part. A cap that cannot be read is an error: that
 * of the packages is another one.
 */
static int find_meter_cap(const struct call *c, unsigned *ret_index, double *ret_watts)
{
	int r = -EOPNOTSUPP;

	for (unsigned i = 0; r == -EOPNOTSUPP && i < call_count(c, POWER_METER); i++) {
		r = call_read(c, ITEM_METER_CAP, i, ret_watts);
		*ret_index = i;
	}
	return r;
}

static bool is_package(const struct call *c, unsigned index)
{
	const char *name = machine_name(call_machine(c), POWER_ZONE, index);

	return str_starts(name, "package") && !strchr(name, '/');
}

/* The sum of the packages' limits, and how many they are. */
static int read_limits(const struct call *c, double *ret_watts, unsigned *ret_count)
{
	double sum = 0, watts;
	unsigned count = 0;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < call_count(c, POWER_ZONE); i++) {
		if (!is_package(c, i))
			continue;
		r = call_read(c, ITEM_ZONE_LIMIT, i, &watts);
		sum += r == 0 ? watts : 0;
		count++;
	}
	if (r == 0 && !count)
		r = -EOPNOTSUPP;
	if (r < 0)
		return r;
	*ret_watts = sum;
	*ret_count = count;
	return 0;
}

int op_sys_cap(struct call *c)
{
	unsigned index, count;
	double watts;
	int *reply, r = find_meter_cap(c, &index, &watts);

	if (r == -EOPNOTSUPP)
		r = read_limits(c, &watts, &count);
	if (r < 0)
		return call_code(c, r);
	reply = call_reply(c, sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	*reply = whole_watts(watts);
	return PWR_SUCCESS;
}

static int set_limits(struct call *c, double watts, unsigned count)
{
	const struct power_value value = {.number = watts / count};
	int code = PWR_SUCCESS;

	for (unsigned i = 0; code == PWR_SUCCESS && i < call_count(c, POWER_ZONE); i++)
		if (is_package(c, i))
			code = call_set(c, item_number(ITEM_ZONE_LIMIT), i, &value);
	return code;
}

int op_sys_set_cap(struct call *c)
{
	const int *watts = c->data;
	const struct power_value value = {.number = *watts};
	unsigned index, count;
	double now;
	int code, r;

	if (*watts <= 0)
		return PWR_ERR_INVALIDE_PARAM;
	r = find_meter_cap(c, &index, &now);
	if (r == 0) {
		code = call_set(c, item_number(ITEM_METER_CAP), index, &value);
	} else {
		r = r == -EOPNOTSUPP ? read_limits(c, &now, &count) : r;
		if (r < 0)
			return call_code(c, r);
		code = set_limits(c, *watts, count);
	}
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
