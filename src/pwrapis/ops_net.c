/*
 * Operations on network interfaces. The speed that is told is that of the link; the one that is set
 * is the highest that is offered to the other end.
 */
#include <errno.h>
#include <string.h>

#include "pwrapis/measure.h"
#include "pwrapis/ops.h"
#include "pwrapis/read.h"

enum { MBIT = 1000000, COUNTERS = 2 };

/* Mbit/s, or -1 for an interface that has no link or does not say. */
static int speed_of(const struct call *c, enum item item, unsigned index)
{
	double bits;

	return call_read(c, item, index, &bits) < 0 ? -1 : (int)(bits / MBIT);
}

int op_net_info(struct call *c)
{
	unsigned count = call_count(c, POWER_NET);
	PWR_NET_Info *info = call_reply(c, sizeof(*info) + count * sizeof(info->eth[0]));

	if (!info)
		return PWR_ERR_SYS_EXCEPTION;
	info->ethNum = count;
	for (unsigned i = 0; i < count; i++) {
		name_copy(info->eth[i].ethName, machine_name(call_machine(c), POWER_NET, i));
		info->eth[i].ethMaxSpeed = speed_of(c, ITEM_NET_SPEED_MAX, i);
		info->eth[i].ethCurSpeed = speed_of(c, ITEM_NET_SPEED, i);
	}
	return PWR_SUCCESS;
}

int op_net_speed(struct call *c)
{
	unsigned index;
	double bits;
	uint32_t *reply;
	int r;

	if (name_find(c, POWER_NET, c->data, &index) < 0)
		return PWR_ERR_INVALIDE_PARAM;
	r = call_read(c, ITEM_NET_SPEED, index, &bits);
	if (r < 0)
		return call_code(c, r);
	reply = call_reply(c, sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	*reply = bits / MBIT;
	return PWR_SUCCESS;
}

/* The speed stands before the name. */
int op_net_set_speed(struct call *c)
{
	const char *name = (const char *)c->data + sizeof(uint32_t);
	struct power_value value = {};
	uint32_t mbit;
	unsigned index;
	int code;

	if (name_find(c, POWER_NET, name, &index) < 0)
		return PWR_ERR_INVALIDE_PARAM;
	memcpy(&mbit, c->data, sizeof(mbit));
	value.number = (double)mbit * MBIT;
	code = call_set(c, item_number(ITEM_NET_SPEED_LIMIT), index, &value);
	return code == PWR_SUCCESS ? call_commit(c) : code;
}

static int read_counters(const struct call *c, double ret_bytes[COUNTERS])
{
	unsigned index;
	int r = name_find(c, POWER_NET, c->data, &index);

	if (r == 0)
		r = call_read(c, ITEM_NET_RECEIVED, index, &ret_bytes[0]);
	if (r == 0)
		r = call_read(c, ITEM_NET_SENT, index, &ret_bytes[1]);
	return r;
}

static int finish_throughput(struct call *c, const double *before, double seconds)
{
	double now[COUNTERS];
	PWR_NET_Through *reply;
	int r = read_counters(c, now);

	if (r < 0)
		return call_code(c, r);
	reply = call_reply(c, sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	/* Bytes a second. */
	reply->rx = now[0] < before[0] ? 0 : (now[0] - before[0]) / seconds;
	reply->tx = now[1] < before[1] ? 0 : (now[1] - before[1]) / seconds;
	return PWR_SUCCESS;
}

int op_net_throughput(struct call *c)
{
	double before[COUNTERS];
	int r = read_counters(c, before);

	if (r == -ENOENT)
		return PWR_ERR_INVALIDE_PARAM;
	return r < 0 ? call_code(c, r) : measure_begin(c, before, COUNTERS, finish_throughput);
}
