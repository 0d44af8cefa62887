/*
 * Tests of uevent_parse.c: messages of the kernel, and what is none.
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
#include "node/uevent.h"

struct message {
	const char *text;
	size_t len;
};

#define MESSAGE(text) {text, sizeof(text)}

static void test_messages(void **state)
{
	static const struct {
		struct message message;
		const char *action, *subsystem;
		bool matters;
	} cases[] = {
		{MESSAGE("offline@/devices/cpu/cpu1\0ACTION=offline\0DEVPATH=/devices/"
			 "cpu/cpu1\0SUBSYSTEM=cpu\0SEQNUM=7"),
		 "offline", "cpu", true},
		{MESSAGE("add@/module/kvm\0ACTION=add\0SUBSYSTEM=module"), "add", "module", true},
		{MESSAGE("add@/x\0SUBSYSTEM=block\0ACTION=add"), "add", "block", false},
		{MESSAGE("add@/x\0SUBSYSTEM=\0ACTION="), "", "", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct uevent e;

		assert_int_equal(uevent_parse(cases[i].message.text, cases[i].message.len, &e), 0);
		assert_string_equal(e.action, cases[i].action);
		assert_string_equal(e.subsystem, cases[i].subsystem);
		assert_int_equal(uevent_matters(&e), cases[i].matters);
	}
}

static void test_others(void **state)
{
	static const struct message cases[] = {
		{"", 0},
		MESSAGE(""),
		MESSAGE("libudev\0ACTION=add\0SUBSYSTEM=cpu"),
		MESSAGE("add@/x\0ACTION=add"),
		MESSAGE("add@/x\0SUBSYSTEM=cpu"),
		{"add@/x\0ACTION=add\0SUBSYSTEM=cpu", 30},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct uevent e = {.action = "kept"};

		assert_int_equal(uevent_parse(cases[i].text, cases[i].len, &e), -EBADMSG);
		assert_string_equal(e.action, "kept");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
