/*
 * Tests of what a session has set.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pwrapis/lease.h"

static void put(struct lease *l, unsigned item, unsigned index, double number)
{
	const struct power_value value = {.number = number};

	assert_int_equal(lease_put(l, item, index, &value), 0);
}

static void expect(const struct lease *l, unsigned item, unsigned index, double number)
{
	const struct power_value *value = lease_get(l, item, index);

	assert_non_null(value);
	assert_true(value->number == number);
}

static void test_remembers(void **state)
{
	struct lease l = {};

	assert_null(lease_get(&l, 1, 1));
	put(&l, 2, 1, 21);
	put(&l, 1, 2, 12);
	put(&l, 1, 1, 11);
	put(&l, 2, 0, 20);
	put(&l, 1, 2, 112);
	assert_int_equal(l.count, 4);
	expect(&l, 1, 1, 11);
	expect(&l, 1, 2, 112);
	expect(&l, 2, 0, 20);
	expect(&l, 2, 1, 21);
	assert_null(lease_get(&l, 1, 3));
	lease_drop(&l, 1, 2);
	lease_drop(&l, 1, 3);
	assert_int_equal(l.count, 3);
	assert_null(lease_get(&l, 1, 2));
	expect(&l, 2, 1, 21);
	lease_clear(&l);
	assert_int_equal(l.count, 0);
}

static void test_bound(void **state)
{
	const struct power_value value = {};
	struct lease l = {.number = 1};

	for (unsigned i = LEASE_SETTINGS_MAX; i > 0; i--)
		put(&l, 0, i, i);
	assert_int_equal(lease_put(&l, 0, 0, &value), -ENOSPC);
	put(&l, 0, 7, 70);
	expect(&l, 0, 7, 70);
	expect(&l, 0, LEASE_SETTINGS_MAX, LEASE_SETTINGS_MAX);
	lease_clear(&l);
	assert_int_equal(l.number, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remembers),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests_name("pwrapis/lease", tests, NULL, NULL);
}
