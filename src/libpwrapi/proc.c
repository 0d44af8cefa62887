/*
 * Functions of the API: processes, which of them are packed onto few processors, which are
 * important, and services.
 */
#include <string.h>

#include "libpwrapi/call.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"

#define LEN PWR_MAX_ELEMENT_NAME_LEN

static int get_state(const struct call_shape *shape, int *state)
{
	int result = call_check(state, true);

	return result ? result : call_get(shape, CALL_NOTHING, state, 0, NULL);
}

static int set_state(uint16_t operation, int state)
{
	int result = call_check(true, state == PWR_ENABLE || state == PWR_DISABLE);

	return result ? result : call_set(operation, CALL_WITH(&state));
}

static int set_procs(uint16_t operation, const pid_t procs[], uint32_t count)
{
	int result = call_check(procs, count > 0 && count <= PWR_MAX_PROC_NUM);

	return result ? result : call_set(operation, call_array(procs, count, sizeof(*procs)));
}

/* ---- looking for processes ---- */

static const struct call_shape query_shape = {
	.operation = WIRE_PROC_QUERY,
	.unit_bytes = sizeof(pid_t),
};

int PWR_PROC_QueryProcs(const char *keyword, pid_t procs[], uint32_t *count)
{
	size_t len = keyword ? strnlen(keyword, PWR_MAX_STRING_LEN) : 0;
	bool valid = count && *count > 0 && len < PWR_MAX_STRING_LEN;
	int result = call_check(procs && count, valid);

	if (result != PWR_SUCCESS)
		return result;
	result = call_list(&query_shape, (struct call_request){keyword ? keyword : "", len + 1},
			   procs, count);
	if (result != PWR_SUCCESS)
		*count = 0;
	return result;
}

/* ---- packing ---- */

static const struct call_shape watt_state_shape = {
	.operation = WIRE_PROC_GET_WATT_STATE,
	.head_bytes = sizeof(int),
};

int PWR_PROC_GetWattState(int *state)
{
	return get_state(&watt_state_shape, state);
}

int PWR_PROC_SetWattState(int state)
{
	return set_state(WIRE_PROC_SET_WATT_STATE, state);
}

int PWR_PROC_SetWattFirstDomain(int cpu)
{
	int result = call_check(true, cpu >= 0);

	return result ? result : call_set(WIRE_PROC_SET_WATT_FIRST_DOMAIN, CALL_WITH(&cpu));
}

static const struct call_shape watt_attrs_shape = {
	.operation = WIRE_PROC_GET_WATT_ATTRS,
	.head_bytes = sizeof(PWR_PROC_WattAttrs),
};

int PWR_PROC_GetWattAttrs(PWR_PROC_WattAttrs *attrs)
{
	int result = call_check(attrs, true);

	return result ? result : call_get(&watt_attrs_shape, CALL_NOTHING, attrs, 0, NULL);
}

static bool valid_attrs(const PWR_PROC_WattAttrs *attrs)
{
	return attrs->scaleThreshold >= 0 && attrs->scaleThreshold <= 100 &&
	       attrs->scaleInterval >= 0 && attrs->scaleInterval <= PWR_MAX_WATT_SCALE_INTERVAL &&
	       attrs->domainMask >= 0;
}

int PWR_PROC_SetWattAttrs(const PWR_PROC_WattAttrs *attrs)
{
	int result = call_check(attrs, attrs && valid_attrs(attrs));

	return result ? result : call_set(WIRE_PROC_SET_WATT_ATTRS, CALL_WITH(attrs));
}

static const struct call_shape watt_procs_shape = {
	.operation = WIRE_PROC_GET_WATT_PROCS,
	.unit_bytes = sizeof(pid_t),
};

int PWR_PROC_GetWattProcs(pid_t procs[], uint32_t *count)
{
	int result = call_check(procs && count, count && *count > 0);

	return result ? result : call_list(&watt_procs_shape, CALL_NOTHING, procs, count);
}

