/*
 * Tests of callbacks: what they are given, that they may call the library and end the registration,
 * that a slow one delays no reply, and that no message makes them read beyond it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "libpwrapi/connection.h"
#include "libpwrapi/delivery.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/testserver.h"

static atomic_uint events, datas, failed;
static atomic_bool hold;

static int start(void **state)
{
	atomic_store(&events, 0);
	atomic_store(&datas, 0);
	atomic_store(&failed, 0);
	atomic_store(&hold, false);
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

static void expect(atomic_uint *what, unsigned count)
{
	for (int i = 0; i < 2000 && atomic_load(what) < count; i++)
		usleep(5000);
	assert_int_equal(atomic_load(what), count);
}

static void check(bool right)
{
	if (!right)
		atomic_fetch_add(&failed, 1);
}

/* ---- messages ---- */

static void send_event(int fd, int type, const char *info)
{
	uint8_t bytes[200] = "Thu Nov 26 00:00:00 2026";
	PWR_COM_EventInfo *event = (PWR_COM_EventInfo *)bytes;

	event->eventType = type;
	event->infoLen = strlen(info);
	memcpy(event->info, info, strlen(info));
	testserver_event(fd, true, bytes, sizeof(*event) + event->infoLen);
}

static void send_usage(int fd, int says, int has)
{
	uint8_t bytes[sizeof(PWR_COM_CallbackData) + sizeof(PWR_CPU_Usage) +
		      8 * sizeof(PWR_CPU_CoreUsage)] = "now";
	PWR_COM_CallbackData *data = (PWR_COM_CallbackData *)bytes;
	PWR_CPU_Usage *usage = (PWR_CPU_Usage *)data->data;

	data->dataType = PWR_COM_DATATYPE_CPU_USAGE;
	data->dataLen = sizeof(*usage) + has * sizeof(usage->coreUsage[0]);
	usage->coreNum = says;
	testserver_event(fd, false, bytes, sizeof(*data) + data->dataLen);
}

/* Around the reply, and then by itself. */
static bool handle_interleaved(int fd, const struct wire_head *request, const void *data)
{
	send_event(fd, PWR_COM_EVTTYPE_AUTH_REQUESTED, "first");
	send_usage(fd, 2, 2);
	testserver_good(fd, request, data);
	send_event(fd, PWR_COM_EVTTYPE_AUTH_REQUESTED, "last");
	return true;
}

static void on_event(const PWR_COM_EventInfo *event)
{
	unsigned before = atomic_load(&events);

	check(event->eventType == PWR_COM_EVTTYPE_AUTH_REQUESTED);
	check(strcmp(event->ctime, "Thu Nov 26 00:00:00 2026") == 0);
	check(strcmp(event->info, before == 0 ? "first" : "last") == 0);
	atomic_fetch_add(&events, 1);
}

static void on_data(const PWR_COM_CallbackData *data)
{
	const PWR_CPU_Usage *usage = (const PWR_CPU_Usage *)data->data;

	check(data->dataType == PWR_COM_DATATYPE_CPU_USAGE);
	check(usage->coreNum == 2);
	check(usage->coreUsage[1].usage == 0);
	atomic_fetch_add(&datas, 1);
}

static void test_no_data_callback(void **state)
{
	PWR_COM_BasicDcTaskInfo task = {PWR_COM_DATATYPE_CPU_USAGE, 1000};

	assert_int_equal(PWR_CreateDcTask(&task), PWR_ERR_CALLBACK_FUNCTION_SHOULD_BE_SET_FIRST);
	PWR_SetMetaDataCallback(on_data);
	assert_int_equal(PWR_CreateDcTask(&task), PWR_SUCCESS);
}

static void test_interleaved(void **state)
{
	PWR_CPU_FreqRange range;

	PWR_SetEventCallback(on_event);
	PWR_SetMetaDataCallback(on_data);
	testserver_handle(handle_interleaved);
	assert_int_equal(PWR_CPU_GetFreqRange(&range), PWR_SUCCESS);
	expect(&events, 2);
	expect(&datas, 1);
	assert_int_equal(atomic_load(&failed), 0);
}

/* ---- messages that lie ---- */

static bool handle_lies(int fd, const struct wire_head *request, const void *data)
{
	static uint8_t bytes[300];
	PWR_COM_EventInfo *event = (PWR_COM_EventInfo *)bytes;
	PWR_COM_CallbackData *head = (PWR_COM_CallbackData *)bytes;

	memset(bytes, 'x', sizeof(bytes));
	testserver_event(fd, true, bytes, 0);
	testserver_event(fd, true, bytes, sizeof(*event) - 1);
	testserver_event(fd, false, bytes, sizeof(*head) - 1);
	event->infoLen = 61;
	testserver_event(fd, true, bytes, sizeof(*event) + 60);
	event->infoLen = -1;
	testserver_event(fd, true, bytes, sizeof(*event) + 60);
	head->dataType = PWR_COM_DATATYPE_CPU_PERF;
	head->dataLen = sizeof(PWR_CPU_PerfData) - 1;
	testserver_event(fd, false, bytes, sizeof(*head) + 60);
	head->dataType = PWR_COM_DATATYPE_CPU_USAGE;
	testserver_event(fd, false, bytes, sizeof(*head) + 60);
	send_usage(fd, 1 << 30, 2);
	send_usage(fd, -5, 2);
	event->eventType = PWR_COM_EVTTYPE_AUTH_REQUESTED;
	event->infoLen = 10;
	testserver_event(fd, true, bytes, sizeof(*event) + 10);
	return testserver_good(fd, request, data);
}

