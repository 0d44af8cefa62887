/*
 * Tests of leonhard-pwrapis as its clients see it: what it tells, what it sets, and for whom.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "pwrapis/testpwrapis.h"

#define GOVERNOR0 "sys/devices/system/cpu/cpufreq/policy0/scaling_governor"
#define GOVERNOR2 "sys/devices/system/cpu/cpufreq/policy2/scaling_governor"

/* ---- reads ---- */

static void test_every_operation_answers(void **state)
{
	static char zeroes[65536];
	const struct wire_op *ops;
	size_t count;
	struct client c;

	client_open(&c, 0);
	ops = wire_ops(&count);
	for (size_t i = 0; i < count; i++) {
		int code = client_code(&c, ops[i].operation, zeroes, ops[i].request_min);

		if (code == PWR_ERR_NOT_SUPPORTED && ops[i].operation == WIRE_CPU_GET_FREQ_RANGE)
			fail_msg("%s", ops[i].name);
	}
	client_close(&c);
}

static void test_frequencies(void **state)
{
	PWR_CPU_FreqRange range;
	PWR_CPU_CurFreq freq[8] = {{.policyId = 2}};
	char governor[PWR_MAX_ELEMENT_NAME_LEN];
	struct client c;
	size_t len;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(
		client_ask(&c, WIRE_CPU_GET_FREQ_RANGE, NULL, 0, &range, sizeof(range), NULL), 0);
	assert_int_equal(range.minFreq, 1200);
	assert_int_equal(range.maxFreq, 3000);
	assert_int_equal(
		client_ask(&c, WIRE_CPU_GET_GOVERNOR, NULL, 0, governor, sizeof(governor), &len),
		0);
	assert_int_equal(len, sizeof(governor));
	assert_string_equal(governor, "ondemand");
	assert_int_equal(
		client_ask(&c, WIRE_CPU_GET_FREQ, freq, sizeof(freq[0]), freq, sizeof(freq), &len),
		0);
	assert_int_equal(len, sizeof(freq[0]));
	assert_int_equal(freq[0].policyId, 2);
	assert_true(freq[0].curFreq == 1500);
	assert_int_equal(client_ask(&c, WIRE_CPU_GET_FREQ, NULL, 0, freq, sizeof(freq), &len), 0);
	assert_int_equal(len, 2 * sizeof(freq[0]));
	freq[0].policyId = 1;
	assert_int_equal(client_code(&c, WIRE_CPU_GET_FREQ, freq, sizeof(freq[0])),
			 PWR_ERR_POLICY_INVALIDE);
	client_close(&c);
}

static void test_ability(void **state)
{
	union {
		PWR_CPU_FreqAbility ability;
		char bytes[2048];
	} u = {};
	const char *second;
	struct client c;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_ask(&c, WIRE_CPU_GET_FREQ_ABILITY, NULL, 0, &u, sizeof(u), NULL),
			 0);
	assert_string_equal(u.ability.curDriver, "acpi-cpufreq");
	assert_int_equal(u.ability.avGovNum, 4);
	assert_string_equal(u.ability.avGovList[1], "userspace");
	assert_int_equal(u.ability.freqDomainNum, 2);
	second = u.ability.freqDomain + u.ability.freqDomainStep;
	assert_int_equal(*(const int *)second, 2);
	assert_string_equal(second + sizeof(int), "2 3");
	client_close(&c);
}

static void test_usage(void **state)
{
	struct {
		PWR_CPU_Usage usage;
		PWR_CPU_CoreUsage cores[16];
	} reply;
	struct client c;
	size_t len;

	/* In the first second, since the boot: a sixth of it. */
	rig_processors(*state, 50, 250);
	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_ask(&c, WIRE_CPU_GET_USAGE, NULL, 0, &reply, sizeof(reply), &len),
			 0);
	assert_int_equal(reply.usage.coreNum, 4);
	assert_int_equal(len, sizeof(reply.usage) + 4 * sizeof(reply.cores[0]));
	assert_true(reply.usage.avgUsage == 50. / 300);
	assert_true(reply.cores[3].coreNo == 3 && reply.cores[3].usage == 50. / 300);
	client_close(&c);
}

static void test_idle(void **state)
{
	struct {
		PWR_CPU_IdleInfo info;
		PWR_CPU_Cstate states[10];
	} reply;
	struct client c;
	size_t len;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(
		client_ask(&c, WIRE_CPU_GET_IDLE_INFO, NULL, 0, &reply, sizeof(reply), &len), 0);
	assert_int_equal(len, sizeof(reply.info) + 2 * sizeof(reply.states[0]));
	assert_string_equal(reply.info.currGov, "menu");
	assert_string_equal(reply.info.avGovs[2], "teo");
	assert_int_equal(reply.states[1].latency, 2);
	assert_string_equal(reply.states[1].name, "C1");
	client_close(&c);
}

