/*
 * Tests of record.c: words, terminals and units.
 */
#include "filetrace/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"

static void test_names(void **state)
{
	assert_string_equal(method_name(METHOD_IN_PLACE), "in-place");
	assert_string_equal(method_name(METHOD_MOUNT), "mount");
	assert_null(method_name(METHOD_COUNT));
	assert_string_equal(attribution_name(ATTRIBUTION_FULL), "full");
	assert_null(attribution_name(ATTRIBUTION_COUNT));
	assert_string_equal(state_kind_name(STATE_SYMLINK), "symlink");
	assert_null(state_kind_name(STATE_KIND_COUNT));
	for (int i = 0; i < METHOD_COUNT; i++)
		assert_non_null(method_name(i));
}

static void test_tty(void **state)
{
	static const struct {
		const char *kernel, *name;
	} cases[] = {
		{"pts3", "pts/3"},
		{"pts", "pts"},
		{"tty1", "tty1"},
		{"ttyS0", "ttyS0"},
		{"", ""},
		{"pts/4", "pts/4"},
		{"pts0123456789012345678901234567", "pts/0123456789012345678901234567"},
	};
	char tty[FT_TTY_BYTES], name[FT_TTY_BYTES + 1];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(tty, 0, sizeof(tty));
		memcpy(tty, cases[i].kernel, strlen(cases[i].kernel));
		record_tty(tty, name);
		assert_string_equal(name, cases[i].name);
	}
	/* Of a text without an end the last byte is left out. */
	memset(tty, 'x', sizeof(tty));
	record_tty(tty, name);
	assert_int_equal(strlen(name), FT_TTY_BYTES - 1);
}

static void test_unit(void **state)
{
	static const struct {
		const char *cgroup, *unit;
	} cases[] = {
		{"/system.slice/ssh.service", "ssh.service"},
		{"/user.slice/user-1000.slice/session-3.scope", "session-3.scope"},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service/sub",
		 "foo.service"},
		{"/system.slice/_cpu.service", "cpu.service"},
		{"/init.scope", "init.scope"},
		{"", NULL},
		{"/", NULL},
		{"/user.slice", NULL},
		{"/.service", NULL},
		{"x.mount", "x.mount"},
	};
	char unit[FT_CGROUP_BYTES];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(record_unit(cases[i].cgroup, unit), cases[i].unit != NULL);
		if (cases[i].unit)
			assert_string_equal(unit, cases[i].unit);
	}
}

static void test_states(void **state)
{
	struct state a = {.kind = STATE_FILE, .mode = 0644, .size = 3, .hashed = true}, b = a;

	b.mtime_ns = 1;
	b.key.ino = 7;
	assert_true(state_same_content(&a, &b));
	assert_true(state_same_outside(&a, &b));
	b.sha256.bytes[31] = 1;
	assert_false(state_same_content(&a, &b));
	assert_true(state_same_outside(&a, &b));
	b.mode = 0600;
	assert_false(state_same_outside(&a, &b));
	b = a;
	b.attributed = true;
	assert_false(state_same_outside(&a, &b));
	a.attributed = true;
	a.attributes.bytes[0] = 1;
	assert_false(state_same_outside(&a, &b));
	/* As if nothing had happened, or as if nothing that a record tells had. */
	a = b = (struct state){.kind = STATE_FILE, .mode = 0644, .key.ino = 7, .ctime_ns = 1};
	assert_true(state_untouched(&a, &b));
	b.ctime_ns = 2;
	assert_true(state_same(&a, &b));
	assert_true(state_same_inode(&a, &b));
	assert_false(state_untouched(&a, &b));
	b = a;
	b.igeneration = 1;
	assert_true(state_same(&a, &b));
	assert_false(state_same_inode(&a, &b));
	assert_false(state_untouched(&a, &b));
	b = a;
	b.mode = 0600;
	assert_false(state_same(&a, &b));
	assert_false(state_untouched(&a, &b));
	/* Nothing but its time tells that a secret was written. */
	a = b = (struct state){.kind = STATE_FILE, .secret = true};
	assert_true(state_same_content(&a, &b));
	b.mtime_ns = 1;
	assert_false(state_same_content(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_tty),
		cmocka_unit_test(test_unit),
		cmocka_unit_test(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
