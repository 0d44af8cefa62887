/*
 * Tests of what goes wrong while the daemon runs: configurations that change, a store that is
 * damaged, a disk that is full. Whatever it is, the daemon goes on, and says nothing that is wrong.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/def.h"
#include "filetrace/capture/testcapture.h"

/* Until the daemon is there again after a failure, which it is after a second. */
static void wait_for_it(struct running *r)
{
	for (int i = 0; i < 100 && !r->capture.edits; i++)
		uv_run(&r->daemon.loop, UV_RUN_ONCE);
	assert_non_null(r->capture.edits);
}

static void edit_hosts(struct running *r, const char *text)
{
	played_people();
	played_begin("hosts");
	testroot_write(r->root, "etc/hosts", text);
	played_end("hosts");
}

/* ---- reloading ---- */

/* Several times in one turn of the loop, which closes handles at its end. */
static void test_reload(void **state)
{
	struct running *r = *state;

	for (int i = 0; i < 100; i++) {
		capture_restart(&r->capture);
		assert_non_null(r->capture.edits);
		if (i % 3 == 0)
			uv_run(&r->daemon.loop, UV_RUN_NOWAIT);
	}
	uv_run(&r->daemon.loop, UV_RUN_NOWAIT);
	edit_hosts(r, "one\n");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
}

/* An edit goes on while other paths come under watch, and the old ones stay. */
static void test_other_paths(void **state)
{
	struct running *r = *state;
	uint64_t request;

	played_people();
	played_begin("hosts");
	assert_int_equal(consume(&r->capture), 0);
	testcapture_configure(r, "[watch]\npaths = /etc/hosts /srv\n");
	assert_int_equal(testcapture_files(r, "/srv", &request), 1);
	assert_int_equal(testcapture_files(r, "/etc", &request), UINT64_MAX);
	testroot_write(r->root, "etc/hosts", "another\n");
	played_end("hosts");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
	/* What was under watch and changed while it was not is taken as it is then. */
	testroot_write(r->root, "etc/fstab", "# anything\n");
	testcapture_configure(r, "[watch]\npaths = /etc\n");
	assert_int_equal(testcapture_tell(r).count, 1);
	assert_int_equal(testcapture_files(r, "/etc", &request), 4);
}

/* A slash at the end of a pattern makes no other pattern: what was there is taken as it
 * is, and only the configuration itself is new. */
static void test_slash(void **state)
{
	struct running *r = *state;
	uint64_t request;

	testcapture_configure(r, "[watch]\npaths = /etc /srv/\n");
	testcapture_moment(r);
	assert_newest(r, 1, "/etc/leonhard/filetrace.conf", METHOD_CREATE, ATTRIBUTION_NONE);
	assert_int_equal(testcapture_files(r, "/srv/", &request), 1);
}

/* ---- a damaged store ---- */

static bool is_set_aside(struct running *r)
{
	return access("var/lib/leonhard/filetrace/damaged-trace.sqlite", F_OK) == 0;
}

/* Killed, so that the source goes on; and the store that says where is not there any more. */
static void test_damaged_killed(void **state)
{
	struct running *r = *state;

	edit_hosts(r, "one\n");
	assert_int_equal(consume(&r->capture), 0);
	testcapture_end(r, true);
	testroot_write(r->root, "var/lib/leonhard/filetrace/trace.sqlite", "this is no database");
	testcapture_start(r);
	assert_true(is_set_aside(r));
	/* Images are sent again: nobody has them. */
	assert_int_equal(played->made, 0);
	edit_hosts(r, "two\n");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
}

/* One from a backup, which is behind what the ring has let go of. */
static void test_older_store(void **state)
{
	struct running *r = *state;

	edit_hosts(r, "one\n");
	assert_int_equal(consume(&r->capture), 0);
	testcapture_end(r, true);
	teststore_alter("var/lib/leonhard/filetrace/trace.sqlite",
			"UPDATE present SET position = position - 1");
	testcapture_start(r);
	edit_hosts(r, "two\n");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 2, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
}

