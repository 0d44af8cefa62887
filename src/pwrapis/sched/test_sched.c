/*
 * Both halves of the power API and a stand-in for systemd, in a folder that plays a machine with
 * control groups v2: who packs, what units are given, and that they have what they had however it
 * ends.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "pwrapis/machine/fakemachine.h"
#include "pwrapis/probeproto.h"
#include "pwrapis/sched/testunits.h"
#include "pwrapis/testlaunch.h"
#include "pwrapis/testpwrapis.h"

#define CRON "units/cron.service"
#define CRON_GROUP "sys/fs/cgroup/system.slice/cron.service/"
#define POLICY0 "sys/devices/system/cpu/cpufreq/policy0/scaling_governor"
#define POLICY2 "sys/devices/system/cpu/cpufreq/policy2/scaling_governor"

enum { HANG_MS = 30000, CRON_PID = 100, SHELL_PID = 120 };

/* ---- the machine ---- */

static const char groups[] =
	"proc/sys/kernel/osrelease : 6.12.0\n"
	"sys/devices/system/cpu/possible : 0-3\n"
	"sys/fs/cgroup/cgroup.controllers : cpuset cpu memory\n"
	"sys/fs/cgroup/cpuset.cpus.effective : 0-3\n"
	"sys/fs/cgroup/system.slice/cron.service/cgroup.threads : 100\n"
	"sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope/cgroup.threads : 120\n"
	"units/cron.service = \n"
	"units/session-3.scope = \n";

static void make_process(const struct testroot *t, int pid, const char *group)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	snprintf(text, sizeof(text), "0::%s\n", group);
	testroot_write(t, path, text);
	snprintf(path, sizeof(path), "proc/%d/stat", pid);
	snprintf(text, sizeof(text),
		 "%d (x) S 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 9000 1 1 1 "
		 "0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 pid);
	testroot_write(t, path, text);
	snprintf(path, sizeof(path), "proc/%d/status", pid);
	testroot_write(t, path, "Name:\tx\nUid:\t0\t0\t0\t0\nCpus_allowed_list:\t0-3\n");
}

/* So many tasks want to run, and processors were busy and idle for so many ticks since the boot. */
static void set_load(const struct testroot *t, unsigned runnable, unsigned busy, unsigned idle)
{
	char text[512];
	size_t len = 0;

	for (int cpu = 0; cpu < 4; cpu++)
		len += snprintf(text + len, sizeof(text) - len, "cpu%d %u 0 0 %u 0 0 0 0 0 0\n",
				cpu, busy, idle);
	snprintf(text + len, sizeof(text) - len, "intr 1\nprocs_running %u\n", runnable);
	testroot_write(t, "proc/stat", text);
}

static int setup(void **state)
{
	const struct testroot *t = *state;
	unsigned line;

	rig_setup_stopped(state);
	assert_int_equal(fakemachine_make(t->fd, groups, &line), 0);
	make_process(t, CRON_PID, "/system.slice/cron.service");
	make_process(t, SHELL_PID, "/user.slice/user-1000.slice/session-3.scope");
	set_load(t, 1, 100, 1000);
	testroot_write(t, "proc/sys/kernel/random/boot_id",
		       "01234567-89ab-cdef-0123-456789abcdef\n");
	testunits_start(t);
	launch_writer(t);
	rig_start(t);
	return 0;
}

static void stop_probe(void);

static int teardown(void **state)
{
	stop_probe();
	end_writer(SIGKILL);
	testunits_stop();
	return rig_teardown(state);
}

/* ---- a probe that has a trigger alone ---- */

static pid_t probe;
static int trigger[2] = {-1, -1};

static void hand_over(int client, uint16_t kind, int fd)
{
	const struct probe_message message = {.magic = PROBE_MAGIC, .kind = kind};
	struct iovec part = {(void *)&message, sizeof(message)};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		struct cmsghdr *c = (struct cmsghdr *)control;

		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		*c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)),
				      .cmsg_level = SOL_SOCKET,
				      .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	if (sendmsg(client, &m, MSG_NOSIGNAL) < 0)
		_exit(1);
}

