/*
 * An ext4 file system inside an image file, made without mounting anything.
 */
#ifndef IMAGER_EXT4_H
#define IMAGER_EXT4_H

#include <stdint.h>

#include "err.h"
#include "uuid.h"

#define EXT4_BLOCK_BYTES 4096
#define EXT4_INODE_BYTES 256

struct spool;
struct tree;

struct ext4_spec {
	uint64_t offset_bytes, size_bytes; /* where it lies in the file, in whole blocks */
	struct uuid uuid, hash_seed;
	const char *label;
	uint64_t inodes; /* 0: one for each 16 KiB */
	int64_t epoch_s; /* the only time there is */
};

/* Runs mke2fs on the file @fd, which is as long as it shall be and reads as zeroes. */
int ext4_make(int fd, const struct ext4_spec *spec, struct err *err);

/* Fills the empty file system with a sealed tree. Numbers its nodes. */
int ext4_populate(int fd, const struct ext4_spec *spec, const struct tree *tree,
		  const struct spool *spool, struct err *err);

#endif
