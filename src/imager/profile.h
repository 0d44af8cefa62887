/*
 * The profile of an image: the folder that says how large the disk is and what it is called.
 */
#ifndef IMAGER_PROFILE_H
#define IMAGER_PROFILE_H

#include <stdint.h>

#include "err.h"

#define PROFILE_LABEL_MAX 16 /* ext4: s_volume_name */
#define PROFILE_PARTITION_MAX 36 /* GPT: PartitionName, in UTF-16 units */

struct profile {
	char name[256]; /* of the folder */
	uint64_t size_bytes;
	char label[PROFILE_LABEL_MAX + 1];
	char partition[PROFILE_PARTITION_MAX + 1];
	uint64_t inodes; /* 0: by the size */
};

/* Reads `key = value` lines from @text, which is cut into pieces; @file names it in messages. */
int profile_parse(char *text, const char *file, struct profile *ret_profile, struct err *err);

/* Reads profile.conf in the folder @dirfd, called @path in messages. */
int profile_load(int dirfd, const char *path, struct profile *ret_profile, struct err *err);

#endif
