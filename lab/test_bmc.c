/*
 * Tests of bmc.c: what it answers, byte by byte, and that anything else changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "lab/bmc.h"

static struct bmc b;

/* Escapes, a checksum and an end are put to it. */
static void send(const uint8_t *message, size_t len, int spoil)
{
	uint8_t total = spoil;

	for (size_t i = 0; i < len; i++)
		total += message[i];
	for (size_t i = 0; i <= len; i++) {
		uint8_t byte = i < len ? message[i] : (uint8_t)-total;
		bool special = byte == 0xa0 || byte == 0xa1 || byte == 0xaa;

		if (special) {
			assert_int_equal(bmc_feed(&b, (const uint8_t[]){0xaa}, 1), 0);
			byte |= 0x10;
		}
		assert_int_equal(bmc_feed(&b, &byte, 1), 0);
	}
	assert_int_equal(bmc_feed(&b, (const uint8_t[]){0xa0}, 1), 0);
}

/* What it has sent, without escapes, checksum and end; 0 bytes when that is nothing. */
static size_t receive(uint8_t out[128])
{
	const uint8_t *bytes = queue_front(&b.out);
	uint8_t total = 0;
	size_t len = 0;

	for (size_t i = 0; i + 1 < b.out.len; i++)
		out[len++] = bytes[i] == 0xaa ? bytes[++i] & ~0x10 : bytes[i];
	if (b.out.len)
		assert_int_equal(bytes[b.out.len - 1], 0xa0);
	for (size_t i = 0; i < len; i++)
		total += out[i];
	assert_int_equal(total, 0);
	queue_consume(&b.out, b.out.len);
	return len ? len - 1 : 0;
}

static void fresh(void)
{
	bmc_deinit(&b);
	assert_int_equal(bmc_init(&b), 0);
	assert_int_equal(b.out.len, 3);
	queue_consume(&b.out, 3);
}

#define ASK(...) ask((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static uint8_t got[128];
static size_t got_len;

/* The completion code; its data is in @got. */
static int ask(const uint8_t *message, size_t len)
{
	send(message, len, 0);
	got_len = receive(got);
	assert_true(got_len >= 4);
	assert_int_equal(got[0], message[0]);
	assert_int_equal(got[1], message[1] + 4);
	assert_int_equal(got[2], message[2]);
	return got[3];
}

static void test_device(void **state)
{
	fresh();
	/* A number of the sequence that has to be escaped. */
	assert_int_equal(ASK(0xaa, 0x06 << 2, 0x01), 0);
	assert_int_equal(got_len, 4 + 11);
	assert_int_equal(got[8], 0x02);
	assert_int_equal(ASK(1, 0x06 << 2, 0x2e, 0xa0), 0);
	assert_int_equal(ASK(2, 0x06 << 2, 0x2f), 0);
	assert_int_equal(got[4], 0xa0);
	assert_int_equal(ASK(3, 0x06 << 2, 0x2e), 0xc7);
	assert_int_equal(ASK(4, 0x06 << 2, 0x77), 0xc1);
	assert_int_equal(ASK(5, 0x2c << 2, 0x02, 0xdd, 1, 0, 0), 0xc1);
	assert_int_equal(ASK(6, 0x2c << 2, 0x02), 0xc1);
}

static unsigned watts(void)
{
	assert_int_equal(ASK(1, 0x2c << 2, 0x02, 0xdc, 1, 0, 0), 0);
	assert_int_equal(got_len, 4 + 18);
	return got[5] | got[6] << 8;
}

static void test_power(void **state)
{
	fresh();
	assert_int_equal(watts(), BMC_DRAW_W);
	assert_int_equal(got[21], 0x40);
	assert_int_equal(ASK(1, 0x2c << 2, 0x03, 0xdc, 0, 0), 0x80);
	assert_int_equal(got_len, 4 + 14);
	assert_int_equal(ASK(1, 0x2c << 2, 0x05, 0xdc, 1, 0, 0), 0xd5);
	/* 0xa0 watts: 160. */
	assert_int_equal(
		ASK(1, 0x2c << 2, 0x04, 0xdc, 0, 0, 0, 0, 0xa0, 0, 0xe8, 3, 0, 0, 0, 0, 1, 0), 0);
	assert_int_equal(watts(), BMC_DRAW_W);
	assert_int_equal(ASK(1, 0x2c << 2, 0x05, 0xdc, 1, 0, 0), 0);
	assert_int_equal(watts(), 160);
	assert_int_equal(got[7] | got[8] << 8, 160);
	assert_int_equal(got[9] | got[10] << 8, BMC_DRAW_W);
	assert_int_equal(ASK(1, 0x2c << 2, 0x03, 0xdc, 0, 0), 0);
	assert_int_equal(got[8] | got[9] << 8, 160);
	assert_int_equal(ASK(1, 0x2c << 2, 0x05, 0xdc, 0, 0, 0), 0);
	assert_int_equal(watts(), BMC_DRAW_W);
}

static void test_refused(void **state)
{
	static const struct {
		uint8_t watts[2], correction[2], sample, code;
	} cases[] = {{{99, 0}, {0xe8, 3}, 1, 0x84},
		     {{0x91, 1}, {0xe8, 3}, 1, 0x84},
		     {{200, 0}, {0, 0}, 1, 0x85},
		     {{200, 0}, {0xe8, 3}, 0, 0x89}};

	fresh();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const uint8_t *w = cases[i].watts, *c = cases[i].correction;

		assert_int_equal(ASK(1, 0x2c << 2, 0x04, 0xdc, 0, 0, 0, 0, w[0], w[1], c[0], c[1],
				     0, 0, 0, 0, cases[i].sample, 0),
				 cases[i].code);
	}
	assert_int_equal(b.limit.watts, 0);
	assert_int_equal(ASK(1, 0x2c << 2, 0x04, 0xdc, 0, 0, 0), 0xc7);
}

/* No message at all: a wrong sum, nothing, too much, what is about hardware. */
static void test_no_message(void **state)
{
	static const uint8_t id[] = {1, 0x06 << 2, 0x01}, end[] = {0xa0}, reset[] = {0x04, 0xa1};
	uint8_t out[128], much[300] = {};

	fresh();
	send(id, sizeof(id), 1);
	assert_int_equal(bmc_feed(&b, end, 1), 0);
	assert_int_equal(bmc_feed(&b, reset, sizeof(reset)), 0);
	assert_int_equal(bmc_feed(&b, much, sizeof(much)), 0);
	assert_int_equal(bmc_feed(&b, end, 1), 0);
	assert_int_equal(receive(out), 0);
	assert_int_equal(ASK(1, 0x06 << 2, 0x01), 0);
}

static int finish(void **state)
{
	bmc_deinit(&b);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_power),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_message),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
