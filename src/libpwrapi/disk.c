/*
 * Functions of the API: disks.
 */
#include "libpwrapi/call.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"

#define ID {0, PWR_MAX_ELEMENT_NAME_LEN, 1, 0}

/* All of them, or those that the units name. */
static int get(const struct call_shape *shape, void *units, uint32_t *count, int spec)
{
	bool valid = count && *count > 0 && (spec == PWR_TRUE || spec == PWR_FALSE);
	int result = call_check(units && count, valid);

	if (result != PWR_SUCCESS)
		return result;
	return call_list(shape, call_named(units, *count, shape->unit_bytes, spec), units, count);
}

static int set(uint16_t operation, const void *units, uint32_t count, size_t unit_bytes)
{
	int result = call_check(units, count > 0);

	return result ? result : call_set(operation, call_array(units, count, unit_bytes));
}

static const struct call_shape list_shape = {
	.operation = WIRE_DISK_GET_LIST,
	.unit_bytes = PWR_MAX_ELEMENT_NAME_LEN,
	.unit_text = ID,
};

int PWR_DISK_GetList(char disks[][PWR_MAX_ELEMENT_NAME_LEN], uint32_t *count)
{
	return get(&list_shape, disks, count, PWR_FALSE);
}

static const struct call_shape load_shape = {
	.operation = WIRE_DISK_GET_LOAD,
	.unit_bytes = sizeof(PWR_DISK_Load),
	.unit_text = ID,
};

int PWR_DISK_GetLoad(PWR_DISK_Load load[], uint32_t *count, int spec)
{
	return get(&load_shape, load, count, spec);
}

static const struct call_shape level_shape = {
	.operation = WIRE_DISK_GET_POWER_LEVEL,
	.unit_bytes = sizeof(PWR_DISK_PwrLevel),
	.unit_text = ID,
};

int PWR_DISK_GetPwrLevel(PWR_DISK_PwrLevel level[], uint32_t *count, int spec)
{
	return get(&level_shape, level, count, spec);
}

int PWR_DISK_SetPwrLevel(PWR_DISK_PwrLevel level[], uint32_t count)
{
	return set(WIRE_DISK_SET_POWER_LEVEL, level, count, sizeof(*level));
}

static const struct call_shape policy_shape = {
	.operation = WIRE_DISK_GET_SCSI_POLICY,
	.unit_bytes = sizeof(PWR_DISK_ScsiPolicy),
	.unit_text = ID,
};

int PWR_DISK_GetScsiPolicy(PWR_DISK_ScsiPolicy policy[], uint32_t *count, int spec)
{
	return get(&policy_shape, policy, count, spec);
}

int PWR_DISK_SetScsiPolicy(PWR_DISK_ScsiPolicy policy[], uint32_t count)
{
	return set(WIRE_DISK_SET_SCSI_POLICY, policy, count, sizeof(*policy));
}
