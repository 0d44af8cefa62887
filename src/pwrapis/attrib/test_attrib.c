/*
 * Tests of attribution: single cases, in a folder that plays a machine.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/attrib/attrib.h"
#include "pwrapis/attrib/divide.h"
#include "pwrapis/attrib/procs.h"
#include "pwrapis/attrib/testattrib.h"

/* ---- dividing ---- */

static void test_divide(void **state)
{
	uint64_t parts[5];

	assert_int_equal(divide(10, (uint64_t[]){1, 1, 1}, 3, parts), 0);
	assert_int_equal(parts[0] + parts[1] + parts[2], 10);
	assert_int_equal(parts[0], 4);
	/* The larger remainders are given first. */
	assert_int_equal(divide(100, (uint64_t[]){47, 16, 0, 15, 22}, 5, parts), 0);
	assert_int_equal(parts[0], 47);
	assert_int_equal(parts[2], 0);
	assert_int_equal(divide(7, (uint64_t[]){58, 21, 21}, 3, parts), 0);
	assert_int_equal(parts[0], 4);
	assert_int_equal(parts[1], 2);
	assert_int_equal(parts[2], 1);
	/* No product is too large. */
	assert_int_equal(divide(UINT64_MAX, (uint64_t[]){UINT64_MAX / 2, UINT64_MAX / 2}, 2, parts),
			 0);
	assert_true(parts[0] + parts[1] == UINT64_MAX);
	assert_int_equal(divide(0, (uint64_t[]){5}, 1, parts), 0);
	assert_int_equal(parts[0], 0);
}

static void test_schedstat(void **state)
{
	uint64_t ns = 7;

	assert_int_equal(procs_parse_schedstat("123456789 5 6\n", &ns), 0);
	assert_int_equal(ns, 123456789);
	assert_int_equal(procs_parse_schedstat("", &ns), -EBADMSG);
	assert_int_equal(procs_parse_schedstat("12", &ns), -EBADMSG);
	assert_int_equal(procs_parse_schedstat("-1 2", &ns), -EBADMSG);
	assert_int_equal(procs_parse_schedstat("99999999999999999999 2", &ns), -EBADMSG);
	assert_int_equal(procs_parse_schedstat("111111111111111111111111111 2", &ns), -EBADMSG);
	assert_int_equal(ns, 123456789);
}

static const struct {
	const char *path, *unit;
} units[] = {
	{"/", ""},
	{"/docker/abc", ""},
	{"/system.slice", "system.slice"},
	{"/system.slice/ssh.service", "ssh.service"},
	{"/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"},
	{"/user.slice/user-1000.slice/user@1000.service/app.slice/x.service", "user@1000.service"},
	{"/user.slice/user-1000.slice/session-3.scope", "session-3.scope"},
	{"/init.scope", "init.scope"},
	{"/system.slice/a/b", "system.slice"},
	{"/.service", ""},
};

static void test_units(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		const char *unit = "";
		size_t len = groups_unit(units[i].path, &unit);

		assert_int_equal(len, strlen(units[i].unit));
		assert_memory_equal(unit, units[i].unit, len);
	}
}

/* ---- single cases ---- */

static void test_shares(void **state)
{
	const struct testroot *t = *state;
	struct play one = {.pid = 10, .name = "one", .group = "/a.service", .threads = 1},
		    two = {.pid = 11, .name = "two", .group = "/a.service", .threads = 3},
		    kernel = {.pid = 5, .name = "kworker", .group = "/", .threads = 1, .ppid = 2};
	_cleanup_free_ struct attrib_row *rows = NULL;
	struct attrib_answer answer;
	struct attrib *a;

	testattrib_begin(t, &a);
	testattrib_group(t, "/a.service", 1000000);
	testattrib_process(t, &one);
	testattrib_process(t, &two);
	testattrib_process(t, &kernel);
	assert_int_equal(attrib_answer(a, NS_PER_S, ATTRIB_BY_PROCESS, &answer), -ENODATA);
	testattrib_look(a, NULL, 0, &(uint64_t){5000000});
	/* What was used before is nobody's here. */
	assert_int_equal(attrib_answer(a, NS_PER_S, ATTRIB_BY_PROCESS, &answer), -ENODATA);
	one.ns = 300 * NS_PER_MS;
	two.ns = 100 * NS_PER_MS;
	kernel.ns = 100 * NS_PER_MS;
	testattrib_process(t, &one);
	testattrib_process(t, &two);
	testattrib_process(t, &kernel);
	testattrib_group(t, "/a.service", 1900000);
	testattrib_look(a, NULL, 0, &(uint64_t){1000001});
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(answer.uj, 1000001);
	assert_int_equal(answer.ns, NS_PER_S);
	assert_int_equal(testattrib_row(&answer, CONSUMER_PROCESS, "one", NULL)->uj, 300000);
	assert_int_equal(testattrib_row(&answer, CONSUMER_PROCESS, "two", NULL)->uj, 100000);
	assert_int_equal(testattrib_row(&answer, CONSUMER_KERNEL, NULL, NULL)->ns, 100 * NS_PER_MS);
	assert_int_equal(testattrib_row(&answer, CONSUMER_REST, NULL, "/a.service")->ns,
			 500 * NS_PER_MS);
	assert_null(testattrib_row(&answer, CONSUMER_IDLE, NULL, NULL));
	free(answer.rows);
	/* Together they are the unit. */
	testattrib_ask(a, ATTRIB_BY_UNIT, &answer);
	rows = answer.rows;
	assert_int_equal(answer.count, 2);
	assert_int_equal(rows[0].ns, 900 * NS_PER_MS);
	attrib_free(a);
}

