/*
 * Operations on disks: which there are, what they move, the policy of their links, and when they
 * stop their motors.
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

/* What @add says of each disk that is asked about, @each bytes of it: 1: added; 0: this disk does
 * not have it. */
static int tell_disks(struct call *c, size_t each,
		      int (*add)(const struct call *c, unsigned disk, void *at))
{
	unsigned chosen[PWR_MAX_DISK_LIST_LEN];
	size_t count, done = 0;
	char *reply;
	int code = choose(c, each, chosen, &count), r = 0;

	if (code != PWR_SUCCESS)
		return code;
	reply = call_reply(c, count * each);
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	for (size_t i = 0; r >= 0 && i < count; i++) {
		r = add(c, chosen[i], reply + done * each);
		done += r == 1;
	}
	if (r < 0)
		return call_code(c, r);
	call_reply_cut(c, done * each);
	return done ? PWR_SUCCESS : PWR_ERR_NOT_SUPPORTED;
}

/* ---- links ---- */

static int policy_number(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		if (str_equal(policies[i], word))
			return i;
	return -1;
}

static int add_policy(const struct call *c, unsigned disk, void *at)
{
	PWR_DISK_ScsiPolicy *policy = at;
	struct power_value value;
	int r = machine_read(call_machine(c), item_number(ITEM_DISK_LINK), disk, &value);

	if (r < 0)
		return r == -EOPNOTSUPP ? 0 : r;
	name_copy(policy->scsiId, machine_name(call_machine(c), POWER_DISK, disk));
	policy->alpm = policy_number(value.text);
	return 1;
}

int op_disk_policy(struct call *c)
{
	return tell_disks(c, sizeof(PWR_DISK_ScsiPolicy), add_policy);
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

/* ---- stopping the motor ---- */

/*
 * The level of spinning down counts as the timer in an ATA disk does: 0 is never, up to 240 are
 * five seconds each, from 241 on half an hour. It is the kernel that waits. The level of power is
 * inside of the disk, and nothing here knows it.
 */
enum {
	LEVEL_UNKNOWN = UINT16_MAX,
	LEVEL_NEVER = 0,
	LEVEL_SHORT_MAX = 240,
	LEVEL_MAX = 251,
	SHORT_S = 5,
	LONG_S = 1800,
};

static double level_seconds(unsigned level)
{
	return level <= LEVEL_SHORT_MAX ? level * SHORT_S : (level - LEVEL_SHORT_MAX) * LONG_S;
}

/* The first that is not shorter. */
static uint16_t level_of(double seconds)
{
	uint16_t level = LEVEL_NEVER + 1;

	while (level < LEVEL_MAX && level_seconds(level) < seconds)
		level++;
	return level;
}

/* It stops when it sleeps, it may sleep, and after some time does. */
static int read_spin(const struct call *c, unsigned disk, uint16_t *ret_level)
{
	struct power_value runtime;
	double stops, seconds;
	int r = call_read(c, ITEM_DISK_SPIN_DOWN, disk, &stops);

	if (r == 0)
		r = machine_read(call_machine(c), item_number(ITEM_DISK_RUNTIME), disk, &runtime);
	if (r == 0)
		r = call_read(c, ITEM_DISK_DELAY, disk, &seconds);
	if (r < 0)
		return r;
	*ret_level = stops && str_equal(runtime.text, "auto") && seconds >= 0 ? level_of(seconds)
									      : LEVEL_NEVER;
	return 0;
}

static int add_level(const struct call *c, unsigned disk, void *at)
{
	PWR_DISK_PwrLevel *level = at;
	int r = read_spin(c, disk, &level->spindownLevel);

	if (r < 0)
		return r == -EOPNOTSUPP ? 0 : r;
	name_copy(level->diskId, machine_name(call_machine(c), POWER_DISK, disk));
	level->powerLevel = LEVEL_UNKNOWN;
	return 1;
}

int op_disk_level(struct call *c)
{
	return tell_disks(c, sizeof(PWR_DISK_PwrLevel), add_level);
}

static int set_text(struct call *c, enum item item, unsigned disk, const char *text)
{
	struct power_value value = {};

	strcpy(value.text, text);
	return call_set(c, item_number(item), disk, &value);
}

/* Whether a disk stops is for who has CAP_SYS_ADMIN to say, which the privileged half has not: it
 * need not be said of disks of libata, which stop. */
static int set_stop(struct call *c, unsigned disk)
{
	const struct power_value yes = {.number = 1};
	double stops;

	if (call_read(c, ITEM_DISK_SPIN_DOWN, disk, &stops) == 0 && stops)
		return PWR_SUCCESS;
	return call_set(c, item_number(ITEM_DISK_SPIN_DOWN), disk, &yes);
}

static int set_level(struct call *c, unsigned disk, unsigned level)
{
	const struct power_value seconds = {.number = level_seconds(level)};
	int code;

	if (level == LEVEL_NEVER)
		return set_text(c, ITEM_DISK_RUNTIME, disk, "on");
	code = call_set(c, item_number(ITEM_DISK_DELAY), disk, &seconds);
	if (code == PWR_SUCCESS)
		code = set_stop(c, disk);
	return code == PWR_SUCCESS ? set_text(c, ITEM_DISK_RUNTIME, disk, "auto") : code;
}

/* A level of power can be left as it is, and nothing else. */
int op_disk_set_level(struct call *c)
{
	const PWR_DISK_PwrLevel *asked = c->data;
	size_t count = c->head.data_bytes / sizeof(*asked);
	int code = PWR_SUCCESS;

	for (size_t i = 0; code == PWR_SUCCESS && i < count; i++) {
		uint16_t now;
		unsigned disk;

		if (name_find(c, POWER_DISK, asked[i].diskId, &disk) < 0 ||
		    asked[i].spindownLevel > LEVEL_MAX)
			return PWR_ERR_INVALIDE_PARAM;
		if (asked[i].powerLevel != LEVEL_UNKNOWN || read_spin(c, disk, &now) == -EOPNOTSUPP)
			return PWR_ERR_NOT_SUPPORTED;
		code = set_level(c, disk, asked[i].spindownLevel);
	}
	return code == PWR_SUCCESS ? call_commit(c) : code;
}
