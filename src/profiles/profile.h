/*
 * The three profiles of power, and their published names.
 */
#ifndef PROFILES_PROFILE_H
#define PROFILES_PROFILE_H

/* In the order in which the bus tells them. */
enum profile { PROFILE_POWER_SAVER, PROFILE_BALANCED, PROFILE_PERFORMANCE, PROFILES };

/* "power-saver", "balanced", "performance". */
const char *profile_name(enum profile p);
/* -EINVAL: there is no such profile. */
int profile_parse(const char *name, enum profile *ret_profile);

#endif
