/*
 * Tests of the ledger with rows that no writer writes: refused, each of them, and without harm.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"
#include "filetrace/teststore.h"

static const struct testroot *root;

static int show_all(struct ledger *l)
{
	struct ledger_image *images;
	struct ledger_status status;
	struct ledger_watch *watches;
	struct record record;
	uint64_t request;
	size_t count;
	bool cut;
	int r = ledger_show(l, 1, &record, &images, &count, &cut);

	if (r == 0) {
		record_deinit(&record);
		ledger_images_free(images, count);
		r = ledger_status(l, &status);
	}
	if (r == 0) {
		ledger_status_deinit(&status);
		r = ledger_watches(l, &watches, &count, &request);
	}
	if (r == 0)
		ledger_watches_free(watches, count);
	return r;
}

static void test_hostile(void **state)
{
	static const char *const rows[] = {
		"UPDATE paths SET path = x'2f00'",
		"UPDATE records SET method = 99",
		"UPDATE records SET method = -1",
		"UPDATE records SET attribution = 3",
		"UPDATE details SET old = x'ff'",
		"UPDATE details SET new = zeroblob(1000000)",
		"UPDATE details SET tty = zeroblob(32)",
		"UPDATE details SET cgroup = zeroblob(1000)",
		"UPDATE details SET fields = x'61'",
		"UPDATE details SET fields = x'6100'",
		"UPDATE details SET fields = zeroblob(2000000)",
		"UPDATE details SET fields = CAST(hex(zeroblob(40)) AS BLOB) || x'006100'",
		"UPDATE details SET diff_bytes = 1000000000000",
		"UPDATE details SET diff_bytes = 10",
		"UPDATE details SET diff = NULL",
		"UPDATE images SET exe = zeroblob(1024)",
		"UPDATE images SET exe = x'2f00'",
		"UPDATE images SET args = zeroblob(32769)",
		"UPDATE images SET comm = zeroblob(16)",
		"UPDATE present SET cannot_see = x'61'",
		"UPDATE present SET backend = CAST(x'6100' AS TEXT)",
		"DELETE FROM present",
		"UPDATE watches SET path = x'00'",
		"DELETE FROM details",
	};
	const struct ft_image image = teststore_image(1, 0, "/bin/sh");
	const struct store_watch watch = {.path = "/etc"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ledger *l;
		struct record r = teststore_record("/etc/hosts", 0, 1);
		struct store *s = teststore_open(root);
		int64_t id;
		int error;

		r.diff = (char *)"some difference";
		r.diff_len = strlen(r.diff);
		assert_int_equal(store_put_image(s, TEST_BOOT, &image, "sh", 3), 0);
		assert_int_equal(store_put_record(s, TEST_BOOT, &r, &id), 0);
		assert_int_equal(store_put_watches(s, &watch, 1, 0), 0);
		store_close(s);
		assert_int_equal(ledger_new(root->fd, &l), 0);
		assert_int_equal(show_all(l), 0);
		teststore_alter("trace.sqlite", rows[i]);
		error = show_all(l);
		if (i == ARRAY_SIZE(rows) - 1)
			assert_int_equal(error, -ENOENT);
		else
			assert_int_equal(error, -EBADMSG);
		ledger_free(l);
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
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, setup, testroot_teardown);
}
