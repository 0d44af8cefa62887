/*
 * Tests of the store: what is put comes back, transactions are whole or not at all, files have
 * their modes, damaged and foreign ones are refused.
 */
#include "filetrace/store.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sqlite3.h>

#include <cmocka.h>

#include "base/def.h"
#include "filetrace/teststore.h"

static const struct testroot *root;

static struct store *open_store(void)
{
	return teststore_open(root);
}

static int64_t put(struct store *s, const char *path, int64_t time_ns)
{
	return teststore_put(s, path, 1000, time_ns);
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	return st.st_mode & 07777;
}

static void test_modes(void **state)
{
	mode_t old = umask(0);
	_cleanup_(teststore_close_p) struct store *s = open_store();

	put(s, "/etc/hosts", 1);
	umask(old);
	assert_int_equal(mode_of("trace.sqlite"), 0640);
	assert_int_equal(mode_of("trace.sqlite-wal"), 0640);
	assert_int_equal(mode_of("trace.sqlite-shm"), 0640);
	assert_int_equal(mode_of("secret.sqlite"), 0600);
	assert_int_equal(mode_of("secret.sqlite-wal"), 0600);
	assert_int_equal(mode_of("secret.sqlite-shm"), 0600);
	/* Somebody was generous: that is taken back. */
	store_close(take_ptr(s));
	assert_int_equal(chmod("secret.sqlite", 0666), 0);
	s = open_store();
	assert_int_equal(mode_of("secret.sqlite"), 0600);
}

static void test_content(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	const struct sha256 a = teststore_hash(1), b = teststore_hash(2), c = teststore_hash(3);
	char noise[70000], *bytes = NULL;
	size_t len = 42;

	teststore_noise(1, noise, sizeof(noise));
	assert_int_equal(store_get_content(s, &a, &bytes, &len), -ENOENT);
	assert_int_equal(len, 42);
	assert_int_equal(store_put_content(s, &a, noise, sizeof(noise)), 0);
	assert_int_equal(store_put_content(s, &a, noise, sizeof(noise)), 0);
	assert_int_equal(store_put_content(s, &b, "", 0), 0);
	assert_int_equal(store_put_content(s, &c, noise, (size_t)STORE_CONTENT_BYTES_MAX + 1),
			 -EFBIG);
	assert_int_equal(store_get_content(s, &a, &bytes, &len), 0);
	assert_int_equal(len, sizeof(noise));
	assert_memory_equal(bytes, noise, len);
	assert_int_equal(bytes[len], '\0');
	free(bytes);
	assert_int_equal(store_get_content(s, &b, &bytes, &len), 0);
	assert_int_equal(len, 0);
	free(bytes);
}

struct seen {
	int count, stop;
	char paths[4][32];
};

static int see(void *data, const char *path, const struct state *state)
{
	struct seen *seen = data;

	assert_int_equal(state->kind, STATE_FILE);
	strcpy(seen->paths[seen->count++], path);
	return seen->count == seen->stop ? 7 : 0;
}

