/*
 * The sources there are, from the best to the last.
 */
#include "filetrace/sources.h"

const struct source_ops *const sources[] = {
	&source_lsm,
	&source_tracepoint,
	&source_fanotify,
	NULL,
};
