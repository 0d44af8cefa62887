/*
 * Tests of AddWatch, RemoveWatch and ListWatches: the test plays the capturing half, which takes
 * requests, takes them late, not as a whole, or never.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/fs.h"
#include "base/str.h"
#include "filetrace/request.h"
#include "filetrace/trace/testtrace.h"

static const char file[] = REQUEST_DIR "/" REQUEST_NAME;

/* The request that is there; one that is none fails the test. */
static struct request get_request(void)
{
	_cleanup_free_ char *text = NULL;
	struct request request;
	size_t len;

	assert_int_equal(fs_read(root->fd, file, REQUEST_BYTES_MAX, &text, &len), 0);
	assert_int_equal(request_parse(text, len, &request), 0);
	return request;
}

/* Waits for a request with a larger number than *@number, which then is its. */
static struct request wait_request(uint64_t *number)
{
	for (int ms = 0; ms < PATIENCE_MS; ms += 5, pause_ms(5)) {
		struct request request;

		if (fs_exists(root->fd, file) <= 0)
			continue;
		request = get_request();
		if (request.number > *number) {
			*number = request.number;
			return request;
		}
		request_deinit(&request);
	}
	fail_msg("no request comes");
	return (struct request){};
}

/* Puts a request into effect, with /etc as the default. */
static void take(const struct request *request, const char *problem)
{
	struct store_watch watches[16] = {{.path = "/etc", .files = 300}};
	size_t count = 1;

	for (char **p = request->patterns; p && *p; p++)
		watches[count++] = (struct store_watch){
			.path = *p, .user = true, .files = 2, .problem = problem};
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_put_watches(store, watches, count, request->number), 0);
	assert_int_equal(store_commit(store), 0);
}

static uint64_t serve_request(uint64_t number)
{
	_cleanup_(request_deinit) struct request request = wait_request(&number);

	take(&request, NULL);
	return number;
}

static json_t *path(const char *text)
{
	return json_pack("{s:s}", "path", text);
}

static const char *watch_text(const json_t *reply, const char *name)
{
	return json_string_value(json_object_get(reply_member(reply, "watch"), name));
}

/* The watch of a path in a list, borrowed; NULL for none. */
static const json_t *find(const json_t *reply, const char *wanted)
{
	json_t *watch;
	size_t i;

	json_array_foreach(reply_member(reply, "watches"), i, watch)
	{
		if (str_equal(json_string_value(json_object_get(watch, "path")), wanted))
			return watch;
	}
	return NULL;
}

static void test_add(void **state)
{
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *added = NULL, *listed = NULL, *removed = NULL, *none = NULL,
			      *standard = NULL;
	uint64_t number = 0;

	client_send(c, "AddWatch", path("/srv/a\\x0ab/"), false);
	number = serve_request(number);
	added = client_receive(c, PATIENCE_MS);
	assert_string_equal(watch_text(added, "path"), "/srv/a\\x0ab");
	assert_string_equal(watch_text(added, "origin"), "user");
	assert_null(watch_text(added, "problem"));
	listed = client_ask("ListWatches", NULL);
	assert_non_null(find(listed, "/etc"));
	assert_non_null(find(listed, "/srv/a\\x0ab"));
	client_send(c, "RemoveWatch", path("/srv/a\\x0ab"), false);
	serve_request(number);
	removed = client_receive(c, PATIENCE_MS);
	assert_null(json_object_get(removed, "error"));
	none = client_ask("RemoveWatch", path("/srv/a\\x0ab"));
	assert_error(none, "io.leonhard.Trace.NoSuchWatch", "/srv/a");
	standard = client_ask("RemoveWatch", path("/etc"));
	assert_error(standard, "io.leonhard.Trace.WatchRefused", "configuration");
}

/* What is of the configuration already needs no request. */
static void test_default(void **state)
{
	const struct request none = {.number = 1};
	_cleanup_json_ json_t *reply = NULL;

	take(&none, NULL);
	reply = client_ask("AddWatch", path("/etc"));
	assert_string_equal(watch_text(reply, "origin"), "default");
	assert_int_equal(fs_exists(root->fd, file), 0);
}

static void test_refused(void **state)
{
	static const char *const paths[] = {"etc", "/", "/*", "/etc/../x", "/a//b", ""};
	_cleanup_json_ json_t *escape = client_ask("AddWatch", path("/\\x41"));
	_cleanup_client_ struct client *observer = NULL;
	_cleanup_json_ json_t *denied = NULL, *seen = NULL;

	assert_error(escape, "org.varlink.service.InvalidParameter", "path");
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_json_ json_t *reply = client_ask("AddWatch", path(paths[i]));

		assert_error(reply, "io.leonhard.Trace.WatchRefused", NULL);
	}
	assert_int_equal(fs_exists(root->fd, file), 0);
	observer = observer_new();
	denied = client_call(observer, "AddWatch", path("/srv"), false);
	assert_error(denied, "org.varlink.service.PermissionDenied", NULL);
	seen = client_call(observer, "ListWatches", NULL, false);
	assert_int_equal(json_array_size(reply_member(seen, "watches")), 0);
}

/* Requests that come together are answered together, by one request or two. */
static void test_together(void **state)
{
	enum { CLIENTS = 8 };
	struct client *clients[CLIENTS];
	uint64_t number = 0;
	char text[32];

	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = client_new();
		snprintf(text, sizeof(text), "/srv/%d", i / 2);
		client_send(clients[i], "AddWatch", path(text), false);
	}
	pause_ms(200);
	serve_request(number);
	for (int i = 0; i < CLIENTS; i++) {
		_cleanup_json_ json_t *reply = client_receive(clients[i], PATIENCE_MS);

		assert_non_null(reply);
		assert_null(json_object_get(reply, "error"));
		client_free_p(&clients[i]);
	}
}

