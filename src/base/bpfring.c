/*
 * The kernel's ring buffer; see bpfring.h.
 */
#include "base/bpfring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RECORD_BUSY (1U << 31)

int bpfring_map(int map_fd, size_t bytes, struct bpfring *ret_ring)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *reader = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0), *writer;
	int r;

	if (reader == MAP_FAILED)
		return -errno;
	writer = mmap(NULL, page + bytes, PROT_READ, MAP_SHARED, map_fd, page);
	if (writer == MAP_FAILED) {
		r = -errno;
		munmap(reader, page);
		return r;
	}
	*ret_ring = (struct bpfring){
		.reader = reader,
		.writer = writer,
		.data = (char *)writer + page,
		.bytes = bytes,
		.page = page,
	};
	return 0;
}

void bpfring_unmap(struct bpfring *r)
{
	if (!r->page)
		return;
	munmap(r->reader, r->page);
	munmap((void *)r->writer, r->page + r->bytes);
	r->page = 0;
}

int bpfring_record(const struct bpfring *r, uint64_t at, uint32_t *ret_len, uint64_t *ret_next)
{
	uint64_t end = __atomic_load_n(r->writer, __ATOMIC_ACQUIRE), next;
	uint32_t len;

	if (at == end)
		return 0;
	if (at % BPFRING_HEAD || end - at > r->bytes)
		return -EBADMSG;
	len = __atomic_load_n((const uint32_t *)(const void *)(r->data + (at & (r->bytes - 1))),
			      __ATOMIC_ACQUIRE);
	if (len & RECORD_BUSY)
		return 0;
	next = at + ((BPFRING_HEAD + (uint64_t)(len & ~BPFRING_DISCARD) + 7) & ~UINT64_C(7));
	if (next - at > end - at)
		return -EBADMSG;
	*ret_len = len;
	*ret_next = next;
	return 1;
}

void bpfring_copy(const struct bpfring *r, uint64_t at, void *to, size_t len)
{
	size_t from = at & (r->bytes - 1), first = r->bytes - from;

	if (first > len)
		first = len;
	memcpy(to, r->data + from, first);
	memcpy((char *)to + first, r->data, len - first);
}
