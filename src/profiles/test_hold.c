/*
 * Holds: which profile follows from them, and whose they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/def.h"
#include "profiles/hold.h"

static struct hold *add(struct list *holds, const char *owner, enum profile profile,
			uint32_t cookie)
{
	struct hold *h;

	assert_int_equal(hold_new(owner, profile, "a reason", "an app", &h), 0);
	h->cookie = cookie;
	list_add_last(holds, &h->link);
	return h;
}

static void test_profile(void **state)
{
	struct list holds = LIST_EMPTY(holds);
	struct hold *fast, *slow;

	assert_int_equal(holds_profile(&holds, PROFILE_BALANCED), PROFILE_BALANCED);
	fast = add(&holds, ":1.1", PROFILE_PERFORMANCE, 1);
	assert_int_equal(holds_profile(&holds, PROFILE_POWER_SAVER), PROFILE_PERFORMANCE);
	slow = add(&holds, ":1.2", PROFILE_POWER_SAVER, 2);
	assert_int_equal(holds_profile(&holds, PROFILE_PERFORMANCE), PROFILE_POWER_SAVER);
	hold_free(slow);
	assert_int_equal(holds_profile(&holds, PROFILE_POWER_SAVER), PROFILE_PERFORMANCE);
	hold_free(fast);
	assert_int_equal(holds_profile(&holds, PROFILE_POWER_SAVER), PROFILE_POWER_SAVER);
}

static void test_owner(void **state)
{
	struct list holds = LIST_EMPTY(holds);
	struct hold *first = add(&holds, ":1.1", PROFILE_PERFORMANCE, 7);
	struct hold *second = add(&holds, ":1.1", PROFILE_PERFORMANCE, 8);

	assert_int_equal(holds_of(&holds, ":1.1"), 2);
	assert_int_equal(holds_of(&holds, ":1.2"), 0);
	assert_ptr_equal(holds_find(&holds, 8, ":1.1"), second);
	assert_null(holds_find(&holds, 8, ":1.2"));
	assert_null(holds_find(&holds, 9, ":1.1"));
	hold_free(first);
	hold_free(second);
}

/* After the greatest comes 1, and what is taken is passed over. */
static void test_cookie(void **state)
{
	struct list holds = LIST_EMPTY(holds);
	struct hold *first = add(&holds, ":1.1", PROFILE_PERFORMANCE, 1);

	assert_int_equal(holds_cookie(&holds, 4), 5);
	assert_int_equal(holds_cookie(&holds, UINT32_MAX), 2);
	hold_free(first);
	assert_int_equal(holds_cookie(&holds, UINT32_MAX), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_cookie),
	};

	return cmocka_run_group_tests_name("profiles/hold", tests, NULL, NULL);
}
