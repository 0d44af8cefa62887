/*
 * A queue between one producer and one consumer; see ring.h.
 */
#include "core/ring.h"

#define RING_RECORDS_MAX (UINT32_C(1) << 31)

/* load_own() is for a counter's only writer: nobody else stores it, so there is nothing to order.
 */
#if ATOMIC_INT_LOCK_FREE == 2
static uint32_t load_own(const ring_counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static uint32_t load_acquire(const ring_counter *c)
{
	return atomic_load_explicit(c, memory_order_acquire);
}

static void store_release(ring_counter *c, uint32_t value)
{
	atomic_store_explicit(c, value, memory_order_release);
}
#else
static uint32_t load_own(const ring_counter *c)
{
	return *c;
}

static uint32_t load_acquire(const ring_counter *c)
{
	uint32_t value = *c;

	atomic_thread_fence(memory_order_acquire);
	return value;
}

static void store_release(ring_counter *c, uint32_t value)
{
	atomic_thread_fence(memory_order_release);
	*c = value;
}
#endif

int ring_init(struct ring *r, void *memory, uint32_t record_count, uint32_t record_bytes)
{
	size_t bytes;

	if (record_count == 0 || record_count > RING_RECORDS_MAX ||
	    record_count & (record_count - 1) || record_bytes == 0)
		return -EINVAL;
	if (__builtin_mul_overflow(record_count, record_bytes, &bytes))
		return -EINVAL;
	*r = (struct ring){
		.memory = memory,
		.mask = record_count - 1,
		.record_bytes = record_bytes,
	};
	return 0;
}

static uint32_t min(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint8_t *record(const struct ring *r, uint32_t i)
{
	return r->memory + (size_t)(i & r->mask) * r->record_bytes;
}

/* How many records lie in one piece from record @i on, before the memory ends. */
static uint32_t until_end(const struct ring *r, uint32_t i)
{
	return r->mask + 1 - (i & r->mask);
}

/* What can be written; the consumer's counter is only looked at when less than @wanted is known. */
static uint32_t writable(struct ring *r, uint32_t wanted)
{
	uint32_t written = load_own(&r->producer.count);
	uint32_t room = r->mask + 1 - (written - r->producer.seen);

	if (room >= wanted)
		return room;
	r->producer.seen = load_acquire(&r->consumer.count);
	return r->mask + 1 - (written - r->producer.seen);
}

static uint32_t readable(struct ring *r, uint32_t wanted)
{
	uint32_t read = load_own(&r->consumer.count);

	if (r->consumer.seen - read >= wanted)
		return r->consumer.seen - read;
	r->consumer.seen = load_acquire(&r->producer.count);
	return r->consumer.seen - read;
}

uint32_t ring_writable(struct ring *r)
{
	return writable(r, UINT32_MAX);
}

uint32_t ring_readable(struct ring *r)
{
	return readable(r, UINT32_MAX);
}

uint32_t ring_write(struct ring *r, const void *records, uint32_t count)
{
	uint32_t at = load_own(&r->producer.count), n = min(writable(r, count), count);
	size_t piece = (size_t)min(n, until_end(r, at)) * r->record_bytes;
	size_t all = (size_t)n * r->record_bytes;

	if (n == 0)
		return 0;
	__builtin_memcpy(record(r, at), records, piece);
	__builtin_memcpy(r->memory, (const uint8_t *)records + piece, all - piece);
	store_release(&r->producer.count, at + n);
	return n;
}

uint32_t ring_read(struct ring *r, void *ret_records, uint32_t count)
{
	uint32_t at = load_own(&r->consumer.count), n = min(readable(r, count), count);
	size_t piece = (size_t)min(n, until_end(r, at)) * r->record_bytes;
	size_t all = (size_t)n * r->record_bytes;

	if (n == 0)
		return 0;
	__builtin_memcpy(ret_records, record(r, at), piece);
	__builtin_memcpy((uint8_t *)ret_records + piece, r->memory, all - piece);
	store_release(&r->consumer.count, at + n);
	return n;
}

uint32_t ring_write_begin(struct ring *r, void **ret_records)
{
	uint32_t at = load_own(&r->producer.count), piece = until_end(r, at);
	uint32_t n = min(writable(r, piece), piece);

	if (n)
		*ret_records = record(r, at);
	return n;
}

void ring_write_end(struct ring *r, uint32_t count)
{
	core_assert(count <= writable(r, count));
	store_release(&r->producer.count, load_own(&r->producer.count) + count);
}

uint32_t ring_read_begin(struct ring *r, const void **ret_records)
{
	uint32_t at = load_own(&r->consumer.count), piece = until_end(r, at);
	uint32_t n = min(readable(r, piece), piece);

	if (n)
		*ret_records = record(r, at);
	return n;
}

void ring_read_end(struct ring *r, uint32_t count)
{
	core_assert(count <= readable(r, count));
	store_release(&r->consumer.count, load_own(&r->consumer.count) + count);
}