/* What is urgent on a socket makes it ready as a trigger is; it is so for a moment. */
static _Noreturn void serve_trigger(int listen_fd)
{
	int ends[2], client = accept(listen_fd, NULL, NULL);
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (client < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		_exit(1);
	hand_over(client, PROBE_PRESSURE, ends[0]);
	hand_over(client, PROBE_COMPLETE, -1);
	while (read(trigger[0], &byte, 1) == 1) {
		send(ends[1], "!", 1, MSG_OOB);
		usleep(5000);
		recv(ends[0], &byte, 1, MSG_OOB);
	}
	_exit(0);
}

static void start_probe(const struct testroot *t)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", &PROBE_SOCKET_PATH[1]);
	unlink(sa.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(pipe(trigger), 0);
	probe = fork();
	assert_true(probe >= 0);
	if (probe == 0)
		serve_trigger(fd);
	close(fd);
}

static void stop_probe(void)
{
	if (!probe)
		return;
	kill(probe, SIGKILL);
	waitpid(probe, NULL, 0);
	close(trigger[0]);
	close(trigger[1]);
	probe = 0;
}

/* ---- short words ---- */

static void take_control(struct client *c, uid_t uid)
{
	client_open(c, uid);
	assert_int_equal(client_code(c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
}

static int set_int(struct client *c, uint16_t operation, int value)
{
	return client_code(c, operation, &value, sizeof(value));
}

static int set_attrs(struct client *c, int threshold, int mask, int interval)
{
	const PWR_PROC_WattAttrs attrs = {threshold, mask, interval, {}};

	return client_code(c, WIRE_PROC_SET_WATT_ATTRS, &attrs, sizeof(attrs));
}

static int set_level(struct client *c, int level, pid_t pid)
{
	const int asked[] = {level, 1, pid};

	return client_code(c, WIRE_PROC_SET_GRID_LEVEL, asked, sizeof(asked));
}

static uint64_t wait_file(const char *path, const char *text)
{
	const uint64_t start = rig_now_ms(), hang = start + HANG_MS;

	while (strcmp(rig_file(path), text) != 0) {
		if (rig_now_ms() > hang)
			assert_string_equal(rig_file(path), text);
		usleep(1000);
	}
	return rig_now_ms() - start;
}

/* Idle for a second or two, as the daemon sees it. */
static void pack(const struct testroot *t, struct client *c)
{
	assert_int_equal(set_attrs(c, 85, 0, 1000), PWR_SUCCESS);
	assert_int_equal(set_int(c, WIRE_PROC_ADD_WATT_PROCS, CRON_PID), PWR_SUCCESS);
	assert_int_equal(set_int(c, WIRE_PROC_SET_WATT_STATE, 1), PWR_SUCCESS);
	set_load(t, 1, 101, 1400);
	wait_file(CRON, "0");
}

/* ---- tests ---- */

static void test_widens(void **state)
{
	const struct testroot *t = *state;
	struct client c;
	uint64_t ms;

	take_control(&c, TEST_CONTROLLER);
	pack(t, &c);
	set_load(t, 3, 110, 1400);
	ms = wait_file(CRON, "0-1");
	print_message("widened after %d ms\n", (int)ms);
	set_load(t, 9, 200, 1400);
	wait_file(CRON, "");
	assert_int_equal(client_code(&c, WIRE_COM_RELEASE_CONTROL, NULL, 0), PWR_SUCCESS);
	client_close(&c);
}

/* Told by the kernel, nobody looks in between; and when the probe is gone, it is looked at again.
 */
static void test_pressure(void **state)
{
	const struct testroot *t = *state;
	struct client c;
	uint64_t ms;

	start_probe(t);
	take_control(&c, TEST_CONTROLLER);
	pack(t, &c);
	assert_int_equal(set_attrs(&c, 0, 0, 3600000), PWR_SUCCESS);
	set_load(t, 3, 200, 1400);
	usleep(400000);
	assert_string_equal(rig_file(CRON), "0");
	assert_int_equal(write(trigger[1], "!", 1), 1);
	ms = wait_file(CRON, "0-1");
	print_message("widened after %d ms\n", (int)ms);
	/* It goes on looking for a while. */
	set_load(t, 9, 400, 1400);
	wait_file(CRON, "");
	client_close(&c);
	wait_file(CRON, "");
	take_control(&c, TEST_CONTROLLER);
	assert_int_equal(set_attrs(&c, 85, 0, 1000), PWR_SUCCESS);
	assert_int_equal(set_int(&c, WIRE_PROC_ADD_WATT_PROCS, CRON_PID), PWR_SUCCESS);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_WATT_STATE, 1), PWR_SUCCESS);
	set_load(t, 1, 401, 1900);
	wait_file(CRON, "0");
	stop_probe();
	set_load(t, 3, 500, 1900);
	wait_file(CRON, "0-1");
	client_close(&c);
}

static void test_release(void **state)
{
	struct client c;
	int on = 9;

	take_control(&c, TEST_CONTROLLER);
	pack(*state, &c);
	assert_int_equal(client_code(&c, WIRE_COM_RELEASE_CONTROL, NULL, 0), PWR_SUCCESS);
	wait_file(CRON, "");
	assert_int_equal(client_ask(&c, WIRE_PROC_GET_WATT_STATE, NULL, 0, &on, sizeof(on), NULL),
			 0);
	assert_int_equal(on, 0);
	client_close(&c);
}

static void test_client_gone(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	pack(*state, &c);
	client_close(&c);
	wait_file(CRON, "");
}

static void test_daemon_killed(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	pack(*state, &c);
	testrun_signal(SIGKILL);
	testrun_finish();
	wait_file(CRON, "");
	client_close(&c);
}

static void test_writer_killed(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	pack(*state, &c);
	end_writer(SIGKILL);
	client_expect_event(&c, PWR_COM_EVTTYPE_AUTH_RELEASED);
	assert_string_equal(rig_file(CRON), "0");
	launch_writer(*state);
	wait_file(CRON, "");
	client_close(&c);
}

/* A unit that was stopped meanwhile still has what systemd remembers of it; one that is gone has
 * not. */
static void test_unit_gone(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	pack(*state, &c);
	assert_int_equal(unlink(CRON_GROUP "cgroup.threads"), 0);
	assert_int_equal(rmdir(CRON_GROUP), 0);
	client_close(&c);
	wait_file(CRON, "");
}

static void test_disabled(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	pack(*state, &c);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_WATT_FIRST_DOMAIN, 2),
			 PWR_ERR_WATT_NEED_DISABLE_TO_SET_DOMAIN);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_WATT_STATE, 0), PWR_SUCCESS);
	wait_file(CRON, "");
	assert_int_equal(set_int(&c, WIRE_PROC_SET_WATT_FIRST_DOMAIN, 4), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_WATT_FIRST_DOMAIN, 2), PWR_SUCCESS);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_WATT_STATE, 1), PWR_SUCCESS);
	set_load(*state, 1, 102, 1900);
	wait_file(CRON, "2");
	assert_int_equal(set_int(&c, WIRE_PROC_DELETE_WATT_PROCS, CRON_PID), PWR_SUCCESS);
	wait_file(CRON, "");
	client_close(&c);
}

