/*
 * Tests of the wire: the table of operations against what the published library sends, row for row,
 * and which heads are taken.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "libpwrapi/wire.h"

/* In numbers, so that neither a structure nor a constant of ours can make them right. */
static const struct {
	uint16_t operation;
	int control;
	uint32_t min, max, unit;
} expected[] = {
	{10, 0, 8, 8, 0},	 {11, 0, 4, 4, 0},	{14, 0, 0, 0, 0},
	{15, 1, 0, 0, 0},	 {100, 1, 4, 5, 0},	{101, 0, 0, 0, 0},
	{102, 1, 4, 4, 0},	 {103, 0, 0, 0, 0},	{104, 0, 0, 0, 0},
	{200, 0, 0, 0, 0},	 {201, 0, 0, 0, 0},	{202, 0, 0, 0, 0},
	{203, 0, 0, 0, 0},	 {204, 0, 0, 0, 0},	{205, 1, 8, 8, 0},
	{206, 0, 0, 0, 0},	 {207, 1, 2, 32, 0},	{208, 0, 32, 32, 0},
	{209, 0, 96, 96, 0},	 {210, 1, 96, 96, 0},	{211, 0, 0, 65536, 16},
	{212, 1, 16, 65536, 16}, {213, 0, 0, 0, 0},	{214, 0, 0, 0, 0},
	{215, 0, 2, 32, 0},	 {216, 0, 0, 0, 0},	{217, 1, 4, 4, 0},
	{301, 0, 0, 0, 0},	 {302, 0, 0, 5120, 40}, {303, 0, 0, 4608, 36},
	{304, 1, 36, 4608, 36},	 {305, 0, 0, 4608, 36}, {306, 1, 36, 4608, 36},
	{400, 0, 0, 0, 0},	 {401, 0, 2, 32, 0},	{402, 0, 2, 32, 0},
	{403, 1, 6, 36, 1},	 {500, 0, 0, 0, 0},	{501, 1, 44, 5632, 44},
	{600, 0, 1, 1000, 0},	 {601, 0, 0, 0, 0},	{602, 1, 4, 4, 0},
	{603, 0, 0, 0, 0},	 {604, 1, 44, 44, 0},	{605, 0, 0, 0, 0},
	{606, 1, 4, 20000, 4},	 {607, 1, 4, 20000, 4}, {608, 0, 0, 0, 0},
	{609, 1, 4, 4, 0},	 {610, 0, 4, 4, 0},	{611, 1, 12, 20008, 4},
	{612, 0, 0, 0, 0},	 {613, 1, 68, 68, 0},	{614, 0, 8, 8, 0},
	{615, 1, 8, 8, 0},	 {616, 1, 4, 4, 0},	{700, 0, 0, 0, 0},
	{701, 1, 4, 4, 0},
};

static void test_table(void **state)
{
	size_t count;
	const struct wire_op *ops = wire_ops(&count);

	assert_int_equal(count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(ops[i].operation, expected[i].operation);
		assert_int_equal(ops[i].control, expected[i].control);
		assert_int_equal(ops[i].request_min, expected[i].min);
		assert_int_equal(ops[i].request_max, expected[i].max);
		assert_int_equal(ops[i].unit, expected[i].unit);
		assert_true(ops[i].request_max <= WIRE_REQUEST_MAX);
		assert_non_null(strchr(ops[i].name, '.'));
	}
}

static void test_every_number(void **state)
{
	size_t count, found = 0;
	const struct wire_op *ops = wire_ops(&count);

	for (uint32_t i = 0; i <= UINT16_MAX; i++) {
		const struct wire_op *op = wire_op(i);

		if (!op)
			continue;
		assert_int_equal(op->operation, i);
		assert_ptr_equal(op, &ops[found]);
		found++;
	}
	assert_int_equal(found, count);
}

static struct wire_head head(uint16_t operation, uint32_t bytes)
{
	return (struct wire_head){
		.major = 1,
		.operation = operation,
		.type = 1,
		.sequence = 7,
		.data_bytes = bytes,
		.system = 42,
		.pointer = UINT64_MAX,
	};
}

static int check(uint16_t operation, uint32_t bytes)
{
	struct wire_head h = head(operation, bytes);

	return wire_check(&h, 42);
}

/* Every size there could be, of every operation. */
static void test_sizes(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		for (uint32_t n = 0; n <= WIRE_REQUEST_MAX; n++) {
			bool right = n >= expected[i].min && n <= expected[i].max;

			if (right && expected[i].unit > 0)
				right = (n - expected[i].min) % expected[i].unit == 0;
			assert_int_equal(check(expected[i].operation, n), right ? 0 : -EINVAL);
		}
	}
}

static void test_ends_the_connection(void **state)
{
	struct wire_head good = head(101, 0);
	struct wire_head bad[] = {good, good, good, good, good, good, good, good};

	assert_int_equal(wire_check(&good, 42), 0);
	bad[0].major = 2;
	bad[1].minor = 1;
	bad[2].format = 1;
	bad[3].type = 2;
	bad[4].type = 0;
	bad[5].type = 255;
	bad[6].data_bytes = WIRE_REQUEST_MAX + 1;
	bad[7].data_bytes = UINT32_MAX;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(wire_check(&bad[i], 42), -EPROTO);
		/* However wrong the rest is. */
		bad[i].system = 1;
		bad[i].operation = 9999;
		assert_int_equal(wire_check(&bad[i], 42), -EPROTO);
	}
}

static void test_is_answered(void **state)
{
	struct wire_head h = head(9999, 1);

	assert_int_equal(wire_check(&h, 41), -EPERM);
	assert_int_equal(wire_check(&h, 42), -EOPNOTSUPP);
	assert_int_equal(check(WIRE_DISK_GET_IO_RATE, 0), -EOPNOTSUPP);
	assert_int_equal(check(WIRE_COM_EVENT, 0), -EOPNOTSUPP);
	assert_int_equal(check(101, 1), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	    cmocka_unit_test(test_every_number),
		cmocka_unit_test(test_sizes),	    cmocka_unit_test(test_ends_the_connection),
		cmocka_unit_test(test_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
