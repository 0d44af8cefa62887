/*
 * The sources there are, from the best to the last.
 */
#include "filetrace/sources.h"

#include "filetrace/pin.h"

const struct source_ops *const sources[] = {
	&source_lsm,
	NULL,
};

int source_unpin(const char *pin_dir)
{
	return pin_remove_others(pin_dir, NULL);
}
