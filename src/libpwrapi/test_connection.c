/*
 * Tests of the connection: good daemons, slow, lying, silent and dying ones, many threads, and what
 * becomes of calls that wait.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "libpwrapi/connection.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/testserver.h"
#include "libpwrapi/thread.h"

enum { SHORT_MS = 200, NS_PER_MS = 1000000 };

static int start(void **state)
{
	connection_timeout_ms = 30000;
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

/* Asks for something small; what is filled must be whole or untouched. */
static int ask(void)
{
	PWR_CPU_FreqRange range = {-1, -2};
	int result = PWR_CPU_GetFreqRange(&range);

	if (result == PWR_SUCCESS)
		assert_true(range.minFreq >= 0 && range.maxFreq >= 0);
	else
		assert_true(range.minFreq == -1 && range.maxFreq == -2);
	return result;
}

static void sleep_ms(unsigned ms)
{
	usleep(ms * 1000);
}

/* Until the library has connected again. */
static void expect_again(void)
{
	for (int i = 0; i < 600 && ask() != PWR_SUCCESS; i++)
		sleep_ms(10);
	assert_int_equal(ask(), PWR_SUCCESS);
}

/* ---- daemons ---- */

static bool handle_range(int fd, const struct wire_head *request, const void *data)
{
	PWR_CPU_FreqRange range = {1200, 3000};

	testserver_reply(fd, request, PWR_SUCCESS, &range, sizeof(range));
	return true;
}

static bool handle_short(int fd, const struct wire_head *request, const void *data)
{
	testserver_reply(fd, request, PWR_SUCCESS, "1234567", 7);
	return true;
}

static bool handle_long(int fd, const struct wire_head *request, const void *data)
{
	static uint8_t bytes[WIRE_REPLY_MAX];

	testserver_reply(fd, request, PWR_SUCCESS, bytes, sizeof(bytes));
	return true;
}

static bool handle_refusal(int fd, const struct wire_head *request, const void *data)
{
	testserver_reply(fd, request, PWR_ERR_NOT_SUPPORTED, NULL, 0);
	return true;
}

static bool handle_other_sequence(int fd, const struct wire_head *request, const void *data)
{
	struct wire_head other = *request;

	other.sequence += 1000;
	return testserver_good(fd, &other, data);
}

/* The right reply comes after the wrong one. */
static bool handle_both_sequences(int fd, const struct wire_head *request, const void *data)
{
	return handle_other_sequence(fd, request, data) && handle_range(fd, request, data);
}

static bool handle_other_operation(int fd, const struct wire_head *request, const void *data)
{
	struct wire_head other = *request;

	other.operation = WIRE_PROC_GET_SERVICE;
	return testserver_good(fd, &other, data);
}

static bool handle_oversize(int fd, const struct wire_head *request, const void *data)
{
	struct wire_head head = *request;

	head.type = WIRE_REPLY;
	head.data_bytes = WIRE_REPLY_MAX + 1;
	testserver_send(fd, &head, sizeof(head));
	return true;
}

static bool handle_version(int fd, const struct wire_head *request, const void *data)
{
	struct wire_head head = *request;

	head.type = WIRE_REPLY;
	head.major = 9;
	testserver_send(fd, &head, sizeof(head));
	return true;
}

static bool handle_unknown_type(int fd, const struct wire_head *request, const void *data)
{
	struct wire_head head = *request;

	head.type = 77;
	testserver_send(fd, &head, sizeof(head));
	return handle_range(fd, request, data);
}

static bool handle_pieces(int fd, const struct wire_head *request, const void *data)
{
	PWR_CPU_FreqRange range = {1200, 3000};
	struct wire_head head = *request;
	uint8_t bytes[sizeof(head) + sizeof(range)];

	head.type = WIRE_REPLY;
	head.data_bytes = sizeof(range);
	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), &range, sizeof(range));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		testserver_send(fd, bytes + i, 1);
		usleep(1000);
	}
	return true;
}

static bool handle_silence(int fd, const struct wire_head *request, const void *data)
{
	return true;
}

static bool handle_end(int fd, const struct wire_head *request, const void *data)
{
	return false;
}

static bool handle_half(int fd, const struct wire_head *request, const void *data)
{
	struct wire_head head = *request;

	head.type = WIRE_REPLY;
	head.data_bytes = 8;
	testserver_send(fd, &head, sizeof(head));
	testserver_send(fd, "1234", 4);
	return false;
}

/* ---- one call ---- */

