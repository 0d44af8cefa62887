/*
 * Tests of the table of sessions, with a clock of their own.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/time.h"
#include "webd/session.h"

#define MINUTE (60 * NS_PER_S)
#define HOUR (60 * MINUTE)

static struct sessions table;

static int setup(void **state)
{
	memset(&table, 0, sizeof(table));
	table.idle_ns = 15 * MINUTE;
	table.absolute_ns = 12 * HOUR;
	return 0;
}

static struct session *make(const char *user, uint64_t now_ns)
{
	struct session *s = NULL;

	assert_int_equal(session_new(&table, user, now_ns, &s), 0);
	return s;
}

static struct session *find(const char *id, uint64_t now_ns)
{
	return session_find(&table, id, strlen(id), now_ns);
}

static void test_found(void **state)
{
	struct session *a = make("ada", 0), *b = make("ada", 0);
	char id[SESSION_TOKEN_TEXT + 1];

	assert_int_equal(strlen(a->id), SESSION_TOKEN_TEXT);
	assert_string_not_equal(a->id, b->id);
	assert_string_not_equal(a->id, a->csrf);
	assert_ptr_equal(find(a->id, 1), a);
	assert_ptr_equal(find(b->id, 1), b);
	strcpy(id, a->id);
	id[SESSION_TOKEN_TEXT - 1] ^= 1;
	assert_null(find(id, 1));
	assert_null(session_find(&table, a->id, SESSION_TOKEN_TEXT - 1, 1));
	assert_null(find("", 1));
	strcpy(id, a->id);
	session_end(a);
	assert_null(find(id, 1));
	/* An unused place has the token of zeroes, which is nobody's. */
	memset(id, 0, sizeof(id));
	assert_null(session_find(&table, id, SESSION_TOKEN_TEXT, 1));
}

static void test_idle(void **state)
{
	struct session *s = make("ada", HOUR);

	assert_ptr_equal(find(s->id, HOUR + 15 * MINUTE - 1), s);
	assert_null(find(s->id, HOUR + 15 * MINUTE));
	session_touch(s, HOUR + 10 * MINUTE);
	assert_ptr_equal(find(s->id, HOUR + 25 * MINUTE - 1), s);
	assert_true(session_over(&table, s, HOUR + 25 * MINUTE));
}

static void test_absolute(void **state)
{
	struct session *s = make("ada", 0);

	session_touch(s, 12 * HOUR - MINUTE);
	assert_int_equal(session_end_ns(&table, s), 12 * HOUR);
	assert_ptr_equal(find(s->id, 12 * HOUR - 1), s);
	assert_null(find(s->id, 12 * HOUR));
}

static void test_csrf(void **state)
{
	struct session *a = make("ada", 0), *b = make("ada", 0);

	assert_true(session_csrf_valid(a, a->csrf));
	assert_false(session_csrf_valid(a, b->csrf));
	assert_false(session_csrf_valid(a, a->id));
	assert_false(session_csrf_valid(a, ""));
	assert_false(session_csrf_valid(a, NULL));
}

static void test_limits(void **state)
{
	struct session *s = NULL;
	char user[16];

	for (int i = 0; i < SESSIONS_PER_USER; i++)
		make("ada", i);
	assert_int_equal(session_new(&table, "ada", 0, &s), -EUSERS);
	assert_null(s);
	session_touch(&table.all[0], 100);
	assert_ptr_equal(session_stalest(&table, "ada"), &table.all[1]);
	assert_null(session_stalest(&table, "bob"));
	for (int i = SESSIONS_PER_USER; i < SESSIONS_MAX; i++) {
		snprintf(user, sizeof(user), "user%d", i / 4);
		make(user, 0);
	}
	assert_int_equal(session_new(&table, "bob", 0, &s), -ENOSPC);
	session_end(&table.all[9]);
	assert_int_equal(session_new(&table, "bob", 0, &s), 0);
}

static void test_long_name(void **state)
{
	char user[LOGIN_USER_MAX + 1] = {};
	struct session *s = NULL;

	memset(user, 'u', LOGIN_USER_MAX);
	assert_int_equal(session_new(&table, user, 0, &s), -ENAMETOOLONG);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_found, setup),
		cmocka_unit_test_setup(test_idle, setup),
		cmocka_unit_test_setup(test_absolute, setup),
		cmocka_unit_test_setup(test_csrf, setup),
		cmocka_unit_test_setup(test_limits, setup),
		cmocka_unit_test_setup(test_long_name, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
