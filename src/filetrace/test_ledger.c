/*
 * Tests of the ledger: what was put is told, filters, pages.
 */
#include "filetrace/ledger.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/teststore.h"

static const struct testroot *root;

static struct store *open_store(void)
{
	return teststore_open(root);
}

static struct ledger *open_ledger(void)
{
	struct ledger *l = NULL;

	assert_int_equal(ledger_new(root->fd, &l), 0);
	return l;
}

static void free_ledger_p(struct ledger **l)
{
	ledger_free(*l);
}

struct ids {
	int64_t ids[64];
	int count, stop;
};

static int take_id(void *data, const struct ledger_row *row)
{
	struct ids *ids = data;

	ids->ids[ids->count++] = row->record.id;
	return ids->count == ids->stop ? 7 : 0;
}

static int list(const struct ledger_filter *filter, unsigned limit, struct ids *ids, bool *more)
{
	_cleanup_(free_ledger_p) struct ledger *l = open_ledger();

	return ledger_list(l, filter, limit, take_id, ids, more);
}

static void test_none(void **state)
{
	_cleanup_(free_ledger_p) struct ledger *l = open_ledger();
	const struct ledger_filter all = {.user = -1};
	struct ids ids = {};
	bool more;

	assert_int_equal(ledger_list(l, &all, 10, take_id, &ids, &more), -ENOENT);
	testroot_write(root, "trace.sqlite", "");
	assert_int_equal(ledger_list(l, &all, 10, take_id, &ids, &more), -ENOENT);
	store_close(open_store());
	assert_int_equal(ledger_list(l, &all, 10, take_id, &ids, &more), 0);
	assert_false(more);
	assert_int_equal(ids.count, 0);
	/* Set aside, and begun anew: the reader follows. */
	assert_int_equal(rename("trace.sqlite", "old"), 0);
	assert_int_equal(ledger_list(l, &all, 10, take_id, &ids, &more), -ENOENT);
	unlink("trace.sqlite-wal");
	unlink("trace.sqlite-shm");
	testroot_write(root, "trace.sqlite", "this is no database, and long enough to be seen so");
	assert_int_equal(ledger_list(l, &all, 10, take_id, &ids, &more), -EBADMSG);
	unlink("trace.sqlite");
	store_close(open_store());
	assert_int_equal(ledger_list(l, &all, 10, take_id, &ids, &more), 0);
}

static void test_show(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	_cleanup_(free_ledger_p) struct ledger *l = open_ledger();
	_cleanup_(record_deinit) struct record back = {};
	struct record_field fields[] = {{"root", "password"}, {"", "account"}};
	struct record r = teststore_record("/etc/\xff\n", 1001, -5);
	struct ledger_image *images;
	size_t count;
	bool cut;
	int64_t id;

	for (uint64_t i = 1; i <= 3; i++) {
		const struct ft_image image = teststore_image(i, i < 3 ? i + 1 : 0, "/bin/sh");

		assert_int_equal(store_put_image(s, TEST_BOOT, &image, "sh\0-c", 6), 0);
		/* Told again with less, the first counts. */
		assert_int_equal(store_put_image(s, TEST_BOOT, &image, "", 0), 0);
	}
	r.diff = (char *)"--- a\n+++ b\n";
	r.diff_len = strlen(r.diff);
	r.coalesced = true;
	r.op_count = 7;
	r.old.hashed = r.new.attributed = true;
	r.old.sha256 = r.new.attributes = teststore_hash(9);
	r.fields = fields;
	r.field_count = ARRAY_SIZE(fields);
	assert_int_equal(store_put_record(s, TEST_BOOT, &r, &id), 0);
	assert_int_equal(ledger_show(l, id + 1, &back, &images, &count, &cut), -ENOENT);
	assert_null(back.path);
	assert_int_equal(ledger_show(l, id, &back, &images, &count, &cut), 0);
	assert_int_equal(back.id, id);
	assert_int_equal(back.time_ns, -5);
	assert_string_equal(back.path, "/etc/\xff\n");
	assert_int_equal(back.method, METHOD_IN_PLACE);
	assert_int_equal(back.attribution, ATTRIBUTION_FULL);
	assert_true(back.coalesced);
	assert_int_equal(back.op_count, 7);
	assert_memory_equal(&back.actor, &r.actor, sizeof(r.actor));
	assert_string_equal(back.diff, r.diff);
	assert_int_equal(back.diff_len, r.diff_len);
	assert_false(back.diff_truncated);
	assert_memory_equal(&back.old.sha256, &r.old.sha256, SHA256_BYTES);
	assert_memory_equal(&back.new.attributes, &r.new.attributes, SHA256_BYTES);
	assert_int_equal(back.field_count, 2);
	assert_string_equal(back.fields[0].account, "root");
	assert_string_equal(back.fields[0].field, "password");
	assert_string_equal(back.fields[1].account, "");
	assert_string_equal(back.fields[1].field, "account");
	assert_int_equal(count, 3);
	assert_false(cut);
	for (size_t i = 0; i < count; i++) {
		const struct ft_image image = teststore_image(i + 1, i < 2 ? i + 2 : 0, "/bin/sh");

		assert_int_equal(images[i].image.args_bytes, 6);
		assert_memory_equal(images[i].args, "sh\0-c", 6);
		images[i].image.args_bytes = 0;
		assert_memory_equal(&images[i].image, &image, sizeof(image));
	}
	ledger_images_free(images, count);
}

