/*
 * Tests of options.c: a table of command lines, good and bad.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "lab/options.h"

#define LINE(...)                            \
	(const char *[])                     \
	{                                    \
		"lab-run", __VA_ARGS__, NULL \
	}

static int parse(struct options *o, const char **argv)
{
	_cleanup_free_ char *problem = NULL;
	int argc = 0, r;

	while (argv[argc])
		argc++;
	r = options_parse(o, argc, (char **)argv, &problem);
	assert_true((r < 0) == (problem != NULL));
	return r;
}

static void test_bad(void **state)
{
	const char **lines[] = {
		LINE("--"),
		LINE("--kernel-only"),
		LINE("--bogus", "--", "true"),
		LINE("-x", "--", "true"),
		LINE("--kernel-only=1", "--", "true"),
		LINE("--cpus"),
		LINE("--cpus", "0", "--", "true"),
		LINE("--cpus", "256", "--", "true"),
		LINE("--mem", "1M", "--", "true"),
		LINE("--mem", "x", "--", "true"),
		LINE("--numa", "2", "--cpus", "1", "--", "true"),
		LINE("--rig", "--cpus", "1", "--", "true"),
		LINE("--bmc", "--", "true"),
		LINE("--numa", "3", "--cpus", "3", "--mem", "512M", "--", "true"),
		LINE("--icount", "--cpus", "2", "--", "true"),
		LINE("--icount", "--accel", "kvm", "--", "true"),
		LINE("--accel", "xen", "--", "true"),
		LINE("--name", "../x", "--", "true"),
		LINE("--name", "", "--", "true"),
		LINE("--profile", "a/b", "--", "true"),
		LINE("--acpi", "a:b", "--", "true"),
		LINE("--drive", "", "--", "true"),
		LINE("--drive", "f,readonly,write", "--", "true"),
		LINE("--in", "x", "--", "true"),
		LINE("--in", "x:relative", "--", "true"),
		LINE("--in", ":/x", "--", "true"),
		LINE("--out", "relative:x", "--", "true"),
		LINE("--out", "/x:", "--", "true"),
		LINE("--forward", "80", "--", "true"),
		LINE("--forward", "0:80", "--", "true"),
		LINE("--forward", "80:65536", "--", "true"),
		LINE("--timeout", "0", "--", "true"),
		LINE("--prepare"),
		LINE("--prepare", "--output", "x", "--kernel-only"),
		LINE("--prepare", "--output", "x", "--", "true"),
		LINE("--kernel-only", "--first-boot", "--", "true"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct options o;

		if (parse(&o, lines[i]) != -EINVAL)
			fail_msg("line %zu (%s) was accepted", i, lines[i][1]);
		options_deinit(&o);
	}
}

static void test_command(void **state)
{
	struct options o;

	assert_int_equal(parse(&o, LINE("--kernel-only", "--", "--cpus", "-x")), 0);
	assert_string_equal(o.command[0], "--cpus");
	assert_string_equal(o.command[1], "-x");
	assert_int_equal(o.cpus, 1);
	options_deinit(&o);
	assert_int_equal(parse(&o, LINE("--cpus=4", "echo", "--cpus", "2")), 0);
	assert_int_equal(o.cpus, 4);
	assert_string_equal(o.command[0], "echo");
	assert_string_equal(o.command[1], "--cpus");
	options_deinit(&o);
}

static void test_lists(void **state)
{
	struct options o;

	assert_int_equal(parse(&o, LINE("--drive", "a,b,format=qcow2,write", "--drive",
					"c,readonly", "--in", "a:b:/c d", "--out", "/x:y:z",
					"--forward", "8080:80", "--", "true")),
			 0);
	assert_int_equal(o.drive_count, 2);
	assert_string_equal(o.drives[0].file, "a,b");
	assert_string_equal(o.drives[0].format, "qcow2");
	assert_true(o.drives[0].write);
	assert_string_equal(o.drives[1].file, "c");
	assert_true(o.drives[1].readonly);
	assert_string_equal(o.in[0].source, "a:b");
	assert_string_equal(o.in[0].dest, "/c d");
	assert_string_equal(o.out[0].source, "/x");
	assert_string_equal(o.out[0].dest, "y:z");
	assert_int_equal(o.forwards[0].host_port, 8080);
	assert_int_equal(o.forwards[0].guest_port, 80);
	options_deinit(&o);
}

static void test_too_many(void **state)
{
	const char *argv[2 + 2 * (OPTIONS_LIST_MAX + 1) + 2] = {"lab-run"};
	struct options o;
	size_t n = 1;

	for (int i = 0; i <= OPTIONS_LIST_MAX; i++) {
		argv[n++] = "--drive";
		argv[n++] = "f";
	}
	argv[n++] = "true";
	assert_int_equal(parse(&o, argv), -EINVAL);
	options_deinit(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
