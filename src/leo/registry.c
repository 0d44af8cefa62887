/*
 * The commands that are linked into this program; see registry.h.
 *
 * The linker gathers what LEO_COMMAND() puts into the section leo_commands, and defines a symbol
 * at each end of it. The order is that of the object files, which means nothing: names are ordered
 * here. There are few of them, and each run looks at them a few times.
 */
#include "leo/registry.h"

#include <string.h>

extern const struct leo_command *const __start_leo_commands[];
extern const struct leo_command *const __stop_leo_commands[];

size_t registry_count(void)
{
	return __stop_leo_commands - __start_leo_commands;
}

/* How many names come before this one. */
static size_t rank(const struct leo_command *c)
{
	size_t before = 0;

	for (size_t i = 0; i < registry_count(); i++)
		before += strcmp(__start_leo_commands[i]->name, c->name) < 0;
	return before;
}

const struct leo_command *registry_at(size_t at)
{
	for (size_t i = 0; i < registry_count(); i++)
		if (rank(__start_leo_commands[i]) == at)
			return __start_leo_commands[i];
	return NULL;
}

const struct leo_command *registry_find(const char *name)
{
	for (size_t i = 0; i < registry_count(); i++)
		if (strcmp(__start_leo_commands[i]->name, name) == 0)
			return __start_leo_commands[i];
	return NULL;
}

const struct leo_command *registry_of_interface(const char *interface)
{
	for (size_t i = 0; i < registry_count(); i++) {
		const struct leo_command *c = __start_leo_commands[i];

		if (c->interface && strcmp(c->interface, interface) == 0)
			return c;
	}
	return NULL;
}
