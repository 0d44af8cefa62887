/*
 * The writer's end of the shared memory; see ring.h. The order of its stores is explained in
 * libpwrapi/powerring.h.
 */
#include "pwrapis/ring.h"

#include <assert.h>
#include <stdlib.h>

#include "base/def.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

enum { SLOT_ALIGN = 64, SLOTS_OFFSET = 128 };

struct ring {
	int fd;
	unsigned char *map;
	size_t bytes;
	uint32_t slot_bytes, slot_count, cpu_count;
	uint64_t number; /* of the last sample */
};

static_assert(sizeof(struct powerring_head) <= SLOTS_OFFSET, "the head fits before the slots");

/* A kernel that does not know the flag does not need it. */
static int make_memory(void)
{
	int fd = memfd_create("pwrapis-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("pwrapis-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

static int map_and_seal(struct ring *r)
{
	void *map;

	if (ftruncate(r->fd, (off_t)r->bytes) < 0)
		return -errno;
	map = mmap(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	r->map = map;
	if (fcntl(r->fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) < 0)
		return -errno;
	return 0;
}

static struct powerring_head *head_of(const struct ring *r)
{
	return (struct powerring_head *)r->map;
}

int ring_new(unsigned cpus, unsigned slots, bool coarse, uint64_t period_ns, struct ring **ret_ring)
{
	size_t slot = sizeof(struct powerring_sample) + cpus * sizeof(struct powerring_cpu);
	_cleanup_(ring_free_p) struct ring *r = calloc(1, sizeof(*r));
	int e;

	assert(cpus <= POWERRING_CPUS_MAX && slots >= 2);
	if (!r)
		return -ENOMEM;
	r->slot_bytes = (slot + SLOT_ALIGN - 1) / SLOT_ALIGN * SLOT_ALIGN;
	r->slot_count = slots;
	r->cpu_count = cpus;
	r->bytes = SLOTS_OFFSET + (size_t)slots * r->slot_bytes;
	r->fd = make_memory();
	e = r->fd < 0 ? r->fd : map_and_seal(r);
	if (e < 0)
		return e;
	*head_of(r) = (struct powerring_head){
		.magic = POWERRING_MAGIC,
		.version = POWERRING_VERSION,
		.coarse = coarse,
		.bytes = r->bytes,
		.slots_offset = SLOTS_OFFSET,
		.slot_bytes = r->slot_bytes,
		.slot_count = r->slot_count,
		.cpus_offset = sizeof(struct powerring_sample),
		.cpu_count = cpus,
		.period_ns = period_ns,
	};
	*ret_ring = take_ptr(r);
	return 0;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	if (r->map) {
		__atomic_store_n(&head_of(r)->ended, 1, __ATOMIC_RELEASE);
		munmap(r->map, r->bytes);
	}
	if (r->fd >= 0)
		close(r->fd);
	free(r);
}

void ring_free_p(struct ring **r)
{
	ring_free(*r);
}

static void store(uint64_t *to, const void *from, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		uint64_t word;

		memcpy(&word, (const char *)from + i * sizeof(word), sizeof(word));
		__atomic_store_n(to + i, word, __ATOMIC_RELAXED);
	}
}

void ring_write(struct ring *r, const struct powerring_sample *sample,
		const struct powerring_cpu *cpus)
{
	uint64_t n = ++r->number;
	uint64_t *slot = (uint64_t *)(r->map + SLOTS_OFFSET +
				      (n - 1) % r->slot_count * (size_t)r->slot_bytes);

	__atomic_store_n(slot, 2 * n - 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	store(slot + 1, &sample->monotonic_ns, POWERRING_SAMPLE_WORDS - 1);
	store(slot + POWERRING_SAMPLE_WORDS, cpus, r->cpu_count);
	__atomic_store_n(slot, 2 * n, __ATOMIC_RELEASE);
	__atomic_store_n(&head_of(r)->latest, n, __ATOMIC_RELEASE);
}

void ring_set_period(struct ring *r, uint64_t period_ns)
{
	__atomic_store_n(&head_of(r)->period_ns, period_ns, __ATOMIC_RELEASE);
}

unsigned ring_cpu_count(const struct ring *r)
{
	return r->cpu_count;
}

int ring_fd(const struct ring *r)
{
	return r->fd;
}

size_t ring_bytes(const struct ring *r)
{
	return r->bytes;
}
