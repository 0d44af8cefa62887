/*
 * Tests of the reader of the ring, over one in memory that a kernel might have written.
 */
#include "filetrace/ring.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RING_BYTES = 4096, BUSY = 1U << 31, DISCARD = 1U << 30 };

/* A kernel of our own. */
static struct {
	uint64_t reader, writer;
	_Alignas(8) char data[RING_BYTES];
} kernel;

static struct ring *ring;

/* What was handed out. */
static struct {
	unsigned count, stop_at;
	uint64_t images[64];
	struct ft_name_event name;
} got;

static void kernel_put(const void *event, uint32_t len, uint32_t flags)
{
	uint32_t head[2] = {len | flags, 0};

	for (uint32_t i = 0; i < 8 + len; i++) {
		const char *from = i < 8 ? (char *)head + i : (const char *)event + i - 8;
		uint64_t at = (kernel.writer + i) % RING_BYTES;

		kernel.data[at] = *from;
	}
	kernel.writer += (8 + len + 7) & ~7U;
}

/* The smallest event there is, with a number to know it by. */
static void put_exit(uint64_t image, uint32_t flags)
{
	struct ft_exit_event e = {
		.event = {.type = FT_EXIT, .size = sizeof(e)},
		.image = image,
	};

	kernel_put(&e, sizeof(e), flags);
}

static int take(void *data, const struct ft_event *event)
{
	if (event->type == FT_EXIT && got.count < 64)
		got.images[got.count] = ((const struct ft_exit_event *)event)->image;
	if (event->type == FT_NAME)
		got.name = *(const struct ft_name_event *)event;
	got.count++;
	return got.count == got.stop_at;
}

static int setup(void **state)
{
	memset(&kernel, 0, sizeof(kernel));
	memset(&got, 0, sizeof(got));
	return ring_open_memory(&kernel.reader, &kernel.writer, kernel.data, RING_BYTES, &ring);
}

static int teardown(void **state)
{
	ring_close(ring);
	return 0;
}

static void test_empty(void **state)
{
	assert_int_equal(ring_read(ring, 10, take, NULL), 0);
	assert_int_equal(ring_position(ring), 0);
}

static void test_order(void **state)
{
	put_exit(1, 0);
	put_exit(2, 0);
	put_exit(3, 0);
	assert_int_equal(ring_read(ring, 2, take, NULL), 2);
	assert_int_equal(ring_read(ring, 2, take, NULL), 1);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(got.images[i], i + 1);
	/* The kernel gets the room back only when it is told. */
	assert_int_equal(kernel.reader, 0);
	ring_commit(ring);
	assert_int_equal(kernel.reader, kernel.writer);
	assert_int_equal(ring_position(ring), kernel.writer);
}

/* A reader that comes later begins with what was not stored. */
static void test_again(void **state)
{
	struct ring *other;

	put_exit(1, 0);
	assert_int_equal(ring_read(ring, 1, take, NULL), 1);
	ring_commit(ring);
	put_exit(2, 0);
	assert_int_equal(ring_read(ring, 1, take, NULL), 1);
	assert_int_equal(
		ring_open_memory(&kernel.reader, &kernel.writer, kernel.data, RING_BYTES, &other),
		0);
	assert_int_equal(ring_read(other, 10, take, NULL), 1);
	assert_int_equal(got.images[2], 2);
	assert_int_equal(ring_position(other), ring_position(ring));
	ring_close(other);
}

static void test_stop(void **state)
{
	got.stop_at = 2;
	put_exit(1, 0);
	put_exit(2, 0);
	put_exit(3, 0);
	assert_int_equal(ring_read(ring, 10, take, NULL), 2);
	assert_int_equal(ring_read(ring, 10, take, NULL), 1);
}

static void test_busy_and_discarded(void **state)
{
	put_exit(1, DISCARD);
	put_exit(2, 0);
	put_exit(3, BUSY);
	put_exit(4, 0);
	assert_int_equal(ring_read(ring, 10, take, NULL), 1);
	assert_int_equal(got.images[0], 2);
	ring_commit(ring);
	assert_int_equal(kernel.reader, 80);
}

