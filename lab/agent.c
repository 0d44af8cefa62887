/*
 * lab-agent: runs the host's commands inside a guest of the lab.
 *
 *	lab-agent		serves the virtio-serial port; the first process sets the guest up
 *	lab-agent --fd N	serves a connected descriptor, for tests
 *
 * One thread, one loop. The host is trusted, being able to do anything to its guest; still every
 * frame is checked. When the host hangs up the guest has no reason left, and powers off.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/parse.h"
#include "lab/init.h"
#include "lab/job.h"
#include "lab/port.h"

enum { PORT_TIMEOUT_MS = 30000 };

struct agent {
	struct link link;
	struct job *jobs[LAB_STREAM_COUNT_MAX];
	int signal_fd;
};

static struct job **find_slot(struct agent *a, uint16_t stream)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->jobs); i++)
		if (stream ? a->jobs[i] && a->jobs[i]->stream == stream : !a->jobs[i])
			return &a->jobs[i];
	return NULL;
}

static int on_frame(void *data, const struct lab_frame *f)
{
	struct agent *a = data;
	struct job **slot = find_slot(a, f->stream);
	int r;

	/* The end of the service in either case. */
	if (f->type == LAB_POWEROFF)
		return -ECONNRESET;
	if (slot)
		return job_handle(*slot, f);
	/* The host may not know yet that the command has ended. */
	if (f->type != LAB_EXEC)
		return 0;
	slot = find_slot(a, 0);
	if (!slot)
		return -EPROTO;
	r = job_new(&a->link, f->stream, slot);
	return r < 0 ? r : job_handle(*slot, f);
}

static void on_child(struct agent *a, pid_t pid, int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->jobs); i++)
		if (a->jobs[i] && !a->jobs[i]->exited && a->jobs[i]->pid == pid)
			job_exited(a->jobs[i], status);
}

static int on_signal(void *data, short revents)
{
	struct agent *a = data;
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(a->signal_fd, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		on_child(a, pid, status);
	return 0;
}

static int finish_jobs(struct agent *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->jobs); i++) {
		bool done = false;
		int r = a->jobs[i] ? job_finish(a->jobs[i], &done) : 0;

		if (r < 0)
			return r;
		if (done) {
			job_free(a->jobs[i]);
			a->jobs[i] = NULL;
		}
	}
	return link_flush(&a->link);
}

static int turn(struct agent *a)
{
	static struct pollset ps;
	int r;

	pollset_init(&ps);
	pollset_add(&ps, a->signal_fd, POLLIN, on_signal, a);
	link_poll(&a->link, &ps);
	for (size_t i = 0; i < ARRAY_SIZE(a->jobs); i++)
		if (a->jobs[i])
			job_poll(a->jobs[i], &ps);
	r = pollset_turn(&ps, -1);
	return r < 0 ? r : finish_jobs(a);
}

static void agent_deinit(struct agent *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->jobs); i++)
		job_free(a->jobs[i]);
	cleanup_close_p(&a->signal_fd);
	link_deinit(&a->link);
}

/* SIGCHLD is read from a descriptor; writing to a command that is gone is an error, not a death. */
static int open_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Serves until the host hangs up, breaks the protocol or asks for the machine to go. */
static int serve(struct agent *a, int fd)
{
	int r = link_init(&a->link, fd, LAB_HOST, on_frame, a);

	if (r < 0)
		return r;
	a->signal_fd = open_signals();
	if (a->signal_fd < 0)
		return -errno;
	r = link_send_u32(&a->link, LAB_HELLO, 0, 0, LAB_VERSION);
	if (r == 0)
		r = link_flush(&a->link);
	while (r == 0)
		r = turn(a);
	return r == -ECONNRESET ? 0 : r;
}

static int open_connection(int argc, char **argv, int *ret_fd)
{
	uint64_t fd;
	int r;

	if (argc == 1)
		return port_open(LAB_PORT_NAME, PORT_TIMEOUT_MS, ret_fd);
	if (argc != 3 || strcmp(argv[1], "--fd") != 0)
		return -EINVAL;
	r = parse_u64(argv[2], 0, INT32_MAX, &fd);
	if (r == 0)
		*ret_fd = fd;
	return r;
}

int main(int argc, char **argv)
{
	static struct agent agent = {.signal_fd = -1, .link.fd = -1};
	bool guest;
	int fd, r;

	/* The kernel hands its unknown arguments to the first process. */
	if (getpid() == 1) {
		argc = 1;
		init_setup();
	}
	guest = argc == 1;
	r = open_connection(argc, argv, &fd);
	if (r == 0)
		r = serve(&agent, fd);
	if (r < 0)
		fprintf(stderr, "lab-agent: %s\n", strerror(-r));
	/* A service that failed is left to systemd, which powers the guest off with its log kept.
	 */
	if (guest && (r == 0 || getpid() == 1))
		init_poweroff();
	agent_deinit(&agent);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
