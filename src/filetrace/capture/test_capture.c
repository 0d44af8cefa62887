/*
 * Tests of the capturing daemon on a real store and real files, with a source that the test plays.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "filetrace/capture/testcapture.h"

static void test_first_start(void **state)
{
	struct running *r = *state;
	_cleanup_(free_ledger) struct ledger *l = NULL;
	_cleanup_(ledger_status_deinit) struct ledger_status status = {};

	assert_int_equal(testcapture_tell(r).count, 0);
	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_status(l, &status), 0);
	assert_string_equal(status.backend, "played");
	assert_string_equal(status.cannot_see[0], "What nobody plays.");
	assert_int_equal(status.files, 3);
	assert_null(status.problem);
}

static void test_edit(void **state)
{
	struct running *r = *state;
	_cleanup_(free_ledger) struct ledger *l = NULL;
	_cleanup_(record_deinit) struct record record = {};
	struct ledger_image *images;
	size_t count;
	bool cut;

	played_people();
	played_begin("hosts");
	testroot_write(r->root, "etc/hosts", "127.0.0.1 localhost\n10.0.0.1 db\n");
	played_end("hosts");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/hosts", METHOD_APPEND, ATTRIBUTION_FULL);
	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_show(l, testcapture_tell(r).id, &record, &images, &count, &cut), 0);
	assert_non_null(strstr(record.diff, "\n+10.0.0.1 db\n"));
	assert_int_equal(record.actor.login_uid, 1000);
	assert_int_equal(count, 2);
	assert_string_equal(images[0].image.exe, "/usr/bin/tee");
	assert_memory_equal(images[0].args, "tee\0-a\0hosts", 13);
	assert_string_equal(images[1].image.exe, "/bin/bash");
	assert_false(cut);
	ledger_images_free(images, count);
}

/* Killed between the beginning and the end of an edit, which were read apart. */
static void test_killed(void **state)
{
	struct running *r = *state;

	played_people();
	played_begin("hosts");
	assert_int_equal(consume(&r->capture), 0);
	testcapture_end(r, true);
	testroot_write(r->root, "etc/hosts", "nothing is as it was\n");
	played_end("hosts");
	testcapture_start(r);
	assert_newest(r, 1, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
	/* And what was done is not done again. */
	testcapture_end(r, true);
	testcapture_start(r);
	assert_int_equal(testcapture_tell(r).count, 1);
}

/* It looks, and the events of what it sees come only then: one record, with an author. */
static void test_late(void **state)
{
	struct running *r = *state;

	testcapture_end(r, true);
	testroot_write(r->root, "etc/hosts", "127.0.0.1 localhost\n10.0.0.1 db\n");
	testcapture_start(r);
	played_people();
	played_begin("hosts");
	played_end("hosts");
	testcapture_moment(r);
	assert_newest(r, 1, "/etc/hosts", METHOD_APPEND, ATTRIBUTION_FULL);
	testcapture_moment(r);
	assert_int_equal(testcapture_tell(r).count, 1);
}

/* It is another one with each look: it is recorded when it stays. */
static void test_restless(void **state)
{
	struct running *r = *state;

	testcapture_end(r, false);
	testroot_write(r->root, "etc/hosts", "one\n");
	testcapture_start(r);
	testroot_write(r->root, "etc/hosts", "two\n");
	testcapture_moment(r);
	assert_true(suspects_next_ns(&r->capture) != UINT64_MAX);
	assert_unseen(r, 1, "/etc/hosts", METHOD_UNKNOWN);
	assert_true(suspects_next_ns(&r->capture) == UINT64_MAX);
	/* And back to what it was, before anybody is sure. */
	testcapture_end(r, false);
	testroot_write(r->root, "etc/hosts", "three\n");
	testcapture_start(r);
	testroot_write(r->root, "etc/hosts", "two\n");
	testcapture_moment(r);
	assert_int_equal(testcapture_tell(r).count, 1);
	assert_true(suspects_next_ns(&r->capture) == UINT64_MAX);
}

/* Stopped, so that nobody sees what happens. */
static void test_unseen(void **state)
{
	struct running *r = *state;

	testcapture_end(r, false);
	testroot_write(r->root, "etc/hosts", "127.0.0.2 localhost\n");
	testcapture_start(r);
	assert_unseen(r, 1, "/etc/hosts", METHOD_UNKNOWN);
	testcapture_end(r, false);
	testroot_write(r->root, "etc/new", "x\n");
	testcapture_start(r);
	assert_unseen(r, 2, "/etc/new", METHOD_CREATE);
	testcapture_end(r, false);
	assert_int_equal(unlink("etc/new"), 0);
	testcapture_start(r);
	assert_unseen(r, 3, "/etc/new", METHOD_DELETE);
	testcapture_end(r, false);
	testcapture_start(r);
	assert_int_equal(testcapture_tell(r).count, 3);
}

static void test_lost(void **state)
{
	struct running *r = *state;

	testroot_write(r->root, "etc/fstab", "# anything\n");
	assert_int_equal(consume(&r->capture), 0);
	assert_int_equal(testcapture_tell(r).count, 0);
	played->lost = 1;
	r->capture.looked_ns = 0;
	assert_int_equal(consume(&r->capture), 0);
	assert_unseen(r, 1, "/etc/fstab", METHOD_UNKNOWN);
	/* Not again so soon. */
	testroot_write(r->root, "etc/fstab", "# something\n");
	played->lost = 2;
	assert_int_equal(consume(&r->capture), 0);
	assert_int_equal(testcapture_tell(r).count, 1);
	assert_true(chores_next_ns(&r->capture) != UINT64_MAX);
}

static void test_request(void **state)
{
	struct running *r = *state;
	char srv[] = "/srv", all[] = "/*";
	char *both[] = {srv, all, NULL}, *none[] = {NULL};
	uint64_t request;

	testcapture_ask(r, 1, both);
	uv_run(&r->daemon.loop, UV_RUN_NOWAIT);
	assert_int_equal(testcapture_files(r, "/srv", &request), 1);
	assert_int_equal(request, 1);
	assert_int_equal(testcapture_files(r, "/*", &request), UINT64_MAX - 1);
	/* What was there before has no record; what comes while nobody looks has one. */
	assert_int_equal(testcapture_tell(r).count, 0);
	testcapture_end(r, false);
	testroot_write(r->root, "srv/other.conf", "b = 1\n");
	testcapture_start(r);
	assert_unseen(r, 1, "/srv/other.conf", METHOD_CREATE);
	testcapture_ask(r, 2, none);
	uv_run(&r->daemon.loop, UV_RUN_NOWAIT);
	assert_int_equal(testcapture_files(r, "/srv", &request), UINT64_MAX);
	assert_int_equal(request, 2);
	assert_int_equal(testcapture_tell(r).count, 1);
}

static bool store_holds(struct running *r, const char *text)
{
	static const char *const names[] = {"trace.sqlite", "trace.sqlite-wal", "secret.sqlite",
					    "secret.sqlite-wal"};
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = NULL, *bytes = NULL;
		size_t len = 0;

		assert_true(asprintf(&path, STORE_DIR "/%s", names[i]) > 0);
		if (fs_read(r->root->fd, path, 64 * 1024 * 1024, &bytes, &len) == 0)
			found |= memmem(bytes, len, text, strlen(text)) != NULL;
	}
	return found;
}