static void test_baselines(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	struct state st = {.kind = STATE_FILE, .hashed = true, .size = 9}, back;
	struct seen seen = {};

	st.sha256 = teststore_hash(1);
	memset(&back, 0xff, sizeof(back));
	assert_int_equal(store_get_baseline(s, "/etc/a", &back), 0);
	assert_int_equal(back.kind, STATE_ABSENT);
	assert_int_equal(store_put_baseline(s, "/etc/\xff", &st), 0);
	assert_int_equal(store_put_baseline(s, "/etc/a", &st), 0);
	st.size = 10;
	assert_int_equal(store_put_baseline(s, "/etc/a", &st), 0);
	assert_int_equal(store_get_baseline(s, "/etc/a", &back), 0);
	assert_int_equal(back.size, 10);
	assert_memory_equal(&back.sha256, &st.sha256, SHA256_BYTES);
	assert_int_equal(store_each_baseline(s, see, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.paths[0], "/etc/a");
	assert_string_equal(seen.paths[1], "/etc/\xff");
	seen = (struct seen){.stop = 1};
	assert_int_equal(store_each_baseline(s, see, &seen), 7);
	assert_int_equal(store_put_baseline(s, "/etc/a", &(struct state){}), 0);
	assert_int_equal(store_get_baseline(s, "/etc/a", &back), 0);
	assert_int_equal(back.kind, STATE_ABSENT);
}

static void test_secrets(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	struct redact_key key, again, zero = {};
	char *digest = (char *)"untouched";

	store_redact_key(s, &key);
	assert_memory_not_equal(&key, &zero, sizeof(key));
	assert_int_equal(store_get_digest(s, "/etc/shadow", &digest), 0);
	assert_null(digest);
	assert_int_equal(store_put_digest(s, "/etc/shadow", "root password 17"), 0);
	assert_int_equal(store_put_digest(s, "/etc/shadow", "root password 18"), 0);
	store_close(take_ptr(s));
	s = open_store();
	store_redact_key(s, &again);
	assert_memory_equal(&key, &again, sizeof(key));
	assert_int_equal(store_get_digest(s, "/etc/shadow", &digest), 0);
	assert_string_equal(digest, "root password 18");
	free(digest);
	assert_int_equal(store_put_digest(s, "/etc/shadow", NULL), 0);
	assert_int_equal(store_get_digest(s, "/etc/shadow", &digest), 0);
	assert_null(digest);
}

static void test_transactions(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	struct state st = {.kind = STATE_FILE}, back;
	int64_t first = put(s, "/a", 1), second;
	uint64_t position = 42;

	assert_int_equal(store_commit(s), -EINVAL);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_begin(s), -EALREADY);
	second = put(s, "/b", 2);
	assert_int_equal(second, first + 1);
	assert_int_equal(store_put_position(s, TEST_BOOT, UINT64_MAX), 0);
	assert_int_equal(store_put_baseline(s, "/b", &st), 0);
	store_rollback(s);
	assert_int_equal(store_get_position(s, TEST_BOOT, &position), 0);
	assert_int_equal(position, 0);
	assert_int_equal(store_get_baseline(s, "/b", &back), 0);
	assert_int_equal(back.kind, STATE_ABSENT);

	assert_int_equal(store_begin(s), 0);
	assert_int_equal(put(s, "/b", 2), second);
	assert_int_equal(store_put_position(s, TEST_BOOT, UINT64_MAX), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_get_position(s, TEST_BOOT, &position), 0);
	assert_true(position == UINT64_MAX);
	assert_int_equal(store_get_position(s, "another", &position), 0);
	assert_int_equal(position, 0);
	/* Closed in the middle: as if it had not begun. */
	assert_int_equal(store_begin(s), 0);
	put(s, "/c", 3);
	store_close(take_ptr(s));
	s = open_store();
	assert_int_equal(put(s, "/c", 3), second + 1);
}

/* What makes no sense is refused, and takes the transaction with it. */
static void test_refused(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	struct record r = teststore_record("/a", 0, 1);
	int64_t id = 42;

	assert_int_equal(store_put_record(s, "", &r, &id), -EINVAL);
	assert_int_equal(id, 42);
	r.diff = (char *)"";
	r.diff_len = DIFF_MAX_BYTES + 1;
	assert_int_equal(store_put_record(s, TEST_BOOT, &r, &id), -EFBIG);
	assert_int_equal(store_begin(s), 0);
	put(s, "/a", 1);
	r.diff = NULL;
	assert_int_equal(store_put_record(s, "", &r, &id), -EINVAL);
	assert_int_equal(store_put_record(s, TEST_BOOT, &r, &id), -EINVAL);
	assert_int_equal(store_commit(s), -EINVAL);
	assert_int_equal(put(s, "/a", 1), 1);
}

