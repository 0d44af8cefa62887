/*
 * The commands that are linked into this program.
 */
#ifndef LEO_REGISTRY_H
#define LEO_REGISTRY_H

#include "leo/leo.h"

size_t registry_count(void);

/* The @i-th command in the order of the names, which are unique. NULL behind the last. */
const struct leo_command *registry_at(size_t i);

/* NULL when there is none. */
const struct leo_command *registry_find(const char *name);

/* The command of a service, by its interface; NULL when none says that it is. */
const struct leo_command *registry_of_interface(const char *interface);

#endif
