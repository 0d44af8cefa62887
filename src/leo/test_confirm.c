/*
 * Tests of questions: only a plain yes is one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "leo/confirm.h"

static bool answers(const char *text)
{
	_cleanup_fclose_ FILE *f = fmemopen((char *)text, strlen(text) + 1, "r");

	assert_non_null(f);
	return confirm_read(f);
}

static void test_answers(void **state)
{
	static const char *const yes[] = {"y\n", "Y\n", "yes\n", " YES \n"};
	static const char *const no[] = {"",	   "\n",     "n\n",  "no\n",
					 "yess\n", "y es\n", "ja\n", "\x1b\n"};
	char much[200];

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_true(answers(yes[i]));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(answers(no[i]));
	/* A line that is too long is none, however it begins. */
	memset(much, ' ', sizeof(much));
	memcpy(much, "yes", 3);
	memcpy(much + sizeof(much) - 2, "\n", 2);
	assert_false(answers(much));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
