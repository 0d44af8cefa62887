/*
 * Tests of the order of processors on the machines of tests/golden/pwrapis, and of what users have
 * chosen.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "pwrapis/machine/cpulist.h"
#include "pwrapis/machine/testtable.h"
#include "pwrapis/sched/affinity.h"
#include "pwrapis/sched/topology.h"

static struct topology topology;

static void look(const char *name, unsigned first)
{
	use(name);
	topology_deinit(&topology);
	assert_int_equal(topology_read(root->fd, &topology), 0);
	topology_order(&topology, first);
}

/* The first of the order, as they come. */
static void assert_order(const unsigned *cpus, size_t count)
{
	assert_true(topology.count >= count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(topology.cpus[i].cpu, cpus[i]);
}

static void test_order(void **state)
{
	static const unsigned from_0[] = {0, 1, 2, 3, 4, 5, 6, 7},
			      from_6[] = {6, 7, 4, 5, 0, 1, 2, 3};

	look("cgroup2", 0);
	assert_int_equal(topology.count, 8);
	assert_order(from_0, 8);
	topology_order(&topology, 6);
	assert_order(from_6, 8);
	topology_order(&topology, 99);
	assert_order(from_0, 8);
	assert_true(topology_ends(&topology, 2, TOPOLOGY_CORE));
	assert_false(topology_ends(&topology, 1, TOPOLOGY_CORE));
	assert_false(topology_ends(&topology, 2, TOPOLOGY_LLC));
	assert_true(topology_ends(&topology, 4, TOPOLOGY_LLC) &&
		    topology_ends(&topology, 4, TOPOLOGY_PACKAGE) &&
		    topology_ends(&topology, 4, TOPOLOGY_NODE) &&
		    topology_ends(&topology, 8, TOPOLOGY_NODE));
	assert_false(topology_ends(&topology, 0, TOPOLOGY_CORE));
}

/* Siblings are beside each other wherever the firmware has numbered them; what is off line is not
 * there. */
static void test_machines(void **state)
{
	static const char *const names[] = {"amd", "arm128", "guest-acpi", "intel2s"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct cpulist online, seen;

		look(names[i], 0);
		assert_int_equal(cpulist_read(root->fd, "/sys/devices/system/cpu/online", &online),
				 0);
		bitmap_init(&seen.map, seen.words, CPULIST_MAX);
		topology_set(&topology, 0, topology.count, &seen.map);
		assert_memory_equal(seen.words, online.words, sizeof(seen.words));
		for (unsigned n = 1; n < topology.count; n++) {
			const struct topology_cpu *c = &topology.cpus[n];

			for (unsigned k = 0; k + 1 < n; k++)
				assert_false(topology.cpus[k].group[TOPOLOGY_CORE] ==
						     c->group[TOPOLOGY_CORE] &&
					     c[-1].group[TOPOLOGY_CORE] != c->group[TOPOLOGY_CORE]);
		}
	}
}

static void test_none(void **state)
{
	struct topology t;

	use("bare");
	testroot_write(root, "sys/devices/system/cpu/online", "\n");
	assert_int_equal(topology_read(root->fd, &t), -ENODATA);
	testroot_write(root, "sys/devices/system/cpu/online", "0-1\n");
	assert_int_equal(topology_read(root->fd, &t), 0);
	assert_int_equal(t.count, 2);
	assert_true(topology_ends(&t, 1, TOPOLOGY_CORE));
	topology_deinit(&t);
}

/* ---- what users have chosen ---- */

#define SESSION "/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope"

static void choose(int tid, const char *list)
{
	char path[64], text[128];

	snprintf(path, sizeof(path), "proc/%d/status", tid);
	snprintf(text, sizeof(text), "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t%s\n", list);
	testroot_write(root, path, text);
}

static int check_group(const char *cpus)
{
	struct cpulist list;

	assert_int_equal(cpulist_parse(cpus, &list), 0);
	return affinity_check_group(root->fd, SESSION, &list.map);
}

static void test_affinity(void **state)
{
	use("cgroup2");
	choose(120, "0-7");
	choose(121, "0-7");
	assert_int_equal(check_group("0-1"), 0);
	choose(121, "4-5");
	assert_int_equal(check_group("0-1"), -EUSERS);
	assert_int_equal(check_group("0-3,5"), -EUSERS);
	assert_int_equal(check_group("4-7"), 0);
	/* A kernel that forgets what was chosen. */
	testroot_write(root, "proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
	assert_int_equal(check_group("4-7"), -EUSERS);
	/* Gone: it has chosen nothing. */
	assert_int_equal(unlinkat(root->fd, "proc/121/status", 0), 0);
	assert_int_equal(check_group("0-1"), 0);
	/* In a group below. */
	testroot_write(root, &SESSION "/worker/cgroup.threads"[1], "130\n");
	choose(130, "7");
	assert_int_equal(check_group("0-1"), -EUSERS);
}

/* Groups without a task, of which their owner can make any number: they are not all looked at. */
static void test_many_groups(void **state)
{
	use("cgroup2");
	choose(120, "0-7");
	choose(121, "0-7");
	for (unsigned i = 0; i <= AFFINITY_TASKS_MAX; i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%u", &SESSION[1], i);
		assert_int_equal(mkdirat(root->fd, path, 0755), 0);
		if (i == 16)
			assert_int_equal(check_group("0-1"), 0);
	}
	assert_int_equal(check_group("0-1"), -EUSERS);
}

static void test_kept(void **state)
{
	assert_true(affinity_is_kept("6.2.0"));
	assert_true(affinity_is_kept("6.12.57+deb13-amd64"));
	assert_true(affinity_is_kept("7.0"));
	assert_false(affinity_is_kept("6.1.0-18-amd64"));
	assert_false(affinity_is_kept("5.10"));
	assert_false(affinity_is_kept(""));
	assert_false(affinity_is_kept("6"));
}

static void test_process(void **state)
{
	use("cgroup2");
	assert_int_equal(affinity_check_process(root->fd, 120), -ESRCH);
	testroot_write(root, "proc/120/task/120/stat", "x\n");
	testroot_write(root, "proc/120/task/122/stat", "x\n");
	choose(120, "0-7");
	choose(122, "0-7");
	assert_int_equal(affinity_check_process(root->fd, 120), 0);
	choose(122, "0");
	assert_int_equal(affinity_check_process(root->fd, 120), -EUSERS);
}

static int teardown(void **state)
{
	topology_deinit(&topology);
	return testtable_teardown(state);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	    cmocka_unit_test(test_machines),
		cmocka_unit_test(test_none),	    cmocka_unit_test(test_affinity),
		cmocka_unit_test(test_kept),	    cmocka_unit_test(test_process),
		cmocka_unit_test(test_many_groups),
	};

	if (argc < 2 || testtable_open(argv[1]) < 0)
		return 2;
	return cmocka_run_group_tests(tests, testtable_setup, teardown);
}
