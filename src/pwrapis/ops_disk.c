/*
 * Operations on disks: which there are, what they move, and the policy of their links.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/measure.h"
#include "pwrapis/ops.h"
#include "pwrapis/read.h"

enum { KIB = 1024 };

/* The published structure numbers the policies of a link; 0 is the fastest. */
static const char *const policies[] = {"max_performance", "medium_power", "med_power_with_dipm",
				       "min_power"};

/* Disks that a request names, or all of them: their indexes. A code. */
static int choose(const struct call *c, size_t entry_bytes, unsigned chosen[PWR_MAX_DISK_LIST_LEN],
		  size_t *ret_count)
{
	size_t count = c->head.data_bytes / entry_bytes, all = call_count(c, POWER_DISK);
	const char *entry = c->data;

	if (!count) {
		*ret_count = all < PWR_MAX_DISK_LIST_LEN ? all : PWR_MAX_DISK_LIST_LEN;
		for (size_t i = 0; i < *ret_count; i++)
			chosen[i] = i;
		return PWR_SUCCESS;
	}
	for (size_t i = 0; i < count; i++, entry += entry_bytes)
		if (name_find(c, POWER_DISK, entry, &chosen[i]) < 0)
			return PWR_ERR_INVALIDE_PARAM;
	*ret_count = count;
	return PWR_SUCCESS;
}

int op_disk_list(struct call *c)
{
	unsigned count = call_count(c, POWER_DISK);
	char(*reply)[PWR_MAX_ELEMENT_NAME_LEN] = call_reply(c, count * sizeof(*reply));

	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	for (unsigned i = 0; i < count; i++)
		name_copy(reply[i], machine_name(call_machine(c), POWER_DISK, i));
	return PWR_SUCCESS;
}

/* ---- load ---- */

static int read_loads(const struct call *c, const unsigned *chosen, size_t count, double *ret_bytes)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		r = call_read(c, ITEM_DISK_READ, chosen[i], &ret_bytes[2 * i]);
		if (r == 0)
			r = call_read(c, ITEM_DISK_WRITTEN, chosen[i], &ret_bytes[2 * i + 1]);
	}
	return r;
}

/* KiB a second. */
static uint32_t rate(double before, double now, double seconds)
{
	return now < before ? 0 : (now - before) / seconds / KIB;
}

static int finish_load(struct call *c, const double *before, double seconds)
{
	double now[2 * PWR_MAX_DISK_LIST_LEN];
	unsigned chosen[PWR_MAX_DISK_LIST_LEN];
	PWR_DISK_Load *reply;
	size_t count;
	int code = choose(c, sizeof(*reply), chosen, &count), r;

	if (code != PWR_SUCCESS)
		return code;
	r = read_loads(c, chosen, count, now);
	if (r < 0)
		return call_code(c, r);
	reply = call_reply(c, count * sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	for (size_t i = 0; i < count; i++) {
		name_copy(reply[i].diskId, machine_name(call_machine(c), POWER_DISK, chosen[i]));
		reply[i].rLoad = rate(before[2 * i], now[2 * i], seconds);
		reply[i].wLoad = rate(before[2 * i + 1], now[2 * i + 1], seconds);
	}
	return PWR_SUCCESS;
}

int op_disk_load(struct call *c)
{
	double before[2 * PWR_MAX_DISK_LIST_LEN] = {};
	unsigned chosen[PWR_MAX_DISK_LIST_LEN];
	size_t count;
	int code = choose(c, sizeof(PWR_DISK_Load), chosen, &count), r;

	if (code != PWR_SUCCESS)
		return code;
	r = read_loads(c, chosen, count, before);
	if (r < 0)
		return call_code(c, r);
	return measure_begin(c, before, ARRAY_SIZE(before), finish_load);
}

/* ---- links ---- */

static int policy_number(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		if (str_equal(policies[i], word))
			return i;
	return -1;
}

/* 1: added; 0: this disk's link has no policy. */
static int add_policy(const struct call *c, unsigned disk, PWR_DISK_ScsiPolicy *at)
{
	struct power_value value;
	int r = machine_read(call_machine(c), item_number(ITEM_DISK_LINK), disk, &value);

	if (r < 0)
		return r == -EOPNOTSUPP ? 0 : r;
	name_copy(at->scsiId, machine_name(call_machine(c), POWER_DISK, disk));
	at->alpm = policy_number(value.text);
	return 1;
}

int op_disk_policy(struct call *c)
{
	unsigned chosen[PWR_MAX_DISK_LIST_LEN];
	PWR_DISK_ScsiPolicy *reply;
	size_t count, done = 0;
	int code = choose(c, sizeof(*reply), chosen, &count), r = 0;

	if (code != PWR_SUCCESS)
		return code;
	reply = call_reply(c, count * sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	for (size_t i = 0; r >= 0 && i < count; i++) {
		r = add_policy(c, chosen[i], &reply[done]);
		done += r == 1;
	}
	if (r < 0)
		return call_code(c, r);
	call_reply_cut(c, done * sizeof(*reply));
	return done ? PWR_SUCCESS : PWR_ERR_NOT_SUPPORTED;
}

int op_disk_set_policy(struct call *c)
{
	const PWR_DISK_ScsiPolicy *asked = c->data;
	size_t count = c->head.data_bytes / sizeof(*asked);
	int code = PWR_SUCCESS;

	for (size_t i = 0; code == PWR_SUCCESS && i < count; i++) {
		struct power_value value = {};
		unsigned disk;

		if (name_find(c, POWER_DISK, asked[i].scsiId, &disk) < 0 || asked[i].alpm < 0 ||
		    (size_t)asked[i].alpm >= ARRAY_SIZE(policies))
			return PWR_ERR_INVALIDE_PARAM;
		strcpy(value.text, policies[asked[i].alpm]);
		code = call_set(c, item_number(ITEM_DISK_LINK), disk, &value);
	}
	return code == PWR_SUCCESS ? call_commit(c) : code;
}
