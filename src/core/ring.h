/*
 * A queue of records between one producer and one consumer, over the caller's memory.
 *
 * Records have one size; with a size of 1 it is a queue of bytes. The number of records is a
 * power of two. Producer and consumer are each one thread, processor or interrupt handler at a
 * time, need no lock, and never wait: every call ends after a bounded number of steps.
 *
 * How it works: two counters run freely, modulo 2^32. "written" is stored by the producer only,
 * "read" by the consumer only; written - read records are in the queue, and record i lies at
 * i modulo the number of records. Nothing is ever reset, so full and empty differ without a spare
 * record. Each side keeps a copy of the other's counter, and looks at the real one only when the
 * copy does not suffice.
 *
 * Memory order: the producer fills records and then stores "written" with release; the consumer
 * loads it with acquire before it reads them. So the records are seen whole. The consumer stores
 * "read" with release after its last look at a record, and the producer loads it with acquire
 * before it overwrites it. No other order is needed or promised.
 */
#ifndef CORE_RING_H
#define CORE_RING_H

#include <stdatomic.h>

#include "core/def.h"

/*
 * A counter. Where the compiler has no atomic 32-bit accesses (Armv6-M), an aligned word that is
 * volatile is one: such a load or store is a single access there, and ring.c orders it by a fence.
 */
#if ATOMIC_INT_LOCK_FREE == 2
typedef _Atomic uint32_t ring_counter;
#else
typedef volatile uint32_t ring_counter;
#endif

/* Each side on a cache line of its own, where there are caches that two processors fight over. */
#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#define RING_SIDE_BYTES 8
#else
#define RING_SIDE_BYTES 64
#endif

struct ring_side {
	ring_counter count; /* stored by this side */
	uint32_t seen; /* of the other side's count; nobody else's business */
} __attribute__((aligned(RING_SIDE_BYTES)));

/* To be kept where its alignment is given: in a variable, not in malloc()'s memory. */
struct ring {
	uint8_t *memory;
	uint32_t mask, record_bytes;
	struct ring_side producer, consumer;
};

_Static_assert(sizeof(ring_counter) == 4, "counters wrap at 2^32");
_Static_assert(sizeof(struct ring_side) == RING_SIDE_BYTES, "a side is one line");

/*
 * Makes an empty ring of @record_count records (a power of two, up to 2^31) of @record_bytes over
 * @memory, which is borrowed and has room for them all. -EINVAL for other numbers. Before either
 * side starts; there is nothing to undo it.
 */
int ring_init(struct ring *r, void *memory, uint32_t record_count, uint32_t record_bytes);

/* For the producer: how many records can be written now. It can only become more. */
uint32_t ring_writable(struct ring *r);
/* For the consumer: how many records can be read now. It can only become more. */
uint32_t ring_readable(struct ring *r);

/*
 * Copies up to @count records in or out, and returns how many. The other side sees those of one
 * call appear, or their room, at once.
 */
uint32_t ring_write(struct ring *r, const void *records, uint32_t count);
uint32_t ring_read(struct ring *r, void *ret_records, uint32_t count);

/*
 * The same without a copy: begin() returns how many records, from *@ret_records on, lie in one
 * piece and are the caller's; end() passes on the first @count of them, at most that many. The
 * rest may be had by another begin(). *@ret_records is not set when there are none.
 */
uint32_t ring_write_begin(struct ring *r, void **ret_records);
void ring_write_end(struct ring *r, uint32_t count);
uint32_t ring_read_begin(struct ring *r, const void **ret_records);
void ring_read_end(struct ring *r, uint32_t count);

#endif
