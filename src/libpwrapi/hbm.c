/*
 * Functions of the API: high-bandwidth memory.
 */
#include "libpwrapi/call.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"

static const struct call_shape shape = {
	.operation = WIRE_HBM_GET_STATE,
	.head_bytes = sizeof(PWR_HBM_SYS_STATE),
};

int PWR_HBM_GetSysState(PWR_HBM_SYS_STATE *state)
{
	int result = call_check(state, true);

	return result ? result : call_get(&shape, CALL_NOTHING, state, 0, NULL);
}

int PWR_HBM_SetAllPwrState(int state)
{
	int result = call_check(true, state == PWR_ENABLE || state == PWR_DISABLE);

	return result ? result : call_set(WIRE_HBM_SET_POWER, CALL_WITH(&state));
}
