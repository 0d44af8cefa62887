/*
 * Functions of the API: network interfaces.
 */
#include <string.h>

#include "libpwrapi/call.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"

static const struct call_shape info_shape = {
	.operation = WIRE_NET_GET_INFO,
	.head_bytes = sizeof(PWR_NET_Info),
	.unit_bytes = sizeof(PWR_NET_Eth),
	.unit_text = {offsetof(PWR_NET_Eth, ethName), PWR_MAX_ELEMENT_NAME_LEN, 1, 0},
};

int PWR_NET_GetInfo(PWR_NET_Info *info, uint32_t bytes)
{
	int result = call_check(info, bytes > sizeof(*info));
	size_t count;

	if (result != PWR_SUCCESS)
		return result;
	result = call_get(&info_shape, CALL_NOTHING, info,
			  (bytes - sizeof(*info)) / sizeof(info->eth[0]), &count);
	if (result == PWR_SUCCESS)
		info->ethNum = count;
	return result;
}

/* What is asked of one interface by its name. */
static int get(const struct call_shape *shape, const char *interface, void *buffer)
{
	struct call_request request;
	int result = call_check(interface && buffer, true);

	if (result == PWR_SUCCESS)
		result = call_name(interface, &request);
	return result ? result : call_get(shape, request, buffer, 0, NULL);
}

static const struct call_shape through_shape = {
	.operation = WIRE_NET_GET_THROUGHPUT,
	.head_bytes = sizeof(PWR_NET_Through),
};

int PWR_NET_GetThrouth(char interface[], PWR_NET_Through *through)
{
	return get(&through_shape, interface, through);
}

static const struct call_shape speed_shape = {
	.operation = WIRE_NET_GET_SPEED,
	.head_bytes = sizeof(uint32_t),
};

int PWR_NET_GetSpeedMod(char interface[], uint32_t *speed)
{
	return get(&speed_shape, interface, speed);
}

/* The speed stands before the name. */
int PWR_NET_SetSpeedMod(char interface[], uint32_t speed)
{
	struct call_request name;
	char bytes[sizeof(speed) + PWR_MAX_ELEMENT_NAME_LEN];
	int result = call_name(interface, &name);

	if (result != PWR_SUCCESS)
		return result;
	memcpy(bytes, &speed, sizeof(speed));
	memcpy(bytes + sizeof(speed), name.data, name.bytes);
	return call_set(WIRE_NET_SET_SPEED,
			(struct call_request){bytes, sizeof(speed) + name.bytes});
}
