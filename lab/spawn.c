/*
 * Starting processes; see spawn.h.
 *
 * A child tells the errno of a failed exec through a pipe that a successful exec closes.
 */
#include "lab/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/io.h"

static const char *const default_env[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	"USER=root",
	"LOGNAME=root",
	"SHELL=/bin/sh",
	"TERM=dumb",
	"LANG=C.UTF-8",
};

/* A new process starts from the defaults, whatever its parent had blocked or ignored. */
static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Moves three descriptors to 0, 1 and 2, in whatever order they come. */
static int set_stdio(const int fds[3])
{
	int high[3];

	for (int i = 0; i < 3; i++) {
		high[i] = fds[i] < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : fds[i];
		high[i] = fcntl(high[i], F_DUPFD_CLOEXEC, 3);
		if (high[i] < 0)
			return -errno;
	}
	for (int i = 0; i < 3; i++)
		if (dup2(high[i], i) < 0)
			return -errno;
	return 0;
}

static _Noreturn void report(int fd, int error)
{
	io_write_all(fd, &error, sizeof(error));
	_exit(127);
}

/* What the child has to tell: 0 once it has become the command. */
static int read_report(int fd, pid_t pid)
{
	int error, r = io_read_exact(fd, &error, sizeof(error));

	if (r == -ENODATA)
		return 0;
	waitpid(pid, NULL, 0);
	return r < 0 ? r : -error;
}

/*
 * Forks. The child becomes a program by @become, which reports what keeps it from that and never
 * returns; what it reported is the result here.
 */
static int start(void (*become)(const void *program, int report_fd), const void *program,
		 pid_t *ret_pid)
{
	_cleanup_close_ int told = -1;
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	told = ends[0];
	pid = fork();
	if (pid == 0)
		become(program, ends[1]);
	r = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (r == 0)
		r = read_report(told, pid);
	if (r == 0)
		*ret_pid = pid;
	return r;
}

static void set_environment(const struct lab_exec *e)
{
	clearenv();
	for (size_t i = 0; i < ARRAY_SIZE(default_env); i++)
		putenv((char *)default_env[i]);
	for (size_t i = 0; e->env && e->env[i]; i++)
		putenv(e->env[i]);
}

/* The agent is kept from the out-of-memory killer; its commands are not. */
static void reset_oom_score(void)
{
	_cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		io_write_all(fd, "0", 1);
}

struct command {
	const struct lab_exec *exec;
	const int *stdio;
};

static void become_command(const void *program, int report_fd)
{
	const struct command *command = program;
	const struct lab_exec *e = command->exec;
	int r;

	reset_signals();
	setsid();
	r = set_stdio(command->stdio);
	if (r < 0)
		report(report_fd, -r);
	reset_oom_score();
	set_environment(e);
	if (e->cwd && *e->cwd) {
		if (chdir(e->cwd) < 0)
			report(report_fd, errno);
	} else if (chdir("/root") < 0 && chdir("/") < 0) {
		report(report_fd, errno);
	}
	execvp(e->argv[0], e->argv);
	report(report_fd, errno);
}

struct pipes {
	int ours[3], theirs[3];
};

static void pipes_deinit(struct pipes *p)
{
	for (int i = 0; i < 3; i++) {
		cleanup_close_p(&p->ours[i]);
		cleanup_close_p(&p->theirs[i]);
	}
}

static int pipes_init(struct pipes *p)
{
	for (int i = 0; i < 3; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			return -errno;
		p->ours[i] = ends[i == 0];
		p->theirs[i] = ends[i != 0];
		if (fcntl(p->ours[i], F_SETFL, O_NONBLOCK) < 0)
			return -errno;
	}
	return 0;
}

int spawn_command(const struct lab_exec *e, int ret_fds[LAB_CHANNEL_COUNT], pid_t *ret_pid)
{
	_cleanup_(pipes_deinit) struct pipes p = {{-1, -1, -1}, {-1, -1, -1}};
	int r = pipes_init(&p);

	if (r == 0)
		r = start(become_command, &(struct command){e, p.theirs}, ret_pid);
	if (r < 0)
		return r;
	for (int i = 0; i < LAB_CHANNEL_COUNT; i++)
		ret_fds[i] = take_fd(&p.ours[i]);
	return 0;
}

struct helper {
	const struct spawn_helper *what;
	pid_t parent;
};

static void become_helper(const void *program, int report_fd)
{
	const struct helper *helper = program;
	const struct spawn_helper *h = helper->what;
	int r;

	reset_signals();
	/* A group of its own: a Ctrl-C at the terminal is ours to handle. */
	setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		report(report_fd, errno);
	if (getppid() != helper->parent)
		_exit(127);
	r = set_stdio(h->stdio);
	if (r < 0)
		report(report_fd, -r);
	for (int i = 0; i < SPAWN_KEEP_MAX; i++)
		if (h->keep[i] >= 0 && fcntl(h->keep[i], F_SETFD, 0) < 0)
			report(report_fd, errno);
	execvp(h->argv[0], (char *const *)h->argv);
	report(report_fd, errno);
}

int spawn_helper(const struct spawn_helper *h, pid_t *ret_pid)
{
	return start(become_helper, &(struct helper){h, getpid()}, ret_pid);
}

int spawn_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
