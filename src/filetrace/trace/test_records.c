/*
 * Tests of List, Show and ReadContent by the daemon itself: filters and pages, who may see what,
 * and replies that fit whatever is in the store.
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
#include "filetrace/look.h"
#include "filetrace/trace/testtrace.h"

enum { MANY = 100000 };

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
	start_ns = time_now_ns(CLOCK_MONOTONIC);
	page = client_call(c, "List", NULL, false);
	print_message("the newest hundred of %d: %" PRIu64 " us\n", MANY,
		      (time_now_ns(CLOCK_MONOTONIC) - start_ns) / NS_PER_US);
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

/* ---- content ---- */

static struct sha256 put_content(const char *bytes, size_t len)
{
	struct sha256 hash = teststore_hash(len ? (unsigned char)bytes[0] : 1);

	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_put_content(store, &hash, bytes, len), 0);
	assert_int_equal(store_commit(store), 0);
	return hash;
}

/* A record of a file with content on both sides. */
static struct record record_with(const char *path, const char *old, const char *new)
{
	struct record r = teststore_record(path, 0, 1000);

	r.old.hashed = r.new.hashed = true;
	r.old.size = strlen(old);
	r.new.size = strlen(new);
	r.old.sha256 = put_content(old, strlen(old));
	r.new.sha256 = put_content(new, strlen(new));
	return r;
}

static json_t *read_parameters(int64_t id, const char *side)
{
	return json_pack("{s:o, s:s}", "id", json_id(id), "side", side);
}

static json_t *read_first(struct client *c, int64_t id, const char *side)
{
	return client_call(c, "ReadContent", read_parameters(id, side), true);
}

static const char *data_of(const json_t *reply)
{
	return json_string_value(reply_member(reply, "data"));
}

static void test_read(void **state)
{
	const struct record r = record_with("/etc/x", "a\n", "foobar"),
			    empty = record_with("/etc/y", "", "b\n");
	int64_t id = put_record(&r), empty_id = put_record(&empty);
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *old = read_first(c, id, "old"), *new = read_first(c, id, "new"),
			      *diff = read_first(c, id, "diff"),
			      *nothing = read_first(c, empty_id, "old"),
			      *single = client_ask("ReadContent", read_parameters(id, "new"));

	assert_string_equal(data_of(old), "YQo=");
	assert_string_equal(data_of(new), "Zm9vYmFy");
	assert_int_equal(json_integer_value(reply_member(new, "size")), 6);
	assert_null(json_object_get(new, "continues"));
	/* "--- a/etc/x\n" */
	assert_true(str_starts(data_of(diff), "LS0tIGEvZXRjL3gK"));
	assert_string_equal(data_of(nothing), "");
	assert_error(single, "io.leonhard.Rpc.ExpectedMore", NULL);
}

/* What is larger than a piece, than a turn of the loop, and than the output of a connection. */
static void test_read_large(void **state)
{
	enum { LEN = 5 * 1024 * 1024 + 1 };
	_cleanup_free_ char *bytes = malloc(LEN);
	struct record r = teststore_record("/etc/x", 0, 1000);
	_cleanup_client_ struct client *c = client_new();
	size_t chars = 0, pieces = 0;
	bool more = true;

	assert_non_null(bytes);
	teststore_noise(1, bytes, LEN);
	r.new.hashed = true;
	r.new.size = LEN;
	r.new.sha256 = put_content(bytes, LEN);
	client_send(c, "ReadContent", read_parameters(put_record(&r), "new"), true);
	pause_ms(200);
	for (; more; pieces++) {
		_cleanup_json_ json_t *reply = client_receive(c, PATIENCE_MS);

		assert_non_null(reply);
		assert_int_equal(json_integer_value(reply_member(reply, "size")), LEN);
		chars += strlen(data_of(reply));
		more = json_is_true(json_object_get(reply, "continues"));
	}
	assert_int_equal(chars, (LEN + 2) / 3 * 4);
	assert_int_equal(pieces, LEN / (48 * 1024) + 1);
}