static void test_idle(void **state)
{
	const struct testroot *t = *state;
	struct play one = {.pid = 10, .name = "one", .group = "/a", .threads = 1};
	struct attrib_answer answer;
	struct attrib *a;

	testattrib_begin(t, &a);
	testattrib_group(t, "/a", 0);
	testattrib_process(t, &one);
	testattrib_look(a, NULL, 0, NULL);
	/* Busy: it is not known what idling takes. */
	one.ns += NS_PER_S;
	testattrib_process(t, &one);
	testattrib_group(t, "/a", 1000000);
	testattrib_look(a, NULL, 0, &(uint64_t){50000000});
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_null(testattrib_row(&answer, CONSUMER_IDLE, NULL, NULL));
	free(answer.rows);
	/* Nothing runs: 20 W are idling. */
	testattrib_look(a, NULL, 0, &(uint64_t){20000000});
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(answer.count, 1);
	assert_int_equal(testattrib_row(&answer, CONSUMER_IDLE, NULL, NULL)->uj, 20000000);
	free(answer.rows);
	one.ns += NS_PER_S;
	testattrib_process(t, &one);
	testattrib_group(t, "/a", 2000000);
	testattrib_look(a, NULL, 0, &(uint64_t){50000000});
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(testattrib_row(&answer, CONSUMER_IDLE, NULL, NULL)->uj, 20000000);
	assert_int_equal(testattrib_row(&answer, CONSUMER_PROCESS, "one", NULL)->uj, 30000000);
	free(answer.rows);
	/* Less than idling took once is still all that there is. */
	one.ns += NS_PER_S;
	testattrib_process(t, &one);
	testattrib_group(t, "/a", 3000000);
	testattrib_look(a, NULL, 0, &(uint64_t){10000000});
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(answer.uj, 10000000);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_PROCESS, "one", NULL), NS_PER_S);
	free(answer.rows);
	attrib_free(a);
}

static void test_no_meter(void **state)
{
	const struct testroot *t = *state;
	struct play one = {.pid = 10, .name = "one", .group = "/a", .threads = 1};
	struct attrib_answer answer;
	struct attrib *a;

	testattrib_begin(t, &a);
	testattrib_group(t, "/a", 0);
	testattrib_process(t, &one);
	testattrib_look(a, NULL, 0, NULL);
	one.ns += NS_PER_S;
	testattrib_process(t, &one);
	testattrib_group(t, "/a", 1000000);
	testattrib_look(a, NULL, 0, NULL);
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(answer.metered_ns, 0);
	assert_int_equal(answer.ns, NS_PER_S);
	free(answer.rows);
	attrib_free(a);
}

/* Three that no look has seen: of one name they are one. What the kernel lost is in the rest. */
static void test_short_lived(void **state)
{
	const struct testroot *t = *state;
	struct probe_end ends[4] = {
		{.pid = 20, .start_ns = FAR_NS, .runtime_ns = 2000000, .comm = "sh"},
		{.pid = 21, .start_ns = FAR_NS, .runtime_ns = 3000000, .comm = "sh"},
		{.pid = 22, .start_ns = FAR_NS, .runtime_ns = 4000000, .comm = "cat"},
		{.pid = 23, .start_ns = FAR_NS, .runtime_ns = 9000000, .comm = "elsewhere"},
	};
	struct attrib_answer answer;
	struct attrib *a;

	testattrib_begin(t, &a);
	testattrib_group(t, "/a", 0);
	testattrib_look(a, NULL, 0, NULL);
	for (int i = 0; i < 3; i++)
		ends[i].cgroup = testattrib_id(t, "/a");
	ends[3].cgroup = 1;
	testattrib_group(t, "/a", 10000);
	testattrib_look(a, ends, ARRAY_SIZE(ends), &(uint64_t){10000});
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_ENDED, "sh", "/a"), 5000000);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_ENDED, "cat", "/a"), 4000000);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_REST, NULL, "/a"), 1000000);
	assert_null(testattrib_row(&answer, CONSUMER_ENDED, "elsewhere", NULL));
	free(answer.rows);
	attrib_free(a);
}

