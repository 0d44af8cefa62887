/*
 * Tests of List and Show by the daemon itself: filters, pages, and replies that fit whatever is in
 * the store.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "base/time.h"
#include "filetrace/trace/testtrace.h"

enum { MANY = 100000, CALLS = 50 };

static json_t *list(json_t *parameters)
{
	return client_ask("List", parameters);
}

static size_t count_of(const json_t *reply)
{
	return json_array_size(reply_member(reply, "records"));
}

static const char *text_at(const json_t *reply, size_t i, const char *name)
{
	return json_string_value(
		json_object_get(json_array_get(reply_member(reply, "records"), i), name));
}

static int64_t id_at(const json_t *reply, size_t i)
{
	return strtoll(text_at(reply, i, "id"), NULL, 10);
}

static json_t *id_parameter(int64_t id)
{
	return json_pack("{s:o}", "id", json_id(id));
}

static void test_list(void **state)
{
	int64_t a = put_path("/etc/hosts"), b = put_path("/etc/ssh/sshd_config"),
		c = put_path("/etc/a\nb");
	_cleanup_json_ json_t *all = list(NULL), *one = NULL, *below = NULL, *glob = NULL,
			      *odd = NULL, *up = NULL, *down = NULL, *user = NULL, *other = NULL;

	assert_int_equal(count_of(all), 3);
	assert_true(json_is_false(reply_member(all, "more")));
	assert_int_equal(id_at(all, 0), c);
	assert_int_equal(id_at(all, 2), a);
	assert_string_equal(text_at(all, 0, "path"), "/etc/a\\x0ab");
	one = list(json_pack("{s:s}", "path", "/etc/hosts"));
	assert_int_equal(count_of(one), 1);
	below = list(json_pack("{s:s}", "path", "/etc/ssh/"));
	assert_int_equal(count_of(below), 1);
	glob = list(json_pack("{s:s}", "path", "/etc/h*"));
	assert_int_equal(count_of(glob), 1);
	odd = list(json_pack("{s:s}", "path", "/etc/a\\x0ab"));
	assert_int_equal(count_of(odd), 1);
	up = list(json_pack("{s:o, s:i}", "after", json_id(a), "limit", 1));
	assert_int_equal(id_at(up, 0), b);
	assert_true(json_is_true(reply_member(up, "more")));
	down = list(json_pack("{s:o}", "before", json_id(b)));
	assert_int_equal(count_of(down), 1);
	assert_int_equal(id_at(down, 0), a);
	user = list(json_pack("{s:i}", "user", 1000));
	assert_int_equal(count_of(user), 3);
	other = list(json_pack("{s:i}", "user", 7));
	assert_int_equal(count_of(other), 0);
	assert_true(json_is_false(reply_member(other, "more")));
}

/* The end of a page that is just full is known. */
static void test_page_end(void **state)
{
	_cleanup_json_ json_t *empty = list(NULL), *full = NULL, *part = NULL;

	assert_int_equal(count_of(empty), 0);
	put_path("/etc/a");
	put_path("/etc/b");
	full = list(json_pack("{s:i}", "limit", 2));
	assert_int_equal(count_of(full), 2);
	assert_true(json_is_false(reply_member(full, "more")));
	part = list(json_pack("{s:i}", "limit", 1));
	assert_int_equal(count_of(part), 1);
	assert_true(json_is_true(reply_member(part, "more")));
}

