/*
 * Tests of what a session has set.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
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

/* ---- places that come and go ---- */

static struct machine *look(const struct testroot *t, const char *policies)
{
	struct machine *m;

	testroot_clear(t);
	for (; *policies; policies++) {
		char path[96];

		snprintf(path, sizeof(path),
			 "sys/devices/system/cpu/cpufreq/policy%c/affected_cpus", *policies);
		testroot_write(t, path, "0\n");
	}
	assert_int_equal(machine_new(t->fd, &m), 0);
	return m;
}

static void look_again(const struct testroot *t, struct machine *m, const char *policies,
		       struct lease *l)
{
	struct machine *other = look(t, policies);

	machine_free(other);
	assert_int_equal(lease_leave_places(l, m), 0);
	assert_int_equal(machine_refresh(m), 0);
	lease_find_places(l, m);
}

/* What is set at policy3 is that of policy3, whatever index it has, and while it is gone. */
static void test_places(void **state)
{
	_cleanup_(machine_free_p) struct machine *m = look(*state, "0123");
	struct lease l = {.number = 1};
	unsigned governor;

	assert_int_equal(power_item_find("cpufreq.governor", &governor), 0);
	for (unsigned i = 0; i < 4; i++)
		put(&l, governor, i, i);
	look_again(*state, m, "03", &l);
	assert_int_equal(l.count, 4);
	expect(&l, governor, 0, 0);
	expect(&l, governor, 1, 3);
	assert_null(lease_get(&l, governor, 2));
	assert_string_equal(l.settings[2].place, "policy1");
	assert_string_equal(l.settings[3].place, "policy2");
	put(&l, governor, 1, 33);
	lease_drop_at(&l, 3);
	look_again(*state, m, "0123", &l);
	expect(&l, governor, 1, 1);
	assert_null(lease_get(&l, governor, 2));
	expect(&l, governor, 3, 33);
	assert_null(l.settings[1].place);
	/* All gone, and cleared while they are. */
	look_again(*state, m, "", &l);
	assert_int_equal(l.count, 3);
	assert_int_equal(l.settings[0].index, LEASE_AWAY);
	lease_clear(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remembers),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests_name("pwrapis/lease", tests, testroot_setup,
					   testroot_teardown);
}
