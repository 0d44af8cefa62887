/*
 * What another program has to say; see child.h.
 */
#include "leo/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"

/* In a group of its own, so that what it starts can be killed with it. */
static int attributes(posix_spawnattr_t *a)
{
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGINT);
	r = -posix_spawnattr_setsigdefault(a, &set);
	if (r == 0)
		r = -posix_spawnattr_setpgroup(a, 0);
	if (r == 0)
		r = -posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	return r;
}

static int actions_for(posix_spawn_file_actions_t *f, int out)
{
	int r = -posix_spawn_file_actions_addopen(f, STDIN_FILENO, "/dev/null", O_RDWR, 0);

	if (r == 0)
		r = -posix_spawn_file_actions_adddup2(f, out, STDOUT_FILENO);
	if (r == 0)
		r = -posix_spawn_file_actions_adddup2(f, STDIN_FILENO, STDERR_FILENO);
	if (r == 0)
		r = -posix_spawn_file_actions_addclosefrom_np(f, STDERR_FILENO + 1);
	return r;
}

/* posix_spawn() and its helpers return positive error numbers. */
static int start(const char *const argv[], int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int r = -posix_spawn_file_actions_init(&files);

	if (r < 0)
		return r;
	r = -posix_spawnattr_init(&attr);
	if (r == 0) {
		r = attributes(&attr);
		if (r == 0)
			r = actions_for(&files, out);
		if (r == 0)
			r = -posix_spawnp(ret_pid, argv[0], &files, &attr, (char *const *)argv,
					  environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&files);
	return r;
}

/* Milliseconds until @end_ns, rounded up so that nothing spins; 0 when it is past. */
static int left_ms(uint64_t end_ns)
{
	uint64_t now = time_now_ns(CLOCK_MONOTONIC);

	return now >= end_ns ? 0 : (end_ns - now + NS_PER_MS - 1) / NS_PER_MS;
}

/* Waits until there is something to read: 0, -ETIMEDOUT, -EINTR. */
static int wait_readable(int fd, uint64_t end_ns)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n = poll(&p, 1, left_ms(end_ns));

	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

/* Reads to the end of the pipe, which comes when the program and all it has started are gone. */
static int read_all(int fd, uint64_t end_ns, size_t max, struct strbuf *b)
{
	for (;;) {
		char bytes[4096];
		ssize_t n;
		int r = wait_readable(fd, end_ns);

		if (r < 0)
			return r;
		n = read(fd, bytes, sizeof(bytes));
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (b->len + n > max)
			return -EFBIG;
		r = strbuf_add(b, bytes, n);
		if (r < 0)
			return r;
	}
}

/* A program can close its output and live on: the deadline holds for its end, too. */
static int wait_end(pid_t pid, uint64_t end_ns, int *ret_status)
{
	int r;

	for (;;) {
		r = waitpid(pid, ret_status, WNOHANG);
		if (r != 0)
			return r < 0 ? -errno : 0;
		if (left_ms(end_ns) == 0)
			return -ETIMEDOUT;
		if (poll(NULL, 0, 5) < 0)
			return -errno;
	}
}

static void kill_all(pid_t pid)
{
	kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int child_read(const char *const argv[], int timeout_ms, size_t max, char **ret_text,
	       int *ret_status)
{
	uint64_t end_ns = time_now_ns(CLOCK_MONOTONIC) + timeout_ms * NS_PER_MS;
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	_cleanup_close_ int from = -1, to = -1;
	int ends[2], status = 0, r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	from = ends[0];
	to = ends[1];
	r = start(argv, to, &pid);
	if (r < 0)
		return r;
	close(take_fd(&to));
	r = read_all(from, end_ns, max, &b);
	if (r == 0)
		r = wait_end(pid, end_ns, &status);
	if (r < 0) {
		kill_all(pid);
		return r;
	}
	r = strbuf_steal(&b, ret_text);
	if (r == 0)
		*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return r;
}