static void test_info(void **state)
{
	static PWR_CPU_Info info;
	struct client c;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_ask(&c, WIRE_CPU_GET_INFO, NULL, 0, &info, sizeof(info), NULL), 0);
	assert_string_equal(info.modelName, "Test CPU");
	assert_string_equal(info.onlineList, "0-3");
	assert_int_equal(info.coreNum, 4);
	assert_int_equal(info.threadsPerCore, 1);
	assert_int_equal(info.coresperSocket, 4);
	assert_int_equal(info.numaNum, 1);
	assert_string_equal(info.numa[0].cpuList, "0-3");
	assert_true(info.minFreq == 1200 && info.maxFreq == 3000);
	client_close(&c);
}

/* Processors come and go while the daemon runs. */
static void test_hotplug(void **state)
{
	const uint64_t hang = rig_now_ms() + 30000;
	PWR_CPU_CurFreq freq[8];
	size_t len = 0;
	struct client c;

	client_open(&c, TEST_OBSERVER);
	/* Off line: of its policy nothing is told. */
	testroot_write(*state, "sys/devices/system/cpu/cpufreq/policy2/affected_cpus", "\n");
	assert_int_equal(client_ask(&c, WIRE_CPU_GET_FREQ, NULL, 0, freq, sizeof(freq), &len), 0);
	assert_int_equal(len, sizeof(freq[0]));
	freq[0].policyId = 2;
	assert_int_equal(client_code(&c, WIRE_CPU_GET_FREQ, freq, sizeof(freq[0])),
			 PWR_ERR_CPU_OFFLINE);
	/* A new one. */
	testroot_write(*state, "sys/devices/system/cpu/cpufreq/policy1/affected_cpus", "1\n");
	testroot_write(*state, "sys/devices/system/cpu/cpufreq/policy1/scaling_cur_freq",
		       "2000000\n");
	while (len != 2 * sizeof(freq[0])) {
		assert_true(rig_now_ms() < hang);
		assert_int_equal(
			client_ask(&c, WIRE_CPU_GET_FREQ, NULL, 0, freq, sizeof(freq), &len), 0);
	}
	assert_int_equal(freq[1].policyId, 1);
	client_close(&c);
}

static void test_query(void **state)
{
	pid_t pids[8];
	struct client c;
	size_t len;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_ask(&c, WIRE_PROC_QUERY, "on --q", 7, pids, sizeof(pids), &len), 0);
	assert_int_equal(len, sizeof(pids[0]));
	assert_int_equal(pids[0], 10);
	assert_int_equal(client_ask(&c, WIRE_PROC_QUERY, "kthread", 8, pids, sizeof(pids), &len),
			 0);
	assert_int_equal(pids[0], 11);
	assert_int_equal(client_ask(&c, WIRE_PROC_QUERY, "", 1, pids, sizeof(pids), &len), 0);
	assert_int_equal(len, 2 * sizeof(pids[0]));
	assert_int_equal(client_code(&c, WIRE_PROC_QUERY, "nobody", 7),
			 PWR_ERR_NO_PROCS_BY_KEYWORD);
	client_close(&c);
}

static void test_not_there(void **state)
{
	struct client c;
	const int zero = 0;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_code(&c, WIRE_SYS_GET_POWER, NULL, 0), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_SYS_GET_CAP, NULL, 0), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_SYS_GET_STATISTIC, NULL, 0), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_CPU_GET_PERF, NULL, 0), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_HBM_GET_STATE, NULL, 0), PWR_ERR_HBM_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_PROC_GET_WATT_STATE, NULL, 0),
			 PWR_ERR_WATT_SCHED_NOT_SURPPORTED);
	assert_int_equal(client_code(&c, WIRE_PROC_GET_GRID_PROCS, &zero, sizeof(zero)),
			 PWR_ERR_SMART_GRID_NOT_SURPPORTED);
	client_close(&c);
}

/* ---- control ---- */

