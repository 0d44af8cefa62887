/*
 * Running one trial; see trial.h.
 */
#include "node/probe/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/def.h"
#include "base/io.h"
#include "base/time.h"

enum { REAP_TRIES = 100 };

/* Whether -EPERM says something about the kernel, or only about who asks. */
static bool privileged;

void trial_check_privileges(void)
{
	static const int needed[] = {CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_SYS_ADMIN};
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	privileged = syscall(SYS_capget, &header, data) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!(data[CAP_TO_INDEX(needed[i])].effective & CAP_TO_MASK(needed[i])))
			privileged = false;
}

static bool tells_nothing(int r)
{
	static const int ours[] = {ENOMEM, EMFILE, ENFILE, EINTR, EAGAIN, EBUSY, ENOSPC};

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (r == -ours[i])
			return true;
	return !privileged && (r == -EPERM || r == -EACCES);
}

void trial_failed(struct finding *f, int r, const char *step, ...)
{
	char text[FINDING_EVIDENCE_MAX];
	va_list args;

	va_start(args, step);
	vsnprintf(text, sizeof(text), step, args);
	va_end(args);
	/* The kernel's own code for "not supported", which a C library has no text for. */
	if (r == -524)
		r = -EOPNOTSUPP;
	finding_set(f, tells_nothing(r) ? POWER_UNKNOWN : POWER_NO, "%s: %s", text, strerror(-r));
	finding_list(f, ": ", strerror(-r));
}

static _Noreturn void run_child(const struct trial *t, int out)
{
	struct finding f = {};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	t->run(&f, t->data);
	/* Less than PIPE_BUF: it arrives whole or not at all. */
	_exit(io_write_all(out, &f, sizeof(f)) < 0);
}

/* 0, or what poll(2) and the pipe say: -ETIMEDOUT, -ENODATA when the child ended without a word. */
static int receive(int in, uint64_t limit_ns, struct finding *ret_finding)
{
	struct pollfd p = {.fd = in, .events = POLLIN};
	struct finding f;
	int n, r;

	do
		n = poll(&p, 1, limit_ns / NS_PER_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : -ETIMEDOUT;
	r = io_read_exact(in, &f, sizeof(f));
	if (r < 0)
		return r;
	f.detail[sizeof(f.detail) - 1] = f.evidence[sizeof(f.evidence) - 1] = '\0';
	if (f.state > POWER_NO)
		return -EPROTO;
	*ret_finding = f;
	return 0;
}

/* Whether the process has ended; it stays a zombie, so that its id is still its group's. */
static bool has_ended(pid_t pid)
{
	siginfo_t info = {};

	return waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* Ends the trial's process and what it has started; its wait status, or -1 when it does not end. */
static int reap(pid_t pid)
{
	static const struct timespec pause = {.tv_nsec = NS_PER_S / REAP_TRIES};
	int status, tries = 0;

	/* Having said its word, it gets a moment to end by itself. */
	while (!has_ended(pid) && tries++ < REAP_TRIES) {
		if (tries > 1)
			kill(pid, SIGKILL);
		nanosleep(&pause, NULL);
	}
	kill(-pid, SIGKILL);
	return waitpid(pid, &status, WNOHANG) == pid ? status : -1;
}

static void explain(struct finding *f, int r, int status, uint64_t limit_ns)
{
	*f = (struct finding){};
	if (r == -ETIMEDOUT)
		finding_set(f, POWER_UNKNOWN, "the trial had not ended after %.1f s%s",
			    (double)limit_ns / NS_PER_S,
			    status == -1 ? ", and could not be killed" : "");
	else if (status != -1 && WIFSIGNALED(status))
		finding_set(f, POWER_UNKNOWN, "the trial was ended by signal %d (%s)",
			    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		finding_set(f, POWER_UNKNOWN, "the trial ended without a result");
	finding_detail(f, "the trial failed");
}

void trial_run(const struct trial *t, uint64_t limit_ns, struct finding *ret_finding)
{
	_cleanup_close_ int in = -1, out = -1;
	int ends[2], status, r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		trial_failed(ret_finding, -errno, "making a pipe");
		return;
	}
	in = ends[0];
	out = ends[1];
	pid = fork();
	if (pid < 0) {
		trial_failed(ret_finding, -errno, "starting a process");
		return;
	}
	if (pid == 0)
		run_child(t, out);
	/* Here too: whoever is first. */
	setpgid(pid, pid);
	close(take_fd(&out));
	r = receive(in, limit_ns, ret_finding);
	status = reap(pid);
	if (r < 0)
		explain(ret_finding, r, status, limit_ns);
}
