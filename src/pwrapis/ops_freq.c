/*
 * Operations on frequencies. What the published API asks of "the processor" is asked of all
 * policies that have a processor on line; a set concerns all of them, or none.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/ops.h"
#include "pwrapis/read.h"

static const struct call_code range_codes[] = {
	{ERANGE, PWR_ERR_FREQ_NOT_IN_RANGE},
	{},
};
static const struct call_code governor_codes[] = {
	{EINVAL, PWR_ERR_GOVERNOR_INVALIDE},
	{},
};
static const struct call_code setspeed_codes[] = {
	{ERANGE, PWR_ERR_FREQ_NOT_IN_RANGE},
	{EOPNOTSUPP, PWR_ERR_GOVERNOR_INVALIDE},
	{},
};

/* ---- range ---- */

int op_freq_range(struct call *c)
{
	double low = INFINITY, high = 0;
	PWR_CPU_FreqRange *range;
	unsigned first;
	int r = policy_first(c, &first);

	for (unsigned i = first; r == 0 && i < call_count(c, POWER_POLICY); i++) {
		double min, max;

		if (policy_is_offline(c, i))
			continue;
		r = call_read(c, ITEM_MIN, i, &min);
		if (r == 0)
			r = call_read(c, ITEM_MAX, i, &max);
		if (r == 0) {
			low = fmin(low, min);
			high = fmax(high, max);
		}
	}
	if (r < 0)
		return call_code(c, r);
	range = call_reply(c, sizeof(*range));
	if (!range)
		return PWR_ERR_SYS_EXCEPTION;
	*range = (PWR_CPU_FreqRange){.minFreq = low / MHZ, .maxFreq = high / MHZ};
	return PWR_SUCCESS;
}

/* A whole number of MHz stands for the hardware's own lowest, which it was told as. */
static int lowest_hz(const struct call *c, unsigned index, int mhz, double *ret_hz)
{
	double hardware;
	int r = call_read(c, ITEM_HARDWARE_MIN, index, &hardware);

	if (r == 0)
		*ret_hz = (int)(hardware / MHZ) == mhz ? hardware : (double)mhz * MHZ;
	return r;
}

static int set_range_of(struct call *c, unsigned index, const PWR_CPU_FreqRange *range)
{
	struct power_value low = {}, high = {.number = (double)range->maxFreq * MHZ};
	bool max_first;
	int r = lowest_hz(c, index, range->minFreq, &low.number), code;

	/* A range of one frequency, that of the lowest. */
	if (r == 0 && high.number < low.number && range->maxFreq == range->minFreq)
		high = low;
	if (r == 0)
		r = machine_range_order(call_machine(c), index, high.number, &max_first);
	if (r < 0)
		return call_code(c, r);
	code = max_first ? call_set(c, item_number(ITEM_MAX), index, &high)
			 : call_set(c, item_number(ITEM_MIN), index, &low);
	if (code != PWR_SUCCESS)
		return code;
	return max_first ? call_set(c, item_number(ITEM_MIN), index, &low)
			 : call_set(c, item_number(ITEM_MAX), index, &high);
}

int op_freq_set_range(struct call *c)
{
	const PWR_CPU_FreqRange *range = c->data;
	unsigned first;
	int r = policy_first(c, &first), code = PWR_SUCCESS;

	c->codes = range_codes;
	if (r < 0)
		return call_code(c, r);
	if (range->minFreq < 0 || range->minFreq > range->maxFreq)
		return PWR_ERR_INVALIDE_PARAM;
	for (unsigned i = first; code == PWR_SUCCESS && i < call_count(c, POWER_POLICY); i++)
		if (!policy_is_offline(c, i))
			code = set_range_of(c, i, range);
	return code == PWR_SUCCESS ? call_commit(c) : code;
}

/* ---- governor ---- */

int op_freq_governor(struct call *c)
{
	char governor[PWR_MAX_ELEMENT_NAME_LEN] = "", *reply;
	unsigned first;
	int r = policy_first(c, &first);

	if (r == 0)
		r = call_read_text(c, ITEM_GOVERNOR, first, governor);
	if (r < 0)
		return call_code(c, r);
	reply = call_reply(c, sizeof(governor));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	memcpy(reply, governor, sizeof(governor));
	return PWR_SUCCESS;
}

/* Looked at here already, so that what is no governor is told without anything being set. */
static int set_checked(struct call *c, enum item item, unsigned index,
		       const struct power_value *value)
{
	int r = machine_check(call_machine(c), item_number(item), index, value);

	/* Whether the file can be written is another's business. */
	if (r < 0 && r != -EACCES)
		return call_code(c, r);
	return call_set(c, item_number(item), index, value);
}

int op_freq_set_governor(struct call *c)
{
	struct power_value value = {};
	char name[PWR_MAX_ELEMENT_NAME_LEN + 1];
	unsigned first;
	int r = policy_first(c, &first), code = PWR_SUCCESS;

	c->codes = governor_codes;
	if (r < 0)
		return call_code(c, r);
	name_take(name, c->data);
	snprintf(value.text, sizeof(value.text), "%s", name);
	for (unsigned i = first; code == PWR_SUCCESS && i < call_count(c, POWER_POLICY); i++)
		if (!policy_is_offline(c, i))
			code = set_checked(c, ITEM_GOVERNOR, i, &value);
	return code == PWR_SUCCESS ? call_commit(c) : code;
}

/* ---- ability ---- */

