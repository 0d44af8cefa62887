/*
 * Tests of proto.c: frames in every cut, each rule of the table, and commands that lie.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "lab/proto.h"

struct seen {
	unsigned count;
	struct lab_frame last;
	uint8_t payload[LAB_PAYLOAD_MAX];
};

static int on_frame(void *data, const struct lab_frame *f)
{
	struct seen *s = data;

	s->count++;
	s->last = *f;
	memcpy(s->payload, f->payload, f->length);
	return 0;
}

static size_t put_frame(uint8_t *out, const struct lab_frame *f, const void *payload)
{
	lab_header_encode(f, out);
	memcpy(out + LAB_HEADER_BYTES, payload, f->length);
	return LAB_HEADER_BYTES + f->length;
}

/* Frames arrive whole however the bytes are cut. */
static void test_cuts(void **state)
{
	static struct lab_parser p;
	static struct seen s;
	uint8_t bytes[64];
	size_t n = put_frame(bytes, &(struct lab_frame){LAB_DATA, 1, 7, 5, NULL}, "hello");

	n += put_frame(bytes + n, &(struct lab_frame){LAB_EOF, 2, 0x1234, 0, NULL}, "");
	for (size_t cut = 1; cut <= n; cut++) {
		s = (struct seen){};
		lab_parser_init(&p, LAB_GUEST);
		for (size_t at = 0; at < n; at += cut)
			assert_int_equal(lab_parser_feed(&p, bytes + at,
							 at + cut < n ? cut : n - at, on_frame, &s),
					 0);
		assert_int_equal(s.count, 2);
		assert_int_equal(s.last.stream, 0x1234);
		assert_int_equal(s.last.channel, 2);
		assert_memory_equal(s.payload, "hello", 5);
	}
}

static void test_rules(void **state)
{
	static const struct {
		struct lab_frame f;
		bool host, guest;
	} cases[] = {
		{{LAB_HELLO, 0, 0, 4, NULL}, false, true},
		{{LAB_HELLO, 0, 1, 4, NULL}, false, false},
		{{LAB_HELLO, 0, 0, 5, NULL}, false, false},
		{{LAB_EXEC, 0, 1, 100, NULL}, true, false},
		{{LAB_EXEC, 1, 1, LAB_PAYLOAD_MAX, NULL}, true, false},
		{{LAB_EXEC, 2, 1, 100, NULL}, false, false},
		{{LAB_DATA, 0, 1, 1, NULL}, true, false},
		{{LAB_DATA, 1, 1, 1, NULL}, false, true},
		{{LAB_DATA, 2, 1, LAB_PAYLOAD_MAX, NULL}, false, true},
		{{LAB_DATA, 2, 1, LAB_PAYLOAD_MAX + 1, NULL}, false, false},
		{{LAB_DATA, 3, 1, 1, NULL}, false, false},
		{{LAB_DATA, 1, 0, 1, NULL}, false, false},
		{{LAB_DATA, 1, 1, 0, NULL}, false, false},
		{{LAB_EOF, 0, 1, 0, NULL}, true, true},
		{{LAB_EOF, 2, 1, 1, NULL}, false, false},
		{{LAB_CREDIT, 0, 1, 4, NULL}, false, true},
		{{LAB_CREDIT, 1, 1, 4, NULL}, true, false},
		{{LAB_EXIT, 0, 1, 8, NULL}, false, true},
		{{LAB_KILL, 0, 1, 4, NULL}, true, false},
		{{LAB_POWEROFF, 0, 0, 0, NULL}, true, false},
		{{LAB_POWEROFF + 1, 0, 0, 0, NULL}, false, false},
		{{0, 0, 0, 0, NULL}, false, false},
		{{255, 255, 65535, UINT32_MAX, NULL}, false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(lab_header_valid(&cases[i].f, LAB_HOST), cases[i].host);
		assert_int_equal(lab_header_valid(&cases[i].f, LAB_GUEST), cases[i].guest);
	}
}

/* A length that is too long is refused before a byte of it is kept. */
static void test_too_long(void **state)
{
	static const uint8_t bytes[] = {1, 0, 1, 0, 1, 0, LAB_DATA, 1};
	static struct lab_parser p;
	static struct seen s;

	lab_parser_init(&p, LAB_GUEST);
	assert_int_equal(lab_parser_feed(&p, bytes, sizeof(bytes), on_frame, &s), -EPROTO);
	assert_int_equal(s.count, 0);
}

static int refuse(void *data, const struct lab_frame *f)
{
	return -EBUSY;
}

static void test_handler_stops(void **state)
{
	static struct lab_parser p;
	uint8_t bytes[LAB_HEADER_BYTES];

	lab_header_encode(&(struct lab_frame){LAB_EOF, 1, 1, 0, NULL}, bytes);
	lab_parser_init(&p, LAB_GUEST);
	assert_int_equal(lab_parser_feed(&p, bytes, sizeof(bytes), refuse, NULL), -EBUSY);
}

static void test_exec(void **state)
{
	struct lab_exec e = {.cwd = (char *)"/x y",
			     .argv = (char *[]){(char *)"a", (char *)"", (char *)"-c", NULL},
			     .env = (char *[]){(char *)"K=V", NULL}};
	struct lab_exec d;
	uint8_t *bytes;
	size_t len;

	assert_int_equal(lab_exec_encode(&e, &bytes, &len), 0);
	assert_int_equal(lab_exec_decode(bytes, len, &d), 0);
	assert_string_equal(d.cwd, "/x y");
	assert_string_equal(d.argv[1], "");
	assert_string_equal(d.argv[2], "-c");
	assert_null(d.argv[3]);
	assert_string_equal(d.env[0], "K=V");
	assert_null(d.env[1]);
	lab_exec_deinit(&d);
	/* No cut of it is a command. */
	for (size_t n = 0; n < len; n++)
		assert_int_equal(lab_exec_decode(bytes, n, &d), -EPROTO);
	lab_put_u32(bytes, UINT32_MAX);
	assert_int_equal(lab_exec_decode(bytes, len, &d), -EPROTO);
	lab_put_u32(bytes, 0);
	assert_int_equal(lab_exec_decode(bytes, len, &d), -EPROTO);
	free(bytes);
}

static void test_exec_bounds(void **state)
{
	_cleanup_free_ char *long_text = malloc(LAB_EXEC_BYTES_MAX + 1);
	struct lab_exec none = {.argv = (char *[]){NULL}};
	struct lab_exec big = {.argv = (char *[]){long_text, NULL}};
	uint8_t *bytes = NULL;
	size_t len;

	memset(long_text, 'x', LAB_EXEC_BYTES_MAX);
	long_text[LAB_EXEC_BYTES_MAX] = '\0';
	assert_int_equal(lab_exec_encode(&none, &bytes, &len), -EINVAL);
	assert_int_equal(lab_exec_encode(&big, &bytes, &len), -E2BIG);
	assert_null(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cuts),	 cmocka_unit_test(test_rules),
		cmocka_unit_test(test_too_long), cmocka_unit_test(test_handler_stops),
		cmocka_unit_test(test_exec),	 cmocka_unit_test(test_exec_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
