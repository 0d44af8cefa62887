/*
 * flood PATH COUNT SECONDS: what a hostile local user can do to a service's socket.
 *
 * Opens COUNT connections to it and keeps them for SECONDS, each doing one of five things: sends
 * nothing, half a message, nesting without end, calls whose replies it never reads, or bytes that
 * are no message. A connection that the service closes is opened again. Prints how many were
 * opened. Linked statically, to run in any guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "base/def.h"
#include "base/parse.h"

enum { COUNT_MAX = 20000, NAP_MS = 20 };

static const char call[] = "{\"method\":\"org.varlink.service.GetInfo\"}";

/* One write that the service need not take: the socket does not block. */
static void write_some(int fd, const void *bytes, size_t len)
{
	if (write(fd, bytes, len) < 0)
		return;
}

static void say_nothing(int fd)
{
}

static void say_half(int fd)
{
	write_some(fd, call, sizeof(call) / 2);
}

static void say_nested(int fd)
{
	char deep[8192];

	memset(deep, '[', sizeof(deep));
	write_some(fd, deep, sizeof(deep));
}

static void say_much(int fd)
{
	for (int i = 0; i < 64; i++)
		write_some(fd, call, sizeof(call));
}

static void say_nonsense(int fd)
{
	static const char bytes[] = "GET / HTTP/1.1\r\n\r\n\xff\xfe{}";

	write_some(fd, bytes, sizeof(bytes));
}

static void (*const ways[])(int) = {
	say_nothing, say_half, say_nested, say_much, say_nonsense,
};

static int open_one(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

/* Whether the service has closed the connection. What it sends is never read. */
static bool is_closed(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};

	return poll(&p, 1, 0) > 0 && p.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

static size_t flood(const struct sockaddr_un *address, int *fds, size_t count)
{
	size_t opened = 0;

	for (size_t i = 0; i < count; i++) {
		if (fds[i] >= 0 && is_closed(fds[i]))
			close(take_fd(&fds[i]));
		if (fds[i] >= 0)
			continue;
		fds[i] = open_one(address);
		/* The queue is full: what waits there is answered first. */
		if (fds[i] == -EAGAIN)
			break;
		if (fds[i] < 0)
			continue;
		ways[i % ARRAY_SIZE(ways)](fds[i]);
		opened++;
	}
	return opened;
}

static uint64_t now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static int run(const char *path, size_t count, uint64_t seconds)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * 1000000};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_free_ int *fds = malloc(count * sizeof(*fds));
	const uint64_t end_s = now_s() + seconds;
	size_t opened = 0;

	if (!fds)
		return -ENOMEM;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	memset(fds, -1, count * sizeof(*fds));
	while (now_s() < end_s) {
		opened += flood(&address, fds, count);
		nanosleep(&nap, NULL);
	}
	printf("%zu\n", opened);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count, seconds;
	int r;

	if (argc != 4 || parse_u64(argv[2], 1, COUNT_MAX, &count) < 0 ||
	    parse_u64(argv[3], 1, 600, &seconds) < 0) {
		fprintf(stderr, "usage: flood PATH COUNT SECONDS\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){count + 64, count + 64}) < 0)
		fprintf(stderr, "flood: %s\n", strerror(errno));
	r = run(argv[1], count, seconds);
	if (r < 0)
		fprintf(stderr, "flood: %s\n", strerror(-r));
	return r < 0;
}
