/*
 * Tests of the functions of the API, all of them by one table: each without a registration, with a
 * good daemon, with one that refuses, and with replies of wrong sizes; then wrong arguments, and
 * what is sent and filled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/testcalls.h"
#include "libpwrapi/testserver.h"

static int start(void **state)
{
	testserver_start(testserver_good);
	testserver_register();
	return 0;
}

static int stop(void **state)
{
	PWR_UnRegister();
	testserver_stop();
	return 0;
}

/* Calls each function that asks the daemon. */
static void for_each(void (*check)(const struct testcall *call, int result))
{
	size_t count;
	const struct testcall *calls = testcalls(&count);

	for (size_t i = 0; i < count; i++) {
		if (calls[i].operation > 0)
			check(&calls[i], calls[i].call());
	}
}

/* ---- every function ---- */

/* In the order of the table, which begins and ends a registration. */
static void test_all_succeed(void **state)
{
	size_t count;
	const struct testcall *calls = testcalls(&count);

	assert_int_equal(count, 65);
	for (size_t i = 0; i < count; i++) {
		if (calls[i].call() != PWR_SUCCESS)
			fail_msg("%s fails", calls[i].name);
	}
}

static void expect_not_registered(const struct testcall *call, int result)
{
	if (result != PWR_ERR_NOT_REGISTED)
		fail_msg("%s: %d", call->name, result);
}

static void test_not_registered(void **state)
{
	PWR_UnRegister();
	for_each(expect_not_registered);
	/* That comes before arguments are looked at. */
	assert_int_equal(PWR_CPU_GetInfo(NULL), PWR_ERR_NOT_REGISTED);
	assert_int_equal(PWR_CPU_SetFreqGovernor(NULL), PWR_ERR_NOT_REGISTED);
	assert_int_equal(PWR_CreateDcTask(NULL), PWR_ERR_NOT_REGISTED);
}

static bool handle_refusal(int fd, const struct wire_head *request, const void *data)
{
	testserver_reply(fd, request, PWR_ERR_NOT_AUTHED, NULL, 0);
	return true;
}

static void expect_refusal(const struct testcall *call, int result)
{
	if (result != PWR_ERR_NOT_AUTHED)
		fail_msg("%s: %d", call->name, result);
}

static void test_refused(void **state)
{
	testserver_handle(handle_refusal);
	for_each(expect_refusal);
}

static void expect_operation(const struct testcall *call, int result)
{
	static uint8_t data[WIRE_REQUEST_MAX];
	struct wire_head last;

	testserver_last(&last, data, sizeof(data));
	assert_int_equal(last.operation, call->operation);
}

static void test_operations(void **state)
{
	for_each(expect_operation);
}

/* One byte more than is right. */
static bool handle_odd(int fd, const struct wire_head *request, const void *data)
{
	static const uint8_t odd[324 + 44 + 1];
	static const uint16_t even[] = {WIRE_CPU_GET_INFO, WIRE_CPU_GET_GOVERNOR_ATTRS};

	for (size_t i = 0; i < ARRAY_SIZE(even); i++) {
		if (request->operation == even[i])
			return handle_refusal(fd, request, data);
	}
	testserver_reply(fd, request, PWR_SUCCESS, odd, sizeof(odd));
	return true;
}

/* Setters do not look at the data of a reply, and any bytes may be a text. */
static void expect_wrong(const struct testcall *call, int result)
{
	bool asks = strstr(call->name, "Get") || strstr(call->name, "Query");
	bool text = strstr(call->name, "GetFreqGovernor") || strstr(call->name, "GetIdleGovernor");

	if (!asks || text)
		assert_int_equal(result, PWR_SUCCESS);
	else if (result != PWR_ERR_WRONG_RESPONSE_FROM_SERVER && result != PWR_ERR_NOT_AUTHED)
		fail_msg("%s: %d", call->name, result);
}

static void test_wrong_sizes(void **state)
{
	testserver_handle(handle_odd);
	for_each(expect_wrong);
}

