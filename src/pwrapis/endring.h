/*
 * The ring in which the kernel tells of ended processes, as its reader (base/bpfring.h).
 *
 * The daemon has the map's descriptor of the probe, and could ask the kernel nothing about it:
 * bpf(2) is closed to it. What is there is copied and checked.
 */
#ifndef PWRAPIS_ENDRING_H
#define PWRAPIS_ENDRING_H

#include <stddef.h>
#include <stdint.h>

#include "pwrapis/endrecord.h"

struct endring;

typedef void (*endring_fn)(void *data, const struct probe_end *end);

/* Of the map @map_fd with @bytes of data, a power of two; it may be closed afterwards. What is in
 * it already is left out. */
int endring_open(int map_fd, size_t bytes, struct endring **ret_ring);
/* Of memory, for tests; from where @reader is. */
int endring_open_memory(uint64_t *reader, const uint64_t *writer, const void *data, size_t bytes,
			struct endring **ret_ring);
void endring_close(struct endring *r);

/* Hands out what has come, at most @max records: how many, or -EBADMSG when what is there is no
 * ring; then it must not be read any more. */
int endring_read(struct endring *r, unsigned max, endring_fn fn, void *data);

#endif