static void test_secrets(void **state)
{
	struct running *r = *state;
	_cleanup_(free_ledger) struct ledger *l = NULL;
	_cleanup_(record_deinit) struct record record = {};
	struct ledger_image *images;
	size_t count;
	bool cut;

	played_people();
	played_begin("shadow");
	testroot_write(r->root, "etc/shadow", "root:$6$salt$hushhushhush:19001:0:99999:7:::\n");
	played_end("shadow");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/shadow", METHOD_IN_PLACE, ATTRIBUTION_FULL);
	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_show(l, testcapture_tell(r).id, &record, &images, &count, &cut), 0);
	ledger_images_free(images, count);
	assert_int_equal(record.field_count, 2);
	assert_string_equal(record.fields[0].account, "root");
	assert_string_equal(record.fields[0].field, "password");
	assert_null(record.diff);
	assert_false(record.new.hashed);
	assert_false(store_holds(r, "secretsecret"));
	assert_false(store_holds(r, "hushhushhush"));
	/* The search would find it. */
	assert_true(store_holds(r, "/etc/shadow"));
}

/* A file with secrets that is gone leaves nothing to compare with. */
static void test_secrets_gone(void **state)
{
	struct running *r = *state;
	_cleanup_free_ char *kept = NULL, *left = NULL, *waiting = NULL;

	/* Looked at, and nothing had changed: a digest waits for a record. */
	played->lost = 1;
	r->capture.looked_ns = 0;
	assert_int_equal(consume(&r->capture), 0);
	assert_int_equal(store_get_digest(r->capture.store, "/etc/shadow", &kept), 0);
	assert_non_null(kept);
	assert_int_equal(store_put_digest(r->capture.store, "now:/etc/shadow", kept), 0);
	testcapture_end(r, false);
	assert_int_equal(unlink("etc/shadow"), 0);
	testcapture_start(r);
	assert_unseen(r, 1, "/etc/shadow", METHOD_DELETE);
	assert_int_equal(store_get_digest(r->capture.store, "/etc/shadow", &left), 0);
	assert_null(left);
	assert_int_equal(store_get_digest(r->capture.store, "now:/etc/shadow", &waiting), 0);
	assert_null(waiting);
}

/* Also a daemon that never runs for long keeps its store small. */
static void test_tidy(void **state)
{
	struct running *r = *state;

	assert_true(uv_is_active((uv_handle_t *)&r->capture.tidy));
	while (uv_is_active((uv_handle_t *)&r->capture.tidy))
		uv_run(&r->daemon.loop, UV_RUN_NOWAIT);
	assert_int_equal(consume(&r->capture), 0);
	consume_arm(&r->capture);
	assert_false(uv_is_active((uv_handle_t *)&r->capture.tidy));
}

/* A store that is none is set aside, and a new one begun. */
static void test_damaged(void **state)
{
	struct running *r = *state;
	_cleanup_(free_ledger) struct ledger *l = NULL;
	_cleanup_(ledger_status_deinit) struct ledger_status status = {};

	testcapture_end(r, false);
	testroot_write(r->root, "var/lib/leonhard/filetrace/trace.sqlite", "this is no database");
	testcapture_start(r);
	assert_int_equal(access("var/lib/leonhard/filetrace/damaged-trace.sqlite", F_OK), 0);
	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_status(l, &status), 0);
	assert_non_null(status.problem);
	assert_int_equal(status.files, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first_start, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_edit, testcapture_setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_killed, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_late, testcapture_setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_restless, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_unseen, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_lost, testcapture_setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_request, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_secrets, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_secrets_gone, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_tidy, testcapture_setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_damaged, testcapture_setup,
						testcapture_teardown),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
