/*
 * A GUID partition table with one partition, UEFI Specification 2.10, chapter 5.
 */
#ifndef IMAGER_GPT_H
#define IMAGER_GPT_H

#include <stdint.h>

#include "uuid.h"

#define GPT_SECTOR_BYTES 512
#define GPT_ALIGN_BYTES (UINT64_C(1) << 20)

struct gpt {
	uint64_t size_bytes; /* of the disk, whole steps of GPT_ALIGN_BYTES */
	struct uuid disk, partition;
	const char *name; /* of the partition, ASCII, at most 36 characters */
};

/* Where the partition lies: everything between the two tables, in whole steps of 1 MiB. */
uint64_t gpt_partition_offset(const struct gpt *gpt);
uint64_t gpt_partition_size(const struct gpt *gpt);

/* Writes the protective MBR and both tables to @fd, and nothing between them. */
int gpt_write(int fd, const struct gpt *gpt);

#endif