/* What one ran after the last look comes with its end, also if that is told a look later. */
static void test_end_of_known(void **state)
{
	const struct testroot *t = *state;
	struct play one = {.pid = 10, .name = "one", .group = "/a", .threads = 1};
	struct probe_end end = {.pid = 10, .comm = "one"};
	struct attrib_answer answer;
	struct attrib *a;

	testattrib_begin(t, &a);
	testattrib_group(t, "/a", 0);
	one.start = 77;
	one.ns = 5 * NS_PER_MS;
	testattrib_process(t, &one);
	testattrib_look(a, NULL, 0, NULL);
	end.start_ns = 77 * TICK_NS + 12345;
	end.runtime_ns = 25 * NS_PER_MS;
	end.cgroup = testattrib_id(t, "/a");
	testattrib_remove_process(t, 10);
	testattrib_group(t, "/a", 0);
	testattrib_look(a, NULL, 0, NULL);
	testattrib_group(t, "/a", 20000);
	testattrib_look(a, &end, 1, NULL);
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_PROCESS, "one", "/a"), 20 * NS_PER_MS);
	assert_null(testattrib_row(&answer, CONSUMER_REST, NULL, NULL));
	free(answer.rows);
	attrib_free(a);
}

/* One that could not be read for a moment has not ended. */
static void test_unreadable(void **state)
{
	const struct testroot *t = *state;
	struct play one = {.pid = 10, .name = "one", .group = "/a", .threads = 1};
	struct attrib_answer answer;
	struct attrib *a;

	testattrib_begin(t, &a);
	testattrib_group(t, "/a", 0);
	one.ns = 50 * NS_PER_MS;
	testattrib_process(t, &one);
	testattrib_look(a, NULL, 0, NULL);
	testroot_write(t, "proc/10/schedstat", "");
	testroot_write(t, "proc/10/stat", "");
	testattrib_look(a, NULL, 0, NULL);
	one.ns = 60 * NS_PER_MS;
	testattrib_process(t, &one);
	testattrib_group(t, "/a", 90000);
	testattrib_look(a, NULL, 0, NULL);
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_PROCESS, "one", "/a"), 10 * NS_PER_MS);
	free(answer.rows);
	attrib_free(a);
}

/* Its id is another one's since. */
static void test_same_id(void **state)
{
	const struct testroot *t = *state;
	struct play one = {.pid = 10, .name = "one", .group = "/a", .start = 5, .threads = 1};
	struct probe_end end = {.pid = 10, .comm = "one"};
	struct attrib_answer answer;
	struct attrib *a;

	testattrib_begin(t, &a);
	testattrib_group(t, "/a", 0);
	testattrib_process(t, &one);
	testattrib_look(a, NULL, 0, NULL);
	one.name = "two";
	one.start = 9;
	one.ns = 30 * NS_PER_MS;
	testattrib_process(t, &one);
	end.start_ns = 5 * TICK_NS;
	end.runtime_ns = 10 * NS_PER_MS;
	testattrib_group(t, "/a", 40000);
	testattrib_look(a, &end, 1, NULL);
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_PROCESS, "one", "/a"), 10 * NS_PER_MS);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_PROCESS, "two", "/a"), 30 * NS_PER_MS);
	free(answer.rows);
	attrib_free(a);
}