/* Ancestors that are not known, too many, or go round in a circle. */
static void test_ancestors(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	_cleanup_(free_ledger_p) struct ledger *l = open_ledger();
	static const struct {
		uint64_t image;
		size_t count;
		bool cut;
	} cases[] = {
		{0, 0, true},	 {99, 0, true},	  {1, 33, false},
		{100, 33, true}, {200, 33, true}, {300, 1, true},
	};
	struct ft_image image;

	for (uint64_t i = 1; i <= 33; i++) {
		image = teststore_image(i, i < 33 ? i + 1 : 0, "/bin/sh");
		assert_int_equal(store_put_image(s, TEST_BOOT, &image, "", 0), 0);
	}
	image = teststore_image(100, 1, "/bin/sh");
	assert_int_equal(store_put_image(s, TEST_BOOT, &image, "", 0), 0);
	image = teststore_image(200, 200, "/bin/sh");
	assert_int_equal(store_put_image(s, TEST_BOOT, &image, "", 0), 0);
	image = teststore_image(300, 0, "/bin/sh");
	image.flags = FT_IMAGE_ORPHAN;
	assert_int_equal(store_put_image(s, TEST_BOOT, &image, "", 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct record r = teststore_record("/a", 0, 1), back;
		struct ledger_image *images;
		size_t count;
		int64_t id;
		bool cut;

		r.actor.image = cases[i].image;
		assert_int_equal(store_put_record(s, TEST_BOOT, &r, &id), 0);
		assert_int_equal(ledger_show(l, id, &back, &images, &count, &cut), 0);
		assert_int_equal(count, cases[i].count);
		assert_int_equal(cut, cases[i].cut);
		record_deinit(&back);
		ledger_images_free(images, count);
	}
}

static void fill(struct store *s)
{
	static const struct {
		const char *path;
		uint32_t uid;
		int64_t time_ns;
	} records[] = {
		{"/etc/hosts", 0, 100},	   {"/etc/ssh/sshd_config", 1001, 200},
		{"/etc/hosts", 1002, 300}, {"/etc\xff/x", 0, 250},
		{"/etc", 0, 400},	   {"/etc/ssh/ssh_config", 0, 500},
		{"/srv/a*b", 1001, 600},   {"/srv/a/b", 0, 50},
		{"/etc/\xff\xff", 0, 700}, {"/etc0", 0, 800},
	};

	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		teststore_put(s, records[i].path, records[i].uid, records[i].time_ns);
}

static void test_filters(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	static const struct {
		struct ledger_filter filter;
		const char *ids;
	} cases[] = {
		{{.user = -1}, "10 9 8 7 6 5 4 3 2 1"},
		{{.user = -1, .ascending = true}, "1 2 3 4 5 6 7 8 9 10"},
		{{.user = -1, .path = "/etc/hosts"}, "3 1"},
		{{.user = -1, .path = "/etc/hosts", .ascending = true}, "1 3"},
		{{.user = -1, .path = "/etc/"}, "9 6 3 2 1"},
		{{.user = -1, .path = "/etc"}, "5"},
		{{.user = -1, .path = "/etc/ssh/"}, "6 2"},
		{{.user = -1, .path = "/"}, "10 9 8 7 6 5 4 3 2 1"},
		{{.user = -1, .path = "/etc/*"}, "9 3 1"},
		{{.user = -1, .path = "/etc/*/*"}, "6 2"},
		{{.user = -1, .path = "/e*/"}, "9 6 4 3 2 1"},
		{{.user = -1, .path = "/etc/ssh/ssh?_config"}, "2"},
		{{.user = -1, .path = "/etc?/x"}, "4"},
		{{.user = -1, .path = "/etc/\xff\xff"}, "9"},
		{{.user = -1, .path = "/etc/[^h]*"}, "9"},
		{{.user = -1, .path = "/srv/a\\*b"}, "7"},
		{{.user = -1, .path = "/nothing"}, ""},
		{{.user = -1, .path = "etc/hosts"}, ""},
		{{.user = -1, .path = ""}, ""},
		{{.user = 1001}, "7 2"},
		{{.user = 1000}, "10 9 8 7 6 5 4 3 2 1"}, /* logged in */
		{{.user = 1001, .path = "/etc/"}, "2"},
		{{.user = 1001, .path = "/etc/hosts"}, ""},
		{{.user = 4711}, ""},
		{{.user = -1, .since_ns = 300}, "10 9 7 6 5 3"},
		{{.user = -1, .until_ns = 250}, "8 4 2 1"},
		{{.user = -1, .since_ns = 200, .until_ns = 400, .ascending = true}, "2 3 4 5"},
		{{.user = -1, .since_ns = 801}, ""},
		{{.user = -1, .before = 4}, "3 2 1"},
		{{.user = -1, .after = 8}, "10 9"},
		{{.user = -1, .before = 8, .after = 2, .path = "/etc/"}, "6 3"},
		{{.user = -1, .after = 10}, ""},
		{{.user = 0, .since_ns = 100, .path = "/etc/", .ascending = true}, "1 6 9"},
	};

	fill(s);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ids ids = {};
		char text[128] = "";
		bool more = true;

		assert_int_equal(list(&cases[i].filter, 64, &ids, &more), 0);
		assert_false(more);
		for (int n = 0; n < ids.count; n++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%d",
				 n ? " " : "", (int)ids.ids[n]);
		assert_string_equal(text, cases[i].ids);
	}
}

