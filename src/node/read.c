/*
 * Readers of more than one power; see read.h.
 */
#include "node/read.h"

#include "base/def.h"
#include "base/str.h"

void read_exists(const struct machine *m, const char *argument, struct finding *f)
{
	bool there = machine_has(m, "%s", argument);

	finding_set(f, there ? POWER_YES : POWER_NO, "%s is %sthere", argument,
		    there ? "" : "not ");
}

void read_class(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, argument);

	for (char **name = names; name && *name; name++)
		if (machine_has(m, "%s/%s", argument, *name))
			finding_list(f, ", ", *name);
	if (f->detail[0])
		finding_set(f, POWER_YES, "devices in %s", argument);
	else
		finding_set(f, POWER_NO, "no device in %s", argument);
}
