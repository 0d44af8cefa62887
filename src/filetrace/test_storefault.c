/*
 * Tests of what the store is made for: a writer that is killed at any point, a disk that is full,
 * and memory that runs out.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <sqlite3.h>

#include <cmocka.h>

#include "base/def.h"
#include "filetrace/teststore.h"

#define CHECK TESTROOT_CHECK

enum { EXIT_SKIP = 77, KILLS = 40, EACH = 3, MIB = 1024 * 1024 };

static const struct store_limits no_limits = {.content_bytes = UINT64_MAX, .records = UINT64_MAX};

/* A record with its content and image. */
static int put(struct store *s, uint64_t n, size_t content_len, int64_t *ret_id)
{
	static char content[MIB];
	const struct ft_image image = teststore_image(n, 0, "/bin/sh");
	struct record r = teststore_record("/etc/hosts", 0, n);
	int error = store_put_image(s, TEST_BOOT, &image, "sh", 3);

	teststore_noise(n, content, content_len);
	memcpy(r.new.sha256.bytes, &n, sizeof(n));
	r.new.hashed = true;
	r.actor.image = n;
	if (error == 0)
		error = store_put_content(s, &r.new.sha256, content, content_len);
	return error < 0 ? error : store_put_record(s, TEST_BOOT, &r, ret_id);
}

static int has(struct store *s, uint64_t n)
{
	struct sha256 hash = {};
	_cleanup_free_ char *bytes = NULL;
	size_t len;
	int r;

	memcpy(hash.bytes, &n, sizeof(n));
	r = store_get_content(s, &hash, &bytes, &len);
	CHECK(r == 0 || r == -ENOENT);
	return r == 0;
}

static void write_until_killed(int dirfd)
{
	const struct store_limits few = {.content_bytes = 1000000, .records = 1500};
	struct store *s;
	int64_t id = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CHECK(store_open(dirfd, &s) == 0);
	for (uint64_t n = 1;; n++) {
		CHECK(store_begin(s) == 0);
		for (int i = 0; i < EACH; i++)
			CHECK(put(s, n * EACH + i, 3000, &id) == 0);
		CHECK(store_put_position(s, TEST_BOOT, id) == 0);
		CHECK(store_commit(s) == 0);
		if (n % 16 == 0)
			CHECK(store_retain(s, &few, 64) >= 0);
	}
}

struct span {
	int64_t first, last;
};

static int see(void *data, const struct ledger_row *row)
{
	struct span *span = data;

	assert_true(!span->last || row->record.id == span->last + 1);
	span->first = span->first ?: row->record.id;
	span->last = row->record.id;
	return 0;
}

static void assert_sound(const struct testroot *t, int64_t *last)
{
	const struct ledger_filter all = {.user = -1, .ascending = true};
	struct span span = {};
	uint64_t position;
	struct ledger *l;
	struct store *s;
	bool more;

	assert_int_equal(store_open(t->fd, &s), 0);
	assert_int_equal(store_get_position(s, TEST_BOOT, &position), 0);
	assert_int_equal(ledger_new(t->fd, &l), 0);
	assert_int_equal(ledger_list(l, &all, UINT32_MAX, see, &span, &more), 0);
	assert_int_equal(position, span.last);
	assert_true(span.last >= *last && span.last % EACH == 0);
	*last = span.last;
	ledger_free(l);
	store_close(s);
}

static void test_killed(void **state)
{
	const struct testroot *t = *state;
	int64_t last = 0;

	srandom(getpid());
	for (int i = 0; i < KILLS; i++) {
		const struct timespec pause = {.tv_nsec = 1000000 + random() % 60000000};
		pid_t child = fork();
		int result;

		if (child == 0)
			write_until_killed(t->fd);
		assert_true(child > 0);
		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &result, 0), child);
		assert_true(WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL);
		assert_sound(t, &last);
	}
	assert_true(last > KILLS);
	testroot_clear(t);
}

