/*
 * What another program has to say; see child.h.
 */
#include "leo/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/start.h"

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
	r = start_program(&(struct start){.argv = argv, .in = -1, .out = to, .apart = true}, &pid);
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