/* Found only when it is used. */
static void test_damaged_running(void **state)
{
	struct running *r = *state;

	teststore_alter(
		"var/lib/leonhard/filetrace/trace.sqlite",
		"UPDATE baselines SET state = x'ff' WHERE path = CAST('/etc/hosts' AS BLOB)");
	edit_hosts(r, "one\n");
	assert_int_equal(consume(&r->capture), -EUCLEAN);
	capture_fail(&r->capture, -EUCLEAN, "cannot write down what happened");
	wait_for_it(r);
	assert_true(is_set_aside(r));
	/* What waited in the ring is taken in again. */
	assert_int_equal(testcapture_tell(r).full, 1);
	edit_hosts(r, "two\n");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 2, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
}

/* ---- a full disk ---- */

static bool full; /* that is what the file system says */

int __real_fstatvfs64(int fd, struct statvfs *fs);
int __wrap_fstatvfs64(int fd, struct statvfs *fs);

int __wrap_fstatvfs64(int fd, struct statvfs *fs)
{
	int r = __real_fstatvfs64(fd, fs);

	if (full)
		fs->f_bavail = 0;
	return r;
}

/* As if the disk were full: no file may become larger than what the log is now. */
static void limit_files(rlim_t bytes)
{
	const struct rlimit limit = {bytes, RLIM_INFINITY};

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_full(void **state)
{
	struct running *r = *state;
	char text[100000];
	int failed;

	teststore_noise(1, text, sizeof(text) - 1);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] |= 1;
	text[sizeof(text) - 1] = '\0';
	edit_hosts(r, text);
	limit_files(4096);
	failed = consume(&r->capture);
	if (failed < 0)
		capture_fail(&r->capture, failed, "cannot write down what happened");
	limit_files(RLIM_INFINITY);
	assert_int_equal(failed, -ENOSPC);
	wait_for_it(r);
	assert_newest(r, 1, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
	assert_int_equal(r->capture.attributed[ATTRIBUTION_FULL], 1);
}

/* It stays full, and the content has no room: the record has. */
static void test_stays_full(void **state)
{
	enum { BYTES = 4 * 1024 * 1024 };
	struct running *r = *state;
	_cleanup_free_ char *text = malloc(BYTES + 1);
	int failed;

	assert_non_null(text);
	teststore_noise(1, text, BYTES);
	for (size_t i = 0; i < BYTES; i++)
		text[i] |= 1;
	text[BYTES] = '\0';
	edit_hosts(r, text);
	limit_files(1024 * 1024);
	full = true;
	failed = consume(&r->capture);
	if (failed < 0) {
		capture_fail(&r->capture, failed, "cannot write down what happened");
		wait_for_it(r);
	}
	limit_files(RLIM_INFINITY);
	full = false;
	assert_int_equal(failed, -ENOSPC);
	assert_newest(r, 1, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
}

/* Lines without end are no reason to run out of memory. */
static void test_many_lines(void **state)
{
	enum { LINES = 4 * 1024 * 1024 };
	struct running *r = *state;
	_cleanup_(free_ledger) struct ledger *l = NULL;
	_cleanup_(record_deinit) struct record record = {};
	_cleanup_free_ char *text = malloc(LINES + 2);
	struct ledger_image *images;
	size_t count;
	bool cut;

	assert_non_null(text);
	memset(text, '\n', LINES + 1);
	text[LINES + 1] = '\0';
	edit_hosts(r, text);
	assert_int_equal(consume(&r->capture), 0);
	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_show(l, testcapture_tell(r).id, &record, &images, &count, &cut), 0);
	ledger_images_free(images, count);
	assert_true(record.diff_truncated);
	assert_true(record.new.hashed);
}

/* Told to stop while it waits to begin anew. */
static void test_stopped_waiting(void **state)
{
	struct running *r = *state;

	capture_fail(&r->capture, -ENOSPC, "cannot write down what happened");
	testcapture_end(r, false);
	testcapture_start(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_slash, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_reload, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_other_paths, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_damaged_killed, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_older_store, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_damaged_running, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_full, testcapture_setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_stays_full, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_many_lines, testcapture_setup,
						testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_stopped_waiting, testcapture_setup,
						testcapture_teardown),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
