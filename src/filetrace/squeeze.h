/*
 * Bytes that are kept compressed: one zstd frame each, with its size in front and a checksum.
 *
 * What comes out is as large as the caller expects, or is refused before memory is spent on it.
 */
#ifndef FILETRACE_SQUEEZE_H
#define FILETRACE_SQUEEZE_H

#include <stddef.h>

struct squeeze;

int squeeze_new(struct squeeze **ret_squeeze);
void squeeze_free(struct squeeze *s);

/* The frame, the caller's. */
int squeeze_bytes(struct squeeze *s, const void *bytes, size_t len, void **ret_frame,
		  size_t *ret_len);
/* @len bytes of a frame, with a NUL behind them, the caller's. -EBADMSG for a frame that does not
 * hold exactly them. */
int squeeze_expand(const void *frame, size_t frame_len, size_t len, char **ret_bytes);

#endif
