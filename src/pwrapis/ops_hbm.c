/*
 * Operations on high-bandwidth memory: how it is used, and the power of all of it together.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/ops.h"
#include "pwrapis/read.h"

static const struct call_code codes[] = {
	{EOPNOTSUPP, PWR_ERR_HBM_NOT_SUPPORTED},
	{},
};

int op_hbm_state(struct call *c)
{
	static const char *const modes[] = {[PWR_HBM_FLAT_MOD] = "flat",
					    [PWR_HBM_CACHE_MOD] = "cache",
					    [PWR_HBM_HYBRID_MOD] = "hybrid"};
	PWR_HBM_SYS_STATE *reply, state = PWR_HBM_FLAT_MOD;
	struct power_value mode;
	int r = machine_read(call_machine(c), item_number(ITEM_HBM_MODE), 0, &mode);

	c->codes = codes;
	if (r < 0)
		return call_code(c, r);
	while (state < PWR_HBM_HYBRID_MOD && !str_equal(modes[state], mode.text))
		state++;
	reply = call_reply(c, sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	*reply = state;
	return PWR_SUCCESS;
}

int op_hbm_set_power(struct call *c)
{
	const int *state = c->data;
	struct power_value value = {};
	int code = PWR_SUCCESS;

	c->codes = codes;
	if (*state != PWR_ENABLE && *state != PWR_DISABLE)
		return PWR_ERR_INVALIDE_PARAM;
	if (!call_count(c, POWER_HBM))
		return call_code(c, -EOPNOTSUPP);
	strcpy(value.text, *state == PWR_ENABLE ? "online" : "offline");
	for (unsigned i = 0; code == PWR_SUCCESS && i < call_count(c, POWER_HBM); i++)
		code = call_set(c, item_number(ITEM_HBM_STATE), i, &value);
	return code == PWR_SUCCESS ? call_commit(c) : code;
}
