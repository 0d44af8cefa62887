/*
 * Tests of fork(): a child starts unregistered, can register for itself, and leaves its parent's
 * connection as it is, whatever other threads and callbacks were doing.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/testserver.h"

static int ask(void)
{
	PWR_CPU_FreqRange range;

	return PWR_CPU_GetFreqRange(&range);
}

/* 0 when the child of fork() is as it should be. */
static int as_child(void)
{
	if (ask() != PWR_ERR_NOT_REGISTED)
		return 1;
	if (PWR_UnRegister() != PWR_SUCCESS)
		return 2;
	for (int i = 0; i < 3; i++) {
		if (PWR_Register() != PWR_SUCCESS)
			return 3;
		if (ask() != PWR_SUCCESS)
			return 4;
	}
	return PWR_UnRegister() == PWR_SUCCESS ? 0 : 5;
}

/* -1 when it did not end by itself. */
static int fork_child(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		alarm(60);
		_exit(as_child());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

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

static void test_child(void **state)
{
	for (int i = 0; i < 5; i++) {
		assert_int_equal(ask(), PWR_SUCCESS);
		assert_int_equal(fork_child(), 0);
	}
	assert_int_equal(ask(), PWR_SUCCESS);
	/* The parent never had to connect again. */
	assert_int_equal(testserver_accepted(), 1 + 5);
}

/* ---- while others call ---- */

static atomic_bool done;
static atomic_uint wrong;

static void *call_on(void *data)
{
	while (!atomic_load(&done)) {
		if (ask() != PWR_SUCCESS)
			atomic_fetch_add(&wrong, 1);
	}
	return NULL;
}

static void test_while_others_call(void **state)
{
	pthread_t threads[4];

	atomic_store(&done, false);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_on, NULL), 0);
	for (int i = 0; i < 25; i++)
		assert_int_equal(fork_child(), 0);
	atomic_store(&done, true);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&wrong), 0);
	assert_int_equal(testserver_accepted(), 1 + 25);
}

/* ---- in a callback ---- */

static atomic_int child_result;

static void on_event(const PWR_COM_EventInfo *event)
{
	atomic_store(&child_result, fork_child());
}

static bool handle_event(int fd, const struct wire_head *request, const void *data)
{
	PWR_COM_EventInfo event = {.eventType = PWR_COM_EVTTYPE_AUTH_REQUESTED};

	testserver_handle(testserver_good);
	testserver_event(fd, true, &event, sizeof(event));
	return testserver_good(fd, request, data);
}

static void test_in_a_callback(void **state)
{
	atomic_store(&child_result, 99);
	PWR_SetEventCallback(on_event);
	testserver_handle(handle_event);
	assert_int_equal(ask(), PWR_SUCCESS);
	for (int i = 0; i < 2000 && atomic_load(&child_result) == 99; i++)
		usleep(5000);
	assert_int_equal(atomic_load(&child_result), 0);
	assert_int_equal(ask(), PWR_SUCCESS);
}

/* The child returns from the callback: its only thread ends, and with it the child. */
static void on_event_return(const PWR_COM_EventInfo *event)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		alarm(60);
		return;
	}
	waitpid(pid, &status, 0);
	atomic_store(&child_result, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void test_child_returns_from_a_callback(void **state)
{
	atomic_store(&child_result, 99);
	PWR_SetEventCallback(on_event_return);
	testserver_handle(handle_event);
	assert_int_equal(ask(), PWR_SUCCESS);
	for (int i = 0; i < 2000 && atomic_load(&child_result) == 99; i++)
		usleep(5000);
	assert_int_equal(atomic_load(&child_result), 0);
	assert_int_equal(ask(), PWR_SUCCESS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_child),
		TEST(test_while_others_call),
		TEST(test_in_a_callback),
		TEST(test_child_returns_from_a_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
