/*
 * The ring of events, as its reader: what the kernel has written is handed out, and counts as read
 * only when it was stored.
 *
 * The ring itself is that of base/bpfring.h. What comes is copied and checked before anybody sees
 * it: an event has the size that its type allows, and texts end.
 */
#ifndef FILETRACE_RING_H
#define FILETRACE_RING_H

#include "filetrace/source.h"

struct ring;

/* Of the map @map_fd, which may be closed afterwards. */
int ring_open(int map_fd, struct ring **ret_ring);
/* Of memory, for tests: @bytes of @data. */
int ring_open_memory(uint64_t *reader, const uint64_t *writer, const void *data, size_t bytes,
		     struct ring **ret_ring);
void ring_close(struct ring *r);
void ring_close_p(struct ring **r);

/* Readable when there is something that was not handed out; -1 for memory. */
int ring_fd(const struct ring *r);
/* As of source_ops. -EBADMSG when what is there is no ring. */
int ring_read(struct ring *r, unsigned max, source_fn fn, void *data);
void ring_commit(struct ring *r);
uint64_t ring_position(const struct ring *r);
/* -ERANGE for a position that is not ahead, or not the end of a record. */
int ring_skip(struct ring *r, uint64_t position);
/* Records that made no sense, and were left out. */
uint64_t ring_malformed(const struct ring *r);

#endif
