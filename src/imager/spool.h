/*
 * The contents of all files of a tree, one behind the other in an unlinked file: so that the
 * image can be written in the order of its paths, from an input that may be a pipe.
 *
 * Holes in a file stay holes in the spool, and count as zero bytes in its digests.
 */
#ifndef IMAGER_SPOOL_H
#define IMAGER_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct node;

struct spool {
	int fd;
	uint64_t end;
	void *sha256, *md5; /* of the file being added */
	uint64_t start, done;
};

#define SPOOL_INIT {.fd = -1}

/* Creates the spool in the directory @dirfd. */
int spool_init(struct spool *s, int dirfd);
void spool_deinit(struct spool *s);

/*
 * Adds a file: spool_begin(), then spool_add() with rising offsets, then spool_finish(), which
 * sets the size, the place and the digests of @node. -EINVAL for an offset that does not rise,
 * or data beyond @size_bytes.
 */
int spool_begin(struct spool *s);
int spool_add(struct spool *s, uint64_t offset, const void *data, size_t len);
int spool_finish(struct spool *s, uint64_t size_bytes, struct node *node);

/* Reads exactly @len bytes of the content of @node, from @offset on. */
int spool_read(const struct spool *s, const struct node *node, uint64_t offset, void *buf,
	       size_t len);

/* The whole content of @node, NUL-terminated, in memory of the caller's; -EFBIG over @max. */
int spool_read_all(const struct spool *s, const struct node *node, size_t max, char **ret_text,
		   size_t *ret_len);

#endif
