/*
 * The ring of ended processes; see endring.h.
 */
#include "pwrapis/endring.h"

#include <errno.h>
#include <stdlib.h>

#include "base/bpfring.h"
#include "base/def.h"

struct endring {
	struct bpfring raw;
};

static int new_ring(const struct bpfring *raw, struct endring **ret_ring)
{
	struct endring *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->raw = *raw;
	*ret_ring = r;
	return 0;
}

int endring_open_memory(uint64_t *reader, const uint64_t *writer, const void *data, size_t bytes,
			struct endring **ret_ring)
{
	const struct bpfring raw = {
		.reader = reader,
		.writer = writer,
		.data = data,
		.bytes = bytes,
	};

	return new_ring(&raw, ret_ring);
}

int endring_open(int map_fd, size_t bytes, struct endring **ret_ring)
{
	struct bpfring raw;
	int r = bpfring_map(map_fd, bytes, &raw);

	if (r < 0)
		return r;
	r = new_ring(&raw, ret_ring);
	if (r < 0) {
		bpfring_unmap(&raw);
		return r;
	}
	__atomic_store_n(raw.reader, __atomic_load_n(raw.writer, __ATOMIC_ACQUIRE),
			 __ATOMIC_RELEASE);
	return 0;
}

void endring_close(struct endring *r)
{
	if (!r)
		return;
	bpfring_unmap(&r->raw);
	free(r);
}

static void hand_out(const struct endring *r, uint64_t at, uint32_t len, endring_fn fn, void *data)
{
	struct probe_end end;

	if (len != sizeof(end))
		return;
	bpfring_copy(&r->raw, at + BPFRING_HEAD, &end, sizeof(end));
	end.comm[sizeof(end.comm) - 1] = '\0';
	fn(data, &end);
}

int endring_read(struct endring *r, unsigned max, endring_fn fn, void *data)
{
	uint64_t at = __atomic_load_n(r->raw.reader, __ATOMIC_ACQUIRE), next;
	unsigned count = 0;
	int k = 0;

	while (count < max) {
		uint32_t len;

		k = bpfring_record(&r->raw, at, &len, &next);
		if (k <= 0)
			break;
		hand_out(r, at, len, fn, data);
		at = next;
		count++;
	}
	__atomic_store_n(r->raw.reader, at, __ATOMIC_RELEASE);
	return k < 0 ? k : (int)count;
}