/* Nobody takes it: refused, for a reason, and nothing has changed. */
static void test_late(void **state)
{
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *late = client_ask("AddWatch", path("/srv")), *runs = NULL,
			      *removed = NULL, *listed = NULL;
	_cleanup_(request_deinit) struct request after = {};
	uint64_t number = 0;

	assert_error(late, "io.leonhard.Trace.WatchRefused", "does not run");
	pause_ms(100);
	after = get_request();
	assert_null(after.patterns[0]);
	testtrace_capture(true);
	runs = client_ask("AddWatch", path("/srv"));
	assert_error(runs, "io.leonhard.Trace.WatchRefused", "in time");
	/* And the next one works, and is not taken back by those before. */
	number = after.number + 2;
	client_send(c, "AddWatch", path("/srv"), false);
	serve_request(number);
	json_decref(client_receive(c, PATIENCE_MS));
	removed = client_ask("RemoveWatch", path("/srv"));
	assert_error(removed, "io.leonhard.Trace.WatchRefused", "in time");
	pause_ms(100);
	request_deinit(&after);
	after = get_request();
	assert_string_equal(after.patterns[0], "/srv");
	listed = client_ask("ListWatches", NULL);
	assert_non_null(find(listed, "/srv"));
}

/* The capturing half leaves one out, or has something to say about it. */
static void test_problem(void **state)
{
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *with = NULL, *without = NULL;
	_cleanup_(request_deinit) struct request request = {}, other = {};
	uint64_t number = 0;

	client_send(c, "AddWatch", path("/srv"), false);
	request = wait_request(&number);
	take(&request, "too many files\n");
	with = client_receive(c, PATIENCE_MS);
	assert_string_equal(watch_text(with, "problem"), "too many files\\x0a");
	client_send(c, "AddWatch", path("/opt"), false);
	other = wait_request(&number);
	str_vector_free(other.patterns);
	other.patterns = NULL;
	take(&other, NULL);
	without = client_receive(c, PATIENCE_MS);
	assert_error(without, "io.leonhard.Trace.WatchRefused", "did not take it");
}

/* A caller who goes away takes nothing along. */
static void test_gone(void **state)
{
	struct client *gone = client_new();
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *reply = NULL, *listed = NULL;
	uint64_t number = 0;

	client_send(gone, "AddWatch", path("/srv"), false);
	json_decref(client_ask("Health", NULL));
	client_free_p(&gone);
	pause_ms(100);
	client_send(c, "AddWatch", path("/opt"), false);
	pause_ms(200);
	serve_request(number);
	reply = client_receive(c, PATIENCE_MS);
	assert_null(json_object_get(reply, "error"));
	listed = client_ask("ListWatches", NULL);
	assert_non_null(find(listed, "/srv"));
	assert_non_null(find(listed, "/opt"));
}

/* What was added is still there after the daemon, and after its file. */
static void test_restart(void **state)
{
	_cleanup_client_ struct client *c = client_new(), *d = NULL;
	_cleanup_json_ json_t *first = NULL, *second = NULL, *listed = NULL;
	uint64_t number = 0;

	client_send(c, "AddWatch", path("/srv"), false);
	number = serve_request(number);
	first = client_receive(c, PATIENCE_MS);
	testtrace_stop();
	assert_int_equal(unlinkat(root->fd, &file[1], 0), 0);
	testtrace_start();
	d = client_new();
	client_send(d, "AddWatch", path("/opt"), false);
	serve_request(number);
	second = client_receive(d, PATIENCE_MS);
	assert_null(json_object_get(second, "error"));
	listed = client_ask("ListWatches", NULL);
	assert_non_null(find(listed, "/srv"));
	assert_non_null(find(listed, "/opt"));
}

/* The daemon ends while a call waits. */
static void test_end(void **state)
{
	_cleanup_client_ struct client *c = client_new();
	_cleanup_json_ json_t *reply = NULL;
	_cleanup_(request_deinit) struct request request = {};

	client_send(c, "AddWatch", path("/srv"), false);
	json_decref(client_ask("Health", NULL));
	testtrace_stop();
	reply = client_receive(c, PATIENCE_MS);
	assert_error(reply, "io.leonhard.Trace.WatchRefused", "ends");
	request = get_request();
	assert_string_equal(request.patterns[0], "/srv");
}

/* More than can be told, or asked for. */
static void test_too_many(void **state)
{
	struct store_watch *watches = calloc(3000, sizeof(*watches));
	_cleanup_json_ json_t *listed = NULL;
	char problem[2048];

	assert_non_null(watches);
	memset(problem, '\x01', sizeof(problem) - 1);
	problem[sizeof(problem) - 1] = '\0';
	for (int i = 0; i < 3000; i++) {
		char *text;

		assert_true(asprintf(&text, "/srv/%d", i) > 0);
		watches[i] = (struct store_watch){.path = text, .user = true, .problem = problem};
	}
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_put_watches(store, watches, 3000, 1), 0);
	assert_int_equal(store_commit(store), 0);
	listed = client_ask("ListWatches", NULL);
	assert_int_equal(json_array_size(reply_member(listed, "watches")), 3000);
	for (int i = 0; i < 3000; i++)
		free((char *)watches[i].path);
	free(watches);
}

#define WHOLE(test) cmocka_unit_test_setup_teardown(test, testtrace_whole, testtrace_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WHOLE(test_add),  WHOLE(test_default),	WHOLE(test_refused), WHOLE(test_together),
		WHOLE(test_late), WHOLE(test_problem),	WHOLE(test_gone),    WHOLE(test_restart),
		WHOLE(test_end),  WHOLE(test_too_many),
	};

	return cmocka_run_group_tests(tests, testtrace_group, testroot_teardown);
}