static void test_around(void **state)
{
	for (uint64_t i = 1; i <= 1000; i++) {
		struct ft_event wrong = {.type = FT_TYPE_END, .size = sizeof(wrong)};

		got.count = 0;
		put_exit(i, 0);
		kernel_put(&wrong, sizeof(wrong), DISCARD);
		assert_int_equal(ring_read(ring, 10, take, NULL), 1);
		assert_int_equal(got.images[0], i);
		ring_commit(ring);
	}
}

static void test_skip(void **state)
{
	uint64_t second;

	put_exit(1, 0);
	put_exit(2, 0);
	second = kernel.writer;
	put_exit(3, 0);
	assert_int_equal(ring_skip(ring, second - 8), -ERANGE);
	assert_int_equal(ring_skip(ring, kernel.writer + 32), -ERANGE);
	assert_int_equal(ring_position(ring), 0);
	assert_int_equal(ring_skip(ring, second), 0);
	assert_int_equal(ring_skip(ring, second), 0);
	assert_int_equal(ring_skip(ring, 0), -ERANGE);
	assert_int_equal(ring_read(ring, 10, take, NULL), 1);
	assert_int_equal(got.images[0], 3);
}

/* What was not sent of an event is zero, whatever stands there in the ring. */
static void test_cut(void **state)
{
	struct ft_name_event e;

	memset(&e, 'x', sizeof(e));
	e.event.type = FT_NAME;
	e.event.size = offsetof(struct ft_name_event, place.name) + 4;
	memcpy(e.place.name, "abc", 4);
	kernel_put(&e, sizeof(e), 0);
	assert_int_equal(ring_read(ring, 1, take, NULL), 1);
	assert_string_equal(got.name.place.name, "abc");
	assert_int_equal(got.name.to.dir.ino, 0);
	assert_int_equal(got.name.to.name[255], 0);
}

static void test_malformed(void **state)
{
	static const struct {
		uint32_t type, size, len;
	} wrong[] = {
		{0, 16, 16},
		{FT_TYPE_END, 16, 16},
		{UINT32_MAX, 16, 16},
		{FT_EXIT, 31, 32},
		{FT_EXIT, 33, 40},
		{FT_EXIT, 32, 24},
		{FT_EXIT, 32, 8},
		{FT_EXIT, 32, 0},
		{FT_NAME, UINT32_MAX, 1000},
		{FT_NAME, sizeof(struct ft_name_event) + 1, 1000},
		{FT_NAME, sizeof(struct ft_name_event), 1000}, /* its text does not end */
		{FT_ARGS, sizeof(struct ft_args_event), 1100}, /* its length is another one */
	};
	char bytes[1100];

	memset(bytes, 'x', sizeof(bytes));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct ft_event *e = (void *)bytes;

		e->type = wrong[i].type;
		e->size = wrong[i].size;
		kernel_put(bytes, wrong[i].len, 0);
		assert_int_equal(ring_read(ring, 10, take, NULL), 0);
		assert_int_equal(ring_malformed(ring), i + 1);
		ring_commit(ring);
	}
	put_exit(1, 0);
	assert_int_equal(ring_read(ring, 10, take, NULL), 1);
}

/* A length that leads out of the ring, or behind the writer. */
static void test_no_ring(void **state)
{
	put_exit(1, 0);
	kernel.data[0] = 33;
	assert_int_equal(ring_read(ring, 10, take, NULL), -EBADMSG);
	memset(kernel.data, 0xff, 4);
	kernel.data[3] = 0x3f;
	assert_int_equal(ring_read(ring, 10, take, NULL), -EBADMSG);
	assert_int_equal(ring_skip(ring, 40), -EBADMSG);
	assert_int_equal(got.count, 0);
	kernel.writer = 2 * RING_BYTES;
	kernel.data[0] = 32;
	kernel.data[1] = kernel.data[2] = kernel.data[3] = 0;
	assert_int_equal(ring_read(ring, 10, take, NULL), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_busy_and_discarded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_around, setup, teardown),
		cmocka_unit_test_setup_teardown(test_skip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_malformed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_ring, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