static void test_good(void **state)
{
	PWR_CPU_FreqRange range;
	struct wire_head last;
	char data[8];

	testserver_handle(handle_range);
	assert_int_equal(PWR_CPU_GetFreqRange(&range), PWR_SUCCESS);
	assert_int_equal(range.minFreq, 1200);
	assert_int_equal(range.maxFreq, 3000);
	testserver_last(&last, data, sizeof(data));
	assert_int_equal(last.operation, WIRE_CPU_GET_FREQ_RANGE);
	assert_int_equal(last.system, getpid());
	assert_int_equal(last.pointer, 0);
}

static void test_refused(void **state)
{
	testserver_handle(handle_refusal);
	assert_int_equal(ask(), PWR_ERR_NOT_SUPPORTED);
	testserver_handle(handle_range);
	assert_int_equal(ask(), PWR_SUCCESS);
	assert_int_equal(testserver_accepted(), 1);
}

static void test_wrong_sizes(void **state)
{
	testserver_handle(handle_short);
	assert_int_equal(ask(), PWR_ERR_WRONG_RESPONSE_FROM_SERVER);
	testserver_handle(handle_long);
	assert_int_equal(ask(), PWR_ERR_WRONG_RESPONSE_FROM_SERVER);
	testserver_handle(handle_other_operation);
	assert_int_equal(ask(), PWR_ERR_WRONG_RESPONSE_FROM_SERVER);
	testserver_handle(handle_range);
	assert_int_equal(ask(), PWR_SUCCESS);
	assert_int_equal(testserver_accepted(), 1);
}

static void test_other_sequence(void **state)
{
	connection_timeout_ms = SHORT_MS;
	testserver_handle(handle_other_sequence);
	assert_int_equal(ask(), PWR_ERR_TIMEOUT);
	connection_timeout_ms = 30000;
	testserver_handle(handle_both_sequences);
	assert_int_equal(ask(), PWR_SUCCESS);
}

static void test_not_understood(void **state)
{
	testserver_handle(handle_oversize);
	assert_int_equal(ask(), PWR_ERR_DISCONNECTED);
	testserver_handle(handle_range);
	expect_again();
	testserver_handle(handle_version);
	assert_int_equal(ask(), PWR_ERR_DISCONNECTED);
	testserver_handle(handle_unknown_type);
	expect_again();
	assert_int_equal(testserver_accepted(), 3);
}

static void test_pieces(void **state)
{
	testserver_handle(handle_pieces);
	assert_int_equal(ask(), PWR_SUCCESS);
}

/* A reply that comes too late is nobody's, and the next call gets its own. */
static bool handle_late(int fd, const struct wire_head *request, const void *data)
{
	sleep_ms(2 * SHORT_MS);
	return handle_range(fd, request, data);
}

static void test_silence(void **state)
{
	uint64_t before_ns = thread_now_ns(), took_ms;

	connection_timeout_ms = SHORT_MS;
	testserver_handle(handle_silence);
	assert_int_equal(ask(), PWR_ERR_TIMEOUT);
	took_ms = (thread_now_ns() - before_ns) / NS_PER_MS;
	assert_true(took_ms >= SHORT_MS && took_ms < 20 * SHORT_MS);
	testserver_handle(handle_late);
	assert_int_equal(ask(), PWR_ERR_TIMEOUT);
	connection_timeout_ms = 30000;
	testserver_handle(handle_range);
	assert_int_equal(ask(), PWR_SUCCESS);
	assert_int_equal(testserver_accepted(), 1);
}

static void test_ends_in_the_middle(void **state)
{
	testserver_handle(handle_end);
	assert_int_equal(ask(), PWR_ERR_DISCONNECTED);
	testserver_handle(handle_range);
	expect_again();
	testserver_handle(handle_half);
	assert_int_equal(ask(), PWR_ERR_DISCONNECTED);
	testserver_handle(handle_range);
	expect_again();
}

static void test_no_daemon(void **state)
{
	assert_int_equal(ask(), PWR_SUCCESS);
	PWR_UnRegister();
	assert_int_equal(PWR_SetServerInfo("/nonexistent/socket"), PWR_SUCCESS);
	assert_int_equal(PWR_Register(), PWR_ERR_COMMON);
	assert_int_equal(ask(), PWR_ERR_NOT_REGISTED);
	assert_int_equal(PWR_UnRegister(), PWR_SUCCESS);
}

/* Its queue is full: two connections that it has not accepted. */
static void test_daemon_does_not_accept(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	uint64_t before_ns = thread_now_ns();
	int result = PWR_SUCCESS;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s.full", testserver_path());
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 0), 0);
	connection_timeout_ms = SHORT_MS;
	assert_int_equal(PWR_SetServerInfo(address.sun_path), PWR_SUCCESS);
	for (int i = 0; i < 3 && result == PWR_SUCCESS; i++) {
		PWR_UnRegister();
		result = PWR_Register();
	}
	unlink(address.sun_path);
	assert_int_equal(result, PWR_ERR_COMMON);
	assert_true(thread_now_ns() - before_ns >= (uint64_t)SHORT_MS * NS_PER_MS);
}