/* More than the group has used is cut; a group that comes and goes is in the one above. */
static void test_groups(void **state)
{
	const struct testroot *t = *state;
	struct play one = {.pid = 10, .name = "one", .group = "/s/a", .threads = 1},
		    two = {.pid = 11, .name = "two", .group = "/s/a", .threads = 1};
	struct attrib_answer answer;
	struct attrib *a;

	testattrib_begin(t, &a);
	testattrib_group(t, "/s", 0);
	testattrib_group(t, "/s/a", 0);
	testattrib_process(t, &one);
	testattrib_process(t, &two);
	testattrib_look(a, NULL, 0, NULL);
	one.ns = 30 * NS_PER_MS;
	two.ns = 10 * NS_PER_MS;
	testattrib_process(t, &one);
	testattrib_process(t, &two);
	testattrib_group(t, "/s/a", 20000);
	/* /s/b was there for a moment. */
	testattrib_group(t, "/s", 70000);
	testattrib_look(a, NULL, 0, NULL);
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_PROCESS, "one", NULL), 15 * NS_PER_MS);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_PROCESS, "two", NULL), 5 * NS_PER_MS);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_REST, NULL, "/s"), 50 * NS_PER_MS);
	free(answer.rows);
	/* One that is new has used all of it since. */
	testattrib_group(t, "/s/c", 30000);
	testattrib_group(t, "/s", 100000);
	testattrib_look(a, NULL, 0, NULL);
	testattrib_ask(a, ATTRIB_BY_CGROUP, &answer);
	assert_int_equal(answer.count, 1);
	assert_string_equal(answer.rows[0].consumer->group->path, "/s/c");
	assert_int_equal(answer.rows[0].ns, 30 * NS_PER_MS);
	free(answer.rows);
	attrib_free(a);
}

static void test_version_1(void **state)
{
	const struct testroot *t = *state;
	struct play one = {.pid = 10, .name = "one", .threads = 1};
	struct attrib_answer answer;
	struct attrib *a;

	testroot_clear(t);
	testroot_write(t, "sys/fs/cgroup/cpuacct/cpuacct.usage", "0\n");
	testroot_write(t, "sys/fs/cgroup/cpuacct/a/cpuacct.usage", "0\n");
	assert_int_equal(mkdir("proc", 0755), 0);
	assert_int_equal(attrib_new(t->fd, TESTATTRIB_CPUS, &a), 0);
	one.group = "/";
	testattrib_process(t, &one);
	testroot_write(t, "proc/10/cgroup", "3:cpu,cpuacct:/a\n0::/\n");
	testattrib_look(a, NULL, 0, NULL);
	one.ns = 40;
	testattrib_process(t, &one);
	testroot_write(t, "proc/10/cgroup", "3:cpu,cpuacct:/a\n0::/\n");
	testroot_write(t, "sys/fs/cgroup/cpuacct/a/cpuacct.usage", "50\n");
	testroot_write(t, "sys/fs/cgroup/cpuacct/cpuacct.usage", "70\n");
	testattrib_look(a, NULL, 0, NULL);
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_PROCESS, "one", "/a"), 40);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_REST, NULL, "/a"), 10);
	assert_int_equal(testattrib_ns(&answer, CONSUMER_REST, NULL, "/"), 20);
	free(answer.rows);
	attrib_free(a);
}

static void test_hostile_files(void **state)
{
	const struct testroot *t = *state;
	struct attrib_answer answer;
	struct attrib *a;

	testattrib_begin(t, &a);
	testroot_write(t, "proc/10/stat", "10 (x) S\n");
	testroot_write(t, "proc/11/schedstat", "");
	testroot_write(t, "proc/999999999999/stat", "");
	testroot_write(t, "proc/12x/stat", "");
	testroot_write(t, "sys/fs/cgroup/a/cpu.stat", "usage_usec -4\n");
	testroot_write(t, "sys/fs/cgroup/b/cpu.stat", "");
	testroot_write(t, "sys/fs/cgroup/c/other", "");
	testattrib_look(a, NULL, 0, NULL);
	testattrib_look(a, NULL, 0, &(uint64_t){123});
	testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
	/* Nothing is known to have run. */
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.rows[0].consumer->kind, CONSUMER_IDLE);
	assert_int_equal(answer.uj, 123);
	free(answer.rows);
	attrib_free(a);
	testroot_clear(t);
	assert_int_equal(attrib_new(t->fd, TESTATTRIB_CPUS, &a), 0);
	assert_int_equal(attrib_begin(a), -ENOENT);
	attrib_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_divide),	      cmocka_unit_test(test_schedstat),
		cmocka_unit_test(test_units),	      cmocka_unit_test(test_shares),
		cmocka_unit_test(test_idle),	      cmocka_unit_test(test_no_meter),
		cmocka_unit_test(test_short_lived),   cmocka_unit_test(test_end_of_known),
		cmocka_unit_test(test_same_id),	      cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_groups),	      cmocka_unit_test(test_version_1),
		cmocka_unit_test(test_hostile_files),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
