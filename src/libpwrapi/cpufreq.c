/*
 * Functions of the API: the frequency of processors.
 */
#include "libpwrapi/call.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"

#define LEN PWR_MAX_ELEMENT_NAME_LEN

/* ---- what there is ---- */

static const struct call_text ability_texts[] = {
	{offsetof(PWR_CPU_FreqAbility, curDriver), LEN, 1, 0},
	{offsetof(PWR_CPU_FreqAbility, avGovList), LEN, PWR_MAX_GOV_NUM, LEN},
	{},
};

static bool ability_sane(const void *reply, size_t bytes)
{
	const PWR_CPU_FreqAbility *a = reply;
	size_t behind = bytes - sizeof(*a);

	if (a->avGovNum < 0 || a->avGovNum > PWR_MAX_GOV_NUM || a->freqDomainNum < 0)
		return false;
	if (a->freqDomainNum == 0)
		return behind == 0;
	return a->freqDomainStep > 0 &&
	       (uint64_t)a->freqDomainNum * (uint64_t)a->freqDomainStep == behind;
}

/* How large a unit is stands in the reply, so that it is taken as bytes. */
static const struct call_shape ability_shape = {
	.operation = WIRE_CPU_GET_FREQ_ABILITY,
	.head_bytes = sizeof(PWR_CPU_FreqAbility),
	.unit_bytes = 1,
	.texts = ability_texts,
	.sane = ability_sane,
};

int PWR_CPU_GetFreqAbility(PWR_CPU_FreqAbility *ability, uint32_t bytes)
{
	int result = call_check(ability, bytes >= sizeof(*ability));
	size_t filled;

	if (result != PWR_SUCCESS)
		return result;
	result = call_get(&ability_shape, CALL_NOTHING, ability, bytes - sizeof(*ability), &filled);
	if (result != PWR_SUCCESS || ability->freqDomainNum == 0)
		return result;
	ability->freqDomainNum = filled / ability->freqDomainStep;
	for (int i = 1; i <= ability->freqDomainNum; i++)
		ability->freqDomain[i * ability->freqDomainStep - 1] = 0;
	return PWR_SUCCESS;
}

/* ---- governors ---- */

int PWR_CPU_GetFreqGovernor(char governor[], uint32_t bytes)
{
	int result = call_check(governor, bytes >= LEN);

	return result ? result : call_text(WIRE_CPU_GET_GOVERNOR, governor, bytes);
}

int PWR_CPU_SetFreqGovernor(const char governor[])
{
	struct call_request request;
	int result = call_name(governor, &request);

	return result ? result : call_set(WIRE_CPU_SET_GOVERNOR, request);
}

static const struct call_text attrs_texts[] = {
	{offsetof(PWR_CPU_FreqGovAttrs, gov), LEN, 1, 0},
	{offsetof(PWR_CPU_FreqGovAttrs, attrs[0].key), LEN, PWR_MAX_GOV_ATTR_NUM,
	 sizeof(PWR_COM_Attr)},
	{offsetof(PWR_CPU_FreqGovAttrs, attrs[0].value), PWR_MAX_VALUE_LEN, PWR_MAX_GOV_ATTR_NUM,
	 sizeof(PWR_COM_Attr)},
	{},
};

static bool attrs_sane(const void *reply, size_t bytes)
{
	return ((const PWR_CPU_FreqGovAttrs *)reply)->attrNum <= PWR_MAX_GOV_ATTR_NUM;
}

static const struct call_shape attrs_shape = {
	.operation = WIRE_CPU_GET_GOVERNOR_ATTRS,
	.head_bytes = sizeof(PWR_CPU_FreqGovAttrs),
	.texts = attrs_texts,
	.sane = attrs_sane,
};

int PWR_CPU_GetFreqGovAttrs(PWR_CPU_FreqGovAttrs *attrs)
{
	int result = call_check(attrs, true);

	return result ? result : call_get(&attrs_shape, CALL_WITH(&attrs->gov), attrs, 0, NULL);
}

static const struct call_text attr_texts[] = {
	{offsetof(PWR_CPU_FreqGovAttr, gov), LEN, 1, 0},
	{offsetof(PWR_CPU_FreqGovAttr, attr.key), LEN, 1, 0},
	{offsetof(PWR_CPU_FreqGovAttr, attr.value), PWR_MAX_VALUE_LEN, 1, 0},
	{},
};

static const struct call_shape attr_shape = {
	.operation = WIRE_CPU_GET_GOVERNOR_ATTR,
	.head_bytes = sizeof(PWR_CPU_FreqGovAttr),
	.texts = attr_texts,
};

int PWR_CPU_GetFreqGovAttr(PWR_CPU_FreqGovAttr *attr)
{
	int result = call_check(attr, true);

	return result ? result : call_get(&attr_shape, CALL_WITH(attr), attr, 0, NULL);
}

int PWR_CPU_SetFreqGovAttr(const PWR_CPU_FreqGovAttr *attr)
{
	int result = call_check(attr, true);

	return result ? result : call_set(WIRE_CPU_SET_GOVERNOR_ATTR, CALL_WITH(attr));
}

/* ---- frequencies ---- */

static const struct call_shape range_shape = {
	.operation = WIRE_CPU_GET_FREQ_RANGE,
	.head_bytes = sizeof(PWR_CPU_FreqRange),
};

int PWR_CPU_GetFreqRange(PWR_CPU_FreqRange *range)
{
	int result = call_check(range, true);

	return result ? result : call_get(&range_shape, CALL_NOTHING, range, 0, NULL);
}

int PWR_CPU_SetFreqRange(const PWR_CPU_FreqRange *range)
{
	bool valid = range && range->minFreq >= 0 && range->minFreq < range->maxFreq;
	int result = call_check(range, valid);

	return result ? result : call_set(WIRE_CPU_SET_FREQ_RANGE, CALL_WITH(range));
}

static const struct call_shape freq_shape = {
	.operation = WIRE_CPU_GET_FREQ,
	.unit_bytes = sizeof(PWR_CPU_CurFreq),
};

/* A missing count is a wrong value here, and a missing pointer elsewhere: as published. */
int PWR_CPU_GetFreq(PWR_CPU_CurFreq freq[], uint32_t *count, int spec)
{
	bool valid = count && *count > 0 && (spec == PWR_TRUE || spec == PWR_FALSE);
	int result = call_check(freq, valid);

	if (result != PWR_SUCCESS)
		return result;
	if (*count > PWR_MAX_CPUFREQ_POLICY_NUM)
		return PWR_ERR_INPUT_OVERSIZE;
	return call_list(&freq_shape, call_named(freq, *count, sizeof(*freq), spec), freq, count);
}

int PWR_CPU_SetFreq(const PWR_CPU_CurFreq freq[], uint32_t count)
{
	int result = call_check(freq, count > 0);

	return result ? result
		      : call_set(WIRE_CPU_SET_FREQ, call_array(freq, count, sizeof(*freq)));
}