static void test_pages(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	struct ledger_filter filter = {.user = -1, .path = "/etc/"};
	struct ids ids = {};
	bool more;

	fill(s);
	assert_int_equal(list(&filter, 2, &ids, &more), 0);
	assert_true(more);
	assert_int_equal(ids.ids[1], 6);
	filter.before = 6;
	assert_int_equal(list(&filter, 3, &ids, &more), 0);
	assert_false(more);
	assert_int_equal(ids.count, 5);
	assert_int_equal(ids.ids[4], 1);
	/* Somebody has seen enough. */
	ids = (struct ids){.stop = 1};
	assert_int_equal(list(&filter, 3, &ids, &more), 7);
	assert_int_equal(ids.count, 1);
	assert_int_equal(list(&filter, 0, &ids, &more), 0);
	assert_true(more);
}

static void test_told(void **state)
{
	_cleanup_(teststore_close_p) struct store *s = open_store();
	_cleanup_(free_ledger_p) struct ledger *l = open_ledger();
	const struct store_watch watches[] = {{.path = "/etc", .files = 300},
					      {"/srv/\xff", true, 1, "not there"}};
	const char *const unseen[] = {"stores through a mapping", "nfs", NULL};
	const struct store_status status = {.backend = "lsm",
					    .cannot_see = unseen,
					    .lost = UINT64_MAX,
					    .attributed = {1, 2, 3},
					    .files = 301};
	struct ledger_status told;
	struct ledger_watch *list;
	size_t count = 42;
	uint64_t request;

	assert_int_equal(ledger_watches(l, &list, &count, &request), 0);
	assert_int_equal(count, 0);
	ledger_watches_free(list, count);
	assert_int_equal(ledger_status(l, &told), 0);
	assert_null(told.backend);
	assert_int_equal(told.records, 0);
	ledger_status_deinit(&told);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_put_watches(s, watches, 2 - i, 17 + i), 0);
		assert_int_equal(ledger_watches(l, &list, &count, &request), 0);
		assert_int_equal(count, 2 - i);
		assert_int_equal(request, 17 + i);
		assert_string_equal(list[0].path, "/etc");
		assert_int_equal(list[0].files, 300);
		assert_null(list[0].problem);
		if (i == 0) {
			assert_string_equal(list[1].path, "/srv/\xff");
			assert_true(list[1].user);
			assert_string_equal(list[1].problem, "not there");
		}
		ledger_watches_free(list, count);
	}
	fill(s);
	assert_int_equal(store_put_status(s, &status), 0);
	assert_int_equal(ledger_status(l, &told), 0);
	assert_string_equal(told.backend, "lsm");
	assert_null(told.problem);
	assert_int_equal(str_vector_count(told.cannot_see), 2);
	assert_string_equal(told.cannot_see[1], "nfs");
	assert_true(told.lost == UINT64_MAX);
	assert_int_equal(told.files, 301);
	for (int i = 0; i < ATTRIBUTION_COUNT; i++)
		assert_int_equal(told.attributed[i], i + 1);
	assert_int_equal(told.oldest, 1);
	assert_int_equal(told.newest, 10);
	assert_int_equal(told.records, 10);
	assert_true(told.store_bytes > 4096);
	ledger_status_deinit(&told);
}

