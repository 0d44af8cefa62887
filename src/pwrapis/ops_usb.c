/*
 * Operations on the sleep of USB devices. A device that cannot wake the machine has -1 for that,
 * and keeps what it has when -1 is set.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "pwrapis/ops.h"
#include "pwrapis/read.h"

enum { NOT_THERE = -1, MS_PER_S = 1000 };

/* 1 when the item says @word, 0 for another, -1 when the device does not have it. */
static int is_word(const struct call *c, enum item item, unsigned index, const char *word)
{
	struct power_value value;

	if (machine_read(call_machine(c), item_number(item), index, &value) < 0)
		return NOT_THERE;
	return str_equal(value.text, word);
}

int op_usb_autosuspend(struct call *c)
{
	unsigned count = call_count(c, POWER_USB);
	PWR_USB_AutoSuspend *reply = call_reply(c, count * sizeof(*reply));

	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	for (unsigned i = 0; i < count; i++) {
		double seconds;

		name_copy(reply[i].usbId, machine_name(call_machine(c), POWER_USB, i));
		reply[i].control = is_word(c, ITEM_USB_RUNTIME, i, "auto");
		reply[i].wakeup = is_word(c, ITEM_USB_WAKEUP, i, "enabled");
		reply[i].autoSuspendDelay = NOT_THERE;
		if (call_read(c, ITEM_USB_DELAY, i, &seconds) == 0)
			reply[i].autoSuspendDelay = lround(seconds * MS_PER_S);
	}
	return PWR_SUCCESS;
}

static int set_word(struct call *c, enum item item, unsigned index, int wanted, const char *yes,
		    const char *no)
{
	struct power_value value = {};

	if (wanted == NOT_THERE)
		return PWR_SUCCESS;
	if (wanted != PWR_ENABLE && wanted != PWR_DISABLE)
		return PWR_ERR_INVALIDE_PARAM;
	strcpy(value.text, wanted == PWR_ENABLE ? yes : no);
	return call_set(c, item_number(item), index, &value);
}

static int set_device(struct call *c, unsigned index, const PWR_USB_AutoSuspend *asked)
{
	const struct power_value delay = {.number = (double)asked->autoSuspendDelay / MS_PER_S};
	int code = set_word(c, ITEM_USB_RUNTIME, index, asked->control, "auto", "on");

	if (code == PWR_SUCCESS && asked->autoSuspendDelay != NOT_THERE)
		code = call_set(c, item_number(ITEM_USB_DELAY), index, &delay);
	if (code == PWR_SUCCESS)
		code = set_word(c, ITEM_USB_WAKEUP, index, asked->wakeup, "enabled", "disabled");
	return code;
}

int op_usb_set_autosuspend(struct call *c)
{
	const PWR_USB_AutoSuspend *asked = c->data;
	size_t count = c->head.data_bytes / sizeof(*asked);
	int code = PWR_SUCCESS;

	for (size_t i = 0; code == PWR_SUCCESS && i < count; i++) {
		unsigned index;

		if (name_find(c, POWER_USB, asked[i].usbId, &index) < 0)
			return PWR_ERR_INVALIDE_PARAM;
		code = set_device(c, index, &asked[i]);
	}
	return code == PWR_SUCCESS ? call_commit(c) : code;
}
