/*
 * Tests of what is said of the store: Describe and Health while capture runs and while it does not,
 * of a store that is missing, damaged, of a later version or replaced; and the daemon recovers by
 * itself.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "filetrace/trace/testtrace.h"

#define FAILED "io.leonhard.Rpc.Failed"

static const char *const readers[] = {"List", "Describe", "ListWatches"};

/* A member of the sign @name, which must be there. */
static const char *sign(const json_t *health, const char *name, const char *member)
{
	json_t *j;
	size_t i;

	json_array_foreach(reply_member(health, "signs"), i, j)
	{
		if (str_equal(json_string_value(json_object_get(j, "name")), name))
			return json_string_value(json_object_get(j, member));
	}
	fail_msg("there is no sign %s", name);
	return NULL;
}

static void assert_sign(const char *name, const char *condition, const char *detail)
{
	_cleanup_json_ json_t *health = client_ask("Health", NULL);

	assert_string_equal(sign(health, name, "condition"), condition);
	if (!strstr(sign(health, name, "detail"), detail))
		fail_msg("%s: %s", name, sign(health, name, "detail"));
	if (str_equal(condition, "bad"))
		assert_true(json_is_false(reply_member(health, "healthy")));
}

static void put_status(const struct store_status *status)
{
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_put_status(store, status), 0);
	assert_int_equal(store_commit(store), 0);
}

static void assert_all_failed(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		_cleanup_json_ json_t *reply = client_ask(readers[i], NULL);

		assert_error(reply, FAILED, text);
	}
	assert_sign("store", "bad", text);
}

static void assert_works(size_t records)
{
	_cleanup_json_ json_t *reply = client_ask("List", NULL);

	assert_int_equal(json_array_size(reply_member(reply, "records")), records);
	assert_sign("store", "good", "records");
}

static void test_describe(void **state)
{
	static const char *const unseen[] = {"stores of others\n", NULL};
	const struct store_status status = {
		.backend = "tracepoint", .cannot_see = unseen, .lost = 7};
	_cleanup_json_ json_t *empty = client_ask("Describe", NULL), *runs = NULL, *stopped = NULL;
	int64_t first, last;

	assert_true(json_is_null(reply_member(empty, "oldest")));
	put_status(&status);
	first = put_path("/etc/a");
	last = put_path("/etc/b");
	testtrace_capture(true);
	runs = client_ask("Describe", NULL);
	assert_string_equal(json_string_value(reply_member(runs, "backend")), "tracepoint");
	assert_string_equal(json_string_value(json_array_get(reply_member(runs, "cannot_see"), 0)),
			    "stores of others\\x0a");
	assert_int_equal(json_integer_value(reply_member(runs, "lost")), 7);
	assert_int_equal(json_integer_value(reply_member(runs, "records")), 2);
	assert_int_equal(atoll(json_string_value(reply_member(runs, "oldest"))), first);
	assert_int_equal(atoll(json_string_value(reply_member(runs, "newest"))), last);
	assert_true(json_integer_value(reply_member(runs, "store_bytes")) > 0);
	testtrace_capture(false);
	stopped = client_ask("Describe", NULL);
	assert_string_equal(json_string_value(reply_member(stopped, "backend")), "none");
	assert_int_equal(json_array_size(reply_member(stopped, "cannot_see")), 0);
}

static void test_health(void **state)
{
	static const char *const none[] = {NULL};
	struct store_status status = {.backend = "lsm", .cannot_see = none};
	_cleanup_json_ json_t *good = NULL;

	assert_sign("capture", "bad", "does not run");
	testtrace_capture(true);
	status.attributed[ATTRIBUTION_FULL] = 1000;
	put_status(&status);
	good = client_ask("Health", NULL);
	assert_true(json_is_true(reply_member(good, "healthy")));
	assert_sign("capture", "good", "runs");
	assert_sign("backend", "good", "lsm");
	assert_sign("lost", "good", "no event");
	assert_sign("attribution", "good", "1000");
	assert_sign("problem", "good", "none");
	assert_sign("disk", "good", "MiB");
	status.lost = 3;
	status.backend = "fanotify";
	status.problem = "the ring\nis full";
	status.attributed[ATTRIBUTION_NONE] = 11;
	put_status(&status);
	assert_sign("lost", "bad", "3 events");
	assert_sign("backend", "bad", "fanotify");
	assert_sign("problem", "bad", "ring\\x0ais full");
	assert_sign("attribution", "bad", "1011");
	/* A few tell nothing. */
	status.attributed[ATTRIBUTION_FULL] = 0;
	put_status(&status);
	assert_sign("attribution", "good", "11");
}

