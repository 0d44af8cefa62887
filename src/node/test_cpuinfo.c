/*
 * Tests of cpuinfo.c: the words of each architecture, and files that are none.
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
#include "node/cpuinfo.h"

static void test_architectures(void **state)
{
	static const struct {
		const char *text, *vendor, *model;
		unsigned processors;
		bool hypervisor;
	} cases[] = {
		{"processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nflags\t\t: fpu "
		 "hypervisor\n\nprocessor\t: 1\nvendor_id\t: Other\nmodel name\t: Other\n",
		 "GenuineIntel", "Xeon", 2, true},
		{"flags\t: hypervisor\n", "", "", 0, true},
		{"flags\t: xhypervisor hypervisory\n", "", "", 0, false},
		{"processor: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", "ARM", "Neoverse-N1",
		 1, false},
		{"CPU implementer\t: 0x48\nCPU part\t: 0xfff\n", "HiSilicon", "part 0xfff", 0,
		 false},
		{"CPU implementer\t: 0xff\nCPU part\t: 0xd0c\n", "implementer 0xff", "part 0xd0c",
		 0, false},
		{"CPU implementer\t: 41\nCPU part\t: 0x\n", "", "", 0, false},
		{"CPU part\t: 0x12345\n", "", "", 0, false},
		{"processor\t: 0\nModel Name\t: Loongson-3A5000\n", "", "Loongson-3A5000", 1,
		 false},
		{"processor : 0\nuarch : sifive,u74-mc\nmvendorid : 0x489\n", "0x489",
		 "sifive,u74-mc", 1, false},
		{"processor : 0\ncpu : POWER9 (raw)\n", "", "POWER9 (raw)", 1, false},
		{"", "", "", 0, false},
		{"\n\n:\n::\nmodel name\nmodel name:\n", "", "", 0, false},
		{"model name: \xff\x1b[1m\\", "", "\\xff\\x1b[1m\\x5c", 0, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cpuinfo info;

		assert_int_equal(cpuinfo_parse(cases[i].text, &info), 0);
		assert_string_equal(info.vendor, cases[i].vendor);
		assert_string_equal(info.model, cases[i].model);
		assert_int_equal(info.processors, cases[i].processors);
		assert_int_equal(info.hypervisor, cases[i].hypervisor);
	}
}

static void test_long_name(void **state)
{
	_cleanup_free_ char *text = malloc(10000);
	struct cpuinfo info;

	assert_non_null(text);
	memset(text, 'x', 9999);
	memcpy(text, "cpu:", 4);
	text[9999] = '\0';
	assert_int_equal(cpuinfo_parse(text, &info), 0);
	assert_int_equal(strlen(info.model), CPUINFO_NAME_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_architectures),
		cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
