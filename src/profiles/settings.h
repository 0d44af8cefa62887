/*
 * The configuration of leonhard-power-profiles: what each profile sets.
 */
#ifndef PROFILES_SETTINGS_H
#define PROFILES_SETTINGS_H

#include "base/conf.h"
#include "profiles/profile.h"

enum boost { BOOST_AS_IT_IS, BOOST_OFF, BOOST_ON };

/* Of each list, the first word that the machine has; none: it stays as it is. */
struct choice {
	char **preference; /* energy or performance, where the hardware decides */
	char **governor; /* of policies without a preference */
	char **platform; /* of the firmware */
	unsigned boost; /* enum boost */
};

struct settings {
	struct choice choice[PROFILES];
};

extern const struct conf_table settings_table;

#endif
