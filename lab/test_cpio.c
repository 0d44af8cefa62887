/*
 * Tests of cpio.c: the bytes of an archive, its padding, and errors that are kept.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "lab/cpio.h"

static void test_bytes(void **state)
{
	static const char expected[] = "070701"
				       "00000001"
				       "000081A4"
				       "00000000"
				       "00000000"
				       "00000001"
				       "00000000"
				       "00000005"
				       "00000000"
				       "00000000"
				       "00000000"
				       "00000000"
				       "00000004"
				       "00000000"
				       "abc\0"
				       "\0\0"
				       "hello\0\0\0"
				       "070701"
				       "00000002"
				       "00002180"
				       "00000000"
				       "00000000"
				       "00000001"
				       "00000000"
				       "00000000"
				       "00000000"
				       "00000000"
				       "00000005"
				       "00000001"
				       "00000002"
				       "00000000"
				       "c\0";
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);
	struct cpio c;

	cpio_init(&c, file);
	cpio_add(&c, &(struct cpio_entry){
			     .name = "abc", .mode = S_IFREG | 0644, .data = "hello", .len = 5});
	cpio_add(&c, &(struct cpio_entry){.name = "c",
					  .mode = S_IFCHR | 0600,
					  .device_major = 5,
					  .device_minor = 1});
	assert_int_equal(cpio_finish(&c), 0);
	fclose(file);
	assert_int_equal(len % 4, 0);
	assert_true(len > sizeof(expected) - 1);
	assert_memory_equal(text, expected, sizeof(expected) - 1);
	assert_non_null(memmem(text, len, "TRAILER!!!", 10));
}

static void test_full_disk(void **state)
{
	FILE *file = fopen("/dev/full", "we");
	struct cpio c;

	setbuf(file, NULL);
	cpio_init(&c, file);
	cpio_add(&c, &(struct cpio_entry){.name = "abc", .mode = S_IFREG | 0644});
	assert_int_equal(cpio_finish(&c), -EIO);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
