/*
 * What the tests stand on; see testpwrapis.h.
 */
#include "pwrapis/testpwrapis.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/testrun.h"
#include "base/time.h"
#include "pwrapis/machine/fakemachine.h"

#define SOCKET "etc/sysconfig/pwrapis/pwrserver.sock"

enum { HANG_MS = 30 * 1000 };

static const char machine_text[] =
	"proc/cpuinfo = processor\\t: 0\\nmodel name\\t: Test CPU\n"
	"proc/10/comm = daemon\n"
	"proc/10/cmdline = /usr/sbin/daemon\\x00--quick\\x00\\c\n"
	"proc/11/comm = kthread\n"
	"proc/11/cmdline = \\c\n"
	"proc/12/comm = worker\n"
	"proc/12/cmdline = worker\\x00\\c\n"
	"sys/devices/system/cpu/present : 0-3\n"
	"sys/devices/system/cpu/online : 0-3\n"
	"sys/devices/system/cpu/cpu{0-3}/topology/physical_package_id : 0\n"
	"sys/devices/system/cpu/cpu{0-3}/topology/core_id : {}\n"
	"sys/devices/system/cpu/cpu{0-3}/topology/thread_siblings_list : {}\n"
	"sys/devices/system/node/online : 0\n"
	"sys/devices/system/node/node0/cpulist : 0-3\n"
	"sys/devices/system/cpu/cpufreq/policy0/affected_cpus : 0 1\n"
	"sys/devices/system/cpu/cpufreq/policy0/related_cpus : 0 1\n"
	"sys/devices/system/cpu/cpufreq/policy2/affected_cpus : 2 3\n"
	"sys/devices/system/cpu/cpufreq/policy2/related_cpus : 2 3\n"
	"sys/devices/system/cpu/cpufreq/ondemand/up_threshold = 95\n"
	"sys/devices/system/cpu/cpufreq/ondemand/sampling_rate = 10000\n"
	"sys/devices/system/cpu/cpuidle/current_driver : acpi_idle\n"
	"sys/devices/system/cpu/cpuidle/current_governor = menu\n"
	"sys/devices/system/cpu/cpuidle/available_governors : ladder menu teo\n"
	"sys/devices/system/cpu/cpu{0-3}/cpuidle/state0/name : POLL\n"
	"sys/devices/system/cpu/cpu{0-3}/cpuidle/state0/latency : 0\n"
	"sys/devices/system/cpu/cpu{0-3}/cpuidle/state0/disable = 0\n"
	"sys/devices/system/cpu/cpu{0-3}/cpuidle/state1/name : C1\n"
	"sys/devices/system/cpu/cpu{0-3}/cpuidle/state1/latency : 2\n"
	"sys/devices/system/cpu/cpu{0-3}/cpuidle/state1/disable = 0\n";

/* What each of two policies has, with its number for %d. */
static const char policy_text[] =
	"sys/devices/system/cpu/cpufreq/policy%1$d/scaling_driver : acpi-cpufreq\n"
	"sys/devices/system/cpu/cpufreq/policy%1$d/scaling_governor = ondemand\n"
	"sys/devices/system/cpu/cpufreq/policy%1$d/scaling_available_governors : "
	"ondemand userspace powersave performance\n"
	"sys/devices/system/cpu/cpufreq/policy%1$d/scaling_cur_freq : 1500000\n"
	"sys/devices/system/cpu/cpufreq/policy%1$d/scaling_setspeed = <unsupported>\n"
	"sys/devices/system/cpu/cpufreq/policy%1$d/scaling_min_freq = 1200000\n"
	"sys/devices/system/cpu/cpufreq/policy%1$d/scaling_max_freq = 3000000\n"
	"sys/devices/system/cpu/cpufreq/policy%1$d/cpuinfo_min_freq : 1200000\n"
	"sys/devices/system/cpu/cpufreq/policy%1$d/cpuinfo_max_freq : 3000000\n";

static void make_machine(const struct testroot *t)
{
	char text[sizeof(machine_text) + 2 * sizeof(policy_text)];
	unsigned line;
	int n = snprintf(text, sizeof(text), "%s", machine_text);

	n += snprintf(text + n, sizeof(text) - n, policy_text, 0);
	snprintf(text + n, sizeof(text) - n, policy_text, 2);
	assert_int_equal(fakemachine_make(t->fd, text, &line), 0);
}

void rig_processors(const struct testroot *t, unsigned busy, unsigned idle)
{
	_cleanup_free_ char *text = NULL;

	assert_true(asprintf(&text,
			     "cpu  %u 0 0 %u 0 0 0 0 0 0\ncpu0 %u 0 0 %u 0 0 0 0 0 0\n"
			     "cpu1 %u 0 0 %u 0 0 0 0 0 0\ncpu2 %u 0 0 %u 0 0 0 0 0 0\n"
			     "cpu3 %u 0 0 %u 0 0 0 0 0 0\nintr 1\n",
			     4 * busy, 4 * idle, busy, idle, busy, idle, busy, idle, busy,
			     idle) > 0);
	testroot_write(t, "proc/stat", text);
}

static void write_accounts(const struct testroot *t)
{
	testroot_write(t, "etc/passwd",
		       "root:x:0:0::/:/bin/sh\nagent:x:12348:12348::/:/bin/sh\n"
		       "eagle:x:12349:12349::/:/bin/sh\n");
	testroot_write(t, "etc/group", "root:x:0:\n");
	testroot_write(t, "etc/leonhard/access.conf",
		       "[observe]\nusers = 12345\n[control]\nusers = 12346 12347 eagle\n");
}

