/*
 * Tests of gpt.c and uuid.c: the bytes at the places the specification gives them, checksums
 * taken again, and the form of a derived UUID. test_build.c asks sfdisk as well.
 */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>
#include <cmocka.h>

#include "base/def.h"
#include "gpt.h"

#define SIZE (UINT64_C(16) << 20)
#define LAST (SIZE / 512 - 1)

static uint8_t disk[SIZE];

static uint64_t number(size_t at, size_t len)
{
	uint64_t v = 0;

	while (len--)
		v = v << 8 | disk[at + len];
	return v;
}

static void check_header(uint64_t lba, uint64_t other, uint64_t entries)
{
	size_t at = lba * 512;
	uint32_t crc = number(at + 16, 4);
	uint8_t copy[92];

	assert_memory_equal(disk + at, "EFI PART\0\0\1\0", 12);
	assert_int_equal(number(at + 12, 4), 92);
	assert_int_equal(number(at + 24, 8), lba);
	assert_int_equal(number(at + 32, 8), other);
	assert_int_equal(number(at + 40, 8), 34);
	assert_int_equal(number(at + 48, 8), LAST - 33);
	assert_int_equal(number(at + 72, 8), entries);
	assert_int_equal(number(at + 80, 4), 128);
	assert_int_equal(number(at + 84, 4), 128);
	assert_int_equal(number(at + 88, 4), crc32(0, disk + entries * 512, 128 * 128));
	memcpy(copy, disk + at, sizeof(copy));
	memset(copy + 16, 0, 4);
	assert_int_equal(crc32(0, copy, sizeof(copy)), crc);
}

static void test_layout(void **state)
{
	static const uint8_t root[] = {0xe3, 0xbc, 0x68, 0x4f, 0xcd, 0xe8, 0xb1, 0x4d,
				       0x96, 0xe7, 0xfb, 0xca, 0xfd, 0x98, 0x4b, 0x09};
	static const uint8_t unique[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	struct gpt gpt = {.size_bytes = SIZE, .name = "root"};
	FILE *f = tmpfile();

	for (int i = 0; i < 16; i++)
		gpt.partition.bytes[i] = i;
	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), SIZE), 0);
	assert_int_equal(gpt_write(fileno(f), &gpt), 0);
	assert_int_equal(fread(disk, 1, SIZE, f), SIZE);
	fclose(f);

	assert_int_equal(number(510, 2), 0xaa55);
	assert_int_equal(disk[446 + 4], 0xee);
	assert_int_equal(number(446 + 8, 4), 1);
	assert_int_equal(number(446 + 12, 4), LAST);
	check_header(1, LAST, 2);
	check_header(LAST, 1, LAST - 32);
	assert_memory_equal(disk + 1024, disk + (LAST - 32) * 512, 128 * 128);
	assert_memory_equal(disk + 1024, root, 16);
	assert_memory_equal(disk + 1040, unique, 16);
	assert_int_equal(number(1056, 8), 2048);
	assert_int_equal(number(1064, 8), 15 * 2048 - 1);
	assert_memory_equal(disk + 1080, "r\0o\0o\0t\0\0\0", 10);
	assert_int_equal(gpt_partition_offset(&gpt), 1 << 20);
	assert_int_equal(gpt_partition_size(&gpt), 14 << 20);
}

static void test_uuid(void **state)
{
	struct uuid a, b, c;
	char text[UUID_TEXT_LEN + 1];

	assert_int_equal(uuid_derive("one", "text", 4, &a), 0);
	assert_int_equal(uuid_derive("one", "text", 4, &b), 0);
	assert_int_equal(uuid_derive("two", "text", 4, &c), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_memory_not_equal(&a, &c, sizeof(a));
	uuid_format(&a, text);
	/* The first half of SHA-256 of "one\0text", with the bits of the version and the variant.
	 */
	assert_string_equal(text, "9b020a86-f1d9-88ca-9559-3a3c9a1ad93a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
