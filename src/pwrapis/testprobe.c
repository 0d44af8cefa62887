/*
 * A probe that injects counters; see testprobe.h.
 */
#include "pwrapis/testprobe.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/probeproto.h"

enum { CPUS = 2, CYCLES_A_MS = 1000, STEP_MS = 50 };

static pid_t pid;

static void hand_over(int fd, struct probe_message message, int counter, unsigned count)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(PROBE_FDS_MAX * sizeof(int))];
	} control = {.head = {.cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS,
			      .cmsg_len = CMSG_LEN(count * sizeof(int))}};
	struct iovec iov = {&message, sizeof(message)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	int fds[PROBE_FDS_MAX];

	message.magic = PROBE_MAGIC;
	for (unsigned i = 0; i < count; i++)
		fds[i] = counter;
	if (count) {
		memcpy(CMSG_DATA(&control.head), fds, count * sizeof(int));
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
	}
	TESTROOT_CHECK(sendmsg(fd, &m, 0) == sizeof(message));
}

static void write_counts(int fd, int cpu, uint64_t ms, unsigned count)
{
	uint64_t cycles = ms * CYCLES_A_MS;
	struct probe_counts c = {
		.count = count,
		.enabled_ns = ms * NS_PER_MS,
		.running_ns = ms * NS_PER_MS,
		.numbers = {cycles, cpu == 0 ? cycles * 2 : cycles / 2, ms * 100, ms * 10},
	};

	TESTROOT_CHECK(pwrite(fd, &c, offsetof(struct probe_counts, numbers) + count * 8, 0) > 0);
}

static _Noreturn void serve(int listen_fd, unsigned count)
{
	int fds[CPUS], client;
	uint64_t ms = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int cpu = 0; cpu < CPUS; cpu++) {
		fds[cpu] = memfd_create("injected", MFD_CLOEXEC);
		write_counts(fds[cpu], cpu, ms, count);
	}
	client = accept(listen_fd, NULL, NULL);
	for (int cpu = 0; cpu < CPUS; cpu++)
		hand_over(client,
			  (struct probe_message){.kind = PROBE_COUNTERS,
						 .flags = PROBE_INJECTED,
						 .cpu = cpu,
						 .counters = (1U << count) - 1},
			  fds[cpu], count);
	hand_over(client, (struct probe_message){.kind = PROBE_PRESSURE, .error = -2}, 0, 0);
	hand_over(client, (struct probe_message){.kind = PROBE_ENDS, .error = -1}, 0, 0);
	hand_over(client, (struct probe_message){.kind = PROBE_COMPLETE}, 0, 0);
	for (;; ms += STEP_MS) {
		for (int cpu = 0; cpu < CPUS; cpu++)
			write_counts(fds[cpu], cpu, ms, count);
		nanosleep(&(struct timespec){.tv_nsec = STEP_MS * NS_PER_MS}, NULL);
	}
}

void testprobe_start(const struct testroot *t, bool misses)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	testroot_write(t, "run/leonhard/here", "");
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s%s", t->path, PROBE_SOCKET_PATH);
	unlink(sa.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 4), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		serve(fd, misses ? PROBE_COUNTER_KINDS : 2);
}

void testprobe_stop(void)
{
	if (!pid)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	pid = 0;
}
