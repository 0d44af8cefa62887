/*
 * Tests of the waits between attempts, with a clock of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/time.h"
#include "webd/login/limit.h"

static struct limit l;

static int setup(void **state)
{
	l = (struct limit){.free = 3, .longest_ns = 30 * NS_PER_S, .forgive_ns = 900 * NS_PER_S};
	return 0;
}

static void fail_times(const char *key, unsigned count, uint64_t now_ns)
{
	while (count--)
		limit_charge(&l, key, now_ns);
}

static void test_doubles(void **state)
{
	static const uint64_t waits_s[] = {0, 0, 0, 1, 2, 4, 8, 16, 30, 30};

	for (unsigned i = 0; i < 10; i++) {
		limit_charge(&l, "ada", NS_PER_S);
		assert_int_equal(limit_wait_ns(&l, "ada", NS_PER_S), waits_s[i] * NS_PER_S);
	}
	assert_int_equal(limit_wait_ns(&l, "ada", 31 * NS_PER_S), 0);
	assert_int_equal(limit_wait_ns(&l, "bob", NS_PER_S), 0);
	fail_times("ada", 100, NS_PER_S);
	assert_int_equal(limit_wait_ns(&l, "ada", NS_PER_S), 30 * NS_PER_S);
}

static void test_forgives(void **state)
{
	fail_times("ada", 8, 0);
	limit_charge(&l, "ada", 900 * NS_PER_S);
	assert_int_equal(limit_wait_ns(&l, "ada", 900 * NS_PER_S), 0);
	fail_times("ada", 8, 900 * NS_PER_S);
	limit_forgive(&l, "ada");
	assert_int_equal(limit_wait_ns(&l, "ada", 900 * NS_PER_S), 0);
	fail_times("ada", 4, 900 * NS_PER_S);
	limit_take_back(&l, "ada");
	assert_int_equal(limit_wait_ns(&l, "ada", 900 * NS_PER_S), 0);
	limit_take_back(&l, "nobody");
}

/* Many other names push out the one that was quiet for longest, not the latest. */
static void test_full(void **state)
{
	char name[32];

	fail_times("old", 8, 1);
	for (unsigned i = 0; i < LIMIT_ENTRIES - 2; i++) {
		snprintf(name, sizeof(name), "user%u", i);
		limit_charge(&l, name, 2);
	}
	fail_times("new", 8, 3);
	assert_true(limit_wait_ns(&l, "old", 3) > 0);
	limit_charge(&l, "another", 4);
	assert_int_equal(limit_wait_ns(&l, "old", 4), 0);
	assert_true(limit_wait_ns(&l, "new", 4) > 0);
}

static void key_is(const char *address, const char *expected)
{
	char key[LIMIT_KEY_MAX];

	limit_address_key(address, key);
	assert_string_equal(key, expected);
}

static void test_key(void **state)
{
	key_is("192.0.2.7", "192.0.2.7");
	key_is("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::");
	key_is("2001:db8:1:2::9", "2001:db8:1:2::");
	key_is("::ffff:192.0.2.7", "192.0.2.7");
	key_is("", "-");
	key_is("no address", "no address");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_doubles, setup),
		cmocka_unit_test_setup(test_forgives, setup),
		cmocka_unit_test_setup(test_full, setup),
		cmocka_unit_test_setup(test_key, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
