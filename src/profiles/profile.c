/*
 * Names of profiles; see profile.h.
 */
#include "profiles/profile.h"

#include <errno.h>

#include "base/str.h"

static const char *const names[PROFILES] = {
	[PROFILE_POWER_SAVER] = "power-saver",
	[PROFILE_BALANCED] = "balanced",
	[PROFILE_PERFORMANCE] = "performance",
};

const char *profile_name(enum profile p)
{
	return names[p];
}

int profile_parse(const char *name, enum profile *ret_profile)
{
	for (enum profile p = 0; p < PROFILES; p++)
		if (str_equal(names[p], name)) {
			*ret_profile = p;
			return 0;
		}
	return -EINVAL;
}
