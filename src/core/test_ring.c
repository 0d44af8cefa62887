/*
 * Tests of ring.c: bounds, the wrap of memory and of counters, and two threads that exchange
 * millions of records, each of which must arrive once, whole and in order.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/ring.h"
#include "core/test_trap.h"

_Static_assert(EINVAL == 22 && ERANGE == 34, "core/def.h and the C library agree");

static void test_init(void **state)
{
	static const struct {
		uint32_t count, bytes;
		int r;
	} cases[] = {
		{1, 1, 0},	 {2, 7, 0},	  {64, 4096, 0},   {UINT32_C(1) << 31, 1, 0},
		{0, 1, -EINVAL}, {8, 0, -EINVAL}, {3, 1, -EINVAL}, {UINT32_MAX, 1, -EINVAL},
	};
	struct ring r;
	uint8_t memory[1];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(ring_init(&r, memory, cases[i].count, cases[i].bytes), cases[i].r);
}

static void test_full_and_empty(void **state)
{
	uint16_t memory[4], in[6] = {1, 2, 3, 4, 5, 6}, out[6] = {};
	struct ring r;

	assert_int_equal(ring_init(&r, memory, 4, sizeof(memory[0])), 0);
	assert_int_equal(ring_readable(&r), 0);
	assert_int_equal(ring_writable(&r), 4);
	assert_int_equal(ring_read(&r, out, 6), 0);
	assert_int_equal(ring_write(&r, in, 6), 4);
	assert_int_equal(ring_write(&r, in, 1), 0);
	assert_int_equal(ring_writable(&r), 0);
	assert_int_equal(ring_readable(&r), 4);
	assert_int_equal(ring_write(&r, in, 0), 0);
	assert_int_equal(ring_read(&r, out, 3), 3);
	assert_memory_equal(out, in, 6);
	/* Two go behind the end, two to the start of the memory. */
	assert_int_equal(ring_write(&r, in, 6), 3);
	assert_int_equal(ring_read(&r, out, 6), 4);
	assert_memory_equal(out, ((uint16_t[]){4, 1, 2, 3}), 8);
	assert_int_equal(out[4], 0);
	assert_int_equal(ring_readable(&r), 0);
}

/* The counters pass 2^32 in the middle of a write. */
static void test_counters_wrap(void **state)
{
	uint8_t memory[8], in[8], out[8];
	uint32_t start = UINT32_MAX - 2;
	struct ring r;

	assert_int_equal(ring_init(&r, memory, 8, 1), 0);
	r.producer.count = r.producer.seen = r.consumer.count = r.consumer.seen = start;
	for (uint8_t round = 0; round < 5; round++) {
		memset(in, round, sizeof(in));
		in[0] = 100 + round;
		assert_int_equal(ring_write(&r, in, 8), 8);
		assert_int_equal(ring_write(&r, in, 8), 0);
		assert_int_equal(ring_readable(&r), 8);
		assert_int_equal(ring_read(&r, out, 8), 8);
		assert_memory_equal(in, out, 8);
		assert_int_equal(ring_writable(&r), 8);
	}
}

static void test_in_place(void **state)
{
	uint32_t memory[4];
	const void *readable;
	void *writable = NULL;
	struct ring r;

	assert_int_equal(ring_init(&r, memory, 4, sizeof(memory[0])), 0);
	assert_int_equal(ring_read_begin(&r, &readable), 0);
	assert_int_equal(ring_write_begin(&r, &writable), 4);
	assert_ptr_equal(writable, memory);
	((uint32_t *)writable)[0] = 7;
	/* What was not ended is not there. */
	assert_int_equal(ring_readable(&r), 0);
	ring_write_end(&r, 3);
	assert_int_equal(ring_read_begin(&r, &readable), 3);
	assert_int_equal(*(const uint32_t *)readable, 7);
	ring_read_end(&r, 2);
	/* One piece to the end of the memory, then one from its start. */
	assert_int_equal(ring_write_begin(&r, &writable), 1);
	assert_ptr_equal(writable, memory + 3);
	ring_write_end(&r, 1);
	assert_int_equal(ring_write_begin(&r, &writable), 2);
	assert_ptr_equal(writable, memory);
	ring_write_end(&r, 2);
	assert_int_equal(ring_write_begin(&r, &writable), 0);
	assert_int_equal(ring_read_begin(&r, &readable), 2);
	ring_read_end(&r, 0);
	ring_read_end(&r, 2);
	assert_int_equal(ring_read_begin(&r, &readable), 2);
	assert_ptr_equal(readable, memory);
}

