/*
 * Items by name; see items.h.
 */
#include "pwrapis/items.h"

#include "pwrapis/machine.h"

static const char *const names[ITEMS] = {
	[ITEM_CPU_ONLINE] = "cpu.online",
	[ITEM_DRIVER] = "cpufreq.driver",
	[ITEM_GOVERNOR] = "cpufreq.governor",
	[ITEM_GOVERNORS] = "cpufreq.available-governors",
	[ITEM_FREQUENCY] = "cpufreq.frequency",
	[ITEM_MIN] = "cpufreq.min",
	[ITEM_MAX] = "cpufreq.max",
	[ITEM_HARDWARE_MIN] = "cpufreq.hardware-min",
	[ITEM_HARDWARE_MAX] = "cpufreq.hardware-max",
	[ITEM_SETSPEED] = "cpufreq.setspeed",
	[ITEM_PROCESSORS] = "cpufreq.processors",
	[ITEM_IDLE_DRIVER] = "idle.driver",
	[ITEM_IDLE_GOVERNOR] = "idle.governor",
	[ITEM_IDLE_GOVERNORS] = "idle.available-governors",
	[ITEM_IDLE_NAME] = "idle.name",
	[ITEM_IDLE_LATENCY] = "idle.latency",
	[ITEM_IDLE_DISABLED] = "idle.disabled",
	[ITEM_LATENCY_LIMIT] = "idle.latency-limit",
	[ITEM_METER_POWER] = "hwmon.power",
	[ITEM_METER_CAP] = "hwmon.cap",
	[ITEM_METER_CAP_MIN] = "hwmon.cap-min",
	[ITEM_METER_CAP_MAX] = "hwmon.cap-max",
	[ITEM_ZONE_ENERGY] = "powercap.energy",
	[ITEM_ZONE_RANGE] = "powercap.energy-range",
	[ITEM_ZONE_POWER] = "powercap.power",
	[ITEM_ZONE_LIMIT] = "powercap.limit",
	[ITEM_IPMI_LIMIT] = "ipmi.limit",
	[ITEM_IPMI_ACTIVE] = "ipmi.limit-active",
	[ITEM_ZONE_LIMIT_MAX] = "powercap.limit-max",
	[ITEM_SLEEP] = "sleep.state",
	[ITEM_DISK_LINK] = "disk.link",
	[ITEM_DISK_RUNTIME] = "disk.runtime",
	[ITEM_DISK_DELAY] = "disk.sleep-delay",
	[ITEM_DISK_SPIN_DOWN] = "disk.spin-down",
	[ITEM_DISK_READ] = "disk.read",
	[ITEM_DISK_WRITTEN] = "disk.written",
	[ITEM_NET_SPEED] = "net.speed",
	[ITEM_NET_SPEED_MAX] = "net.speed-max",
	[ITEM_NET_SPEED_LIMIT] = "net.speed-limit",
	[ITEM_NET_RECEIVED] = "net.received",
	[ITEM_NET_SENT] = "net.sent",
	[ITEM_HBM_MODE] = "hbm.mode",
	[ITEM_HBM_STATE] = "hbm.state",
	[ITEM_USB_RUNTIME] = "usb.runtime",
	[ITEM_USB_DELAY] = "usb.sleep-delay",
	[ITEM_USB_WAKEUP] = "usb.wakeup",
	[ITEM_CGROUP_CPUS] = "cgroup.cpus",
	[ITEM_CGROUP_OWN] = "cgroup.own",
	[ITEM_CGROUP_OWN_CPUS] = "cgroup.own-cpus",
	[ITEM_CGROUP_OWN_MEMBER] = "cgroup.own-member",
	[ITEM_CGROUP_RUN] = "cgroup.run",
};

static unsigned numbers[ITEMS];

int items_init(const char **ret_name)
{
	for (enum item i = ITEM_NONE + 1; i < ITEMS; i++) {
		int r = power_item_find(names[i], &numbers[i]);

		if (r < 0) {
			*ret_name = names[i];
			return r;
		}
	}
	return 0;
}

unsigned item_number(enum item item)
{
	return numbers[item];
}
