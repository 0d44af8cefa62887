/*
 * Functions of the API: USB devices.
 */
#include "libpwrapi/call.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"

static const struct call_shape shape = {
	.operation = WIRE_USB_GET_AUTOSUSPEND,
	.unit_bytes = sizeof(PWR_USB_AutoSuspend),
	.unit_text = {offsetof(PWR_USB_AutoSuspend, usbId), PWR_MAX_ELEMENT_NAME_LEN, 1, 0},
};

int PWR_USB_GetAutoSuspend(PWR_USB_AutoSuspend devices[], uint32_t *count)
{
	int result = call_check(devices && count, count && *count > 0);

	return result ? result : call_list(&shape, CALL_NOTHING, devices, count);
}

int PWR_USB_SetAutoSuspend(PWR_USB_AutoSuspend devices[], uint32_t count)
{
	int result = call_check(devices, count > 0);

	if (result != PWR_SUCCESS)
		return result;
	return call_set(WIRE_USB_SET_AUTOSUSPEND, call_array(devices, count, sizeof(*devices)));
}