static void test_hotplug(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	pack(*state, &c);
	testroot_write(*state, "sys/devices/system/cpu/online", "2-3\n");
	wait_file(CRON, "2");
	testroot_write(*state, "sys/devices/system/cpu/online", "0-3\n");
	wait_file(CRON, "0");
	client_close(&c);
}

/* The process has ended, and another one has its id: its unit is let go. */
static void test_ended(void **state)
{
	pid_t pids[8] = {};
	struct client c;
	size_t len;

	take_control(&c, TEST_CONTROLLER);
	pack(*state, &c);
	assert_int_equal(unlink("proc/100/stat"), 0);
	wait_file(CRON, "");
	assert_int_equal(
		client_ask(&c, WIRE_PROC_GET_WATT_PROCS, NULL, 0, pids, sizeof(pids), &len), 0);
	assert_int_equal(len, 0);
	client_close(&c);
}

/* Who has chosen processors keeps them; a unit that was restricted is not given others. */
static void test_left_alone(void **state)
{
	struct client c;

	testroot_write(*state, "proc/120/status",
		       "Name:\tx\nUid:\t0\t0\t0\t0\nCpus_allowed_list:\t3\n");
	take_control(&c, TEST_CONTROLLER);
	assert_int_equal(set_int(&c, WIRE_PROC_ADD_WATT_PROCS, SHELL_PID), PWR_SUCCESS);
	pack(*state, &c);
	assert_string_equal(rig_file("units/session-3.scope"), "");
	client_close(&c);
	wait_file(CRON, "");
	/* Read back, it is settled; what comes now is somebody else's. */
	usleep(500000);
	testroot_write(*state, CRON, "2-3\n");
	testroot_write(*state, CRON_GROUP "cpuset.cpus", "2-3\n");
	testroot_write(*state, "proc/120/status",
		       "Name:\tx\nUid:\t0\t0\t0\t0\nCpus_allowed_list:\t0-3\n");
	take_control(&c, TEST_CONTROLLER);
	assert_int_equal(set_attrs(&c, 0, 0, 1000), PWR_SUCCESS);
	assert_int_equal(set_int(&c, WIRE_PROC_ADD_WATT_PROCS, CRON_PID), PWR_SUCCESS);
	assert_int_equal(set_int(&c, WIRE_PROC_ADD_WATT_PROCS, SHELL_PID), PWR_SUCCESS);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_WATT_STATE, 1), PWR_SUCCESS);
	set_load(*state, 1, 102, 2400);
	wait_file("units/session-3.scope", "0");
	assert_string_equal(rig_file(CRON), "2-3");
	client_close(&c);
}

