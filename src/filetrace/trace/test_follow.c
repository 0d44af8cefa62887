/*
 * Tests of Follow: each new record once and in order, whoever the reader is and whatever happens to
 * the writer and to the store.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/fs.h"
#include "filetrace/trace/testtrace.h"

static struct client *follow(json_t *parameters)
{
	struct client *c = client_new();

	client_send(c, "Follow", parameters, true);
	/* It is listening when a call of somebody else, made later, is answered. */
	json_decref(client_ask("Health", NULL));
	return c;
}

static int64_t id_of(const json_t *reply)
{
	const json_t *id = json_object_get(reply_member(reply, "record"), "id");

	assert_true(json_is_string(id));
	return strtoll(json_string_value(id), NULL, 10);
}

static int64_t next_id(struct client *c)
{
	_cleanup_json_ json_t *reply = client_receive(c, PATIENCE_MS);

	assert_non_null(reply);
	assert_true(json_is_true(json_object_get(reply, "continues")));
	return id_of(reply);
}

static void assert_next(struct client *c, int64_t id)
{
	assert_int_equal(next_id(c), id);
}

static void assert_quiet(struct client *c)
{
	assert_null(client_receive(c, QUIET_MS));
}

/* What was there before is not told; what comes is. */
static void test_new(void **state)
{
	_cleanup_client_ struct client *c = NULL, *single = client_new();
	_cleanup_json_ json_t *refused = NULL;
	int64_t first = put_path("/etc/a"), second;

	c = follow(NULL);
	second = put_path("/etc/b");
	assert_int_equal(next_id(c), second);
	assert_true(second > first);
	assert_next(c, put_path("/etc/c"));
	assert_quiet(c);
	refused = client_call(single, "Follow", NULL, false);
	assert_error(refused, "io.leonhard.Rpc.ExpectedMore", NULL);
}

static void test_resume(void **state)
{
	int64_t a = put_path("/etc/a"), b = put_path("/etc/b");
	_cleanup_client_ struct client *c = follow(json_pack("{s:o}", "after", json_id(a)));
	_cleanup_client_ struct client *all = follow(json_pack("{s:s}", "after", "0"));

	assert_int_equal(next_id(c), b);
	assert_int_equal(next_id(all), a);
	assert_int_equal(next_id(all), b);
	a = put_path("/etc/c");
	assert_int_equal(next_id(c), a);
	assert_int_equal(next_id(all), a);
}

static void test_filter(void **state)
{
	_cleanup_client_ struct client *path = follow(json_pack("{s:s}", "path", "/etc/ssh/"));
	_cleanup_client_ struct client *user = follow(json_pack("{s:i}", "user", 7));
	struct record r = teststore_record("/etc/hosts", 7, 1000);
	int64_t id;

	put_path("/etc/hosts");
	id = put_record(&r);
	assert_int_equal(next_id(user), id);
	id = put_path("/etc/ssh/sshd_config");
	assert_int_equal(next_id(path), id);
	assert_quiet(user);
	assert_quiet(path);
}

/* A reader that sleeps while more comes than its output holds misses nothing. */
static void test_slow(void **state)
{
	enum { COUNT = 40000 };
	_cleanup_client_ struct client *c = follow(NULL), *quick = follow(NULL);
	int64_t id, first = 0;

	for (int i = 0; i < COUNT; i++) {
		const struct record r = teststore_record("/etc/some/file/of/a/longer/name", 0, i);

		if (i % 1000 == 0)
			assert_int_equal(store_begin(store), 0);
		assert_int_equal(store_put_record(store, TEST_BOOT, &r, &id), 0);
		first = first ? first : id;
		if (i % 1000 == 999)
			assert_int_equal(store_commit(store), 0);
	}
	pause_ms(500);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(next_id(quick), first + i);
		assert_int_equal(next_id(c), first + i);
	}
	assert_quiet(c);
}

/* ---- the writer is killed ---- */

