/*
 * Both halves killed at every step: while a client sets something and gives it back, one of the
 * halves is stopped behind a system call and killed there, behind the first one, the second one,
 * until the client has had its answers. Each time everything is put back, and the next client gets
 * what it asks for.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "pwrapis/testlaunch.h"
#include "pwrapis/testpwrapis.h"

#define GOVERNOR0 "sys/devices/system/cpu/cpufreq/policy0/scaling_governor"
#define GOVERNOR2 "sys/devices/system/cpu/cpufreq/policy2/scaling_governor"

/* Fewer steps than LEAST would mean that nothing was walked. */
enum { HANG_MS = 30000, PAUSE_MS = 5, LEAST = 20, MOST = 2000 };

static pid_t daemon_pid, writer_pid;

static int setup(void **state)
{
	const struct testroot *t = *state;

	rig_setup_stopped(state);
	testroot_write(t, "proc/sys/kernel/random/boot_id",
		       "01234567-89ab-cdef-0123-456789abcdef\n");
	writer_pid = launch_writer(t);
	daemon_pid = rig_start(t);
	return 0;
}

static int teardown(void **state)
{
	end_writer(SIGKILL);
	return rig_teardown(state);
}

/* ---- one half, call by call ---- */

static void stop_at_once(pid_t pid)
{
	int status;

	assert_int_equal(ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACESYSGOOD), 0);
	assert_int_equal(ptrace(PTRACE_INTERRUPT, pid, NULL, NULL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
}

/* Until it stands behind its next call; it has a timer, so that there always is one. */
static void step(pid_t pid)
{
	struct __ptrace_syscall_info info = {};
	int status, number = 0;

	while (info.op != PTRACE_SYSCALL_INFO_EXIT) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, number), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSTOPPED(status));
		number = status >> 16 ? 0 : WSTOPSIG(status);
		if (number == (SIGTRAP | 0x80)) {
			number = 0;
			ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info);
		}
	}
}

/* ---- the client ---- */

struct request {
	uint16_t operation;
	const char *text; /* or NULL */
};

static void ask(struct client *c, const struct request *r)
{
	client_request(c, r->operation, r->text, r->text ? strlen(r->text) + 1 : 0);
}

/* Whether the reply has come within @ms; events are passed over. */
static bool has_reply(struct client *c, int ms, int *ret_code)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	char data[4096];

	while (poll(&p, 1, ms) > 0) {
		struct wire_head head = client_read(c, data, sizeof(data));

		if (head.type != WIRE_REPLY)
			continue;
		*ret_code = head.result;
		return true;
	}
	return false;
}

/* Whether @pid was killed behind its call @number; not when the client had its answers before. */
static bool kill_behind(pid_t pid, struct client *c, unsigned number)
{
	static const struct request requests[] = {{WIRE_CPU_SET_GOVERNOR, "powersave"},
						  {WIRE_COM_RELEASE_CONTROL, NULL}};
	const struct request *r = requests;
	int code;

	stop_at_once(pid);
	ask(c, r);
	for (unsigned i = 0; i < number; i++) {
		step(pid);
		if (!has_reply(c, 0, &code))
			continue;
		assert_int_equal(code, PWR_SUCCESS);
		if (++r == requests + ARRAY_SIZE(requests)) {
			assert_int_equal(ptrace(PTRACE_DETACH, pid, NULL, NULL), 0);
			return false;
		}
		ask(c, r);
	}
	/* A file of a folder is cut before it is written, none of the kernel is. */
	while (!*rig_file(GOVERNOR0) || !*rig_file(GOVERNOR2))
		step(pid);
	assert_int_equal(kill(pid, SIGKILL), 0);
	return true;
}

/* ---- what is so afterwards ---- */

static void expect_as_before(void)
{
	rig_expect_file(GOVERNOR0, "ondemand");
	rig_expect_file(GOVERNOR2, "ondemand");
}

static int code_of(struct client *c, const struct request *r)
{
	int code = -1;

	ask(c, r);
	assert_true(has_reply(c, HANG_MS, &code));
	return code;
}

/* The other half may have to be found first, which is tried again after a pause; who has the token
 * when it is found to be gone loses it. */
static void take_control(struct client *c)
{
	static const struct request take = {WIRE_COM_REQUEST_CONTROL, NULL},
				    set = {WIRE_CPU_SET_GOVERNOR, "performance"};
	const uint64_t hang = rig_now_ms() + HANG_MS;

	client_open(c, TEST_CONTROLLER);
	c->all_events = true;
	while (code_of(c, &take) != PWR_SUCCESS || code_of(c, &set) != PWR_SUCCESS) {
		assert_true(rig_now_ms() < hang);
		usleep(PAUSE_MS * 1000);
	}
}

/* ---- tests ---- */

static void renew_daemon(const struct testroot *t)
{
	assert_int_equal(testrun_finish(), 128 + SIGKILL);
	daemon_pid = rig_start(t);
}

static void renew_writer(const struct testroot *t)
{
	end_writer(SIGKILL);
	writer_pid = launch_writer(t);
}

static void walk(const struct testroot *t, const pid_t *pid,
		 void (*renew)(const struct testroot *t))
{
	unsigned number = 0;
	struct client c;
	bool killed;

	do {
		take_control(&c);
		killed = kill_behind(*pid, &c, ++number);
		if (killed)
			renew(t);
		client_close(&c);
		expect_as_before();
	} while (killed && number < MOST);
	print_message("killed behind %u calls\n", number - 1);
	assert_in_range(number, LEAST, MOST - 1);
}

static void test_daemon(void **state)
{
	walk(*state, &daemon_pid, renew_daemon);
}

static void test_writer(void **state)
{
	walk(*state, &writer_pid, renew_writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_daemon, setup, teardown),
		cmocka_unit_test_setup_teardown(test_writer, setup, teardown),
	};

	return cmocka_run_group_tests_name("pwrapis/steps", tests, testrun_setup_group,
					   testroot_teardown);
}
