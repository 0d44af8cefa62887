/*
 * Tests of what the store drops to stay small, and of what it must not drop.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
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

static const struct store_limits no_limits = {.content_bytes = UINT64_MAX, .records = UINT64_MAX};

static int retain_all(struct store *s, const struct store_limits *limits, unsigned work)
{
	int rounds = 0, r;

	while ((r = store_retain(s, limits, work)) > 0)
		rounds++;
	assert_int_equal(r, 0);
	return rounds;
}

static int has(struct store *s, unsigned hash)
{
	const struct sha256 sha256 = teststore_hash(hash);
	_cleanup_free_ char *bytes = NULL;
	size_t len;

	return store_get_content(s, &sha256, &bytes, &len) == 0;
}

static void test_retain_contents(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	struct state present = {.kind = STATE_FILE, .hashed = true, .sha256 = teststore_hash(1)};
	struct store_limits limits = no_limits;
	char noise[10000];

	for (unsigned i = 0; i < 10; i++) {
		const struct sha256 hash = teststore_hash(i);

		teststore_noise(i + 1, noise, sizeof(noise));
		assert_int_equal(store_put_content(s, &hash, noise, sizeof(noise)), 0);
	}
	assert_int_equal(store_put_baseline(s, "/etc/a", &present), 0);
	put(s, "/etc/a", 1);
	assert_int_equal(retain_all(s, &limits, 100), 0);
	for (unsigned i = 0; i < 10; i++)
		assert_true(has(s, i));
	limits.content_bytes = 50000;
	assert_true(retain_all(s, &limits, 1) >= 5);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(has(s, i), i == 1 || i >= 7);
	/* What is present stays, whatever the limit is. */
	limits.content_bytes = 0;
	retain_all(s, &limits, 100);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(has(s, i), i == 1);
}

static int count(void *data, const struct ledger_row *row)
{
	++*(int *)data;
	return 0;
}

static int count_records(const char *path)
{
	struct ledger_filter filter = {.user = -1, .path = path};
	struct ledger *l;
	bool more = true;
	int n = 0;

	assert_int_equal(ledger_new(root->fd, &l), 0);
	assert_int_equal(ledger_list(l, &filter, UINT32_MAX, count, &n, &more), 0);
	assert_false(more);
	ledger_free(l);
	return n;
}

static bool has_image(struct store *s, const char *boot_id, uint64_t id)
{
	struct ft_image image;
	int r = store_get_image(s, boot_id, id, &image);

	assert_true(r == 0 || r == -ENOENT);
	return r == 0;
}

static void test_retain_records(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	struct store_limits limits = no_limits;
	int64_t now = time_now_ns(CLOCK_REALTIME), id = 0;
	char path[32];

	assert_int_equal(store_begin(s), 0);
	for (int i = 0; i < 5000; i++) {
		const struct sha256 hash = teststore_hash(i / 1000 + 1);
		const struct ft_image image = teststore_image(i / 1000 + 1, 0, "/bin/sh");
		struct record r;

		snprintf(path, sizeof(path), "/etc/%d", i / 500);
		r = teststore_record(path, 0, now - (5000 - i) * (int64_t)NS_PER_S);
		r.actor.image = image.id;
		r.new.hashed = true;
		r.new.sha256 = hash;
		assert_int_equal(store_put_image(s, TEST_BOOT, &image, "sh", 3), 0);
		assert_int_equal(store_put_content(s, &hash, "x", 1), 0);
		assert_int_equal(store_put_record(s, TEST_BOOT, &r, &id), 0);
	}
	assert_int_equal(store_commit(s), 0);
	limits.records = 4000;
	assert_true(retain_all(s, &limits, 100) >= 10);
	assert_int_equal(count_records(NULL), 4000);
	assert_int_equal(count_records("/etc/0"), 0);
	assert_int_equal(count_records("/etc/2"), 500);
	limits.age_ns = 2500 * NS_PER_S;
	retain_all(s, &limits, 1000);
	assert_in_range(count_records(NULL), 2490, 2500);
	limits.age_ns = 1;
	limits.records = 0;
	retain_all(s, &limits, 1000);
	assert_int_equal(count_records(NULL), 1000);
	/* With them went what only they had named. */
	for (unsigned i = 1; i <= 5; i++)
		assert_int_equal(has(s, i), i >= 4);
	for (uint64_t i = 1; i <= 5; i++)
		assert_int_equal(has_image(s, TEST_BOOT, i), i >= 3);
	assert_int_equal(has_image(s, "another", 5), 0);
	assert_int_equal(put(s, "/etc/x", now), id + 1);
}