/* Writes records, one a transaction, until it is killed; each id that is stored is told. */
static void write_until_killed(int fd)
{
	struct store *own = NULL;
	int dir = testtrace_folder_fd();
	int64_t id;

	if (store_open(dir, &own) < 0)
		_exit(1);
	for (;;) {
		const struct record r = teststore_record("/etc/x", 0, 1000);

		if (store_begin(own) < 0 || store_put_record(own, TEST_BOOT, &r, &id) < 0 ||
		    store_commit(own) < 0 || write(fd, &id, sizeof(id)) != sizeof(id))
			_exit(2);
	}
}

/* Kills a writer after some milliseconds. The last id that it is known to have stored. */
static int64_t run_writer(unsigned ms)
{
	int64_t id, last = 0;
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0)
		write_until_killed(fds[1]);
	close(fds[1]);
	/* It has begun when there is one. */
	while (read(fds[0], &id, sizeof(id)) == sizeof(id)) {
		if (!last) {
			pause_ms(ms);
			kill(pid, SIGKILL);
		}
		last = id;
	}
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_true(last > 0);
	return last;
}

static void test_killed(void **state)
{
	_cleanup_client_ struct client *c = NULL;
	int64_t seen = put_path("/etc/first");

	testtrace_close();
	c = follow(NULL);
	for (int round = 0; round < 8; round++) {
		int64_t last = run_writer(7 * round);

		while (seen < last)
			assert_int_equal(next_id(c), ++seen);
		/* One more may have been stored, and its teller killed. */
		for (json_t *reply; (reply = client_receive(c, 300)); json_decref(reply))
			assert_int_equal(id_of(reply), ++seen);
		assert_true(seen <= last + 1);
	}
}

/* ---- the store comes, goes, and is another ---- */

static void test_later(void **state)
{
	_cleanup_client_ struct client *c = follow(NULL);

	assert_quiet(c);
	testtrace_make_folder();
	pause_ms(100);
	testtrace_open();
	assert_next(c, put_path("/etc/a"));
	assert_next(c, put_path("/etc/b"));
}

/* The writer sets a damaged store aside and begins a new one. */
static void test_replaced(void **state)
{
	_cleanup_client_ struct client *c = NULL;
	int64_t id;
	int fd;

	put_path("/etc/a");
	put_path("/etc/b");
	c = follow(NULL);
	testtrace_close();
	fd = testtrace_folder_fd();
	assert_int_equal(renameat(fd, "trace.sqlite", fd, "trace.sqlite.damaged"), 0);
	unlinkat(fd, "trace.sqlite-wal", 0);
	unlinkat(fd, "trace.sqlite-shm", 0);
	close(fd);
	testtrace_open();
	id = put_path("/etc/c");
	assert_int_equal(next_id(c), id);
	id = put_path("/etc/d");
	assert_int_equal(next_id(c), id);
}

/* The folder itself is made again: the package was purged, and installed. */
static void test_new_folder(void **state)
{
	_cleanup_client_ struct client *c = NULL;

	put_path("/etc/a");
	c = follow(NULL);
	testtrace_close();
	assert_int_equal(renameat(root->fd, &STORE_DIR[1], root->fd, "var/lib/leonhard/gone"), 0);
	pause_ms(100);
	testtrace_make_folder();
	pause_ms(100);
	testtrace_open();
	assert_next(c, put_path("/etc/b"));
	assert_next(c, put_path("/etc/c"));
}

#define WHOLE(test) cmocka_unit_test_setup_teardown(test, testtrace_whole, testtrace_teardown)
#define BARE(test) cmocka_unit_test_setup_teardown(test, testtrace_bare, testtrace_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WHOLE(test_new),      WHOLE(test_resume),     WHOLE(test_filter),
		WHOLE(test_slow),     WHOLE(test_killed),     BARE(test_later),
		WHOLE(test_replaced), WHOLE(test_new_folder),
	};

	return cmocka_run_group_tests(tests, testtrace_group, testroot_teardown);
}