/* The processors of a policy as "0 1 2 3". */
static int add_domain(const struct call *c, unsigned index, char *at, size_t step)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	int number = name_number(machine_name(call_machine(c), POWER_POLICY, index));
	size_t len = sizeof(number);
	int r = call_words(c, ITEM_PROCESSORS, index, &words);

	if (r < 0 && r != -ENODEV && r != -EBUSY)
		return r;
	memcpy(at, &number, sizeof(number));
	for (char **w = words; w && *w && len < step; w++)
		len += snprintf(at + len, step - len, "%s%s", w == words ? "" : " ", *w);
	return 0;
}

/* Room for the most processors that a policy has; a multiple of 4, so that the number before each
 * text is aligned. */
static size_t domain_step(const struct call *c)
{
	size_t most = 1, width = PWR_MAX_CPU_ID_WIDTH + 1;

	for (unsigned i = 0; i < call_count(c, POWER_POLICY); i++) {
		_cleanup_(str_vector_free_p) char **words = NULL;

		if (call_words(c, ITEM_PROCESSORS, i, &words) == 0 &&
		    str_vector_count(words) > most)
			most = str_vector_count(words);
	}
	return (sizeof(int) + most * width + 3) / 4 * 4;
}

static int add_governors(const struct call *c, unsigned index, PWR_CPU_FreqAbility *ability)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	int r = call_words(c, ITEM_GOVERNORS, index, &words);

	for (char **w = words; r == 0 && *w && ability->avGovNum < PWR_MAX_GOV_NUM; w++)
		name_copy(ability->avGovList[ability->avGovNum++], *w);
	return r;
}

int op_freq_ability(struct call *c)
{
	unsigned count = call_count(c, POWER_POLICY), first;
	size_t step = domain_step(c), len = sizeof(PWR_CPU_FreqAbility) + step * count;
	PWR_CPU_FreqAbility *ability;
	int r = policy_first(c, &first);

	if (r < 0)
		return call_code(c, r);
	if (len > WIRE_REPLY_MAX)
		return PWR_ERR_ANSWER_LONGER_THAN_SIZE;
	ability = call_reply(c, len);
	if (!ability)
		return PWR_ERR_SYS_EXCEPTION;
	ability->freqDomainNum = count;
	ability->freqDomainStep = step;
	r = call_read_text(c, ITEM_DRIVER, first, ability->curDriver);
	if (r == 0)
		r = add_governors(c, first, ability);
	for (unsigned i = 0; r == 0 && i < count; i++)
		r = add_domain(c, i, ability->freqDomain + step * i, step);
	return r < 0 ? call_code(c, r) : PWR_SUCCESS;
}

/* ---- frequencies ---- */

static int find_policy(const struct call *c, int number, unsigned *ret_index)
{
	char name[32];

	snprintf(name, sizeof(name), "policy%d", number);
	return machine_index(call_machine(c), POWER_POLICY, name, ret_index);
}

/* 1: added, 0: off line. */
static int add_frequency(const struct call *c, unsigned index, PWR_CPU_CurFreq *at)
{
	double hz;
	int r;

	if (policy_is_offline(c, index))
		return 0;
	r = call_read(c, ITEM_FREQUENCY, index, &hz);
	if (r < 0)
		return r;
	*at = (PWR_CPU_CurFreq){
		.policyId = name_number(machine_name(call_machine(c), POWER_POLICY, index)),
		.curFreq = hz / MHZ,
	};
	return 1;
}

static int finish_frequencies(struct call *c, int r, size_t count)
{
	if (r < 0)
		return call_code(c, r);
	if (!count)
		return PWR_ERR_CPU_OFFLINE;
	call_reply_cut(c, count * sizeof(PWR_CPU_CurFreq));
	return PWR_SUCCESS;
}

static int asked_frequencies(struct call *c)
{
	const PWR_CPU_CurFreq *asked = c->data;
	size_t count = c->head.data_bytes / sizeof(*asked), done = 0;
	PWR_CPU_CurFreq *reply = call_reply(c, count * sizeof(*reply));
	int r = 0;

	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	for (size_t i = 0; r >= 0 && i < count; i++) {
		unsigned index;

		if (find_policy(c, asked[i].policyId, &index) < 0)
			return PWR_ERR_POLICY_INVALIDE;
		r = add_frequency(c, index, &reply[done]);
		done += r == 1;
	}
	return finish_frequencies(c, r, done);
}

int op_freq(struct call *c)
{
	unsigned count = call_count(c, POWER_POLICY);
	PWR_CPU_CurFreq *reply;
	size_t done = 0;
	int r = 0;

	if (!count)
		return PWR_ERR_NOT_SUPPORTED;
	if (c->head.data_bytes)
		return asked_frequencies(c);
	reply = call_reply(c, count * sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	for (unsigned i = 0; r >= 0 && i < count; i++) {
		r = add_frequency(c, i, &reply[done]);
		done += r == 1;
	}
	return finish_frequencies(c, r, done);
}

int op_freq_set(struct call *c)
{
	const PWR_CPU_CurFreq *asked = c->data;
	size_t count = c->head.data_bytes / sizeof(*asked);
	int code = PWR_SUCCESS;

	c->codes = setspeed_codes;
	if (!call_count(c, POWER_POLICY))
		return PWR_ERR_NOT_SUPPORTED;
	for (size_t i = 0; code == PWR_SUCCESS && i < count; i++) {
		const struct power_value value = {.number = asked[i].curFreq * MHZ};
		unsigned index;

		if (find_policy(c, asked[i].policyId, &index) < 0)
			return PWR_ERR_POLICY_INVALIDE;
		if (!isfinite(value.number))
			return PWR_ERR_INVALIDE_PARAM;
		if (!policy_is_offline(c, index))
			code = set_checked(c, ITEM_SETSPEED, index, &value);
	}
	if (code == PWR_SUCCESS && !c->batch.count)
		return PWR_ERR_CPU_OFFLINE;
	return code == PWR_SUCCESS ? call_commit(c) : code;
}