static bool seventh_lives(void *data, const char *boot_id, uint64_t image)
{
	return !strcmp(boot_id, TEST_BOOT) && image == 7;
}

/* A process that made a record long ago may make another one. */
static void test_retain_living(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	struct store_limits limits = no_limits;

	limits.lives = seventh_lives;
	limits.records = 1;
	assert_int_equal(store_begin(s), 0);
	for (uint64_t i = 1; i <= 10; i++) {
		struct ft_image image = teststore_image(i, 0, "/bin/sh");

		assert_int_equal(store_put_image(s, TEST_BOOT, &image, "", 0), 0);
	}
	for (unsigned i = 0; i < 6000; i++)
		put(s, "/etc/hosts", i);
	assert_int_equal(store_commit(s), 0);
	retain_all(s, &limits, 100);
	for (uint64_t i = 1; i <= 10; i++)
		assert_int_equal(has_image(s, TEST_BOOT, i), i == 7 || i == 1);
}

/* An ancestor is needed as long as a descendant is named, also one that came long before. */
static void test_retain_ancestors(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	struct store_limits limits = no_limits;
	const struct ft_image old[] = {teststore_image(1, 0, "/sbin/init"),
				       teststore_image(2, 1, "/usr/sbin/sshd"),
				       teststore_image(3, 1, "/bin/gone")};
	int64_t id;

	assert_int_equal(store_begin(s), 0);
	for (size_t i = 0; i < ARRAY_SIZE(old); i++)
		assert_int_equal(store_put_image(s, TEST_BOOT, &old[i], "", 0), 0);
	for (uint64_t i = 10; i < 6010; i++) {
		struct ft_image image = teststore_image(i, i == 10 ? 3 : 2, "/bin/sh");
		struct record r = teststore_record("/etc/hosts", 0, i);

		r.actor.image = i;
		assert_int_equal(store_put_image(s, TEST_BOOT, &image, "", 0), 0);
		assert_int_equal(store_put_record(s, TEST_BOOT, &r, &id), 0);
	}
	assert_int_equal(store_commit(s), 0);
	limits.records = 1;
	retain_all(s, &limits, 500);
	assert_int_equal(has_image(s, TEST_BOOT, 1), 1);
	assert_int_equal(has_image(s, TEST_BOOT, 2), 1);
	assert_int_equal(has_image(s, TEST_BOOT, 3), 0);
	assert_int_equal(has_image(s, TEST_BOOT, 10), 0);
	assert_int_equal(has_image(s, TEST_BOOT, 6009), 1);
}

/* Pages that are free go back to the file system, the file becomes smaller. */
static void test_retain_gives_back(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	struct store_limits limits = no_limits;
	static char noise[100000];
	struct stat before, after;

	for (unsigned i = 0; i < 100; i++) {
		const struct sha256 hash = teststore_hash(i);

		teststore_noise(i + 1, noise, sizeof(noise));
		assert_int_equal(store_put_content(s, &hash, noise, sizeof(noise)), 0);
	}
	assert_int_equal(retain_all(s, &limits, 100), 0);
	assert_int_equal(stat("trace.sqlite", &before), 0);
	limits.content_bytes = 1000000;
	retain_all(s, &limits, 10);
	assert_int_equal(stat("trace.sqlite", &after), 0);
	assert_true(before.st_size > 9000000);
	assert_true(after.st_size < 3000000);
	/* A disk that is nearly full to others takes the rest, and no more is to be had. */
	limits.free_bytes = UINT64_MAX / 4;
	retain_all(s, &limits, 10);
	for (unsigned i = 0; i < 100; i++)
		assert_false(has(s, i));
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
		cmocka_unit_test_teardown(test_retain_contents, teststore_clear),
		cmocka_unit_test_teardown(test_retain_records, teststore_clear),
		cmocka_unit_test_teardown(test_retain_ancestors, teststore_clear),
		cmocka_unit_test_teardown(test_retain_living, teststore_clear),
		cmocka_unit_test_teardown(test_retain_gives_back, teststore_clear),
	};

	return cmocka_run_group_tests(tests, setup, testroot_teardown);
}