static void on_lying_event(const PWR_COM_EventInfo *event)
{
	check(strlen(event->ctime) == PWR_MAX_TIME_LEN - 1);
	check(event->infoLen == 10 && strcmp(event->info, "xxxxxxxxxx") == 0);
	atomic_fetch_add(&events, 1);
}

static void test_lies(void **state)
{
	PWR_CPU_FreqRange range;

	PWR_SetEventCallback(on_lying_event);
	PWR_SetMetaDataCallback(on_data);
	testserver_handle(handle_lies);
	assert_int_equal(PWR_CPU_GetFreqRange(&range), PWR_SUCCESS);
	expect(&events, 1);
	expect(&datas, 2);
	assert_int_equal(atomic_load(&failed), 0);
}

/* ---- callbacks that call ---- */

static void on_event_call(const PWR_COM_EventInfo *event)
{
	PWR_CPU_FreqRange range;

	check(PWR_CPU_GetFreqRange(&range) == PWR_SUCCESS);
	atomic_fetch_add(&events, 1);
}

/* An event for the first call only, or it would never end. */
static bool handle_one_event(int fd, const struct wire_head *request, const void *data)
{
	testserver_handle(testserver_good);
	send_event(fd, 1, "");
	return testserver_good(fd, request, data);
}

static void test_callback_calls(void **state)
{
	PWR_CPU_FreqRange range;

	PWR_SetEventCallback(on_event_call);
	for (unsigned i = 1; i <= 100; i++) {
		testserver_handle(handle_one_event);
		assert_int_equal(PWR_CPU_GetFreqRange(&range), PWR_SUCCESS);
		expect(&events, i);
	}
	assert_int_equal(atomic_load(&failed), 0);
}

static void on_event_again(const PWR_COM_EventInfo *event)
{
	PWR_CPU_FreqRange range;

	check(PWR_UnRegister() == PWR_SUCCESS);
	check(PWR_CPU_GetFreqRange(&range) == PWR_ERR_NOT_REGISTED);
	check(PWR_Register() == PWR_SUCCESS);
	check(PWR_CPU_GetFreqRange(&range) == PWR_SUCCESS);
	atomic_fetch_add(&events, 1);
}

static void test_callback_registers_again(void **state)
{
	PWR_CPU_FreqRange range;

	PWR_SetEventCallback(on_event_again);
	for (unsigned i = 1; i <= 20; i++) {
		testserver_handle(handle_one_event);
		/* Its reply and the end of the registration may cross. */
		PWR_CPU_GetFreqRange(&range);
		expect(&events, i);
	}
	assert_int_equal(atomic_load(&failed), 0);
	assert_int_equal(testserver_accepted(), 21);
}

/* ---- a callback that takes long ---- */

static void on_event_slow(const PWR_COM_EventInfo *event)
{
	atomic_fetch_add(&events, 1);
	while (atomic_load(&hold))
		usleep(1000);
}

static bool handle_flood(int fd, const struct wire_head *request, const void *data)
{
	for (int i = 0; i < 1000; i++)
		send_event(fd, 1, "flood");
	return testserver_good(fd, request, data);
}

/* What does not wait for it in the queue is dropped; replies come all the same. */
static void test_slow_callback(void **state)
{
	PWR_CPU_FreqRange range;

	atomic_store(&hold, true);
	PWR_SetEventCallback(on_event_slow);
	testserver_handle(handle_flood);
	assert_int_equal(PWR_CPU_GetFreqRange(&range), PWR_SUCCESS);
	testserver_handle(testserver_good);
	for (int i = 0; i < 100; i++)
		assert_int_equal(PWR_CPU_GetFreqRange(&range), PWR_SUCCESS);
	atomic_store(&hold, false);
	for (int i = 0; i < 2000 && atomic_load(&events) < DELIVERY_COUNT_MAX; i++)
		usleep(5000);
	usleep(50000);
	assert_in_range(atomic_load(&events), DELIVERY_COUNT_MAX, DELIVERY_COUNT_MAX + 2);
}

static bool handle_large(int fd, const struct wire_head *request, const void *data)
{
	static uint8_t bytes[300000];
	PWR_COM_EventInfo *event = (PWR_COM_EventInfo *)bytes;

	event->infoLen = sizeof(bytes) - sizeof(*event);
	for (int i = 0; i < 20; i++)
		testserver_event(fd, true, bytes, sizeof(bytes));
	return testserver_good(fd, request, data);
}

/* So many bytes wait, whatever the number; the end of the registration drops them. */
static void test_large_events(void **state)
{
	PWR_CPU_FreqRange range;

	atomic_store(&hold, true);
	PWR_SetEventCallback(on_event_slow);
	testserver_handle(handle_large);
	assert_int_equal(PWR_CPU_GetFreqRange(&range), PWR_SUCCESS);
	atomic_store(&hold, false);
	for (int i = 0; i < 2000 && atomic_load(&events) < 3; i++)
		usleep(5000);
	usleep(50000);
	assert_in_range(atomic_load(&events), 3, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_data_callback),
		TEST(test_interleaved),
		TEST(test_lies),
		TEST(test_callback_calls),
		TEST(test_callback_registers_again),
		TEST(test_slow_callback),
		TEST(test_large_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