static void test_register_twice(void **state)
{
	assert_int_equal(PWR_Register(), PWR_SUCCESS);
	assert_int_equal(ask(), PWR_SUCCESS);
	assert_int_equal(testserver_accepted(), 1);
	assert_int_equal(PWR_UnRegister(), PWR_SUCCESS);
	assert_int_equal(PWR_UnRegister(), PWR_SUCCESS);
	assert_int_equal(ask(), PWR_ERR_NOT_REGISTED);
	assert_int_equal(PWR_Register(), PWR_SUCCESS);
	assert_int_equal(ask(), PWR_SUCCESS);
}

/* ---- a daemon that does not read ---- */

static atomic_bool stuck;

static bool handle_stuck(int fd, const struct wire_head *request, const void *data)
{
	while (atomic_load(&stuck))
		sleep_ms(5);
	return false;
}

/* Requests fill the socket until one can be sent only in part. */
static void test_daemon_does_not_read(void **state)
{
	static PWR_CPU_CurFreq freq[PWR_MAX_CPUFREQ_POLICY_NUM];
	int result = PWR_ERR_TIMEOUT;

	connection_timeout_ms = 20;
	atomic_store(&stuck, true);
	testserver_handle(handle_stuck);
	for (int i = 0; i < 50 && result == PWR_ERR_TIMEOUT; i++)
		result = PWR_CPU_SetFreq(freq, PWR_MAX_CPUFREQ_POLICY_NUM);
	assert_int_equal(result, PWR_ERR_DISCONNECTED);
	testserver_handle(handle_range);
	atomic_store(&stuck, false);
	connection_timeout_ms = 30000;
	expect_again();
}

static void *set_much(void *data)
{
	static PWR_CPU_CurFreq freq[PWR_MAX_CPUFREQ_POLICY_NUM];
	int result = PWR_SUCCESS;

	for (int i = 0; i < 50 && result == PWR_SUCCESS; i++)
		result = PWR_CPU_SetFreq(freq, PWR_MAX_CPUFREQ_POLICY_NUM);
	return (void *)(uintptr_t)(result != PWR_ERR_DISCONNECTED &&
				   result != PWR_ERR_NOT_REGISTED);
}

/* ---- many threads ---- */

enum { THREADS = 8, CALLS = 2000 };

static bool handle_echo(int fd, const struct wire_head *request, const void *data)
{
	testserver_reply(fd, request, PWR_SUCCESS, data, request->data_bytes);
	return true;
}

/* What comes back must be what this thread sent. */
static void *call_often(void *data)
{
	uintptr_t self = (uintptr_t)data, wrong = 0;

	for (int i = 0; i < CALLS; i++) {
		PWR_CPU_CurFreq freq[3] = {{self, i}, {self + 1, i}, {self + 2, i}};
		uint32_t count = 1 + i % 3;
		int result = PWR_CPU_GetFreq(freq, &count, PWR_TRUE);

		wrong += result != PWR_SUCCESS || count != 1 + i % 3 || freq[0].policyId != self ||
			 freq[0].curFreq != i || freq[count - 1].policyId != self + count - 1;
	}
	return (void *)wrong;
}

static void run_threads(void *(*run)(void *))
{
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run, (void *)(i * 100)), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
}

static void test_threads(void **state)
{
	uint64_t before_ns = thread_now_ns();

	testserver_handle(handle_echo);
	run_threads(call_often);
	print_message("%d calls of %d threads: %.1f us each\n", THREADS * CALLS, THREADS,
		      (thread_now_ns() - before_ns) / 1e3 / (THREADS * CALLS));
	assert_int_equal(testserver_accepted(), 1);
}

/* ---- ends while others wait ---- */

static void *call_until_gone(void *data)
{
	PWR_CPU_FreqRange range;
	int result;

	do
		result = PWR_CPU_GetFreqRange(&range);
	while (result == PWR_SUCCESS);
	return (void *)(uintptr_t)(result != PWR_ERR_DISCONNECTED &&
				   result != PWR_ERR_NOT_REGISTED);
}

static void *unregister_soon(void *data)
{
	sleep_ms(50);
	return (void *)(uintptr_t)(PWR_UnRegister() != PWR_SUCCESS);
}