/* The same for units that were started a moment ago, which no look at the machine has seen. */
static void test_young(void **state)
{
	static const char young[] =
		"sys/fs/cgroup/system.slice/chosen.service/cgroup.threads : 130\n"
		"sys/fs/cgroup/system.slice/bound.service/cgroup.threads : 140\n"
		"sys/fs/cgroup/system.slice/bound.service/cpuset.cpus : 2-3\n"
		"units/chosen.service = \n"
		"units/bound.service = 2-3\n";
	const struct testroot *t = *state;
	struct client c;
	unsigned line;

	take_control(&c, TEST_CONTROLLER);
	assert_int_equal(fakemachine_make(t->fd, young, &line), 0);
	make_process(t, 130, "/system.slice/chosen.service");
	make_process(t, 140, "/system.slice/bound.service/worker");
	testroot_write(t, "proc/130/status", "Name:\tx\nUid:\t0\t0\t0\t0\nCpus_allowed_list:\t3\n");
	assert_int_equal(set_int(&c, WIRE_PROC_ADD_WATT_PROCS, 130), PWR_SUCCESS);
	assert_int_equal(set_int(&c, WIRE_PROC_ADD_WATT_PROCS, 140), PWR_SUCCESS);
	pack(t, &c);
	assert_string_equal(rig_file("units/chosen.service"), "");
	assert_string_equal(rig_file("units/bound.service"), "2-3");
	client_close(&c);
}

static void test_grid(void **state)
{
	const PWR_PROC_SmartGridGov governors = {PWR_ENABLE, "performance", "powersave"},
				    odd = {PWR_ENABLE, "../../x", "powersave"};
	int procs[8] = {};
	const int one = 1;
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	assert_int_equal(set_level(&c, 0, CRON_PID), PWR_SUCCESS);
	assert_int_equal(set_level(&c, 1, SHELL_PID), PWR_SUCCESS);
	assert_int_equal(set_level(&c, 2, SHELL_PID), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_GRID_STATE, 1), PWR_SUCCESS);
	wait_file(CRON, "0-1");
	wait_file("units/session-3.scope", "2-3");
	assert_int_equal(client_code(&c, WIRE_PROC_SET_GRID_GOVERNOR, &odd, sizeof(odd)),
			 PWR_ERR_GOVERNOR_INVALIDE);
	assert_int_equal(
		client_code(&c, WIRE_PROC_SET_GRID_GOVERNOR, &governors, sizeof(governors)),
		PWR_SUCCESS);
	wait_file(POLICY0, "performance");
	wait_file(POLICY2, "powersave");
	assert_int_equal(client_ask(&c, WIRE_PROC_GET_GRID_PROCS, &one, sizeof(one), procs,
				    sizeof(procs), NULL),
			 PWR_SUCCESS);
	assert_int_equal(procs[1], 1);
	assert_int_equal(procs[2], SHELL_PID);
	client_close(&c);
	wait_file(CRON, "");
	wait_file("units/session-3.scope", "");
	wait_file(POLICY0, "ondemand");
	wait_file(POLICY2, "ondemand");
}

