/*
 * Tests of the input buffer: messages out of pieces, its bounds, and what it gives back.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/frame.h"
#include "rpc/server.h"

/* Adds all of it, in pieces of at most @piece bytes; 0 or what the buffer says. */
static int feed(struct frame *f, const char *bytes, size_t len, size_t piece)
{
	while (len) {
		size_t room_len, n;
		char *room;
		int r = frame_room(f, &room, &room_len);

		if (r < 0)
			return r;
		assert_true(room_len > 0);
		n = room_len < piece ? room_len : piece;
		n = n < len ? n : len;
		memcpy(room, bytes, n);
		frame_added(f, n);
		bytes += n;
		len -= n;
	}
	return 0;
}

static void expect(struct frame *f, const char *message)
{
	const char *text;
	size_t len;

	assert_int_equal(frame_peek(f, &text, &len), 1);
	assert_int_equal(len, strlen(message));
	assert_string_equal(text, message);
	/* Looking changes nothing. */
	assert_int_equal(frame_peek(f, &text, &len), 1);
	assert_string_equal(text, message);
	frame_consume(f);
}

static void expect_none(struct frame *f)
{
	const char *text;
	size_t len;

	assert_int_equal(frame_peek(f, &text, &len), 0);
}

static void test_pieces(void **state)
{
	static const char bytes[] = "one\0\0three\0fo";

	for (size_t piece = 1; piece < sizeof(bytes); piece++) {
		struct frame f = {};

		assert_int_equal(feed(&f, bytes, sizeof(bytes) - 1, piece), 0);
		expect(&f, "one");
		expect(&f, "");
		expect(&f, "three");
		expect_none(&f);
		assert_int_equal(frame_len(&f), 2);
		assert_int_equal(feed(&f, "ur", 3, 1), 0);
		expect(&f, "four");
		expect_none(&f);
		/* Nothing is left, and no memory. */
		assert_null(f.bytes);
		frame_deinit(&f);
	}
}

/* Room that was asked for and not used is given back as well. */
static void test_nothing_read(void **state)
{
	struct frame f = {};
	size_t len;
	char *room;

	assert_int_equal(frame_room(&f, &room, &len), 0);
	assert_int_equal(len, FRAME_FIRST_BYTES);
	frame_added(&f, 0);
	assert_null(f.bytes);
	expect_none(&f);
}

static char *filled(size_t len)
{
	char *bytes = malloc(len);

	assert_non_null(bytes);
	memset(bytes, 'x', len);
	return bytes;
}

static void test_longest(void **state)
{
	_cleanup_free_ char *bytes = filled(RPC_MESSAGE_MAX + 1);
	struct frame f = {};
	const char *text;
	size_t len;

	assert_int_equal(feed(&f, "a", 2, 2), 0);
	assert_int_equal(feed(&f, bytes, RPC_MESSAGE_MAX, SIZE_MAX), 0);
	expect(&f, "a");
	expect_none(&f);
	assert_int_equal(feed(&f, "\0b", 3, 3), 0);
	assert_int_equal(frame_peek(&f, &text, &len), 1);
	assert_int_equal(len, RPC_MESSAGE_MAX);
	frame_consume(&f);
	expect(&f, "b");
	/* One more, ended or not. */
	assert_int_equal(feed(&f, bytes, RPC_MESSAGE_MAX + 1, 1000), 0);
	assert_int_equal(frame_peek(&f, &text, &len), -EMSGSIZE);
	assert_int_equal(feed(&f, "", 1, 1), 0);
	assert_int_equal(frame_peek(&f, &text, &len), -EMSGSIZE);
	frame_deinit(&f);
}

/* Somebody who does not look in between meets a bound all the same. */
static void test_full(void **state)
{
	_cleanup_free_ char *bytes = filled(2 * RPC_MESSAGE_MAX);
	struct frame f = {};

	assert_int_equal(feed(&f, bytes, 2 * RPC_MESSAGE_MAX, SIZE_MAX), -EMSGSIZE);
	assert_true(f.cap < RPC_MESSAGE_MAX + 65536);
	frame_deinit(&f);
}

/* The beginning of the next message does not hold the memory of a large one before it. */
static void test_shrinks(void **state)
{
	_cleanup_free_ char *bytes = filled(1000000);
	struct frame f = {};
	const char *text;
	size_t len;

	assert_int_equal(feed(&f, bytes, 1000000, SIZE_MAX), 0);
	assert_int_equal(feed(&f, "\0next", 5, 5), 0);
	assert_int_equal(frame_peek(&f, &text, &len), 1);
	frame_consume(&f);
	assert_in_range(f.cap, 1, 8192);
	assert_int_equal(feed(&f, "", 1, 1), 0);
	expect(&f, "next");
	assert_null(f.bytes);
}

/* A message that was looked for again and again is still read once: the end is not far. */
static void test_linear(void **state)
{
	struct frame f = {};
	const char *text;
	size_t len;

	for (size_t i = 0; i < RPC_MESSAGE_MAX; i++) {
		assert_int_equal(feed(&f, "x", 1, 1), 0);
		assert_int_equal(frame_peek(&f, &text, &len), 0);
		assert_int_equal(f.scanned, f.end);
	}
	frame_deinit(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),	cmocka_unit_test(test_nothing_read),
		cmocka_unit_test(test_longest), cmocka_unit_test(test_full),
		cmocka_unit_test(test_shrinks), cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
