/*
 * The ring of ended processes; see endring.h.
 */
#include "pwrapis/endring.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/def.h"

enum {
	RECORD_BUSY = 1U << 31,
	RECORD_DISCARD = 1U << 30,
	RECORD_HEAD = 8, /* length and flags, and where the ring's page is */
};

struct endring {
	uint64_t *reader; /* shared with the kernel */
	const uint64_t *writer;
	const char *data;
	size_t bytes, page; /* page 0: of memory */
};

int endring_open_memory(uint64_t *reader, const uint64_t *writer, const void *data, size_t bytes,
			struct endring **ret_ring)
{
	struct endring *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	*r = (struct endring){.reader = reader, .writer = writer, .data = data, .bytes = bytes};
	*ret_ring = r;
	return 0;
}

int endring_open(int map_fd, size_t bytes, struct endring **ret_ring)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *reader = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0), *writer;
	int r;

	if (reader == MAP_FAILED)
		return -errno;
	writer = mmap(NULL, page + bytes, PROT_READ, MAP_SHARED, map_fd, page);
	r = writer == MAP_FAILED ? -errno : 0;
	if (r == 0)
		r = endring_open_memory(reader, writer, (char *)writer + page, bytes, ret_ring);
	if (r == 0) {
		(*ret_ring)->page = page;
		__atomic_store_n((uint64_t *)reader,
				 __atomic_load_n((uint64_t *)writer, __ATOMIC_ACQUIRE),
				 __ATOMIC_RELEASE);
		return 0;
	}
	munmap(reader, page);
	if (writer != MAP_FAILED)
		munmap(writer, page + bytes);
	return r;
}

void endring_close(struct endring *r)
{
	if (!r)
		return;
	if (r->page) {
		munmap(r->reader, r->page);
		munmap((void *)r->writer, r->page + r->bytes);
	}
	free(r);
}

/* Copies what is at @at, which may go on at the ring's beginning. */
static void copy_out(const struct endring *r, uint64_t at, void *to, size_t len)
{
	size_t from = at & (r->bytes - 1), first = r->bytes - from;

	if (first > len)
		first = len;
	memcpy(to, r->data + from, first);
	memcpy((char *)to + first, r->data, len - first);
}

/* The record at @at: 0 when there is none yet, 1 when there is, -EBADMSG when there cannot be. */
static int record_at(const struct endring *r, uint64_t at, uint32_t *ret_len, uint64_t *ret_next)
{
	uint64_t end = __atomic_load_n(r->writer, __ATOMIC_ACQUIRE), next;
	uint32_t len;

	if (at == end)
		return 0;
	if (at % RECORD_HEAD || end - at > r->bytes)
		return -EBADMSG;
	len = __atomic_load_n((const uint32_t *)(const void *)(r->data + (at & (r->bytes - 1))),
			      __ATOMIC_ACQUIRE);
	if (len & RECORD_BUSY)
		return 0;
	next = at + ((RECORD_HEAD + (uint64_t)(len & ~RECORD_DISCARD) + 7) & ~UINT64_C(7));
	if (next - at > end - at)
		return -EBADMSG;
	*ret_len = len;
	*ret_next = next;
	return 1;
}

static void hand_out(const struct endring *r, uint64_t at, uint32_t len, endring_fn fn, void *data)
{
	struct probe_end end;

	if (len != sizeof(end))
		return;
	copy_out(r, at + RECORD_HEAD, &end, sizeof(end));
	end.comm[sizeof(end.comm) - 1] = '\0';
	fn(data, &end);
}

int endring_read(struct endring *r, unsigned max, endring_fn fn, void *data)
{
	uint64_t at = __atomic_load_n(r->reader, __ATOMIC_ACQUIRE), next;
	unsigned count = 0;
	int k = 0;

	while (count < max) {
		uint32_t len;

		k = record_at(r, at, &len, &next);
		if (k <= 0)
			break;
		hand_out(r, at, len, fn, data);
		at = next;
		count++;
	}
	__atomic_store_n(r->reader, at, __ATOMIC_RELEASE);
	return k < 0 ? k : (int)count;
}