static void write_too_much(void)
{
	uint8_t memory[2];
	struct ring r;

	if (ring_init(&r, memory, 2, 1) == 0)
		ring_write_end(&r, 3);
}

static void read_too_much(void)
{
	uint8_t memory[2] = {};
	struct ring r;

	if (ring_init(&r, memory, 2, 1) == 0 && ring_write(&r, memory, 1) == 1)
		ring_read_end(&r, 2);
}

static void test_bugs(void **state)
{
	assert_true(traps(write_too_much));
	assert_true(traps(read_too_much));
}

enum { PIECE_MAX = 40 };

struct record {
	uint32_t number, inverse, tail; /* 12 bytes: records straddle cache lines */
};

struct stress {
	struct ring ring;
	uint32_t count; /* of records to exchange */
	bool in_place; /* by begin() and end(), else by copies */
};

/* Sizes of pieces, of each side its own: 0 to PIECE_MAX. */
static uint32_t next_piece(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 16) % (PIECE_MAX + 1);
}

static uint32_t min(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void fill(struct record *records, uint32_t count, uint32_t number)
{
	for (uint32_t i = 0; i < count; i++, number++)
		records[i] = (struct record){number, ~number, number * 3};
}

/* How many of the records are not as they should be. */
static uint32_t wrong(const struct record *records, uint32_t count, uint32_t number)
{
	uint32_t bad = 0;

	for (uint32_t i = 0; i < count; i++, number++)
		bad += records[i].number != number || records[i].inverse != ~number ||
		       records[i].tail != number * 3;
	return bad;
}

static uint32_t produce_some(struct stress *s, uint32_t piece, uint32_t number)
{
	struct record records[PIECE_MAX];
	void *room;

	if (!s->in_place) {
		fill(records, piece, number);
		return ring_write(&s->ring, records, piece);
	}
	piece = min(ring_write_begin(&s->ring, &room), piece);
	if (piece)
		fill(room, piece, number);
	ring_write_end(&s->ring, piece);
	return piece;
}

static uint32_t consume_some(struct stress *s, uint32_t piece, uint32_t number, uint32_t *bad)
{
	struct record records[PIECE_MAX];
	const void *there;

	if (!s->in_place) {
		piece = ring_read(&s->ring, records, piece);
		*bad += wrong(records, piece, number);
		return piece;
	}
	piece = min(ring_read_begin(&s->ring, &there), piece);
	if (piece)
		*bad += wrong(there, piece, number);
	ring_read_end(&s->ring, piece);
	return piece;
}

static void *produce(void *data)
{
	struct stress *s = data;
	uint32_t number = 0, seed = 1;

	while (number < s->count) {
		uint32_t piece = min(next_piece(&seed), s->count - number);
		uint32_t n = produce_some(s, piece, number);

		number += n;
		if (n < piece)
			sched_yield();
	}
	return NULL;
}

static void stress(uint32_t record_count, uint32_t count, bool in_place)
{
	static struct record memory[1024];
	static struct stress s;
	uint32_t number = 0, seed = 2, bad = 0;
	pthread_t thread;

	s.count = count;
	s.in_place = in_place;
	assert_int_equal(ring_init(&s.ring, memory, record_count, sizeof(memory[0])), 0);
	assert_int_equal(pthread_create(&thread, NULL, produce, &s), 0);
	while (number < count) {
		uint32_t piece = next_piece(&seed);
		uint32_t n = consume_some(&s, piece, number, &bad);

		number += n;
		if (n < piece)
			sched_yield();
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(bad, 0);
	assert_int_equal(number, count);
	assert_int_equal(ring_readable(&s.ring), 0);
}

static void test_two_threads(void **state)
{
	stress(1024, 2000000, false);
	stress(16, 200000, false);
}

static void test_two_threads_in_place(void **state)
{
	stress(1024, 2000000, true);
	stress(2, 50000, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_full_and_empty),
		cmocka_unit_test(test_counters_wrap),
		cmocka_unit_test(test_in_place),
		cmocka_unit_test(test_bugs),
		cmocka_unit_test(test_two_threads),
		cmocka_unit_test(test_two_threads_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
