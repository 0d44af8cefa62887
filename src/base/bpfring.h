/*
 * The kernel's ring buffer (kernel/bpf/ringbuf.rst), as its reader sees it: a page with the
 * position of the reader, a page with that of the writer, and the data. Positions grow without end.
 *
 * The kernel would map the data twice in a row, so that no record is in two parts; that counts
 * twice as memory, and what is copied anyway can be put together. To map a ring no capability is
 * needed, only its map's descriptor. What stands in it is believed only as far as it can be: a
 * record lies within what was written. When something counts as read is the caller's: it stores
 * @reader.
 */
#ifndef BASE_BPFRING_H
#define BASE_BPFRING_H

#include <stddef.h>
#include <stdint.h>

enum {
	BPFRING_DISCARD = 1U << 30, /* of a record's length: it is to be passed over */
	BPFRING_HEAD = 8, /* before each record: length and flags, and where the ring's page is */
};

struct bpfring {
	uint64_t *reader; /* shared with the kernel */
	const uint64_t *writer;
	const char *data;
	size_t bytes; /* of data, a power of two */
	size_t page; /* 0: of memory that is somebody else's */
};

/* Of the map @map_fd with @bytes of data; it may be closed afterwards. */
int bpfring_map(int map_fd, size_t bytes, struct bpfring *ret_ring);
void bpfring_unmap(struct bpfring *r);

/*
 * The record at @at: its length, with its flags, and where the next one is. 0 when there is none
 * yet, 1 when there is, -EBADMSG when there cannot be.
 */
int bpfring_record(const struct bpfring *r, uint64_t at, uint32_t *ret_len, uint64_t *ret_next);
/* Copies what is at @at, which may go on at the ring's beginning. @len is at most @bytes. */
void bpfring_copy(const struct bpfring *r, uint64_t at, void *to, size_t len);

#endif