static void test_asked_wrong(void **state)
{
	const pid_t odd[] = {CRON_PID, 999999};
	PWR_PROC_WattAttrs attrs = {};
	struct client c;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_WATT_STATE, 1),
			 PWR_ERR_CONTROL_AUTH_NO_PERMISSION);
	client_close(&c);
	client_open(&c, TEST_CONTROLLER);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_WATT_STATE, 1), PWR_ERR_NOT_AUTHED);
	client_close(&c);
	take_control(&c, TEST_CONTROLLER);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_WATT_STATE, 2), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(client_code(&c, WIRE_PROC_ADD_WATT_PROCS, odd, sizeof(odd)),
			 PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(set_int(&c, WIRE_PROC_ADD_WATT_PROCS, 0), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(set_int(&c, WIRE_PROC_ADD_WATT_PROCS, -5), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(set_attrs(&c, 101, 0, 0), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(set_attrs(&c, -1, 0, 0), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(set_attrs(&c, 0, 16, 0), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(set_attrs(&c, 0, 0, 3600001), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(set_attrs(&c, 70, 3, 0), PWR_SUCCESS);
	assert_int_equal(
		client_ask(&c, WIRE_PROC_GET_WATT_ATTRS, NULL, 0, &attrs, sizeof(attrs), NULL), 0);
	assert_int_equal(attrs.scaleThreshold, 70);
	assert_int_equal(attrs.domainMask, 3);
	assert_int_equal(attrs.scaleInterval, 2000);
	client_close(&c);
}

/* It does not answer: others are served meanwhile, and everything goes on when it does again. */
static void test_silent(void **state)
{
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	testroot_write(*state, "units/silent", "\n");
	assert_int_equal(set_level(&c, 0, CRON_PID), PWR_SUCCESS);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_GRID_STATE, 1), PWR_SUCCESS);
	assert_int_equal(client_code(&c, WIRE_CPU_GET_FREQ_RANGE, NULL, 0), PWR_SUCCESS);
	usleep(2500000);
	assert_int_equal(unlink("units/silent"), 0);
	assert_int_equal(set_int(&c, WIRE_PROC_SET_GRID_STATE, 1), PWR_SUCCESS);
	wait_file(CRON, "0-1");
	client_close(&c);
	wait_file(CRON, "");
}

/* Services are there when their unit is installed; who starts them is an administrator with the
 * token. */
static void test_service(void **state)
{
	PWR_PROC_ServiceStatus status = {.name = PWR_PROC_SERVICE_EAGLE};
	PWR_PROC_ServiceState run = {PWR_PROC_SERVICE_EAGLE, PWR_SERVICE_START};
	struct client c;

	take_control(&c, TEST_CONTROLLER);
	assert_int_equal(client_code(&c, WIRE_PROC_GET_SERVICE, &status, sizeof(status)),
			 PWR_ERR_SERVICE_NOT_EXIST);
	assert_int_equal(client_code(&c, WIRE_PROC_SET_SERVICE, &run, sizeof(run)),
			 PWR_ERR_CONTROL_AUTH_NO_PERMISSION);
	client_close(&c);
	take_control(&c, 0);
	assert_int_equal(client_code(&c, WIRE_PROC_SET_SERVICE, &run, sizeof(run)),
			 PWR_ERR_SERVICE_NOT_EXIST);
	testroot_write(*state, "usr/lib/systemd/system/eagle.service", "[Service]\n");
	assert_int_equal(client_code(&c, WIRE_PROC_SET_SERVICE, &run, sizeof(run)), PWR_SUCCESS);
	wait_file("units/eagle.service.runs", "1");
	assert_int_equal(client_ask(&c, WIRE_PROC_GET_SERVICE, &status, sizeof(status), &status,
				    sizeof(status), NULL),
			 PWR_SUCCESS);
	assert_int_equal(status.status, PWR_PROC_SRV_ST_INACTIVE);
	run.state = PWR_SERVICE_STOP;
	assert_int_equal(client_code(&c, WIRE_PROC_SET_SERVICE, &run, sizeof(run)), PWR_SUCCESS);
	assert_int_equal(access("units/eagle.service.runs", F_OK), -1);
	run.name = 9;
	assert_int_equal(client_code(&c, WIRE_PROC_SET_SERVICE, &run, sizeof(run)),
			 PWR_ERR_INVALIDE_PARAM);
	client_close(&c);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_widens),	TEST(test_pressure),	  TEST(test_release),
		TEST(test_client_gone), TEST(test_daemon_killed), TEST(test_writer_killed),
		TEST(test_unit_gone),	TEST(test_disabled),	  TEST(test_hotplug),
		TEST(test_ended),	TEST(test_left_alone),	  TEST(test_young),
		TEST(test_grid),	TEST(test_asked_wrong),	  TEST(test_silent),
		TEST(test_service),
	};

	return cmocka_run_group_tests_name("pwrapis/sched", tests, testrun_setup_group,
					   testroot_teardown);
}
