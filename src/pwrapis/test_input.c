/*
 * Tests of input that is cut into messages.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pwrapis/input.h"

static struct wire_head head(uint32_t sequence, uint32_t bytes)
{
	return (struct wire_head){.major = WIRE_MAJOR,
				  .minor = WIRE_MINOR,
				  .type = WIRE_REQUEST,
				  .operation = WIRE_PROC_QUERY,
				  .sequence = sequence,
				  .data_bytes = bytes};
}

static void add(struct input *in, const void *bytes, size_t len)
{
	assert_true(len <= input_wanted(in));
	assert_int_equal(input_add(in, bytes, len), 0);
}

static void test_pieces(void **state)
{
	struct wire_head sent = head(5, 3), got;
	const uint8_t *data;
	struct input in = {};

	for (size_t i = 0; i < sizeof(sent); i++) {
		assert_int_equal(input_peek(&in, &got, &data), 0);
		add(&in, (const uint8_t *)&sent + i, 1);
	}
	add(&in, "ab", 2);
	assert_int_equal(input_peek(&in, &got, &data), 0);
	add(&in, "c", 1);
	assert_int_equal(input_peek(&in, &got, &data), 1);
	assert_int_equal(got.sequence, 5);
	assert_memory_equal(data, "abc", 3);
	input_consume(&in);
	assert_null(in.bytes);
}

static void test_several(void **state)
{
	struct wire_head heads[3] = {head(1, 0), head(2, 0), head(3, 0)}, got;
	const uint8_t *data;
	struct input in = {};

	add(&in, heads, sizeof(heads));
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(input_peek(&in, &got, &data), 1);
		assert_int_equal(got.sequence, i);
		input_consume(&in);
	}
	assert_int_equal(input_peek(&in, &got, &data), 0);
}

/* The largest message is taken, and the buffer is never much larger than it. */
static void test_bound(void **state)
{
	static uint8_t zeroes[WIRE_REQUEST_MAX];
	struct wire_head sent = head(1, WIRE_REQUEST_MAX), got;
	const uint8_t *data;
	struct input in = {};

	add(&in, &sent, sizeof(sent));
	/* What is announced takes no memory before it comes. */
	assert_true(in.room < 1024);
	assert_int_equal(input_wanted(&in), WIRE_REQUEST_MAX + INPUT_AHEAD_BYTES);
	add(&in, zeroes, sizeof(zeroes));
	assert_int_equal(input_peek(&in, &got, &data), 1);
	add(&in, zeroes, INPUT_AHEAD_BYTES);
	assert_int_equal(input_wanted(&in), 0);
	assert_true(in.room <= sizeof(sent) + WIRE_REQUEST_MAX + INPUT_AHEAD_BYTES);
	input_deinit(&in);
}

static void test_no_request(void **state)
{
	struct wire_head sent = head(1, WIRE_REQUEST_MAX + 1), got;
	const uint8_t *data;
	struct input in = {};

	add(&in, &sent, sizeof(sent));
	assert_int_equal(input_peek(&in, &got, &data), -EPROTO);
	input_deinit(&in);
	sent = head(1, 0);
	sent.type = WIRE_REPLY;
	add(&in, &sent, sizeof(sent));
	assert_int_equal(input_peek(&in, &got, &data), -EPROTO);
	input_deinit(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_no_request),
	};

	return cmocka_run_group_tests_name("pwrapis/input", tests, NULL, NULL);
}