/* More paths than cursors, and all of them long ago: the search ends, and says that it did. */
static void test_looked_at(void **state)
{
	const struct ledger_filter filters[] = {{.user = -1, .path = "/old/"},
						{.user = -1, .path = "/old/", .ascending = true},
						{.user = -1, .path = "/old/4999"}};
	static const int counts[] = {0, 10, 1};
	static const bool mores[] = {true, true, false};

	store_close(open_store());
	teststore_alter(
		"trace.sqlite",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
		" INSERT INTO paths (id, path) SELECT i, CAST('/old/' || i AS BLOB) FROM n;"
		"INSERT INTO paths (id, path) VALUES (5001, CAST('/new' AS BLOB));"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 205001)"
		" INSERT INTO records (id, time_ns, path, method, attribution, coalesced, op_count,"
		" boot) SELECT i, i, min(i, 5001), 1, 0, 0, 1, 1 FROM n;"
		"INSERT INTO details (id, diff_truncated) SELECT id, 0 FROM records");
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct ids ids = {};
		bool more;

		assert_int_equal(list(&filters[i], 10, &ids, &more), 0);
		assert_int_equal(ids.count, counts[i]);
		assert_int_equal(more, mores[i]);
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
		cmocka_unit_test_teardown(test_none, teststore_clear),
		cmocka_unit_test_teardown(test_show, teststore_clear),
		cmocka_unit_test_teardown(test_ancestors, teststore_clear),
		cmocka_unit_test_teardown(test_filters, teststore_clear),
		cmocka_unit_test_teardown(test_pages, teststore_clear),
		cmocka_unit_test_teardown(test_told, teststore_clear),
		cmocka_unit_test_teardown(test_looked_at, teststore_clear),
	};

	return cmocka_run_group_tests(tests, setup, testroot_teardown);
}
