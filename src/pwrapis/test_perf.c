/*
 * Tests of what the published operations tell of instructions and misses, with counters that are
 * injected: this machine's own are not asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "pwrapis/testprobe.h"
#include "pwrapis/testpwrapis.h"

static int setup(void **state)
{
	return rig_setup_stopped(state);
}

static int teardown(void **state)
{
	testprobe_stop();
	return rig_teardown(state);
}

/* 2 and 0.5 instructions a cycle, of equally many cycles; but one processor may be looked at some
 * steps of the probe after the other. */
static bool is_mean(double ipc)
{
	return ipc > 1.15 && ipc < 1.35;
}

static void test_counted(void **state)
{
	const PWR_COM_BasicDcTaskInfo task = {PWR_COM_DATATYPE_CPU_PERF, 1000};
	char data[sizeof(PWR_COM_CallbackData) + sizeof(PWR_CPU_PerfData) + 1];
	PWR_COM_CallbackData *told = (PWR_COM_CallbackData *)(void *)data;
	PWR_CPU_PerfData perf;
	struct wire_head head;
	struct client c;
	size_t len;

	testprobe_start(*state, true);
	rig_start(*state);
	client_open(&c, TEST_OBSERVER);
	/* The first who asks waits, and is told of a whole second. */
	assert_int_equal(client_ask(&c, WIRE_CPU_GET_PERF, NULL, 0, &perf, sizeof(perf), &len),
			 PWR_SUCCESS);
	assert_int_equal(len, sizeof(perf));
	assert_true(is_mean(perf.ipc));
	assert_true(perf.llcMiss > 0.099 && perf.llcMiss < 0.101);
	assert_int_equal(client_code(&c, WIRE_COM_CREATE_TASK, &task, sizeof(task)), PWR_SUCCESS);
	head = client_read(&c, data, sizeof(data));
	assert_int_equal(head.operation, WIRE_COM_DATA);
	assert_int_equal(told->dataType, PWR_COM_DATATYPE_CPU_PERF);
	assert_int_equal(told->dataLen, sizeof(perf));
	memcpy(&perf, data + sizeof(*told), sizeof(perf));
	assert_true(is_mean(perf.ipc));
	client_close(&c);
}

/* What is not counted is -1 beside what is, and never NaN. */
static void test_some(void **state)
{
	PWR_CPU_PerfData perf;
	struct client c;
	size_t len;

	testprobe_start(*state, false);
	rig_start(*state);
	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_ask(&c, WIRE_CPU_GET_PERF, NULL, 0, &perf, sizeof(perf), &len),
			 PWR_SUCCESS);
	assert_true(is_mean(perf.ipc));
	assert_true(perf.llcMiss == -1);
	client_close(&c);
}

static void test_none(void **state)
{
	const PWR_COM_BasicDcTaskInfo task = {PWR_COM_DATATYPE_CPU_PERF, 1000};
	struct client c;
	uint64_t begin_ms;

	rig_start(*state);
	client_open(&c, TEST_OBSERVER);
	begin_ms = rig_now_ms();
	assert_int_equal(client_code(&c, WIRE_CPU_GET_PERF, NULL, 0), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_COM_CREATE_TASK, &task, sizeof(task)),
			 PWR_ERR_NOT_SUPPORTED);
	/* Nobody waits for what is not there. */
	assert_true(rig_now_ms() - begin_ms < 1000);
	client_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_some, setup, teardown),
		cmocka_unit_test_setup_teardown(test_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, testrun_setup_group, testroot_teardown);
}
