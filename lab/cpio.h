/*
 * Writing an archive that the kernel unpacks as its first file system.
 *
 * The format is "newc", as the kernel's Documentation/driver-api/early-userspace/buffer-format.rst
 * describes it: a header of hexadecimal numbers, the name, the contents, each padded to 4 bytes.
 * Times are zero and inode numbers count up, so the same entries make the same bytes.
 */
#ifndef LAB_CPIO_H
#define LAB_CPIO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct cpio {
	FILE *file; /* borrowed */
	uint32_t inode;
	uint64_t offset;
	int error; /* the first; kept */
};

struct cpio_entry {
	const char *name; /* without a slash in front */
	uint32_t mode; /* with the type */
	uint32_t device_major, device_minor;
	const void *data; /* a file's contents, a link's target */
	size_t len;
};

void cpio_init(struct cpio *c, FILE *file);
void cpio_add(struct cpio *c, const struct cpio_entry *e);

/* Writes the end: 0 when everything was written. */
int cpio_finish(struct cpio *c);

#endif
