/*
 * Reading uevents; see uevent.h.
 */
#include "node/uevent.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"

static const char *const subsystems[] = {
	"acpi",	  "cpu",  "edac",     "event_source",	"hwmon",
	"iommu",  "ipmi", "memory",   "memory_tiering", "misc",
	"module", "node", "powercap", "thermal",	"tpm",
	"tpmrm",  "vdpa", "vfio",     "watchdog",
};

int uevent_parse(const char *message, size_t len, struct uevent *ret_event)
{
	static const char action[] = "ACTION=", subsystem[] = "SUBSYSTEM=";
	struct uevent e = {};

	if (len == 0 || message[len - 1] || !strchr(message, '@'))
		return -EBADMSG;
	for (const char *p = message; p < message + len; p += strlen(p) + 1) {
		if (str_starts(p, action))
			e.action = p + strlen(action);
		else if (str_starts(p, subsystem))
			e.subsystem = p + strlen(subsystem);
	}
	if (!e.action || !e.subsystem)
		return -EBADMSG;
	*ret_event = e;
	return 0;
}

bool uevent_matters(const struct uevent *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(subsystems); i++)
		if (str_equal(subsystems[i], e->subsystem))
			return true;
	return false;
}
