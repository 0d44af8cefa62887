/*
 * The profile that the firmware of a portable machine works by: how much heat and noise it allows.
 *
 * The firmware may change it by itself, when somebody presses its key: what is read then is what it
 * has chosen.
 */
#include "base/def.h"
#include "pwrapis/machine/source.h"

#define PROFILE "/sys/firmware/acpi/platform_profile"

static const struct power_item items[] = {
	SOURCE_CONTROL("platform.profile", "What the firmware aims at: quiet, cool or fast.",
		       POWER_BOARD, POWER_TEXT, source_check, .file = PROFILE,
		       .choices = PROFILE "_choices"),
	SOURCE_SIGNAL("platform.available-profiles", "Profiles that the firmware has.", POWER_BOARD,
		      POWER_LIST, .file = PROFILE "_choices"),
};

const struct backend backend_platform = {items, ARRAY_SIZE(items), NULL};
