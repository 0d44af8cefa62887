/*
 * Reading the machine for handlers; see read.h.
 */
#include "pwrapis/read.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/pwrapis.h"

struct machine *call_machine(const struct call *c)
{
	return c->session->p->machine;
}

unsigned call_count(const struct call *c, enum power_domain domain)
{
	return machine_count(call_machine(c), domain);
}

int call_read(const struct call *c, enum item item, unsigned index, double *ret_number)
{
	struct power_value value;
	int r = machine_read(call_machine(c), item_number(item), index, &value);

	if (r == 0)
		*ret_number = value.number;
	return r;
}

int call_read_text(const struct call *c, enum item item, unsigned index,
		   char out[PWR_MAX_ELEMENT_NAME_LEN])
{
	struct power_value value;
	int r = machine_read(call_machine(c), item_number(item), index, &value);

	if (r == 0)
		name_copy(out, value.text);
	return r;
}

int call_words(const struct call *c, enum item item, unsigned index, char ***ret_words)
{
	return machine_words(call_machine(c), item_number(item), index, ret_words);
}

/* ---- names ---- */

void name_copy(char out[PWR_MAX_ELEMENT_NAME_LEN], const char *name)
{
	snprintf(out, PWR_MAX_ELEMENT_NAME_LEN, "%.*s", PWR_MAX_ELEMENT_NAME_LEN - 1, name);
}

void name_take(char out[PWR_MAX_ELEMENT_NAME_LEN + 1], const char *name)
{
	snprintf(out, PWR_MAX_ELEMENT_NAME_LEN + 1, "%.*s", PWR_MAX_ELEMENT_NAME_LEN, name);
}

/* Longer names were told cut, and are known by that. */
int name_find(const struct call *c, enum power_domain domain, const char *name, unsigned *ret_index)
{
	char wanted[PWR_MAX_ELEMENT_NAME_LEN + 1], told[PWR_MAX_ELEMENT_NAME_LEN];

	name_take(wanted, name);
	for (unsigned i = 0; i < call_count(c, domain); i++) {
		name_copy(told, machine_name(call_machine(c), domain, i));
		if (!str_equal(told, wanted))
			continue;
		*ret_index = i;
		return 0;
	}
	return -ENOENT;
}

int name_number(const char *name)
{
	size_t len = strlen(name);

	while (len && isdigit((unsigned char)name[len - 1]))
		len--;
	return atoi(name + len);
}

/* ---- policies ---- */

bool policy_is_offline(const struct call *c, unsigned index)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	int r = call_words(c, ITEM_PROCESSORS, index, &words);

	/* The kernel keeps the folder, and refuses what is in it. */
	return r == -ENODEV || r == -EBUSY || (r == 0 && !words[0]);
}

int policy_first(const struct call *c, unsigned *ret_index)
{
	unsigned count = call_count(c, POWER_POLICY);

	for (unsigned i = 0; i < count; i++) {
		if (policy_is_offline(c, i))
			continue;
		*ret_index = i;
		return 0;
	}
	return count ? -ENODEV : -EOPNOTSUPP;
}