static void test_token(void **state)
{
	struct client a, b, eagle;

	client_open(&a, TEST_CONTROLLER);
	client_open(&b, TEST_OTHER_CONTROLLER);
	client_open(&eagle, TEST_EAGLE);
	assert_int_equal(client_code(&eagle, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	assert_int_equal(client_code(&a, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	assert_non_null(strstr(client_expect_event(&eagle, PWR_COM_EVTTYPE_AUTH_RELEASED),
			       "higher priority"));
	assert_int_equal(client_code(&b, WIRE_COM_REQUEST_CONTROL, NULL, 0),
			 PWR_ERR_CONTROL_AUTH_REQUESTED);
	assert_int_equal(client_code(&b, WIRE_COM_RELEASE_CONTROL, NULL, 0),
			 PWR_ERR_CONTROL_AUTH_OWNERED_BY_OTHERS);
	client_close(&a);
	/* Its end is seen by now, since what others send is read after it. */
	while (client_code(&b, WIRE_COM_REQUEST_CONTROL, NULL, 0) != PWR_SUCCESS)
		;
	assert_int_equal(client_code(&b, WIRE_COM_RELEASE_CONTROL, NULL, 0), PWR_SUCCESS);
	client_close(&b);
	client_close(&eagle);
}

static void test_set(void **state)
{
	const PWR_CPU_FreqRange range = {1500, 2000}, outside = {1000, 2000};
	struct client c;

	writer_start(*state);
	client_open(&c, TEST_CONTROLLER);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10),
			 PWR_ERR_NOT_AUTHED);
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10), PWR_SUCCESS);
	writer_expect("set 1 cpufreq.governor policy0 powersave\n"
		      "set 1 cpufreq.governor policy2 powersave\n");
	assert_string_equal(rig_file(GOVERNOR2), "powersave");
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "wrong", 6),
			 PWR_ERR_GOVERNOR_INVALIDE);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_FREQ_RANGE, &range, sizeof(range)),
			 PWR_SUCCESS);
	writer_expect("set 1 cpufreq.max policy0 2e+09\nset 1 cpufreq.min policy0 1.5e+09\n"
		      "set 1 cpufreq.max policy2 2e+09\nset 1 cpufreq.min policy2 1.5e+09\n");
	assert_int_equal(client_code(&c, WIRE_CPU_SET_FREQ_RANGE, &outside, sizeof(outside)),
			 PWR_ERR_FREQ_NOT_IN_RANGE);
	/* The first of the four did pass. */
	writer_expect("set 1 cpufreq.max policy0 2e+09\nset 1 cpufreq.min policy0 1e+09\n"
		      "set 1 cpufreq.max policy0 2e+09\n");
	assert_int_equal(client_code(&c, WIRE_COM_RELEASE_CONTROL, NULL, 0), PWR_SUCCESS);
	writer_expect("end 1\n");
	client_close(&c);
}

/* What half of was done is undone: to what was there, or to what this client had set before. */
static void test_all_or_nothing(void **state)
{
	struct client c;

	writer_start(*state);
	client_open(&c, TEST_CONTROLLER);
	client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0);
	writer_refuse_after(1);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10),
			 PWR_ERR_FILE_ACCESS_FAILED);
	writer_expect("set 1 cpufreq.governor policy0 powersave\n"
		      "set 1 cpufreq.governor policy2 powersave\n"
		      "drop 1 cpufreq.governor policy0\n");
	writer_set_mood(WRITER_WRITES);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "performance", 12), PWR_SUCCESS);
	writer_expect("set 1 cpufreq.governor policy0 performance\n"
		      "set 1 cpufreq.governor policy2 performance\n");
	writer_refuse_after(1);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10),
			 PWR_ERR_FILE_ACCESS_FAILED);
	/* Putting back is refused as well: then all of the lease is. */
	writer_expect("set 1 cpufreq.governor policy0 powersave\n"
		      "set 1 cpufreq.governor policy2 powersave\n"
		      "set 1 cpufreq.governor policy0 performance\nend 1\n");
	client_close(&c);
}

static void test_lease_ends_with_client(void **state)
{
	struct client c;

	writer_start(*state);
	client_open(&c, TEST_CONTROLLER);
	client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_IDLE_GOVERNOR, "teo", 4), PWR_SUCCESS);
	client_close(&c);
	writer_expect("set 1 idle.governor board teo\nend 1\n");
}

