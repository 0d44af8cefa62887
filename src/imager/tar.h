/*
 * Reading a tree from a tar stream.
 */
#ifndef IMAGER_TAR_H
#define IMAGER_TAR_H

#include <stdint.h>

#include "err.h"

struct spool;
struct tree;

/*
 * Reads the stream on @fd to its end into @tree and @spool. Plain tar (POSIX pax, GNU, ustar), or
 * one compressed with gzip, xz or zstd. Times are whole seconds, and none is later than @epoch_s.
 * A file larger than @max_bytes is refused before its content is read.
 *
 * What cannot be kept exactly is an error, never a warning: the names and attributes of the image
 * are those of the archive. An archive without its end mark is taken as truncated.
 */
int tar_read(int fd, int64_t epoch_s, uint64_t max_bytes, struct tree *tree, struct spool *spool,
	     struct err *err);

#endif
