/*
 * The items of the machine's table that the published operations stand on, by name.
 */
#ifndef PWRAPIS_ITEMS_H
#define PWRAPIS_ITEMS_H

#include <stdbool.h>

enum item {
	ITEM_NONE,
	ITEM_CPU_ONLINE,
	ITEM_DRIVER,
	ITEM_GOVERNOR,
	ITEM_GOVERNORS,
	ITEM_FREQUENCY,
	ITEM_MIN,
	ITEM_MAX,
	ITEM_HARDWARE_MIN,
	ITEM_HARDWARE_MAX,
	ITEM_SETSPEED,
	ITEM_PROCESSORS,
	ITEM_IDLE_DRIVER,
	ITEM_IDLE_GOVERNOR,
	ITEM_IDLE_GOVERNORS,
	ITEM_IDLE_NAME,
	ITEM_IDLE_LATENCY,
	ITEM_IDLE_DISABLED,
	ITEM_LATENCY_LIMIT,
	ITEM_METER_POWER,
	ITEM_METER_CAP,
	ITEM_METER_CAP_MIN,
	ITEM_METER_CAP_MAX,
	ITEM_ZONE_ENERGY,
	ITEM_ZONE_RANGE,
	ITEM_ZONE_POWER,
	ITEM_ZONE_LIMIT,
	ITEM_ZONE_LIMIT_MAX,
	ITEM_SLEEP,
	ITEM_DISK_LINK,
	ITEM_DISK_READ,
	ITEM_DISK_WRITTEN,
	ITEM_NET_SPEED,
	ITEM_NET_RECEIVED,
	ITEM_NET_SENT,
	ITEM_USB_RUNTIME,
	ITEM_USB_DELAY,
	ITEM_USB_WAKEUP,
	ITEMS,
};

/* Looks all of them up, once; -ENOENT: the table lacks one, which *@ret_name is. */
int items_init(const char **ret_name);
/* The number in the machine's table. */
unsigned item_number(enum item item);

#endif
