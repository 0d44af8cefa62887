/*
 * Attributes of governors. Which there are is said by the machine's table: names of a client are
 * compared with those and stand in no path. Values travel as the kernel's file has them.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/ops.h"
#include "pwrapis/read.h"

/* The governor that is meant: the one at work when none is named. A code. */
static int take_governor(const struct call *c, const char *name,
			 char governor[PWR_MAX_ELEMENT_NAME_LEN + 1])
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	char now[PWR_MAX_ELEMENT_NAME_LEN];
	unsigned first;
	int r = policy_first(c, &first);

	if (r < 0)
		return call_code(c, r);
	name_take(governor, name);
	if (!*governor) {
		r = call_read_text(c, ITEM_GOVERNOR, first, governor);
		return r < 0 ? call_code(c, r) : PWR_SUCCESS;
	}
	r = call_words(c, ITEM_GOVERNORS, first, &words);
	if (r < 0)
		return call_code(c, r);
	if (!str_vector_contains(words, governor))
		return PWR_ERR_GOVERNOR_INVALIDE;
	for (unsigned i = first; i < call_count(c, POWER_POLICY); i++)
		if (call_read_text(c, ITEM_GOVERNOR, i, now) == 0 && str_equal(now, governor))
			return PWR_SUCCESS;
	return PWR_ERR_GOVERNOR_INACTIVE;
}

/* The first policy that has it. */
static int read_attribute(const struct call *c, unsigned item, double *ret_raw)
{
	int r = -EOPNOTSUPP;

	for (unsigned i = 0; r == -EOPNOTSUPP && i < call_count(c, POWER_POLICY); i++) {
		struct power_value value;

		r = machine_read(call_machine(c), item, i, &value);
		if (r == 0)
			*ret_raw = round(value.number / power_item_scale(item));
	}
	return r;
}

static void format(char out[PWR_MAX_VALUE_LEN], double raw)
{
	snprintf(out, PWR_MAX_VALUE_LEN, "%.0f", raw);
}

int op_governor_attrs(struct call *c)
{
	char governor[PWR_MAX_ELEMENT_NAME_LEN + 1], prefix[64];
	PWR_CPU_FreqGovAttrs *reply;
	int code = take_governor(c, c->data, governor);

	if (code != PWR_SUCCESS)
		return code;
	reply = call_reply(c, sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	name_copy(reply->gov, governor);
	snprintf(prefix, sizeof(prefix), "cpufreq.%s.", governor);
	for (unsigned i = 0; i < power_item_count() && reply->attrNum < PWR_MAX_GOV_ATTR_NUM; i++) {
		const char *name = power_item(i)->name;
		double raw = 0;

		if (!str_starts(name, prefix) || read_attribute(c, i, &raw) < 0)
			continue;
		name_copy(reply->attrs[reply->attrNum].key, name + strlen(prefix));
		format(reply->attrs[reply->attrNum++].value, raw);
	}
	return PWR_SUCCESS;
}

/* The item of the attribute that a request is about; the governor into @governor. A code. */
static int take_attribute(const struct call *c, char governor[PWR_MAX_ELEMENT_NAME_LEN + 1],
			  unsigned *ret_item)
{
	const PWR_CPU_FreqGovAttr *asked = c->data;
	char key[PWR_MAX_ELEMENT_NAME_LEN + 1], name[96];
	int code;

	name_take(key, asked->attr.key);
	if (!*key)
		return PWR_ERR_INVALIDE_PARAM;
	code = take_governor(c, asked->gov, governor);
	if (code != PWR_SUCCESS)
		return code;
	snprintf(name, sizeof(name), "cpufreq.%s.%s", governor, key);
	return power_item_find(name, ret_item) < 0 ? PWR_ERR_ATTR_NOT_EXISTS : PWR_SUCCESS;
}

static const struct call_code attribute_codes[] = {
	{EOPNOTSUPP, PWR_ERR_ATTR_NOT_EXISTS},
	{},
};

int op_governor_attr(struct call *c)
{
	const PWR_CPU_FreqGovAttr *asked = c->data;
	char governor[PWR_MAX_ELEMENT_NAME_LEN + 1];
	PWR_CPU_FreqGovAttr *reply;
	unsigned item;
	double raw = 0;
	int code = take_attribute(c, governor, &item), r;

	c->codes = attribute_codes;
	if (code != PWR_SUCCESS)
		return code;
	r = read_attribute(c, item, &raw);
	if (r < 0)
		return call_code(c, r);
	reply = call_reply(c, sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	name_copy(reply->gov, governor);
	memcpy(reply->attr.key, asked->attr.key, sizeof(reply->attr.key));
	format(reply->attr.value, raw);
	return PWR_SUCCESS;
}

/* Digits, with a sign or without, in the unit of the kernel's file. */
static int take_number(const char *text, unsigned item, struct power_value *ret_value)
{
	char digits[PWR_MAX_VALUE_LEN + 1], *end;
	double number;

	snprintf(digits, sizeof(digits), "%.*s", PWR_MAX_VALUE_LEN, text);
	if (!*digits || digits[strspn(digits, "-0123456789")])
		return PWR_ERR_INVALIDE_PARAM;
	number = strtod(digits, &end);
	if (*end)
		return PWR_ERR_INVALIDE_PARAM;
	*ret_value = (struct power_value){.number = number * power_item_scale(item)};
	return PWR_SUCCESS;
}

int op_governor_set_attr(struct call *c)
{
	const PWR_CPU_FreqGovAttr *asked = c->data;
	char governor[PWR_MAX_ELEMENT_NAME_LEN + 1];
	struct power_value value, now;
	unsigned item;
	int code = take_attribute(c, governor, &item);

	c->codes = attribute_codes;
	if (code == PWR_SUCCESS)
		code = take_number(asked->attr.value, item, &value);
	for (unsigned i = 0; code == PWR_SUCCESS && i < call_count(c, POWER_POLICY); i++)
		if (machine_read(call_machine(c), item, i, &now) != -EOPNOTSUPP)
			code = call_set(c, item, i, &value);
	if (code == PWR_SUCCESS && !c->batch.count)
		return PWR_ERR_ATTR_NOT_EXISTS;
	return code == PWR_SUCCESS ? call_commit(c) : code;
}