/* No folder, an empty one, an empty file, and then a store. */
static void test_missing(void **state)
{
	assert_all_failed("no store of records yet");
	testtrace_make_folder();
	assert_all_failed("no store of records yet");
	testroot_write(root, "var/lib/leonhard/filetrace/trace.sqlite", "");
	assert_all_failed("no store of records yet");
	testtrace_open();
	put_path("/etc/a");
	assert_works(1);
}

/* Replaces the database of a store that is closed. */
static void put_database(const void *bytes, size_t len)
{
	int fd = testtrace_folder_fd();

	assert_int_equal(unlinkat(fd, "trace.sqlite", 0), 0);
	unlinkat(fd, "trace.sqlite-wal", 0);
	unlinkat(fd, "trace.sqlite-shm", 0);
	close(fd);
	testroot_write_bytes(root, "var/lib/leonhard/filetrace/trace.sqlite", bytes, len);
}

static void test_damaged(void **state)
{
	static char noise[65536];
	int fd;

	put_path("/etc/a");
	assert_works(1);
	testtrace_close();
	teststore_noise(1, noise, sizeof(noise));
	put_database(noise, sizeof(noise));
	assert_all_failed("damaged");
	fd = testtrace_folder_fd();
	assert_int_equal(renameat(fd, "trace.sqlite", fd, "set-aside"), 0);
	close(fd);
	assert_all_failed("no store of records yet");
	testtrace_open();
	assert_works(0);
	put_path("/etc/b");
	assert_works(1);
}

/* Damage within: whatever a page holds, the daemon says something and lives. */
static void test_pages(void **state)
{
	_cleanup_free_ char *whole = NULL;
	char noise[512];
	size_t len;

	for (int i = 0; i < 300; i++)
		put_path("/etc/a");
	testtrace_close();
	assert_int_equal(fs_read(root->fd, STORE_DIR "/trace.sqlite", 16 << 20, &whole, &len), 0);
	for (size_t at = 0; at + sizeof(noise) <= len; at += len / 64) {
		_cleanup_free_ char *copy = malloc(len);

		assert_non_null(copy);
		memcpy(copy, whole, len);
		teststore_noise(at, noise, sizeof(noise));
		memcpy(copy + at, noise, sizeof(noise));
		put_database(copy, len);
		for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
			json_decref(client_ask(readers[i], NULL));
		json_decref(client_ask("Show", json_pack("{s:s}", "id", "150")));
		json_decref(client_ask("Health", NULL));
	}
	put_database(whole, len);
	assert_works(100);
}