static void test_preempted(void **state)
{
	struct client eagle, c;

	writer_start(*state);
	client_open(&eagle, TEST_EAGLE);
	client_open(&c, TEST_CONTROLLER);
	client_code(&eagle, WIRE_COM_REQUEST_CONTROL, NULL, 0);
	assert_int_equal(client_code(&eagle, WIRE_CPU_SET_GOVERNOR, "powersave", 10), PWR_SUCCESS);
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	writer_expect("set 1 cpufreq.governor policy0 powersave\n"
		      "set 1 cpufreq.governor policy2 powersave\nend 1\n");
	client_expect_event(&eagle, PWR_COM_EVTTYPE_AUTH_RELEASED);
	assert_int_equal(client_code(&eagle, WIRE_CPU_SET_GOVERNOR, "powersave", 10),
			 PWR_ERR_NOT_AUTHED);
	client_close(&eagle);
	client_close(&c);
}

static void test_writer_lost(void **state)
{
	struct client c, other;

	client_open(&c, TEST_CONTROLLER);
	client_open(&other, TEST_OBSERVER);
	client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10),
			 PWR_ERR_SYS_EXCEPTION);
	writer_start(*state);
	/* Not before the pause after a failure is over. */
	while (client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10) != PWR_SUCCESS)
		;
	writer_set_mood(WRITER_SILENT);
	client_request(&c, WIRE_CPU_SET_GOVERNOR, "ondemand", 9);
	/* Nobody else waits for it. */
	assert_int_equal(client_code(&other, WIRE_CPU_GET_GOVERNOR, NULL, 0), PWR_SUCCESS);
	writer_stop();
	{
		char reply[64];
		struct wire_head head = client_read(&c, reply, sizeof(reply));

		assert_int_equal(head.type, WIRE_REPLY);
		assert_int_equal(head.result, PWR_ERR_SYS_EXCEPTION);
	}
	assert_non_null(strstr(client_expect_event(&c, PWR_COM_EVTTYPE_AUTH_RELEASED), "lost"));
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10),
			 PWR_ERR_NOT_AUTHED);
	client_close(&c);
	client_close(&other);
}

static void test_grant(void **state)
{
	const struct testroot *t = *state;
	const PWR_CPU_FreqRange range = {1500, 2000};
	struct client c;

	rig_config(t, "[grant]\nusers = agent:cpufreq.governor\n");
	rig_start(t);
	writer_start(t);
	client_open(&c, TEST_NOBODY);
	assert_int_equal(client_code(&c, WIRE_CPU_GET_GOVERNOR, NULL, 0), PWR_SUCCESS);
	assert_int_equal(client_code(&c, WIRE_CPU_GET_USAGE, NULL, 0), PWR_ERR_NOT_AUTHED);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10), PWR_SUCCESS);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_FREQ_RANGE, &range, sizeof(range)),
			 PWR_ERR_NOT_AUTHED);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_IDLE_GOVERNOR, "teo", 4), PWR_ERR_NOT_AUTHED);
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0),
			 PWR_ERR_CONTROL_AUTH_NO_PERMISSION);
	client_close(&c);
	writer_expect("set 1 cpufreq.governor policy0 powersave\n"
		      "set 1 cpufreq.governor policy2 powersave\nend 1\n");
}

static void test_governor_attrs(void **state)
{
	static PWR_CPU_FreqGovAttrs attrs;
	PWR_CPU_FreqGovAttr attr = {.gov = "ondemand", .attr.key = "up_threshold"};
	char none[PWR_MAX_ELEMENT_NAME_LEN] = "";
	struct client c;

	writer_start(*state);
	client_open(&c, TEST_CONTROLLER);
	assert_int_equal(client_ask(&c, WIRE_CPU_GET_GOVERNOR_ATTRS, none, sizeof(none), &attrs,
				    sizeof(attrs), NULL),
			 PWR_SUCCESS);
	assert_string_equal(attrs.gov, "ondemand");
	assert_int_equal(attrs.attrNum, 2);
	assert_int_equal(client_ask(&c, WIRE_CPU_GET_GOVERNOR_ATTR, &attr, sizeof(attr), &attr,
				    sizeof(attr), NULL),
			 PWR_SUCCESS);
	assert_string_equal(attr.attr.value, "95");
	client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0);
	strcpy(attr.attr.value, "80");
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR_ATTR, &attr, sizeof(attr)),
			 PWR_SUCCESS);
	assert_string_equal(rig_file("sys/devices/system/cpu/cpufreq/ondemand/up_threshold"), "80");
	strcpy(attr.gov, "powersave");
	assert_int_equal(client_code(&c, WIRE_CPU_GET_GOVERNOR_ATTR, &attr, sizeof(attr)),
			 PWR_ERR_GOVERNOR_INACTIVE);
	client_close(&c);
}

/* ---- tasks ---- */

