/*
 * Tests of the frames between webd and a bridge.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "webd/frames.h"

static size_t put(uint8_t *at, enum frames_type type, uint32_t channel, const char *text)
{
	size_t len = strlen(text);

	frames_put_header(at, type, channel, len);
	memcpy(at + FRAMES_HEADER_BYTES, text, len);
	return FRAMES_HEADER_BYTES + len;
}

static void expect(struct frames *f, enum frames_type type, uint32_t channel, const char *text)
{
	struct frames_one frame;

	assert_int_equal(frames_next(f, &frame), 1);
	assert_int_equal(frame.type, type);
	assert_int_equal(frame.channel, channel);
	assert_int_equal(frame.len, strlen(text));
	assert_memory_equal(frame.payload, text, frame.len);
}

/* However the bytes come, the same frames come out. */
static void test_pieces(void **state)
{
	uint8_t bytes[256];
	size_t len = put(bytes, FRAMES_OPEN, 1, "io.leonhard.Test");

	len += put(bytes + len, FRAMES_DATA, 0xfffffffe, "some");
	len += put(bytes + len, FRAMES_CLOSE, 7, "");
	for (size_t piece = 1; piece <= len; piece++) {
		struct frames f = {};
		struct frames_one frame;
		unsigned count = 0;

		for (size_t at = 0; at < len; at += piece) {
			size_t n = len - at < piece ? len - at : piece;

			assert_int_equal(frames_add(&f, bytes + at, n), 0);
			while (frames_next(&f, &frame) > 0)
				count++;
		}
		assert_int_equal(count, 3);
		assert_null(f.bytes);
	}
}

static void test_content(void **state)
{
	uint8_t bytes[256];
	struct frames f = {};
	struct frames_one frame;
	size_t len = put(bytes, FRAMES_OPEN, 1, "io.leonhard.Test");

	len += put(bytes + len, FRAMES_DATA, 0xfffffffe, "some");
	assert_int_equal(frames_add(&f, bytes, len), 0);
	expect(&f, FRAMES_OPEN, 1, "io.leonhard.Test");
	expect(&f, FRAMES_DATA, 0xfffffffe, "some");
	assert_int_equal(frames_next(&f, &frame), 0);
}

static void refuse(uint32_t len, uint8_t type)
{
	uint8_t header[FRAMES_HEADER_BYTES];
	struct frames f = {};
	struct frames_one frame;

	frames_put_header(header, type, 1, len);
	assert_int_equal(frames_add(&f, header, sizeof(header)), 0);
	assert_int_equal(frames_next(&f, &frame), -EPROTO);
	frames_deinit(&f);
}

static void test_refused(void **state)
{
	refuse(0, 0);
	refuse(0, FRAMES_CLOSE + 1);
	refuse(0, 255);
	refuse(FRAMES_PAYLOAD_MAX + 1, FRAMES_DATA);
	refuse(UINT32_MAX, FRAMES_DATA);
}

static void test_bound(void **state)
{
	static uint8_t bytes[FRAMES_PAYLOAD_MAX];
	struct frames f = {};

	assert_int_equal(frames_add(&f, bytes, sizeof(bytes)), 0);
	assert_int_equal(frames_add(&f, bytes, sizeof(bytes)), 0);
	assert_int_equal(frames_add(&f, bytes, sizeof(bytes)), -EMSGSIZE);
	frames_deinit(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
