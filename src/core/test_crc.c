/*
 * Tests of crc.c: the check values of the catalogue, a division bit by bit, and pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/crc.h"

/* https://reveng.sourceforge.io/crc-catalogue/ */
static void test_catalogue(void **state)
{
	assert_int_equal(crc_32(CRC_32_START, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc_32c(CRC_32C_START, "123456789", 9), 0xe3069283);
	assert_int_equal(crc_16_ccitt(CRC_16_CCITT_START, "123456789", 9), 0x29b1);
}

/* RFC 3720, B.4. */
static void test_iscsi(void **state)
{
	uint8_t zeroes[32] = {}, ones[32], up[32], down[32];

	for (int i = 0; i < 32; i++) {
		ones[i] = 0xff;
		up[i] = i;
		down[i] = 31 - i;
	}
	assert_int_equal(crc_32c(CRC_32C_START, zeroes, 32), 0x8a9136aa);
	assert_int_equal(crc_32c(CRC_32C_START, ones, 32), 0x62a8ab43);
	assert_int_equal(crc_32c(CRC_32C_START, up, 32), 0x46dd794e);
	assert_int_equal(crc_32c(CRC_32C_START, down, 32), 0x113fdb5c);
}

static void test_nothing(void **state)
{
	assert_int_equal(crc_32(CRC_32_START, NULL, 0), 0);
	assert_int_equal(crc_32c(0x12345678, NULL, 0), 0x12345678);
	assert_int_equal(crc_16_ccitt(CRC_16_CCITT_START, NULL, 0), 0xffff);
}

/* The same without tables: one step of the division for each bit, as the standards draw it. */
static uint32_t slow_mirrored(uint32_t polynomial, const uint8_t *p, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len * 8; i++) {
		uint32_t out = (crc ^ p[i / 8] >> i % 8) & 1;

		crc = crc >> 1 ^ (out ? polynomial : 0);
	}
	return ~crc;
}

static uint16_t slow_ccitt(const uint8_t *p, size_t len)
{
	uint16_t crc = 0xffff;

	for (size_t i = 0; i < len * 8; i++) {
		unsigned out = (crc >> 15 ^ p[i / 8] >> (7 - i % 8)) & 1;

		crc = crc << 1 ^ (out ? 0x1021 : 0);
	}
	return crc;
}

/* All byte values, every length, and a cut at every place. */
static void test_against_bits(void **state)
{
	uint8_t bytes[300];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 167 + i / 256;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		uint32_t ieee = slow_mirrored(0xedb88320, bytes, len);
		uint32_t castagnoli = slow_mirrored(0x82f63b78, bytes, len);
		uint16_t ccitt = slow_ccitt(bytes, len);
		size_t cut = len * 2 / 3;

		assert_int_equal(crc_32(CRC_32_START, bytes, len), ieee);
		assert_int_equal(crc_32c(CRC_32C_START, bytes, len), castagnoli);
		assert_int_equal(crc_16_ccitt(CRC_16_CCITT_START, bytes, len), ccitt);
		assert_int_equal(crc_32(crc_32(CRC_32_START, bytes, cut), bytes + cut, len - cut),
				 ieee);
		assert_int_equal(
			crc_32c(crc_32c(CRC_32C_START, bytes, cut), bytes + cut, len - cut),
			castagnoli);
		assert_int_equal(crc_16_ccitt(crc_16_ccitt(CRC_16_CCITT_START, bytes, cut),
					      bytes + cut, len - cut),
				 ccitt);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test(test_iscsi),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_against_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
