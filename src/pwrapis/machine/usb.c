/*
 * USB devices: whether and when they sleep, and whether they may wake the machine.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define USB_DIR "/sys/bus/usb/devices"

static const char *const control_words[] = {"auto", "on", NULL};
static const char *const wakeup_words[] = {"enabled", "disabled", NULL};

static const struct power_item items[] = {
	SOURCE_SIGNAL("usb.product", "What it calls itself.", POWER_USB, POWER_TEXT,
		      .file = "product"),
	SOURCE_CONTROL("usb.runtime", "Whether it may sleep while nobody uses it: auto or on.",
		       POWER_USB, POWER_TEXT, source_check, .file = "power/control",
		       .words = control_words),
	SOURCE_CONTROL("usb.sleep-delay", "Time without use after which it sleeps; below 0: never.",
		       POWER_USB, POWER_SECONDS, source_check, .file = "power/autosuspend_delay_ms",
		       .per = 1000, .min = -0.001, .max = 86400, .negative = true, .fails = true),
	SOURCE_CONTROL("usb.wakeup", "Whether it may wake the machine: enabled or disabled.",
		       POWER_USB, POWER_TEXT, source_check, .file = "power/wakeup",
		       .words = wakeup_words),
};

static int look(struct machine *m)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = machine_list(m, USB_DIR, &names);

	for (char **name = names; r == 0 && *name; name++) {
		char path[INSTANCE_PATH_BYTES];
		struct instance *device;

		/* With a colon: an interface of a device. */
		if (strchr(*name, ':'))
			continue;
		snprintf(path, sizeof(path), USB_DIR "/%.64s", *name);
		r = machine_add(m, POWER_USB, *name, path, &device);
	}
	return r;
}

const struct backend backend_usb = {items, ARRAY_SIZE(items), look};
