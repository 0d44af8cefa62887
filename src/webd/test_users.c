/*
 * Tests of how users are called, with the daemon and a bridge: the machine's, one whose lookup
 * hangs, and one that lies.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "webd/testwebd.h"

#define ECHO "{\"method\":\"io.leonhard.Test.Echo\",\"parameters\":{\"text\":\"x\"}}"

static int start(void **state)
{
	testwebd_setup(state);
	testwebd_start("");
	return 0;
}

/* That nobody else is in the answer, either. */
static void expect_users(const struct person *p, const char *query, const char *users)
{
	_cleanup_free_ char *path = NULL, *body = NULL, *response = NULL;

	assert_true(asprintf(&path, "/api/users?%s", query) > 0);
	assert_true(asprintf(&body, "\r\n\r\n{\"users\":{%s}}", users) > 0);
	response = ask_get(path, p->cookie);
	assert_int_equal(status_of(response), 200);
	if (!str_ends(response, body))
		fail_msg("not %s in: %s", users, response);
}

static void test_users(void **state)
{
	struct person ada;

	expect_status(ask_get("/api/users?uid=0", ""), 401);
	log_in("ada", &ada);
	expect_users(&ada, "uid=1000", "\"1000\":\"ada\"");
	expect_users(&ada, "uid=0,1000,4242", "\"0\":\"root\",\"1000\":\"ada\"");
	expect_users(&ada, "name=ada", "\"1000\":\"ada\"");
	expect_users(&ada, "name=eve", "");
	/* It has a name that nobody should see. */
	expect_users(&ada, "uid=7", "");
	/* Read anew each time. */
	testroot_write(root, "etc/passwd", "zoe:x:1000:1000::/:/bin/sh\n");
	expect_users(&ada, "uid=1000", "\"1000\":\"zoe\"");
	expect_call(&ada, ECHO, "\"x\"");
}

static void test_users_refused(void **state)
{
	static const char *const queries[] = {
		"",
		"?",
		"?uid",
		"?uid=",
		"?name=",
		"?uid=0&name=root",
		"?uid=0,",
		"?uid=0%201",
		"?uid=-1",
		"?uid=4294967295",
		"?uid=00",
		"?name=a:b",
		"?name=a%0ab",
		"?name=%ff",
		"?gid=0",
	};
	struct strbuf many = {};
	struct person ada;

	log_in("ada", &ada);
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/api/users%s", queries[i]);
		expect_status(ask_get(path, ada.cookie), 400);
	}
	strbuf_addf(&many, "/api/users?uid=1");
	for (int i = 1; i < 64; i++)
		strbuf_addf(&many, ",4294967294");
	expect_status(ask_get(many.text, ada.cookie), 200);
	strbuf_addf(&many, ",1");
	expect_status(ask_get(many.text, ada.cookie), 400);
	strbuf_deinit(&many);
	expect_status(ask_post("/api/users?uid=0", ada.json, "{}"), 405);
	/* Its channel is no interface. */
	expect_status(ask_post("/api/call", ada.json, "{\"method\":\"users.X\"}"), 400);
}

/* A lookup that hangs holds up nobody, and is over when its request is. */
static void test_stuck_lookup(void **state)
{
	struct person ada;
	int fd = -1;

	testwebd_stop();
	testwebd_start("call_timeout = 1s\n");
	log_in("ada", &ada);
	assert_int_equal(unlinkat(root->fd, "etc/passwd", 0), 0);
	assert_int_equal(mkfifoat(root->fd, "etc/passwd", 0600), 0);
	for (int i = 0; i < 2; i++) {
		expect_status(ask_get("/api/users?uid=1000", ada.cookie), 504);
		expect_call(&ada, ECHO, "\"x\"");
	}
	/* Nobody waits for the other end of the pipe any more. */
	for (int i = 0; i < 200; i++) {
		fd = openat(root->fd, "etc/passwd", O_WRONLY | O_NONBLOCK);
		if (fd < 0 && errno == ENXIO)
			return;
		if (fd >= 0)
			close(fd);
		pause_ms(10);
	}
	fail_msg("a lookup is still there");
}

/* ---- a bridge that lies ---- */

/* What somebody's own bridge says of users is looked at, and stops nobody else. */
static void test_lying_bridge(void **state)
{
	static const struct {
		const char *lie;
		int status;
	} cases[] = {
		{"1000:eve\n", 200},	   {"", 200},
		{"1000:a\n1000:b\n", 502}, {"nonsense", 502},
		{"1000:eve", 502},	   {"1001:eve\n", 502},
		{"1000:\x1b[31m\n", 502},  {"1000:\xff\xfe\n", 502},
		{"1000:\n", 502},	   {"1000:a:b\n", 502},
		{"01000:eve\n", 502},	   {"{\"parameters\":{}}", 502},
	};
	struct person liar, bob;
	char *response;

	log_in("liar", &liar);
	log_in("bob", &bob);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		testroot_write(root, "lie", cases[i].lie);
		response = ask_get("/api/users?uid=1000", liar.cookie);
		if (status_of(response) != cases[i].status)
			fail_msg("case %zu: %s", i, response);
		assert_null(strstr(response, "1b"));
		free(response);
	}
	expect_status(ask_get("/api/users?uid=1000", bob.cookie), 200);
	expect_status(ask_get("/api/session", liar.cookie), 200);
}

static void test_long_lie(void **state)
{
	struct strbuf lie = {};
	struct person liar;

	for (int i = 0; i < 5000; i++)
		strbuf_addf(&lie, "1000:eve\n");
	testroot_write(root, "lie", lie.text);
	strbuf_deinit(&lie);
	log_in("liar", &liar);
	expect_status(ask_get("/api/users?uid=1000", liar.cookie), 502);
	expect_status(ask_get("/api/session", liar.cookie), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, testwebd_teardown)
		TEST(test_users),	 TEST(test_users_refused), TEST(test_stuck_lookup),
		TEST(test_lying_bridge), TEST(test_long_lie),
	};

	return cmocka_run_group_tests(tests, testwebd_group, testwebd_group_end);
}
