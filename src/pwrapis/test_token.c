/*
 * Tests of the control token.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pwrapis/token.h"

static int a, b, c;

static void test_first_keeps_it(void **state)
{
	struct token t = {};
	void *former = &c;

	assert_int_equal(token_request(&t, &a, 50, &former), 0);
	assert_int_equal(token_request(&t, &b, 50, &former), -EBUSY);
	assert_int_equal(token_request(&t, &b, 49, &former), -EBUSY);
	assert_ptr_equal(former, &c);
	assert_true(token_is_owned_by(&t, &a));
	assert_false(token_is_owned_by(&t, &b));
}

static void test_higher_takes_it(void **state)
{
	struct token t = {};
	void *former = NULL;

	token_request(&t, &a, 0, &former);
	assert_int_equal(token_request(&t, &b, 1, &former), 1);
	assert_ptr_equal(former, &a);
	assert_int_equal(token_request(&t, &a, 1, &former), -EBUSY);
	assert_true(token_is_owned_by(&t, &b));
}

/* With another number the second time: that does not count. */
static void test_asking_again(void **state)
{
	struct token t = {};
	void *former = NULL;

	token_request(&t, &a, 10, &former);
	assert_int_equal(token_request(&t, &a, 90, &former), 0);
	assert_null(former);
	assert_int_equal(token_request(&t, &b, 20, &former), 1);
}

static void test_release(void **state)
{
	struct token t = {};
	void *former;

	assert_int_equal(token_release(&t, &a), 0);
	token_request(&t, &a, 50, &former);
	assert_int_equal(token_release(&t, &b), -EBUSY);
	assert_int_equal(token_release(&t, &a), 0);
	assert_false(token_is_owned_by(&t, &a));
	assert_false(token_is_owned_by(&t, NULL));
	assert_int_equal(token_request(&t, &b, 0, &former), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_keeps_it),
		cmocka_unit_test(test_higher_takes_it),
		cmocka_unit_test(test_asking_again),
		cmocka_unit_test(test_release),
	};

	return cmocka_run_group_tests_name("pwrapis/token", tests, NULL, NULL);
}
