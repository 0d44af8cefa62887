/*
 * Tests of ReadContent by the daemon itself, and of who may see what: pieces, bounds, what there is
 * not, and what is for administrators only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "filetrace/trace/testtrace.h"

static json_t *id_parameter(int64_t id)
{
	return json_pack("{s:o}", "id", json_id(id));
}

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
	int refused_count = 0;

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
	/* Two of them fit into the 8 MiB, and the other two were refused at once. */
	for (int i = 0; i < SLOW; i++) {
		_cleanup_json_ json_t *first = client_receive(slow[i], PATIENCE_MS);

		assert_non_null(first);
		refused_count += json_object_get(first, "error") != NULL;
	}
	assert_int_equal(refused_count, SLOW - 2);
	refused = read_first(last, id, "new");
	assert_error(refused, "io.leonhard.Rpc.Failed", "try again");
	fine = read_first(c, small_id, "new");
	assert_string_equal(data_of(fine), "Ygo=");
	for (int i = 0; i < SLOW; i++)
		client_free_p(&slow[i]);
	/* They are gone when the other end has seen it. */
	again = read_first(last, id, "new");
	for (int ms = 0; json_object_get(again, "error") && ms < PATIENCE_MS; ms += 20) {
		json_decref(again);
		pause_ms(20);
		again = read_first(last, id, "new");
	}
	assert_true(json_is_true(json_object_get(again, "continues")));
}

/* A large difference is made while others are answered, once for each user at a time; who does not
 * wait for it takes nothing along. */
static void test_large_diff(void **state)
{
	enum { LEN = 3 * 1024 * 1024 };
	_cleanup_free_ char *old = malloc(LEN), *new = malloc(LEN);
	struct record r = teststore_record("/etc/x", 0, 1000);
	_cleanup_client_ struct client *c = client_new(), *d = client_new();
	struct client *gone = client_new();
	bool more = true;
	size_t size = 0;
	int64_t id;

	assert_true(old && new);
	for (size_t i = 0; i < LEN; i++) {
		old[i] = i % 32 == 31 ? '\n' : 'a' + i * i % 17;
		new[i] = i % 32 == 31 ? '\n' : 'A' + i / 32 * i % 19;
	}
	r.old.hashed = r.new.hashed = r.diff_truncated = true;
	r.old.size = r.new.size = LEN;
	r.old.sha256 = put_content(old, LEN);
	r.new.sha256 = put_content(new, LEN);
	id = put_record(&r);
	client_send(gone, "ReadContent", read_parameters(id, "diff"), true);
	json_decref(client_call(d, "Health", NULL, false));
	client_free_p(&gone);
	client_send(c, "ReadContent", read_parameters(id, "diff"), true);
	for (int tries = 0; more; tries++) {
		_cleanup_json_ json_t *reply = client_receive(c, PATIENCE_MS);

		assert_non_null(reply);
		if (json_object_get(reply, "error")) {
			assert_error(reply, "io.leonhard.Rpc.Failed", "try again");
			assert_true(tries < PATIENCE_MS / 100);
			pause_ms(100);
			client_send(c, "ReadContent", read_parameters(id, "diff"), true);
			continue;
		}
		size += strlen(data_of(reply)) / 4 * 3;
		more = json_is_true(json_object_get(reply, "continues"));
	}
	assert_true(size > 2 * LEN);
	/* It ends while one is being made. */
	client_send(c, "ReadContent", read_parameters(id, "diff"), true);
	json_decref(client_call(d, "Health", NULL, false));
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
	assert_true(json_is_null(
		json_object_get(json_array_get(reply_member(listed, "records"), 0), "new_sha256")));
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

#define WHOLE(test) cmocka_unit_test_setup_teardown(test, testtrace_whole, testtrace_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WHOLE(test_read),	WHOLE(test_read_large), WHOLE(test_read_bound),
		WHOLE(test_large_diff), WHOLE(test_no_content), WHOLE(test_private),
	};

	return cmocka_run_group_tests(tests, testtrace_group, testroot_teardown);
}