/* ---- arguments ---- */

static void test_null(void **state)
{
	uint32_t n = 4;
	char name[] = "eth0";
	int expected = PWR_ERR_NULL_POINTER;
	uint8_t some[512];

	assert_int_equal(PWR_SetLogCallback(NULL), expected);
	assert_int_equal(PWR_SetServerInfo(NULL), expected);
	assert_int_equal(PWR_SetClientSockPath(NULL), expected);
	assert_int_equal(PWR_SetMetaDataCallback(NULL), expected);
	assert_int_equal(PWR_SetEventCallback(NULL), expected);
	assert_int_equal(PWR_CreateDcTask(NULL), expected);
	assert_int_equal(PWR_CPU_GetInfo(NULL), expected);
	assert_int_equal(PWR_CPU_GetFreqAbility(NULL, 4000), expected);
	assert_int_equal(PWR_CPU_GetFreqGovernor(NULL, 32), expected);
	assert_int_equal(PWR_CPU_SetFreqGovernor(NULL), expected);
	assert_int_equal(PWR_CPU_GetFreqGovAttrs(NULL), expected);
	assert_int_equal(PWR_CPU_GetFreqGovAttr(NULL), expected);
	assert_int_equal(PWR_CPU_SetFreqGovAttr(NULL), expected);
	assert_int_equal(PWR_CPU_GetFreqRange(NULL), expected);
	assert_int_equal(PWR_CPU_SetFreqRange(NULL), expected);
	assert_int_equal(PWR_CPU_GetFreq(NULL, &n, PWR_FALSE), expected);
	assert_int_equal(PWR_CPU_GetFreq((void *)some, NULL, PWR_FALSE), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(PWR_CPU_SetFreq(NULL, 1), expected);
	assert_int_equal(PWR_CPU_GetIdleInfo(NULL), expected);
	assert_int_equal(PWR_CPU_GetIdleGovernor(NULL, 32), expected);
	assert_int_equal(PWR_CPU_SetIdleGovernor(NULL), expected);
	assert_int_equal(PWR_CPU_DmaGetLatency(NULL), expected);
	assert_int_equal(PWR_CPU_GetUsage(NULL, 4000), expected);
	assert_int_equal(PWR_CPU_GetPerfData(NULL), expected);
	assert_int_equal(PWR_SYS_GetRtPowerInfo(NULL), expected);
	assert_int_equal(PWR_SYS_GetCappedPower(NULL), expected);
	assert_int_equal(PWR_SYS_GetStatisticPowerInfo(NULL), expected);
	assert_int_equal(PWR_PROC_QueryProcs("x", NULL, &n), expected);
	assert_int_equal(PWR_PROC_QueryProcs("x", (void *)some, NULL), expected);
	assert_int_equal(PWR_PROC_GetWattState(NULL), expected);
	assert_int_equal(PWR_PROC_GetWattAttrs(NULL), expected);
	assert_int_equal(PWR_PROC_SetWattAttrs(NULL), expected);
	assert_int_equal(PWR_PROC_GetWattProcs(NULL, &n), expected);
	assert_int_equal(PWR_PROC_GetWattProcs((void *)some, NULL), expected);
	assert_int_equal(PWR_PROC_AddWattProcs(NULL, 1), expected);
	assert_int_equal(PWR_PROC_DelWattProcs(NULL, 1), expected);
	assert_int_equal(PWR_PROC_GetSmartGridState(NULL), expected);
	assert_int_equal(PWR_PROC_GetSmartGridProcs(PWR_PROC_SG_LEVEL_0, NULL), expected);
	assert_int_equal(PWR_PROC_SetSmartGridLevel(NULL), expected);
	assert_int_equal(PWR_PROC_GetSmartGridGov(NULL), expected);
	assert_int_equal(PWR_PROC_SetSmartGridGov(NULL), expected);
	assert_int_equal(PWR_PROC_GetServiceState(NULL), expected);
	assert_int_equal(PWR_PROC_SetServiceState(NULL), expected);
	assert_int_equal(PWR_DISK_GetList(NULL, &n), expected);
	assert_int_equal(PWR_DISK_GetList((void *)some, NULL), expected);
	assert_int_equal(PWR_DISK_GetLoad(NULL, &n, PWR_FALSE), expected);
	assert_int_equal(PWR_DISK_GetLoad((void *)some, NULL, PWR_FALSE), expected);
	assert_int_equal(PWR_DISK_GetPwrLevel(NULL, &n, PWR_FALSE), expected);
	assert_int_equal(PWR_DISK_GetPwrLevel((void *)some, NULL, PWR_FALSE), expected);
	assert_int_equal(PWR_DISK_SetPwrLevel(NULL, 1), expected);
	assert_int_equal(PWR_DISK_GetScsiPolicy(NULL, &n, PWR_FALSE), expected);
	assert_int_equal(PWR_DISK_GetScsiPolicy((void *)some, NULL, PWR_FALSE), expected);
	assert_int_equal(PWR_DISK_SetScsiPolicy(NULL, 1), expected);
	assert_int_equal(PWR_NET_GetInfo(NULL, 4000), expected);
	assert_int_equal(PWR_NET_GetThrouth(NULL, (void *)some), expected);
	assert_int_equal(PWR_NET_GetThrouth(name, NULL), expected);
	assert_int_equal(PWR_NET_GetSpeedMod(NULL, &n), expected);
	assert_int_equal(PWR_NET_GetSpeedMod(name, NULL), expected);
	assert_int_equal(PWR_NET_SetSpeedMod(NULL, 100), expected);
	assert_int_equal(PWR_USB_GetAutoSuspend(NULL, &n), expected);
	assert_int_equal(PWR_USB_GetAutoSuspend((void *)some, NULL), expected);
	assert_int_equal(PWR_USB_SetAutoSuspend(NULL, 1), expected);
	assert_int_equal(PWR_HBM_GetSysState(NULL), expected);
}

static void test_texts_out_of_bounds(void **state)
{
	char fits[32], longer[33], keyword[1001], path[109];
	pid_t procs[4];
	uint32_t n = 4;

	memset(fits, 'x', sizeof(fits));
	memset(longer, 'x', sizeof(longer));
	memset(keyword, 'x', sizeof(keyword));
	memset(path, '/', sizeof(path));
	fits[31] = longer[32] = keyword[1000] = path[108] = 0;
	assert_int_equal(PWR_CPU_SetFreqGovernor(""), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(PWR_CPU_SetFreqGovernor(longer), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(PWR_CPU_SetFreqGovernor(fits), PWR_SUCCESS);
	assert_int_equal(PWR_CPU_SetIdleGovernor(""), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(PWR_CPU_SetIdleGovernor(longer), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(PWR_NET_SetSpeedMod(longer, 100), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(PWR_NET_SetSpeedMod(fits, 100), PWR_SUCCESS);
	assert_int_equal(PWR_NET_GetSpeedMod(longer, &n), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(PWR_PROC_QueryProcs(keyword, procs, &n), PWR_ERR_INVALIDE_PARAM);
	keyword[999] = 0;
	assert_int_equal(PWR_PROC_QueryProcs(keyword, procs, &n), PWR_SUCCESS);
	assert_int_equal(PWR_SetServerInfo(path), PWR_ERR_INPUT_OVERSIZE);
	assert_int_equal(PWR_SetServerInfo(""), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(PWR_SetClientSockPath("/nonexistent"), PWR_ERR_PATH_VERIFY);
}

static void test_numbers_out_of_bounds(void **state)
{
	static PWR_CPU_CurFreq freq[PWR_MAX_CPUFREQ_POLICY_NUM + 1];
	static PWR_DISK_Load load[PWR_MAX_DISK_LIST_LEN + 1];
	static pid_t procs[PWR_MAX_PROC_NUM + 1];
	int expected = PWR_ERR_INVALIDE_PARAM;
	uint32_t n = 0;

	assert_int_equal(PWR_CPU_GetFreq(freq, &n, PWR_FALSE), expected);
	n = 2;
	assert_int_equal(PWR_CPU_GetFreq(freq, &n, 2), expected);
	assert_int_equal(PWR_DISK_GetLoad(load, &n, -1), expected);
	n = PWR_MAX_CPUFREQ_POLICY_NUM + 1;
	assert_int_equal(PWR_CPU_GetFreq(freq, &n, PWR_FALSE), PWR_ERR_INPUT_OVERSIZE);
	assert_int_equal(PWR_CPU_SetFreq(freq, n), PWR_ERR_INPUT_OVERSIZE);
	assert_int_equal(PWR_CPU_SetFreq(freq, UINT32_MAX), PWR_ERR_INPUT_OVERSIZE);
	assert_int_equal(PWR_CPU_SetFreq(freq, 0), expected);
	n = PWR_MAX_DISK_LIST_LEN + 1;
	assert_int_equal(PWR_DISK_GetLoad(load, &n, PWR_TRUE), PWR_ERR_INPUT_OVERSIZE);
	assert_int_equal(PWR_DISK_GetLoad(load, &n, PWR_FALSE), PWR_SUCCESS);
	assert_int_equal(PWR_PROC_AddWattProcs(procs, 0), expected);
	assert_int_equal(PWR_PROC_AddWattProcs(procs, PWR_MAX_PROC_NUM + 1), expected);
	assert_int_equal(PWR_PROC_DelWattProcs(procs, PWR_MAX_PROC_NUM), PWR_SUCCESS);
	assert_int_equal(PWR_CPU_DmaSetLatency(-1), expected);
	assert_int_equal(PWR_CPU_DmaSetLatency(PWR_MAX_CPU_DMA_LATENCY), PWR_SUCCESS);
	assert_int_equal(PWR_CPU_DmaSetLatency(PWR_MAX_CPU_DMA_LATENCY + 1), expected);
	assert_int_equal(PWR_SYS_SetPowerState(0), expected);
	assert_int_equal(PWR_SYS_SetPowerState(3), expected);
	assert_int_equal(PWR_SYS_SetCappedPower(0), expected);
	assert_int_equal(PWR_HBM_SetAllPwrState(2), expected);
	assert_int_equal(PWR_PROC_SetWattState(2), expected);
	assert_int_equal(PWR_PROC_SetWattFirstDomain(-1), expected);
	assert_int_equal(PWR_PROC_SetSmartGridState(-1), expected);
}

static void test_structures_out_of_bounds(void **state)
{
	PWR_COM_BasicDcTaskInfo tasks[] = {{1, 999}, {1, 100000001}, {0, 1000}, {3, 1000}};
	PWR_CPU_FreqRange ranges[] = {{-1, 1000}, {1000, 1000}, {1001, 1000}};
	PWR_PROC_WattAttrs attrs[] = {{.scaleThreshold = -1},
				      {.scaleThreshold = 101},
				      {.scaleInterval = -1},
				      {.scaleInterval = 3600001},
				      {.domainMask = -1}};
	PWR_PROC_SmartGridProcs procs = {.procNum = 0};
	PWR_PROC_SmartGridGov gov = {.sgAgentState = 2};
	PWR_PROC_ServiceState service = {PWR_PROC_SERVICE_EAGLE, 2};
	PWR_CPU_IdleInfo idle = {.cstateNum = 0};
	int expected = PWR_ERR_INVALIDE_PARAM;
	char text[32];

	for (size_t i = 0; i < ARRAY_SIZE(tasks); i++)
		assert_int_equal(PWR_CreateDcTask(&tasks[i]), expected);
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		assert_int_equal(PWR_CPU_SetFreqRange(&ranges[i]), expected);
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		assert_int_equal(PWR_PROC_SetWattAttrs(&attrs[i]), expected);
	assert_int_equal(PWR_PROC_SetSmartGridLevel(&procs), expected);
	assert_int_equal(PWR_PROC_GetSmartGridProcs(0, &procs), expected);
	procs.procNum = -5;
	assert_int_equal(PWR_PROC_SetSmartGridLevel(&procs), expected);
	assert_int_equal(PWR_PROC_GetSmartGridProcs(0, &procs), expected);
	procs.procNum = PWR_MAX_PROC_NUM + 1;
	assert_int_equal(PWR_PROC_SetSmartGridLevel(&procs), expected);
	assert_int_equal(PWR_PROC_SetSmartGridGov(&gov), expected);
	assert_int_equal(PWR_PROC_SetServiceState(&service), expected);
	assert_int_equal(PWR_CPU_GetIdleInfo(&idle), expected);
	assert_int_equal(PWR_CPU_GetFreqGovernor(text, 31), expected);
	assert_int_equal(PWR_CPU_GetIdleGovernor(text, 31), expected);
	assert_int_equal(PWR_CPU_GetUsage((void *)text, sizeof(PWR_CPU_Usage) - 1), expected);
	assert_int_equal(PWR_CPU_GetFreqAbility((void *)text, sizeof(text)), expected);
	assert_int_equal(PWR_NET_GetInfo((void *)text, sizeof(PWR_NET_Info)), expected);
}

/* ---- what is sent ---- */

static void expect_sent(uint16_t operation, const void *bytes, uint32_t size)
{
	static uint8_t data[WIRE_REQUEST_MAX];
	struct wire_head last;

	testserver_last(&last, data, sizeof(data));
	assert_int_equal(last.operation, operation);
	assert_int_equal(last.data_bytes, size);
	assert_memory_equal(data, bytes, size);
}

static void test_sent(void **state)
{
	char eth[] = "eth0";
	PWR_CPU_FreqGovAttrs attrs = {.gov = "ondemand"};
	int level = PWR_PROC_SG_LEVEL_1;
	pid_t procs[4];
	uint32_t n = 4;
	union {
		PWR_PROC_SmartGridProcs procs;
		int bytes[4];
	} grid = {.bytes = {1, 2, 100, 200}};

	PWR_SYS_SetPowerState(PWR_MEM);
	expect_sent(100, "mem", 4);
	PWR_SYS_SetPowerState(PWR_DISK);
	expect_sent(100, "disk", 5);
	PWR_NET_SetSpeedMod(eth, 0x01020304);
	expect_sent(403,
		    "\x04\x03\x02\x01"
		    "eth0",
		    9);
	PWR_PROC_QueryProcs(NULL, procs, &n);
	expect_sent(600, "", 1);
	PWR_PROC_QueryProcs("init", procs, &n);
	expect_sent(600, "init", 5);
	PWR_CPU_GetFreqGovAttrs(&attrs);
	expect_sent(208, "ondemand\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32);
	PWR_PROC_SetSmartGridLevel(&grid.procs);
	expect_sent(611, &grid, sizeof(grid));
	PWR_PROC_GetSmartGridProcs(PWR_PROC_SG_LEVEL_1, &grid.procs);
	expect_sent(610, &level, sizeof(level));
}

/* ---- what is filled ---- */

static struct {
	uint8_t bytes[40000];
	uint32_t size;
} answer;

static bool handle_answer(int fd, const struct wire_head *request, const void *data)
{
	testserver_reply(fd, request, PWR_SUCCESS, answer.bytes, answer.size);
	return true;
}

static void answer_with(const void *bytes, uint32_t size)
{
	memcpy(answer.bytes, bytes, size);
	answer.size = size;
	testserver_handle(handle_answer);
}

static void test_lists(void **state)
{
	static const pid_t sent[6] = {11, 12, 13, 14, 15, 16};
	pid_t procs[5] = {0, 0, 0, 0, 77};
	uint32_t n = 4;

	answer_with(sent, sizeof(sent));
	assert_int_equal(PWR_PROC_GetWattProcs(procs, &n), PWR_SUCCESS);
	assert_int_equal(n, 4);
	assert_memory_equal(procs, sent, 4 * sizeof(pid_t));
	assert_int_equal(procs[4], 77);
	answer_with(sent, 2 * sizeof(pid_t));
	assert_int_equal(PWR_PROC_QueryProcs("x", procs, &n), PWR_SUCCESS);
	assert_int_equal(n, 2);
	answer_with(sent, 0);
	assert_int_equal(PWR_PROC_GetWattProcs(procs, &n), PWR_SUCCESS);
	assert_int_equal(n, 0);
	n = 4;
	testserver_handle(handle_refusal);
	assert_int_equal(PWR_PROC_GetWattProcs(procs, &n), PWR_ERR_NOT_AUTHED);
	assert_int_equal(n, 4);
	assert_int_equal(PWR_PROC_QueryProcs("x", procs, &n), PWR_ERR_NOT_AUTHED);
	assert_int_equal(n, 0);
}

static void test_texts(void **state)
{
	char text[40];

	answer_with("performance", 12);
	memset(text, 'x', sizeof(text));
	assert_int_equal(PWR_CPU_GetFreqGovernor(text, sizeof(text)), PWR_SUCCESS);
	assert_string_equal(text, "performance");
	assert_int_equal(text[39], 0);
	answer_with("0123456789012345678901234567890123456789", 40);
	assert_int_equal(PWR_CPU_GetIdleGovernor(text, 32), PWR_ERR_ANSWER_LONGER_THAN_SIZE);
	assert_string_equal(text, "0123456789012345678901234567890");
	answer_with("", 0);
	assert_int_equal(PWR_CPU_GetIdleGovernor(text, 32), PWR_ERR_WRONG_RESPONSE_FROM_SERVER);
	assert_string_equal(text, "0123456789012345678901234567890");
}

static void test_usage(void **state)
{
	struct {
		PWR_CPU_Usage usage;
		PWR_CPU_CoreUsage cores[3];
	} sent = {{.avgUsage = 20, .coreNum = 1 << 30}, {{0, 10}, {1, 20}, {2, 30}}}, got;

	answer_with(&sent, sizeof(sent));
	assert_int_equal(PWR_CPU_GetUsage(&got.usage, sizeof(got)), PWR_SUCCESS);
	assert_int_equal(got.usage.coreNum, 3);
	assert_true(got.cores[2].usage == 30);
	/* Whole cores only. */
	memset(&got, 0xff, sizeof(got));
	assert_int_equal(PWR_CPU_GetUsage(&got.usage, sizeof(got) - 1), PWR_SUCCESS);
	assert_int_equal(got.usage.coreNum, 2);
	assert_int_equal(got.cores[2].coreNo, -1);
}

static void test_ability(void **state)
{
	struct {
		PWR_CPU_FreqAbility ability;
		char domains[3][4];
	} sent = {}, got;

	memset(&sent, 'x', sizeof(sent));
	sent.ability.avGovNum = 16;
	sent.ability.freqDomainNum = 3;
	sent.ability.freqDomainStep = 4;
	answer_with(&sent, sizeof(sent));
	assert_int_equal(PWR_CPU_GetFreqAbility(&got.ability, sizeof(got)), PWR_SUCCESS);
	assert_int_equal(got.ability.freqDomainNum, 3);
	assert_int_equal(strlen(got.ability.curDriver), 31);
	assert_int_equal(strlen(got.ability.avGovList[15]), 31);
	assert_string_equal(got.domains[2], "xxx");
	assert_int_equal(PWR_CPU_GetFreqAbility(&got.ability, sizeof(got) - 1), PWR_SUCCESS);
	assert_int_equal(got.ability.freqDomainNum, 2);
}

static void test_ability_lies(void **state)
{
	static const struct {
		int governors, count, step;
	} lies[] = {{17, 3, 4}, {-1, 3, 4}, {1, 4, 4},		{1, -3, -4},
		    {1, 3, 0},	{1, 0, 0},  {1, 0x40000001, 12}};
	struct {
		PWR_CPU_FreqAbility ability;
		char domains[3][4];
	} sent = {}, got;

	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		sent.ability.avGovNum = lies[i].governors;
		sent.ability.freqDomainNum = lies[i].count;
		sent.ability.freqDomainStep = lies[i].step;
		answer_with(&sent, sizeof(sent));
		assert_int_equal(PWR_CPU_GetFreqAbility(&got.ability, sizeof(got)),
				 PWR_ERR_WRONG_RESPONSE_FROM_SERVER);
	}
}

static void test_info(void **state)
{
	static PWR_CPU_Info sent, got;

	memset(&sent, 'x', sizeof(sent));
	sent.numaNum = PWR_MAX_NUMA_NODE_NUM;
	answer_with(&sent, sizeof(sent));
	assert_int_equal(PWR_CPU_GetInfo(&got), PWR_SUCCESS);
	assert_int_equal(strlen(got.arch), 31);
	assert_int_equal(strlen(got.modelName), 127);
	assert_int_equal(strlen(got.onlineList), 247);
	for (int i = 0; i < PWR_MAX_NUMA_NODE_NUM; i++)
		assert_int_equal(strlen(got.numa[i].cpuList), 247);
	sent.numaNum++;
	answer_with(&sent, sizeof(sent));
	assert_int_equal(PWR_CPU_GetInfo(&got), PWR_ERR_WRONG_RESPONSE_FROM_SERVER);
}

/* As the published daemon answers: always for ten states. */
static void test_idle(void **state)
{
	struct {
		PWR_CPU_IdleInfo info;
		PWR_CPU_Cstate states[10];
	} sent = {.info.currDrv = "haltpoll"}, got = {.info.cstateNum = 10};

	memset(sent.states[1].name, 'x', 32);
	answer_with(&sent, sizeof(sent));
	assert_int_equal(PWR_CPU_GetIdleInfo(&got.info), PWR_SUCCESS);
	assert_int_equal(got.info.cstateNum, 10);
	assert_int_equal(strlen(got.states[1].name), 31);
	got.info.cstateNum = 1;
	memset(got.states, 0xff, sizeof(got.states));
	assert_int_equal(PWR_CPU_GetIdleInfo(&got.info), PWR_SUCCESS);
	assert_int_equal(got.info.cstateNum, 1);
	assert_int_equal(got.states[1].id, -1);
}

/* ---- what is told ---- */

static atomic_int told;

__attribute__((format(printf, 2, 0))) static void on_log(int level, const char *format,
							 va_list args)
{
	char text[100];

	vsnprintf(text, sizeof(text), format, args);
	if (level == 3 && strcmp(text, "cpu.get-freq-range failed: 101") == 0)
		atomic_fetch_add(&told, 1);
}

static void test_told(void **state)
{
	PWR_CPU_FreqRange range;

	PWR_SetLogCallback(on_log);
	assert_int_equal(PWR_CPU_GetFreqRange(&range), PWR_SUCCESS);
	assert_int_equal(atomic_load(&told), 0);
	testserver_handle(handle_refusal);
	PWR_CPU_GetFreqRange(&range);
	assert_int_equal(atomic_load(&told), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_succeed),
		TEST(test_not_registered),
		TEST(test_refused),
		TEST(test_operations),
		TEST(test_wrong_sizes),
		TEST(test_null),
		TEST(test_texts_out_of_bounds),
		TEST(test_numbers_out_of_bounds),
		TEST(test_structures_out_of_bounds),
		TEST(test_sent),
		TEST(test_lists),
		TEST(test_texts),
		TEST(test_usage),
		TEST(test_ability),
		TEST(test_ability_lies),
		TEST(test_info),
		TEST(test_idle),
		TEST(test_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
