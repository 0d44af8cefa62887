/*
 * Tests of readers who are another user than the writer and have no right to write: beside a
 * writer, after one that went, after one that was killed, and where files are missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/sandbox.h"
#include "filetrace/teststore.h"

#define CHECK TESTROOT_CHECK
#define FOLDER "store"

enum { READER_UID = 4242, READER_GID = 4243, EACH = 5 };

/* What a reader has to find: records, or an error. */
static int64_t expected;
static int expected_error;

static int open_folder(void)
{
	int fd = open(FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

/* Another user, confined to reading the folder: as the service that answers. */
static void become_reader(const struct testroot *t)
{
	char path[64];
	const char *const paths[] = {path, NULL};
	const struct sandbox sandbox = {.read_paths = paths};
	const char *missing;

	snprintf(path, sizeof(path), "%s/" FOLDER, t->path);
	CHECK(setgroups(0, NULL) == 0);
	CHECK(setresgid(READER_GID, READER_GID, READER_GID) == 0);
	CHECK(setresuid(READER_UID, READER_UID, READER_UID) == 0);
	CHECK(sandbox_enter(&sandbox, &missing) == 0);
}

static void try_reader(const struct testroot *t)
{
	become_reader(t);
}

struct seen {
	int64_t first, last, count;
};

static int see(void *data, const struct ledger_row *row)
{
	struct seen *seen = data;

	seen->first = seen->first ?: row->record.id;
	CHECK(!seen->last || row->record.id == seen->last + 1);
	seen->last = row->record.id;
	seen->count++;
	return 0;
}

static int read_all(struct ledger *l, struct seen *seen)
{
	const struct ledger_filter all = {.user = -1, .ascending = true};
	bool more;

	return ledger_list(l, &all, UINT32_MAX, see, seen, &more);
}

/* What a reader must not be able to do. */
static void check_powerless(int dirfd)
{
	static const char *const names[] = {"trace.sqlite", "trace.sqlite-wal", "trace.sqlite-shm",
					    "new"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		CHECK(openat(dirfd, names[i], O_RDWR | O_CREAT, 0600) < 0 && errno == EACCES);
	CHECK(openat(dirfd, "secret.sqlite", O_RDONLY) < 0 && errno == EACCES);
	CHECK(openat(dirfd, "secret.sqlite-wal", O_RDONLY) < 0);
}

static void read_as_other(const struct testroot *t)
{
	_cleanup_close_ int dirfd = open_folder();
	struct seen seen = {};
	struct ledger *l;

	become_reader(t);
	if (expected_error == 0)
		check_powerless(dirfd);
	CHECK(ledger_new(dirfd, &l) == 0);
	/* Once is nothing: what is open is used again. */
	for (int i = 0; i < 3; i++) {
		seen = (struct seen){};
		CHECK(read_all(l, &seen) == expected_error);
		CHECK(seen.count == expected);
	}
	ledger_free(l);
}

static void assert_reads(const struct testroot *t, int64_t count, int error)
{
	expected = count;
	expected_error = error;
	assert_int_equal(testroot_run(t, read_as_other), 0);
}

static void put(struct store *s, int count)
{
	for (int i = 0; i < count; i++) {
		struct record r = teststore_record("/etc/hosts", 0, i);
		int64_t id;

		CHECK(store_put_record(s, TEST_BOOT, &r, &id) == 0);
	}
}

static struct store *open_store(void)
{
	_cleanup_close_ int dirfd = open_folder();
	struct store *s;

	CHECK(store_open(dirfd, &s) == 0);
	return s;
}

static void write_and_die(const struct testroot *t)
{
	struct store *s = open_store();

	put(s, 10);
	CHECK(store_begin(s) == 0);
	put(s, 1);
	raise(SIGKILL);
}

static void test_other_user(void **state)
{
	const struct testroot *t = *state;
	struct store *s;

	assert_reads(t, 0, -ENOENT);
	s = open_store();
	put(s, 10);
	assert_reads(t, 10, 0);
	store_close(s);
	assert_reads(t, 10, 0);
	assert_int_equal(testroot_run(t, write_and_die), SIGKILL);
	assert_reads(t, 20, 0);
	/* A log, but nobody's memory of it. */
	assert_int_equal(unlink(FOLDER "/trace.sqlite-shm"), 0);
	assert_reads(t, 20, 0);
	s = open_store();
	assert_reads(t, 20, 0);
	store_close(s);
	assert_int_equal(unlink(FOLDER "/trace.sqlite-shm"), 0);
	assert_int_equal(unlink(FOLDER "/trace.sqlite-wal"), 0);
	assert_reads(t, 20, 0);
	/* No group has the right: said so. */
	assert_int_equal(chmod(FOLDER "/trace.sqlite", 0600), 0);
	assert_int_equal(chown(FOLDER "/trace.sqlite", 0, 0), 0);
	s = open_store();
	assert_reads(t, 20, 0);
	store_close(s);
}

static void write_on(const struct testroot *t)
{
	struct store *s = open_store();

	for (;;) {
		CHECK(store_begin(s) == 0);
		put(s, EACH);
		CHECK(store_commit(s) == 0);
	}
}

static void read_on(const struct testroot *t)
{
	_cleanup_close_ int dirfd = open_folder();
	const struct timespec pause = {.tv_nsec = 2000000};
	int64_t last = 0;
	struct ledger *l;

	become_reader(t);
	CHECK(ledger_new(dirfd, &l) == 0);
	for (int i = 0; i < 150; i++) {
		const struct ledger_filter fresh = {
			.user = -1, .ascending = true, .after = last > 50 ? last - 50 : 0};
		struct seen seen = {};
		bool more;

		CHECK(ledger_list(l, &fresh, UINT32_MAX, see, &seen, &more) == 0);
		CHECK(seen.last >= last && seen.last % EACH == 0);
		last = seen.last;
		nanosleep(&pause, NULL);
	}
	CHECK(last > 0);
	ledger_free(l);
}

/* Whole transactions and nothing else is seen, and always what came last. */
static void test_beside_writer(void **state)
{
	const struct testroot *t = *state;
	pid_t writer;
	int result;

	store_close(open_store());
	writer = fork();
	if (writer == 0)
		write_on(t);
	assert_true(writer > 0);
	result = testroot_run(t, read_on);
	kill(writer, SIGKILL);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	assert_int_equal(result, 0);
}

static int make_folder(void **state)
{
	testroot_clear(*state);
	if (mkdir(FOLDER, 0750) < 0 || chmod(FOLDER, 0750) < 0)
		return -1;
	return chown(FOLDER, -1, READER_GID) < 0 && geteuid() == 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_other_user, make_folder),
		cmocka_unit_test_setup(test_beside_writer, make_folder),
	};
	struct testroot t = {};

	if (geteuid() != 0 || testroot_run(&t, try_reader) != 0) {
		fprintf(stderr, "no right to become another user, or none to become\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