void rig_config(const struct testroot *t, const char *text)
{
	testroot_write(t, "etc/leonhard/pwrapis.conf", text);
}

static pid_t daemon_pid;

int rig_setup_stopped(void **state)
{
	const struct testroot *t = *state;

	testroot_clear(t);
	make_machine(t);
	rig_processors(t, 25, 225);
	write_accounts(t);
	return 0;
}

pid_t rig_start(const struct testroot *t)
{
	daemon_pid = testrun_launch_ready(t);
	return daemon_pid;
}

int rig_setup(void **state)
{
	rig_setup_stopped(state);
	rig_start(*state);
	return 0;
}

int rig_teardown(void **state)
{
	writer_stop();
	return testrun_teardown(state);
}

unsigned rig_fd_count(void)
{
	_cleanup_closedir_ DIR *dir = NULL;
	char path[64];
	unsigned count = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", daemon_pid);
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir))
		count++;
	return count - 2;
}

uint64_t rig_now_ms(void)
{
	return time_now_ns(CLOCK_MONOTONIC) / NS_PER_MS;
}

const char *rig_file(const char *path)
{
	static char line[256];
	_cleanup_fclose_ FILE *f = fopen(path, "re");

	assert_non_null(f);
	if (!fgets(line, sizeof(line), f))
		*line = '\0';
	line[strcspn(line, "\n")] = '\0';
	return line;
}

void rig_expect_file(const char *path, const char *text)
{
	const uint64_t hang = rig_now_ms() + HANG_MS;

	while (strcmp(rig_file(path), text) != 0) {
		if (rig_now_ms() > hang)
			assert_string_equal(rig_file(path), text);
		usleep(1000);
	}
}

/* ---- clients ---- */

/* The kernel notes who connects, by the ids in effect. */
void client_open(struct client *c, uid_t uid)
{
	const struct sockaddr_un sa = {.sun_family = AF_UNIX, .sun_path = SOCKET};
	const struct timeval hang = {.tv_sec = HANG_MS / 1000};
	int r;

	if (uid && geteuid() != 0)
		skip();
	*c = (struct client){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	c->pid = getpid();
	assert_true(c->fd >= 0);
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &hang, sizeof(hang));
	assert_int_equal(setegid(uid), 0);
	assert_int_equal(seteuid(uid), 0);
	r = connect(c->fd, (const struct sockaddr *)&sa, sizeof(sa));
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(0), 0);
	assert_int_equal(r, 0);
}

void client_close(struct client *c)
{
	close(take_fd(&c->fd));
}

void client_send(struct client *c, const void *bytes, size_t len)
{
	assert_int_equal(send(c->fd, bytes, len, MSG_NOSIGNAL), len);
}

uint32_t client_request(struct client *c, uint16_t operation, const void *data, uint32_t len)
{
	const struct wire_head head = {
		.major = WIRE_MAJOR,
		.minor = WIRE_MINOR,
		.operation = operation,
		.type = WIRE_REQUEST,
		.sequence = ++c->sequence,
		.data_bytes = len,
		.system = c->pid,
		.pointer = UINT64_MAX,
	};

	client_send(c, &head, sizeof(head));
	if (len)
		client_send(c, data, len);
	return head.sequence;
}

static struct wire_head read_any(struct client *c, void *data, size_t room)
{
	struct wire_head head;

	assert_int_equal(io_read_exact(c->fd, &head, sizeof(head)), 0);
	assert_int_equal(head.major, WIRE_MAJOR);
	assert_int_equal(head.pointer, 0);
	if (head.data_bytes > room)
		fail_msg("%u bytes of data", head.data_bytes);
	assert_int_equal(io_read_exact(c->fd, data, head.data_bytes), 0);
	return head;
}

/* A governor that has changed is told at any time. */
struct wire_head client_read(struct client *c, void *data, size_t room)
{
	struct wire_head head;

	do
		head = read_any(c, data, room);
	while (head.type == WIRE_EVENT && room >= sizeof(PWR_COM_EventInfo) && !c->all_events &&
	       ((const PWR_COM_EventInfo *)data)->eventType == PWR_COM_EVTTYPE_CPUFREQ_GOV_CHANGED);
	return head;
}

int client_ask(struct client *c, uint16_t operation, const void *data, uint32_t len, void *reply,
	       size_t room, size_t *ret_len)
{
	uint32_t sequence = client_request(c, operation, data, len);
	struct wire_head head = client_read(c, reply, room);

	assert_int_equal(head.type, WIRE_REPLY);
	assert_int_equal(head.operation, operation);
	assert_int_equal(head.sequence, sequence);
	if (ret_len)
		*ret_len = head.data_bytes;
	return head.result;
}

int client_code(struct client *c, uint16_t operation, const void *data, uint32_t len)
{
	char reply[65536];

	return client_ask(c, operation, data, len, reply, sizeof(reply), NULL);
}

void client_expect_end(struct client *c)
{
	char byte;

	ssize_t n = recv(c->fd, &byte, 1, 0);

	assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
}

bool client_is_silent(struct client *c, int for_ms)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};

	return poll(&p, 1, for_ms) == 0;
}

const char *client_expect_event(struct client *c, int type)
{
	static struct {
		PWR_COM_EventInfo info;
		char text[256];
	} event;
	struct wire_head head;

	memset(&event, 0, sizeof(event));
	head = client_read(c, &event, sizeof(event) - 1);
	assert_int_equal(head.type, WIRE_EVENT);
	assert_int_equal(head.operation, WIRE_COM_EVENT);
	assert_int_equal(event.info.eventType, type);
	return event.text;
}
