/*
 * Tests of statecode.c: every field comes back, and bytes that are no state are refused.
 */
#include "filetrace/statecode.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"

static void assert_comes_back(const struct state *state)
{
	uint8_t bytes[STATECODE_BYTES_MAX];
	size_t len = statecode_write(state, bytes);
	struct state back;

	memset(&back, 0xee, sizeof(back));
	assert_true(len <= sizeof(bytes));
	assert_int_equal(statecode_read(bytes, len, &back), 0);
	assert_int_equal(back.kind, state->kind);
	assert_int_equal(back.hashed, state->hashed);
	assert_int_equal(back.secret, state->secret);
	assert_int_equal(back.private, state->private);
	assert_int_equal(back.attributed, state->attributed);
	assert_int_equal(back.mode, state->mode);
	assert_int_equal(back.uid, state->uid);
	assert_int_equal(back.gid, state->gid);
	assert_int_equal(back.size, state->size);
	assert_memory_equal(&back.key, &state->key, sizeof(back.key));
	assert_int_equal(back.igeneration, state->igeneration);
	assert_int_equal(back.mtime_ns, state->mtime_ns);
	assert_int_equal(back.ctime_ns, state->ctime_ns);
	assert_memory_equal(&back.sha256, &state->sha256, SHA256_BYTES);
	assert_memory_equal(&back.attributes, &state->attributes, SHA256_BYTES);
}

static void test_comes_back(void **state)
{
	struct state s = {.kind = STATE_FILE,
			  .mode = 0100644,
			  .size = 1234,
			  .key = {.ino = 17, .dev = 0x800001},
			  .mtime_ns = 1700000000123456789,
			  .ctime_ns = -1};

	assert_comes_back(&(struct state){});
	assert_comes_back(&s);
	s.hashed = true;
	memset(&s.sha256, 0xab, SHA256_BYTES);
	assert_comes_back(&s);
	s.attributed = s.private = true;
	memset(&s.attributes, 0xcd, SHA256_BYTES);
	assert_comes_back(&s);
	s.secret = true;
	s.kind = STATE_OTHER;
	s.mode = s.uid = s.gid = s.key.dev = s.igeneration = UINT32_MAX;
	s.size = s.key.ino = UINT64_MAX;
	s.mtime_ns = INT64_MIN;
	s.ctime_ns = INT64_MAX;
	assert_comes_back(&s);
}

static void test_refused(void **state)
{
	const struct state s = {.kind = STATE_FILE, .hashed = true, .attributed = true};
	uint8_t bytes[STATECODE_BYTES_MAX + 1] = {};
	size_t len = statecode_write(&s, bytes);
	struct state back;
	static const struct {
		uint8_t bytes[24];
		size_t len;
	} cases[] = {
		{{0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 10}, /* absent has no bytes */
		{{0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 10}, /* no such kind */
		{{0x01, 0, 0, 0, 0, 0, 0, 0, 0}, 9},
		{{0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 11},
		{{0x01, 0x80, 0x00, 0, 0, 0, 0, 0, 0, 0, 0}, 11}, /* longer than needed */
		{{0x01, 0xff, 0xff, 0xff, 0xff, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0}, 14}, /* mode */
		{{0x01, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0,
		  0, 0, 0},
		 19}, /* 65 bits */
		{{0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0x80}, 10},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(statecode_read(cases[i].bytes, cases[i].len, &back), -EBADMSG);
	for (size_t i = 1; i < len; i++)
		assert_int_equal(statecode_read(bytes, i, &back), -EBADMSG);
	assert_int_equal(statecode_read(bytes, len + 1, &back), -EBADMSG);
	assert_int_equal(statecode_read(bytes, len, &back), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_back),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