static void test_damaged(void **state)
{
	struct store *s = open_store();
	char page[4096];
	int fd;

	for (int i = 0; i < 100; i++)
		put(s, "/etc/hosts", i);
	store_close(s);
	/* No database at all. */
	testroot_write(root, "trace.sqlite-wal", "");
	memset(page, 'x', sizeof(page));
	testroot_write_bytes(root, "trace.sqlite", page, sizeof(page));
	assert_int_equal(store_open(root->fd, &s), -EBADMSG);
	/* Set aside, there is a new one. */
	assert_int_equal(store_set_aside(root->fd), 0);
	assert_int_equal(access("damaged-trace.sqlite", F_OK), 0);
	assert_int_equal(access("trace.sqlite-shm", F_OK), -1);
	s = open_store();
	for (int i = 0; i < 100; i++)
		put(s, "/etc/hosts", i);
	store_close(s);
	/* Pages of nonsense in the middle. */
	fd = open("trace.sqlite", O_WRONLY | O_CLOEXEC);
	for (int i = 3; i < 20; i++)
		assert_int_equal(pwrite(fd, page, sizeof(page), i * 4096L), sizeof(page));
	close(fd);
	assert_int_equal(store_open(root->fd, &s), -EBADMSG);
}

static void test_versions(void **state)
{
	struct store *s;

	teststore_alter("trace.sqlite", "CREATE TABLE x (y)");
	assert_int_equal(store_open(root->fd, &s), -EBADMSG);
	testroot_clear(root);
	store_close(open_store());
	teststore_alter("trace.sqlite", "PRAGMA user_version = 2");
	assert_int_equal(store_open(root->fd, &s), -EPROTO);
	teststore_alter("trace.sqlite", "PRAGMA user_version = 1");
	teststore_alter("secret.sqlite", "PRAGMA user_version = 9");
	assert_int_equal(store_open(root->fd, &s), -EPROTO);
	teststore_alter("secret.sqlite", "PRAGMA user_version = 1; UPDATE keys SET key = x'00'");
	assert_int_equal(store_open(root->fd, &s), -EBADMSG);
	testroot_clear(root);
	assert_int_equal(mkdir("trace.sqlite", 0700), 0);
	assert_int_equal(store_open(root->fd, &s), -EBADMSG);
}

/* A row that lies about what is in it. */
static void test_hostile_content(void **state)
{
	static const char *const lies[] = {
		"UPDATE contents SET bytes = 1000000000000",
		"UPDATE contents SET bytes = -1",
		"UPDATE contents SET bytes = 1",
		"UPDATE contents SET bytes = 'x'",
		"UPDATE blobs SET frame = x''",
		"UPDATE blobs SET frame = zeroblob(1000)",
		"UPDATE blobs SET frame = x'28b52ffd' || randomblob(100)",
	};
	const struct sha256 a = teststore_hash(1);

	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		struct store *s = open_store();
		char *bytes;
		size_t len;

		assert_int_equal(store_put_content(s, &a, "some content", 12), 0);
		store_close(s);
		teststore_alter("trace.sqlite", lies[i]);
		s = open_store();
		assert_int_equal(store_get_content(s, &a, &bytes, &len), -EBADMSG);
		store_close(s);
		testroot_clear(root);
	}
}

static int setup(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_modes, teststore_clear),
		cmocka_unit_test_teardown(test_content, teststore_clear),
		cmocka_unit_test_teardown(test_baselines, teststore_clear),
		cmocka_unit_test_teardown(test_secrets, teststore_clear),
		cmocka_unit_test_teardown(test_transactions, teststore_clear),
		cmocka_unit_test_teardown(test_refused, teststore_clear),
		cmocka_unit_test_teardown(test_damaged, teststore_clear),
		cmocka_unit_test_teardown(test_versions, teststore_clear),
		cmocka_unit_test_teardown(test_hostile_content, teststore_clear),
	};

	return cmocka_run_group_tests(tests, setup, testroot_teardown);
}