static void unregister_meanwhile(void)
{
	uint64_t before_ns = thread_now_ns();
	void *failed;
	pthread_t other;

	assert_int_equal(pthread_create(&other, NULL, unregister_soon, NULL), 0);
	run_threads(call_until_gone);
	pthread_join(other, &failed);
	assert_null(failed);
	assert_true(thread_now_ns() - before_ns < UINT64_C(10000) * NS_PER_MS);
}

static void test_unregister_wakes(void **state)
{
	testserver_handle(handle_silence);
	unregister_meanwhile();
	testserver_handle(handle_range);
	for (int i = 0; i < 20; i++) {
		testserver_register();
		unregister_meanwhile();
	}
}

/* One of them sends to a daemon that does not read, the others wait for their turn. */
static void test_unregister_while_sending(void **state)
{
	pthread_t other;

	signal(SIGPIPE, SIG_DFL);
	atomic_store(&stuck, true);
	testserver_handle(handle_stuck);
	assert_int_equal(pthread_create(&other, NULL, unregister_soon, NULL), 0);
	run_threads(set_much);
	pthread_join(other, NULL);
	atomic_store(&stuck, false);
}

static unsigned count_threads(void)
{
	_cleanup_closedir_ DIR *tasks = opendir("/proc/self/task");
	unsigned count = 0;

	assert_non_null(tasks);
	while (readdir(tasks))
		count++;
	return count;
}

/* A thread that was joined may be listed for a moment still. */
static void expect_threads(unsigned expected)
{
	for (int i = 0; i < 200 && count_threads() != expected; i++)
		sleep_ms(5);
	assert_int_equal(count_threads(), expected);
}

static pthread_barrier_t together;

static void *register_together(void *data)
{
	PWR_CPU_FreqRange range;
	uintptr_t wrong = 0;

	for (int i = 0; i < 5; i++) {
		pthread_barrier_wait(&together);
		wrong += PWR_Register() != PWR_SUCCESS;
		wrong += PWR_CPU_GetFreqRange(&range) != PWR_SUCCESS;
		pthread_barrier_wait(&together);
		PWR_UnRegister();
	}
	return (void *)wrong;
}

/* One connection is the program's; nothing remains of the others. */
static void test_register_at_once(void **state)
{
	unsigned before;

	PWR_UnRegister();
	testserver_stop();
	before = count_threads();
	testserver_start(testserver_good);
	pthread_barrier_init(&together, NULL, THREADS);
	run_threads(register_together);
	pthread_barrier_destroy(&together);
	assert_int_equal(ask(), PWR_ERR_NOT_REGISTED);
	testserver_stop();
	expect_threads(before);
	testserver_start(testserver_good);
	testserver_register();
	assert_int_equal(ask(), PWR_SUCCESS);
}

/* ---- signals ---- */

static void on_alarm(int signal)
{
}

/* Interrupted all the time, and no SIGPIPE when the daemon is gone: that would end the test. */
static void test_signals(void **state)
{
	struct itimerval often = {{0, 200}, {0, 200}}, never = {};
	struct sigaction interrupt = {.sa_handler = on_alarm}; /* without SA_RESTART */

	signal(SIGPIPE, SIG_DFL);
	sigaction(SIGALRM, &interrupt, NULL);
	testserver_handle(handle_echo);
	setitimer(ITIMER_REAL, &often, NULL);
	assert_null(call_often((void *)7));
	testserver_handle(handle_end);
	for (int i = 0; i < 20; i++)
		ask();
	setitimer(ITIMER_REAL, &never, NULL);
}

/* ---- nothing stays ---- */

static int open_files(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The server's own are gone with it. */
static void test_no_descriptor_stays(void **state)
{
	int before = open_files();

	start(state);
	assert_int_equal(ask(), PWR_SUCCESS);
	stop(state);
	assert_int_equal(open_files(), before);
	assert_int_equal(PWR_SetServerInfo("/nonexistent/socket"), PWR_SUCCESS);
	for (int i = 0; i < 10; i++)
		assert_int_equal(PWR_Register(), PWR_ERR_COMMON);
	assert_int_equal(open_files(), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good),
		TEST(test_refused),
		TEST(test_wrong_sizes),
		TEST(test_other_sequence),
		TEST(test_not_understood),
		TEST(test_pieces),
		TEST(test_silence),
		TEST(test_ends_in_the_middle),
		TEST(test_no_daemon),
		TEST(test_daemon_does_not_accept),
		TEST(test_register_twice),
		TEST(test_daemon_does_not_read),
		TEST(test_threads),
		TEST(test_unregister_wakes),
		TEST(test_unregister_while_sending),
		TEST(test_register_at_once),
		TEST(test_signals),
		cmocka_unit_test(test_no_descriptor_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