int PWR_PROC_AddWattProcs(const pid_t procs[], uint32_t count)
{
	return set_procs(WIRE_PROC_ADD_WATT_PROCS, procs, count);
}

int PWR_PROC_DelWattProcs(const pid_t procs[], uint32_t count)
{
	return set_procs(WIRE_PROC_DELETE_WATT_PROCS, procs, count);
}

/* ---- important and other processes ---- */

static const struct call_shape grid_state_shape = {
	.operation = WIRE_PROC_GET_GRID_STATE,
	.head_bytes = sizeof(int),
};

int PWR_PROC_GetSmartGridState(int *state)
{
	return get_state(&grid_state_shape, state);
}

int PWR_PROC_SetSmartGridState(int state)
{
	return set_state(WIRE_PROC_SET_GRID_STATE, state);
}

static const struct call_shape grid_procs_shape = {
	.operation = WIRE_PROC_GET_GRID_PROCS,
	.head_bytes = sizeof(PWR_PROC_SmartGridProcs),
	.unit_bytes = sizeof(pid_t),
};

int PWR_PROC_GetSmartGridProcs(PWR_PROC_SMART_GRID_LEVEL level, PWR_PROC_SmartGridProcs *procs)
{
	int result = call_check(procs, procs && procs->procNum > 0);
	size_t count;

	if (result != PWR_SUCCESS)
		return result;
	result = call_get(&grid_procs_shape, CALL_WITH(&level), procs, procs->procNum, &count);
	if (result == PWR_SUCCESS)
		procs->procNum = count;
	return result;
}

int PWR_PROC_SetSmartGridLevel(const PWR_PROC_SmartGridProcs *procs)
{
	bool valid = procs && procs->procNum > 0 && procs->procNum <= PWR_MAX_PROC_NUM;
	int result = call_check(procs, valid);

	if (result != PWR_SUCCESS)
		return result;
	return call_set(
		WIRE_PROC_SET_GRID_LEVEL,
		(struct call_request){procs, sizeof(*procs) + procs->procNum * sizeof(pid_t)});
}

static const struct call_text grid_governor_texts[] = {
	{offsetof(PWR_PROC_SmartGridGov, sgLevel0Gov), LEN, 1, 0},
	{offsetof(PWR_PROC_SmartGridGov, sgLevel1Gov), LEN, 1, 0},
	{},
};

static const struct call_shape grid_governor_shape = {
	.operation = WIRE_PROC_GET_GRID_GOVERNOR,
	.head_bytes = sizeof(PWR_PROC_SmartGridGov),
	.texts = grid_governor_texts,
};

int PWR_PROC_GetSmartGridGov(PWR_PROC_SmartGridGov *governors)
{
	int result = call_check(governors, true);

	return result ? result : call_get(&grid_governor_shape, CALL_NOTHING, governors, 0, NULL);
}

int PWR_PROC_SetSmartGridGov(const PWR_PROC_SmartGridGov *governors)
{
	bool valid = governors && (governors->sgAgentState == PWR_ENABLE ||
				   governors->sgAgentState == PWR_DISABLE);
	int result = call_check(governors, valid);

	return result ? result : call_set(WIRE_PROC_SET_GRID_GOVERNOR, CALL_WITH(governors));
}

/* ---- services ---- */

static const struct call_shape service_shape = {
	.operation = WIRE_PROC_GET_SERVICE,
	.head_bytes = sizeof(PWR_PROC_ServiceStatus),
};

int PWR_PROC_GetServiceState(PWR_PROC_ServiceStatus *status)
{
	int result = call_check(status, true);

	return result ? result : call_get(&service_shape, CALL_WITH(status), status, 0, NULL);
}

int PWR_PROC_SetServiceState(PWR_PROC_ServiceState *state)
{
	bool valid =
		state && (state->state == PWR_SERVICE_START || state->state == PWR_SERVICE_STOP);
	int result = call_check(state, valid);

	return result ? result : call_set(WIRE_PROC_SET_SERVICE, CALL_WITH(state));
}