static void test_refused(void **state)
{
	static const struct {
		const char *name, *json;
	} cases[] = {
		{"limit", "{\"limit\": 0}"},
		{"limit", "{\"limit\": 1001}"},
		{"user", "{\"user\": -2}"},
		{"user", "{\"user\": 4294967295}"},
		{"path", "{\"path\": \"\"}"},
		{"path", "{\"path\": \"etc\"}"},
		{"path", "{\"path\": \"/\\\\x41\"}"},
		{"path", "{\"path\": \"/\\\\x00\"}"},
		{"before", "{\"before\": \"0\"}"},
		{"before", "{\"before\": \"x\"}"},
		{"after", "{\"after\": \"-1\"}"},
		{"after", "{\"after\": \"99999999999999999999\"}"},
		{"since_ns", "{\"since_ns\": -1}"},
		{"until_ns", "{\"until_ns\": \"1\"}"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_json_ json_t *reply = list(json_loads(cases[i].json, 0, NULL));

		assert_error(reply, "org.varlink.service.InvalidParameter", cases[i].name);
	}
}

/* Pages of a store with many records: each once, in order, none missing. */
static void test_many(void **state)
{
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *rare = NULL, *page = NULL;
	int64_t next = 0, id, seen = 0;
	uint64_t start_ns;

	assert_int_equal(store_begin(store), 0);
	for (int i = 0; i < MANY; i++) {
		const struct record r = teststore_record(i == 5 ? "/etc/rare" : "/etc/often",
							 i == 5 ? 77 : 0, 1000 + i);

		assert_int_equal(store_put_record(store, TEST_BOOT, &r, &id), 0);
	}
	assert_int_equal(store_commit(store), 0);
	page = client_call(c, "List", NULL, false);
	start_ns = time_now_ns(CLOCK_MONOTONIC);
	for (int i = 0; i < CALLS; i++)
		json_decref(client_call(c, "List", NULL, false));
	print_message("the newest hundred of %d: %" PRIu64 " us\n", MANY,
		      (time_now_ns(CLOCK_MONOTONIC) - start_ns) / NS_PER_US / CALLS);
	assert_int_equal(count_of(page), 100);
	for (bool more = true; more;) {
		_cleanup_json_ json_t *reply =
			client_call(c, "List",
				    json_pack("{s:i, s:o*}", "limit", 1000, "before",
					      next ? json_id(next) : NULL),
				    false);
		size_t count = count_of(reply);

		assert_true(count > 0);
		for (size_t i = 0; i < count; i++) {
			assert_true(!next || id_at(reply, i) == next - 1);
			next = id_at(reply, i);
		}
		seen += count;
		more = json_is_true(reply_member(reply, "more"));
	}
	assert_int_equal(seen, MANY);
	start_ns = time_now_ns(CLOCK_MONOTONIC);
	rare = client_call(c, "List", json_pack("{s:s, s:i}", "path", "/etc/*", "user", 77), false);
	print_message("one of %d by user and pattern: %" PRIu64 " us\n", MANY,
		      (time_now_ns(CLOCK_MONOTONIC) - start_ns) / NS_PER_US);
	assert_int_equal(count_of(rare), 1);
	assert_true(json_is_false(reply_member(rare, "more")));
	assert_string_equal(text_at(rare, 0, "path"), "/etc/rare");
}

/* A list of records that are as long as can be stops early, and goes on from there. */
static void test_long_list(void **state)
{
	char path[4096];
	size_t seen = 0, pages = 0;
	int64_t next = 0;
	enum { COUNT = 200 };

	memset(path, '\n', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	for (int i = 0; i < COUNT; i++)
		put_path(path);
	for (bool more = true; more; pages++) {
		_cleanup_json_ json_t *reply = list(json_pack(
			"{s:i, s:o*}", "limit", 1000, "before", next ? json_id(next) : NULL));
		size_t count = count_of(reply);

		assert_true(count > 0);
		seen += count;
		next = id_at(reply, count - 1);
		more = json_is_true(reply_member(reply, "more"));
	}
	assert_int_equal(seen, COUNT);
	assert_true(pages > 3);
}

/* ---- one record ---- */

static void test_show(void **state)
{
	const struct ft_image images[] = {teststore_image(1, 2, "/bin/sh"),
					  teststore_image(2, 0, "/usr/bin/sudo\xff")};
	struct record r = teststore_record("/etc/hosts", 0, 1000);
	_cleanup_json_ json_t *reply = NULL, *none = NULL, *wrong = NULL;
	json_t *record;
	int64_t id;

	r.diff = (char *)"-a\n+b\n";
	r.diff_len = strlen(r.diff);
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_put_image(store, TEST_BOOT, &images[1], "sudo\0sh", 8), 0);
	assert_int_equal(store_put_image(store, TEST_BOOT, &images[0], "sh\0\0", 4), 0);
	assert_int_equal(store_commit(store), 0);
	id = put_record(&r);
	reply = client_ask("Show", id_parameter(id));
	record = reply_member(reply, "record");
	assert_string_equal(json_string_value(json_object_get(record, "exe")), "/bin/sh");
	assert_string_equal(json_string_value(json_object_get(record, "diff")), r.diff);
	assert_int_equal(json_array_size(json_object_get(record, "argv")), 2);
	assert_int_equal(json_array_size(json_object_get(record, "ancestry")), 1);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(json_object_get(record, "ancestry"), 0), "exe")),
			    "/usr/bin/sudo\\xff");
	none = client_ask("Show", id_parameter(id + 1));
	assert_error(none, "io.leonhard.Trace.NoSuchRecord", NULL);
	wrong = client_ask("Show", json_pack("{s:s}", "id", "first"));
	assert_error(wrong, "org.varlink.service.InvalidParameter", "id");
}

/* The largest record that a writer can write fits a reply. */
static void test_largest(void **state)
{
	static char path[4096], args[FT_ARGS_BYTES], diff[DIFF_MAX_BYTES];
	struct record r = teststore_record(path, 0, 1000);
	_cleanup_json_ json_t *reply = NULL;
	const json_t *record;

	memset(path, '\x02', sizeof(path) - 1);
	path[0] = '/';
	memset(args, '\x01', sizeof(args) - 1);
	memset(diff, '\n', sizeof(diff));
	r.diff = diff;
	r.diff_len = sizeof(diff);
	assert_int_equal(store_begin(store), 0);
	for (int i = 40; i > 0; i--) {
		struct ft_image image = teststore_image(i, i < 40 ? i + 1 : 0, "");

		memset(image.exe, '\x03', sizeof(image.exe) - 1);
		assert_int_equal(store_put_image(store, TEST_BOOT, &image, args, sizeof(args)), 0);
	}
	assert_int_equal(store_commit(store), 0);
	reply = client_ask("Show", id_parameter(put_record(&r)));
	record = reply_member(reply, "record");
	assert_int_equal(json_array_size(json_object_get(record, "ancestry")), FT_ANCESTRY);
	assert_true(json_is_true(json_object_get(record, "ancestry_truncated")));
	assert_false(json_is_null(json_object_get(record, "diff")));
}

#define WHOLE(test) cmocka_unit_test_setup_teardown(test, testtrace_whole, testtrace_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WHOLE(test_list),      WHOLE(test_page_end), WHOLE(test_refused), WHOLE(test_many),
		WHOLE(test_long_list), WHOLE(test_show),     WHOLE(test_largest),
	};

	return cmocka_run_group_tests(tests, testtrace_group, testroot_teardown);
}