/* Rows that no writer of ours makes. */
static void test_hostile(void **state)
{
	static const char *const changes[] = {
		"UPDATE records SET attribution = 99",
		"UPDATE records SET method = -1",
		"UPDATE records SET time_ns = -9223372036854775808",
		"UPDATE records SET op_count = 9223372036854775807",
		"UPDATE records SET pid = -1, uid = -5, login_uid = 9223372036854775807",
		"UPDATE records SET coalesced = 17, session = 'x'",
		"UPDATE records SET image = -1, boot = 77",
		"UPDATE details SET tty = zeroblob(100000), cgroup = zeroblob(100000)",
		"UPDATE details SET old = x'ffffffffff', new = 'text'",
		"UPDATE details SET diff = zeroblob(1000000), diff_bytes = 5",
		"UPDATE details SET diff = x'00', diff_bytes = 9223372036854775807",
		"UPDATE details SET fields = x'ff00ff'",
		"UPDATE details SET fields = x'ff00ff00'",
		"UPDATE images SET args = zeroblob(1000000)",
		"UPDATE images SET exe = zeroblob(1000000)",
		"UPDATE images SET parent = id",
		"UPDATE paths SET path = x'ff0a00' WHERE id = 1",
		"UPDATE paths SET path = zeroblob(1000000) WHERE id = 1",
		"UPDATE paths SET path = x'' WHERE id = 1",
		"UPDATE records SET id = 9223372036854775807 WHERE id = 2",
		"UPDATE records SET id = -9223372036854775808 WHERE id = 1",
		"UPDATE present SET lost = -1, backend = x'ff00', cannot_see = x'41'",
		"INSERT INTO watches (path, user, files) VALUES (x'', 9, -9)",
		"DELETE FROM present",
		"DELETE FROM details",
		"DELETE FROM paths",
		"DROP TABLE images",
		"DROP TABLE records",
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const struct ft_image image = teststore_image(1, 0, "/bin/sh");
		const char *path = STORE_DIR "/trace.sqlite";
		_cleanup_free_ char *full = NULL;
		sqlite3 *db;

		assert_int_equal(store_begin(store), 0);
		assert_int_equal(store_put_image(store, TEST_BOOT, &image, "sh", 3), 0);
		assert_int_equal(store_commit(store), 0);
		put_path("/etc/a");
		put_path("/etc/b");
		testtrace_close();
		assert_true(asprintf(&full, "%s%s", root->path, path) > 0);
		assert_int_equal(sqlite3_open(full, &db), SQLITE_OK);
		if (sqlite3_exec(db, changes[i], NULL, NULL, NULL) != SQLITE_OK)
			fail_msg("%s: %s", changes[i], sqlite3_errmsg(db));
		sqlite3_close(db);
		for (size_t n = 0; n < ARRAY_SIZE(readers); n++)
			json_decref(client_ask(readers[n], NULL));
		json_decref(client_ask("Show", json_pack("{s:s}", "id", "1")));
		json_decref(client_ask("Show", json_pack("{s:s}", "id", "2")));
		json_decref(client_ask("List",
				       json_pack("{s:s, s:s}", "after", "0", "path", "/etc/*")));
		json_decref(client_ask("Health", NULL));
		put_database("", 0);
		testtrace_open();
	}
	put_path("/etc/a");
	assert_works(1);
}

/* A store that may not be read. */
static void test_unreadable(void **state)
{
	_cleanup_free_ char *path = NULL;

	put_path("/etc/a");
	assert_works(1);
	assert_true(asprintf(&path, "%s" STORE_DIR, root->path) > 0);
	assert_int_equal(chmod(path, 0), 0);
	assert_all_failed("may not be read");
	assert_int_equal(chmod(path, 02750), 0);
	assert_works(1);
}

/* Many calls leave nothing behind. */
static void test_memory(void **state)
{
	_cleanup_client_ struct client *c = client_new();
	long before;

	for (int i = 0; i < 200; i++)
		put_path("/etc/a");
	for (int i = 0; i < 50; i++)
		json_decref(client_call(c, "List", NULL, false));
	before = testtrace_rss_kib();
	for (int i = 0; i < 1000; i++) {
		json_decref(client_call(c, "List", NULL, false));
		json_decref(client_call(c, "Show", json_pack("{s:s}", "id", "7"), false));
	}
	print_message("resident: %ld KiB, and %ld KiB 2,000 calls later\n", before,
		      testtrace_rss_kib());
}

#define WHOLE(test) cmocka_unit_test_setup_teardown(test, testtrace_whole, testtrace_teardown)
#define BARE(test) cmocka_unit_test_setup_teardown(test, testtrace_bare, testtrace_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WHOLE(test_describe), WHOLE(test_health),     BARE(test_missing),
		WHOLE(test_damaged),  WHOLE(test_pages),      WHOLE(test_hostile),
		WHOLE(test_memory),   WHOLE(test_unreadable),
	};

	return cmocka_run_group_tests(tests, testtrace_group, testroot_teardown);
}