/* No file may become larger than this: to a program, that is a full disk. */
static void limit_files(rlim_t bytes)
{
	const struct rlimit limit = {bytes, RLIM_INFINITY};

	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static void meet_limit(const struct testroot *t)
{
	int64_t id = 0, last = 0, n = 0;
	struct store *s;
	int r = 0;

	signal(SIGXFSZ, SIG_IGN);
	CHECK(store_open(t->fd, &s) == 0);
	for (int round = 0; round < 20; round++) {
		limit_files((20 + round * 3) * 10000);
		do {
			r = store_begin(s);
			for (int i = 0; i < EACH && r == 0; i++)
				r = put(s, ++n, 3000, &id);
			if (r == 0)
				r = store_commit(s);
			else
				CHECK(store_commit(s) == r);
			if (r == 0)
				last = id;
		} while (r == 0);
		CHECK(r == -ENOSPC);
		limit_files(RLIM_INFINITY);
		CHECK(put(s, ++n, 3000, &id) == 0);
		/* What was undone had no id. */
		CHECK(id == last + 1);
		last = id;
	}
	store_close(s);
	CHECK(store_open(t->fd, &s) == 0);
	store_close(s);
}

static void test_limit(void **state)
{
	assert_int_equal(testroot_run(*state, meet_limit), 0);
	testroot_clear(*state);
}

static rlim_t size_of(const char *path)
{
	struct stat st;

	CHECK(stat(path, &st) == 0);
	return st.st_size;
}

/* The disk is full between the two files: the records are there, and are not denied. */
static void meet_limit_between(const struct testroot *t)
{
	static char digest[40001];
	_cleanup_free_ char *kept = NULL;
	int64_t id = 0, again = 0;
	struct store *s;

	signal(SIGXFSZ, SIG_IGN);
	CHECK(store_open(t->fd, &s) == 0);
	for (int i = 0; i < 10; i++) {
		memset(digest, 'a' + i, sizeof(digest) - 1);
		CHECK(store_put_digest(s, "/etc/shadow", digest) == 0);
	}
	CHECK(size_of("secret.sqlite-wal") > 2 * size_of("trace.sqlite-wal"));
	limit_files(size_of("secret.sqlite-wal") + 5000);
	CHECK(store_begin(s) == 0);
	CHECK(put(s, 1, 100, &id) == 0);
	memset(digest, 'z', sizeof(digest) - 1);
	CHECK(store_put_digest(s, "/etc/shadow", digest) == 0);
	CHECK(store_commit(s) == 0);
	limit_files(RLIM_INFINITY);
	CHECK(put(s, 2, 100, &again) == 0);
	CHECK(again == id + 1 && has(s, 1));
	CHECK(store_get_digest(s, "/etc/shadow", &kept) == 0);
	CHECK(kept[0] == 'j');
	store_close(s);
}

static void test_limit_between(void **state)
{
	assert_int_equal(testroot_run(*state, meet_limit_between), 0);
	testroot_clear(*state);
}

/* SQLite gets a little more memory each time, until it is enough. What fails has not happened. */
static void meet_no_memory(const struct testroot *t)
{
	int64_t id = 0, last = 0;
	int failures = 0, r;
	struct store *s;

	CHECK(store_open(t->fd, &s) == 0);
	for (int i = 0; i < 400; i++) {
		sqlite3_hard_heap_limit64(sqlite3_memory_used() + 1 + i * 64L);
		r = put(s, i + 1, 30000, &id);
		sqlite3_hard_heap_limit64(0);
		CHECK(r == 0 || r == -ENOMEM);
		failures += r < 0;
		CHECK(put(s, 1000 + i, 100, &id) == 0);
		CHECK(id == last + 1 + (r == 0));
		last = id;
	}
	CHECK(failures > 3);
	store_close(s);
}

static void test_no_memory(void **state)
{
	assert_int_equal(testroot_run(*state, meet_no_memory), 0);
	testroot_clear(*state);
}

/* Writes a file until nothing more goes. */
static void fill_disk(int dirfd)
{
	_cleanup_close_ int fd = openat(dirfd, "full", O_WRONLY | O_CREAT | O_APPEND, 0600);
	static char zeroes[65536];

	CHECK(fd >= 0);
	for (size_t len = sizeof(zeroes); len; len /= 2)
		while (write(fd, zeroes, len) == (ssize_t)len)
			;
	CHECK(errno == ENOSPC);
}

/* Makes room by dropping contents, the way the daemon does. */
static void make_room(struct store *s, uint64_t free_bytes)
{
	struct store_limits limits = no_limits;
	int r;

	limits.free_bytes = free_bytes;
	do
		r = store_retain(s, &limits, 16);
	while (r > 0);
	CHECK(r == 0);
}

static void fill_and_go_on(int dirfd)
{
	struct store *s;
	uint64_t n = 0;
	int64_t id = 0;
	int r;

	CHECK(store_open(dirfd, &s) == 0);
	for (int i = 0; i < 250; i++)
		CHECK(put(s, ++n, 50000, &id) == 0);
	for (int round = 0; round < 2; round++) {
		fill_disk(dirfd);
		do
			r = put(s, ++n, 50000, &id);
		while (r == 0);
		CHECK(r == -ENOSPC);
		make_room(s, 4 * MIB);
		for (int i = 0; i < 10; i++)
			CHECK(put(s, ++n, 50000, &id) == 0);
		CHECK(has(s, n));
	}
	/* At first the space that was set aside was enough; then the oldest had to go. */
	CHECK(!has(s, 1));
	store_close(s);
	CHECK(store_open(dirfd, &s) == 0);
	CHECK(has(s, n));
	store_close(s);
}

static bool write_file(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* Who is not root becomes root of a user namespace. Without mapping nobody could own a file. */
static bool enter_namespace(void)
{
	char uids[32], gids[32];

	snprintf(uids, sizeof(uids), "0 %u 1", geteuid());
	snprintf(gids, sizeof(gids), "0 %u 1", getegid());
	if (unshare(CLONE_NEWNS) == 0)
		return true;
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       write_file("/proc/self/uid_map", uids) &&
	       write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/gid_map", gids);
}

/* A small disk of its own, where that may be had. */
static void meet_full_disk(const struct testroot *t)
{
	_cleanup_close_ int dirfd = -1;

	if (!enter_namespace())
		_exit(EXIT_SKIP);
	CHECK(mkdir("disk", 0700) == 0);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "disk", "tmpfs", 0, "size=48m") < 0)
		_exit(EXIT_SKIP);
	dirfd = open("disk", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(dirfd >= 0);
	fill_and_go_on(dirfd);
}

static void test_full_disk(void **state)
{
	int result = testroot_run(*state, meet_full_disk);

	testroot_clear(*state);
	if (WIFEXITED(result) && WEXITSTATUS(result) == EXIT_SKIP) {
		fprintf(stderr, "no right to mount a disk in a namespace\n");
		skip();
	}
	assert_int_equal(result, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed),	      cmocka_unit_test(test_limit),
		cmocka_unit_test(test_limit_between), cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
