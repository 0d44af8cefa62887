/*
 * Tests of finding.c: texts of every length end with whole characters.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "node/finding.h"

static void test_states(void **state)
{
	enum power_state s = POWER_YES;

	assert_string_equal(power_state_name(POWER_UNKNOWN), "unknown");
	assert_int_equal(power_state_parse("no", &s), 0);
	assert_int_equal(s, POWER_NO);
	assert_int_equal(power_state_parse("", &s), -EINVAL);
	assert_int_equal(power_state_parse("Yes", &s), -EINVAL);
	assert_int_equal(s, POWER_NO);
}

static void test_lists(void **state)
{
	struct finding f = {};

	finding_list(&f, ", ", "one");
	finding_list(&f, ", ", "two");
	finding_detail(&f, " of %d", 3);
	finding_set(&f, POWER_YES, "%s", "first");
	finding_set(&f, POWER_NO, "%s", "second");
	assert_string_equal(f.detail, "one, two of 3");
	assert_string_equal(f.evidence, "second");
	assert_int_equal(f.state, POWER_NO);
}

/* Every length of text into every size of buffer, of characters of one to four bytes. */
static void test_cut(void **state)
{
	static const char *const units[] = {"a", "é", "…", "😀"};
	char text[64], buf[32];

	for (size_t u = 0; u < ARRAY_SIZE(units); u++)
		for (size_t size = 4; size <= sizeof(buf); size++) {
			text[0] = '\0';
			while (strlen(text) + strlen(units[u]) < sizeof(text)) {
				bool fits = strlen(text) < size;

				finding_copy(buf, size, text);
				assert_true(strlen(buf) < size);
				assert_true(str_utf8_valid(buf, strlen(buf)));
				assert_int_equal(str_ends(buf, "…") && u != 2, !fits && u != 2);
				if (fits)
					assert_string_equal(buf, text);
				strcat(text, units[u]);
			}
		}
}

/* Adding to what is full changes nothing. */
static void test_full(void **state)
{
	struct finding f = {}, before;

	for (int i = 0; i < FINDING_DETAIL_MAX; i++)
		finding_detail(&f, "é");
	before = f;
	finding_detail(&f, "more");
	assert_string_equal(f.detail, before.detail);
	assert_int_equal(strlen(f.detail), FINDING_DETAIL_MAX - 1);
	assert_true(str_ends(f.detail, "é…"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
