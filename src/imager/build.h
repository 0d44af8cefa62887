/*
 * One build: from a tar stream and a profile to an image and its manifest.
 */
#ifndef IMAGER_BUILD_H
#define IMAGER_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define BUILD_EPOCH_MAX INT64_C(0x37fffffff) /* the last second ext4 can say, in 2446 */

struct build_options {
	const char *tree; /* a file, or "-" for standard input */
	const char *profile;
	const char **rules; /* files read before the profile's own */
	size_t rules_count;
	int64_t epoch_s;
	const char *output;
	bool verbose;
};

int build(const struct build_options *options, struct err *err);

#endif
