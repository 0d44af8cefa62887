/*
 * Tests of topology.c and numa.c on small trees: cores, threads, packages, and trees that lie.
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
#include "base/testroot.h"
#include "node/numa.h"
#include "node/topology.h"
#include "rpc/json.h"

#define CPU "sys/devices/system/cpu"

static const struct testroot *root;

static void put_cpu(unsigned cpu, const char *package, const char *siblings_file,
		    const char *siblings)
{
	char path[128];

	snprintf(path, sizeof(path), CPU "/cpu%u/topology/physical_package_id", cpu);
	testroot_write(root, path, package);
	snprintf(path, sizeof(path), CPU "/cpu%u/topology/%s", cpu, siblings_file);
	testroot_write(root, path, siblings);
}

static void check(unsigned online, unsigned possible, unsigned sockets, unsigned cores,
		  unsigned threads)
{
	const struct machine m = {.root_fd = root->fd};
	struct topology t;

	assert_int_equal(topology_read(&m, &t), 0);
	assert_int_equal(t.online, online);
	assert_int_equal(t.possible, possible);
	assert_int_equal(t.sockets, sockets);
	assert_int_equal(t.cores, cores);
	assert_int_equal(t.threads_per_core, threads);
	testroot_clear(root);
}

static void test_threads(void **state)
{
	testroot_write(root, CPU "/online", "0-3\n");
	testroot_write(root, CPU "/possible", "0-7\n");
	for (unsigned i = 0; i < 4; i++)
		put_cpu(i, "5418\n", "core_cpus_list", i % 2 ? "1,3\n" : "0,2\n");
	check(4, 8, 1, 2, 2);
}

/* The first thread of a core is off line, and its folder is there still. */
static void test_offline(void **state)
{
	testroot_write(root, CPU "/online", "1-3\n");
	for (unsigned i = 0; i < 4; i++)
		put_cpu(i, i % 2 ? "1\n" : "0\n", "thread_siblings_list",
			i % 2 ? "1,3\n" : "0,2\n");
	check(3, 0, 2, 2, 2);
}

static void test_nothing(void **state)
{
	check(0, 0, 0, 0, 0);
}

static void test_lies(void **state)
{
	testroot_write(root, CPU "/online", "0-8191\n");
	testroot_write(root, CPU "/possible", "0-8192\n");
	put_cpu(0, "-1\n", "core_cpus_list", "1-3\n");
	put_cpu(1, "\n", "core_cpus_list", "one\n");
	put_cpu(2, "18446744073709551616\n", "core_cpus_list", "\n");
	check(8192, 0, 0, 0, 3);
}

static void test_distances(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		{"10 21\n", "[10, 21]"}, {"10", "[10]"}, {"255 1\n", "[255, 1]"}, {"", "[]"},
		{"256\n", NULL},	 {"0\n", NULL},	 {"10,21\n", NULL},	  {"-1\n", NULL},
		{" 10\n", NULL},	 {"x", NULL},	 {"4294967306", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_json_ json_t *distances = NULL;
		_cleanup_free_ char *text = NULL;
		int r = numa_parse_distances(cases[i].text, &distances);

		assert_int_equal(r, cases[i].json ? 0 : -EINVAL);
		if (!cases[i].json)
			continue;
		text = json_dumps(distances, 0);
		assert_string_equal(text, cases[i].json);
	}
}

static int setup(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),	  cmocka_unit_test(test_offline),
		cmocka_unit_test(test_nothing),	  cmocka_unit_test(test_lies),
		cmocka_unit_test(test_distances),
	};

	return cmocka_run_group_tests(tests, setup, testroot_teardown);
}