/* Readers that do not read are bounded; others read meanwhile, and all do afterwards. */
static void test_read_bound(void **state)
{
	enum { LEN = 3 * 1024 * 1024, SLOW = 4 };
	_cleanup_free_ char *bytes = malloc(LEN);
	struct record r = teststore_record("/etc/x", 0, 1000),
		      small = record_with("/etc/y", "a\n", "b\n");
	struct client *slow[SLOW];
	_cleanup_json_ json_t *fine = NULL, *refused = NULL, *again = NULL;
	_cleanup_client_ struct client *c = client_new(), *last = client_new();
	int64_t id, small_id;

	assert_non_null(bytes);
	teststore_noise(2, bytes, LEN);
	r.new.hashed = true;
	r.new.size = LEN;
	r.new.sha256 = put_content(bytes, LEN);
	id = put_record(&r);
	small_id = put_record(&small);
	for (int i = 0; i < SLOW; i++) {
		slow[i] = client_new();
		client_send(slow[i], "ReadContent", read_parameters(id, "new"), true);
	}
	pause_ms(300);
	/* Two of them fit into the 8 MiB, and the other two were refused at once. */
	refused = read_first(last, id, "new");
	assert_error(refused, "io.leonhard.Rpc.Failed", "try again");
	fine = read_first(c, small_id, "new");
	assert_string_equal(data_of(fine), "Ygo=");
	for (int i = 0; i < SLOW; i++)
		client_free_p(&slow[i]);
	pause_ms(300);
	again = read_first(last, id, "new");
	assert_true(json_is_true(json_object_get(again, "continues")));
}

static void test_no_content(void **state)
{
	struct record r = teststore_record("/etc/x", 0, 1000);
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *absent = NULL, *large = NULL, *dropped = NULL, *secret = NULL,
			      *folder = NULL, *same = NULL, *none = NULL;

	r.old = (struct state){};
	r.new.hashed = true;
	r.new.sha256 = teststore_hash(200);
	absent = read_first(c, put_record(&r), "old");
	assert_error(absent, "io.leonhard.Trace.NoContent", "nothing at this path");
	dropped = read_first(c, put_record(&r), "new");
	assert_error(dropped, "io.leonhard.Trace.NoContent", "dropped");
	r.new.hashed = false;
	large = read_first(c, put_record(&r), "new");
	assert_error(large, "io.leonhard.Trace.NoContent", "too large");
	r.new.kind = STATE_DIRECTORY;
	folder = read_first(c, put_record(&r), "new");
	assert_error(folder, "io.leonhard.Trace.NoContent", "no regular file");
	r.new.secret = true;
	secret = read_first(c, put_record(&r), "diff");
	assert_error(secret, "io.leonhard.Trace.NoContent", "secret");
	r = record_with("/etc/y", "a\n", "a\n");
	same = read_first(c, put_record(&r), "diff");
	assert_error(same, "io.leonhard.Trace.NoContent", "no difference");
	none = read_first(c, 1000, "new");
	assert_error(none, "io.leonhard.Trace.NoSuchRecord", NULL);
}

/* ---- who may see what ---- */

static void assert_hidden(struct client *c, int64_t id, const char *side, bool hidden)
{
	_cleanup_json_ json_t *reply = read_first(c, id, side);

	if (hidden)
		assert_error(reply, "io.leonhard.Trace.Withheld", NULL);
	else
		assert_null(json_object_get(reply, "error"));
}

/* A file that became private: its old content was for everybody, the new one is not. */
static void test_private(void **state)
{
	struct record r = record_with("/etc/x", "a\n", "b\n");
	_cleanup_client_ struct client *observer = NULL, *admin = NULL;
	_cleanup_json_ json_t *seen = NULL, *whole = NULL, *listed = NULL;
	const json_t *record;
	int64_t id;

	r.new.private = true;
	r.diff = (char *)"-a\n+b\n";
	r.diff_len = strlen(r.diff);
	id = put_record(&r);
	observer = observer_new();
	seen = client_call(observer, "Show", id_parameter(id), false);
	record = reply_member(seen, "record");
	assert_true(json_is_true(json_object_get(record, "withheld")));
	assert_true(json_is_null(json_object_get(record, "diff")));
	assert_true(json_is_null(json_object_get(record, "new_sha256")));
	listed = client_call(observer, "List", NULL, false);
	assert_null(text_at(listed, 0, "new_sha256"));
	assert_hidden(observer, id, "new", true);
	assert_hidden(observer, id, "diff", true);
	assert_hidden(observer, id, "old", false);
	admin = client_new();
	whole = client_call(admin, "Show", id_parameter(id), false);
	record = reply_member(whole, "record");
	assert_true(json_is_false(json_object_get(record, "withheld")));
	assert_string_equal(json_string_value(json_object_get(record, "diff")), r.diff);
	assert_hidden(admin, id, "diff", false);
	assert_hidden(admin, id, "new", false);
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
		WHOLE(test_list),	WHOLE(test_page_end),	WHOLE(test_refused),
		WHOLE(test_many),	WHOLE(test_long_list),	WHOLE(test_show),
		WHOLE(test_read),	WHOLE(test_read_large), WHOLE(test_read_bound),
		WHOLE(test_no_content), WHOLE(test_private),	WHOLE(test_largest),
	};

	return cmocka_run_group_tests(tests, testtrace_group, testroot_teardown);
}
