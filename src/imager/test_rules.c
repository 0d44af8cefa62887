/*
 * Tests of rules.c and lines.c: what a rule is, the order of rules, and the line of an error.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "rules.h"

#define EXPLAINING (1 << RULE_SCRIPT | 1 << RULE_TRIGGER | 1 << RULE_STEP)

static void test_find(void **state)
{
	char text[] = "# a comment\n\n  script a\t/etc/x /etc/y*  \r\n"
		      "step b /etc/**\ndrop c /etc/yy\ntrigger libc6-x.y+z /z\nempty e /**";
	struct rules rules = {};
	struct err err;
	struct rule *r;

	assert_int_equal(rules_parse(&rules, text, "file", false, &err), 0);
	assert_int_equal(rules.count, 5);
	r = rules_find(&rules, EXPLAINING, "/etc/yy");
	assert_string_equal(r->name, "a");
	assert_int_equal(r->line, 3);
	assert_string_equal(rules_find(&rules, 1 << RULE_DROP, "/etc/yy")->name, "c");
	assert_string_equal(rules_find(&rules, EXPLAINING, "/etc/z")->name, "b");
	assert_null(rules_find(&rules, EXPLAINING, "/usr"));
	assert_string_equal(rules_find(&rules, 1 << RULE_EMPTY, "/usr")->name, "e");
	assert_true(rules.rules[0].used);
	assert_false(rules.rules[3].used);
	assert_string_equal(rule_kind_name(rules.rules[3].kind), "trigger");
	rules_deinit(&rules);
}

static void test_malformed(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"step a /x\nstop a /x", "f:2: unknown kind of rule: stop"},
		{"step", "f:1: no name, or not a name, behind step"},
		{"step a,b /x", "f:1: no name, or not a name, behind step"},
		{"step a", "f:1: no pattern behind step a"},
		{"\n\nstep a /ok [x", "f:3: not a pattern: [x"},
		{"\033[2J a /x", "f:1: unknown kind of rule: \\x1b[2J"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = strdup(cases[i].text);
		struct rules rules = {};
		struct err err;

		assert_int_equal(rules_parse(&rules, text, "f", false, &err), -EINVAL);
		assert_string_equal(err.text, cases[i].message);
		rules_deinit(&rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
