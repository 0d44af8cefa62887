/*
 * Golden test: machines described in tests/golden/pwrapis/CASE/machine, made below a fake root, and
 * all that they tell about power, CASE/output.
 *
 * With PWRAPIS_GOLDEN_WRITE set, the outputs are written anew, to be read before they are believed.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "base/testroot.h"
#include "pwrapis/machine/fakemachine.h"
#include "pwrapis/machine/listing.h"

enum { FILE_BYTES_MAX = 1 << 20 };

static int folder_fd;
static const char *readme;
static const struct testroot *root;

static void make_machine(const char *name)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	unsigned line;

	testroot_clear(root);
	assert_true(asprintf(&path, "%s/machine", name) > 0);
	assert_int_equal(io_read_file(folder_fd, path, FILE_BYTES_MAX, &text, NULL), 0);
	assert_int_equal(fakemachine_make(root->fd, text, &line), 0);
}

/* What the machine below the root tells, as text. */
static char *collect(const char *name)
{
	_cleanup_(machine_free_p) struct machine *m = NULL;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(machine_new(root->fd, &m), 0);
	fprintf(out, "# fake root %s\n", name);
	listing_print(m, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Prints the first line that differs; whether there is one. */
static bool differs(const char *expected, const char *actual, FILE *out)
{
	while (*expected && *actual) {
		size_t a = strcspn(expected, "\n"), b = strcspn(actual, "\n");

		if (a != b || memcmp(expected, actual, a) != 0)
			break;
		expected += a + (expected[a] == '\n');
		actual += b + (actual[b] == '\n');
	}
	if (!*expected && !*actual)
		return false;
	fprintf(out, "-%.*s\n+%.*s\n", (int)strcspn(expected, "\n"), expected,
		(int)strcspn(actual, "\n"), actual);
	return true;
}

static void test_case(void **state)
{
	_cleanup_free_ char *path = NULL, *expected = NULL, *actual = NULL;
	const char *name = *state;

	make_machine(name);
	actual = collect(name);
	assert_true(asprintf(&path, "%s/output", name) > 0);
	if (getenv("PWRAPIS_GOLDEN_WRITE"))
		assert_int_equal(io_replace_file(folder_fd, path, actual, strlen(actual), 0644), 0);
	assert_int_equal(io_read_file(folder_fd, path, FILE_BYTES_MAX, &expected, NULL), 0);
	assert_false(differs(expected, actual, stderr));
	assert_null(strstr(actual, "nan"));
	assert_null(strstr(actual, "inf"));
}

/* The comparison finds a value that is another, a line too many and one too few. */
static void test_can_fail(void **state)
{
	_cleanup_free_ char *said = NULL;
	size_t size;
	FILE *out = open_memstream(&said, &size);

	assert_non_null(out);
	assert_false(differs("a = 1\n", "a = 1\n", out));
	assert_true(differs("a = 1\nb = 2\n", "a = 1\nb = 3\n", out));
	assert_true(differs("a = 1\n", "a = 1\nb = 2\n", out));
	assert_true(differs("a = 1\nb = 2\n", "a = 1\n", out));
	fclose(out);
	assert_string_equal(said, "-b = 2\n+b = 3\n-\n+b = 2\n-b = 2\n+\n");
}

/* The README has the table as it is. */
static void test_readme(void **state)
{
	_cleanup_free_ char *text = NULL, *table = NULL;
	size_t size;
	FILE *out = open_memstream(&table, &size);

	assert_non_null(out);
	listing_print_table(out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(io_read_file(AT_FDCWD, readme, FILE_BYTES_MAX, &text, NULL), 0);
	assert_non_null(strstr(text, table));
}

/* Looking again at the same machine changes nothing. */
static void test_refresh(void **state)
{
	_cleanup_(machine_free_p) struct machine *m = NULL;
	unsigned index = 99;

	make_machine("intel2s");
	assert_int_equal(machine_new(root->fd, &m), 0);
	assert_int_equal(machine_refresh(m), 0);
	assert_int_equal(machine_count(m, POWER_ZONE), 4);
	assert_string_equal(machine_name(m, POWER_ZONE, 1), "package-0/dram");
	assert_int_equal(machine_index(m, POWER_ZONE, "package-1", &index), 0);
	assert_int_equal(index, 2);
	assert_int_equal(machine_index(m, POWER_ZONE, "package-9", &index), -ENOENT);
	assert_int_equal(index, 2);
	assert_null(machine_name(m, POWER_ZONE, 4));
	assert_int_equal(machine_count(m, POWER_DOMAINS), 0);
	testroot_clear(root);
	assert_int_equal(machine_refresh(m), 0);
	assert_int_equal(machine_count(m, POWER_ZONE), 0);
	assert_int_equal(machine_count(m, POWER_BOARD), 1);
}

int main(int argc, char **argv)
{
	static const char *const cases[] = {"amd",     "arm128",     "bare",	"cgroup1",
					    "cgroup2", "guest-acpi", "hostile", "intel2s"};
	struct CMUnitTest tests[ARRAY_SIZE(cases) + 3] = {
		cmocka_unit_test(test_can_fail),
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_readme),
	};

	void *state;
	int failed;

	if (argc != 3)
		return 2;
	readme = argv[2];
	folder_fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd < 0)
		return 2;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		tests[3 + i] = (struct CMUnitTest){.name = cases[i],
						   .test_func = test_case,
						   .initial_state = (void *)cases[i]};
	/* Not as cmocka's group: each test has a state of its own. */
	if (testroot_setup(&state) < 0)
		return 2;
	root = state;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	testroot_teardown(&state);
	close(folder_fd);
	return failed;
}