static void test_task(void **state)
{
	const PWR_COM_BasicDcTaskInfo usage = {PWR_COM_DATATYPE_CPU_USAGE, 1000};
	const PWR_COM_BasicDcTaskInfo fast = {PWR_COM_DATATYPE_CPU_USAGE, 999};
	const PWR_COM_BasicDcTaskInfo perf = {PWR_COM_DATATYPE_CPU_PERF, 1000};
	struct {
		PWR_COM_CallbackData data;
		PWR_CPU_Usage usage;
		PWR_CPU_CoreUsage cores[8];
	} *got = malloc(4096);
	struct wire_head head;
	struct client c;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_code(&c, WIRE_COM_CREATE_TASK, &fast, sizeof(fast)),
			 PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(client_code(&c, WIRE_COM_CREATE_TASK, &perf, sizeof(perf)),
			 PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_COM_CREATE_TASK, &usage, sizeof(usage)), PWR_SUCCESS);
	/* While nothing is known, nothing is sent. */
	rig_processors(*state, 50, 250);
	head = client_read(&c, got, 4096);
	assert_int_equal(head.type, WIRE_DATA);
	assert_int_equal(head.operation, WIRE_COM_DATA);
	assert_int_equal(got->data.dataType, PWR_COM_DATATYPE_CPU_USAGE);
	assert_int_equal(got->data.dataLen, head.data_bytes - sizeof(got->data));
	assert_int_equal(got->usage.coreNum, 4);
	assert_int_equal(client_code(&c, WIRE_COM_DELETE_TASK, &usage, sizeof(usage.dataType)),
			 PWR_SUCCESS);
	assert_int_equal(client_code(&c, WIRE_COM_DELETE_TASK, &usage, sizeof(usage.dataType)),
			 PWR_ERR_TASK_NOT_EXISTS);
	free(got);
	client_close(&c);
}

/* ---- classes ---- */

static void test_nobody(void **state)
{
	struct client c;

	client_open(&c, TEST_NOBODY);
	assert_non_null(strstr(client_expect_event(&c, PWR_COM_EVTTYPE_CRED_FAILED), "class"));
	client_expect_end(&c);
	client_close(&c);
}

static void test_sleep_is_for_administrators(void **state)
{
	struct client c, root;

	client_open(&c, TEST_CONTROLLER);
	client_open(&root, 0);
	client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0);
	assert_int_equal(client_code(&c, WIRE_SYS_SET_POWER_STATE, "mem", 4),
			 PWR_ERR_CONTROL_AUTH_NO_PERMISSION);
	assert_int_equal(client_code(&root, WIRE_SYS_SET_POWER_STATE, "mem", 4),
			 PWR_ERR_NOT_AUTHED);
	client_close(&c);
	client_close(&root);
}

/* A right that is taken away is gone, for who is connected as well. */
static void test_access_changes(void **state)
{
	const uint64_t hang = rig_now_ms() + 30000;
	struct client c;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_code(&c, WIRE_CPU_GET_GOVERNOR, NULL, 0), PWR_SUCCESS);
	testroot_write(*state, "etc/leonhard/access.conf", "[observe]\nusers = 1\n");
	while (client_code(&c, WIRE_CPU_GET_GOVERNOR, NULL, 0) != PWR_ERR_NOT_AUTHED)
		assert_true(rig_now_ms() < hang);
	client_close(&c);
}

static void test_stops(void **state)
{
	struct client c;

	client_open(&c, TEST_OBSERVER);
	client_code(&c, WIRE_CPU_GET_GOVERNOR, NULL, 0);
	testrun_stop(SIGTERM);
	client_expect_end(&c);
	client_close(&c);
	assert_int_equal(access("etc/sysconfig/pwrapis/pwrserver.sock", F_OK), -1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_operation_answers),
		TEST(test_frequencies),
		TEST(test_ability),
		TEST(test_usage),
		TEST(test_idle),
		TEST(test_info),
		TEST(test_hotplug),
		TEST(test_query),
		TEST(test_not_there),
		TEST(test_token),
		TEST(test_set),
		TEST(test_all_or_nothing),
		TEST(test_lease_ends_with_client),
		TEST(test_preempted),
		TEST(test_writer_lost),
		cmocka_unit_test_setup_teardown(test_grant, rig_setup_stopped, rig_teardown),
		TEST(test_governor_attrs),
		TEST(test_task),
		TEST(test_nobody),
		TEST(test_sleep_is_for_administrators),
		TEST(test_access_changes),
		TEST(test_stops),
	};

	return cmocka_run_group_tests_name("pwrapis/daemon", tests, testrun_setup_group,
					   testroot_teardown);
}
