/*
 * A state as bytes, as the store keeps it: docs/format/store.md. An absent one has none.
 */
#ifndef FILETRACE_STATECODE_H
#define FILETRACE_STATECODE_H

#include "filetrace/record.h"

/* A byte, nine numbers of at most ten bytes each, two hashes. */
enum { STATECODE_BYTES_MAX = 1 + 9 * 10 + 2 * SHA256_BYTES };

/* Returns the length. */
size_t statecode_write(const struct state *state, uint8_t ret_bytes[STATECODE_BYTES_MAX]);
/* -EBADMSG for bytes that statecode_write() does not write. */
int statecode_read(const void *bytes, size_t len, struct state *ret_state);

#endif
