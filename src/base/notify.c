/*
 * Telling the service manager how it goes; see notify.h.
 */
#include "base/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/time.h"

/* "/PATH", or "@NAME" for a socket in the abstract namespace, whose name begins with a NUL. */
static int parse_address(const char *text, struct sockaddr_un *ret_sa, socklen_t *ret_len)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	size_t len = strlen(text);

	if ((*text != '/' && *text != '@') || len < 2)
		return -EAFNOSUPPORT;
	/* Neither kind needs a NUL behind it: the length says where the name ends. */
	if (len > sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, text, len);
	if (*text == '@')
		sa.sun_path[0] = '\0';
	*ret_sa = sa;
	*ret_len = offsetof(struct sockaddr_un, sun_path) + len;
	return 0;
}

/* One datagram. A manager that has crashed keeps its socket: it is not waited for without end. */
static int send_to(const struct sockaddr_un *sa, socklen_t sa_len, const char *text)
{
	const struct timeval patience = {.tv_sec = 1};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t n;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return -errno;
	do
		n = sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const void *)sa, sa_len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int notify_send(const char *assignments)
{
	const char *text = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa;
	socklen_t len;
	int r;

	if (!text || !*text)
		return 0;
	r = parse_address(text, &sa, &len);
	return r < 0 ? r : send_to(&sa, len, assignments);
}

int notify_ready(void)
{
	return notify_send("READY=1");
}

/* The manager waits for a READY=1 that is younger than this time. */
int notify_reloading(void)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%ju",
		 (uintmax_t)(time_now_ns(CLOCK_MONOTONIC) / NS_PER_US));
	return notify_send(text);
}

int notify_stopping(void)
{
	return notify_send("STOPPING=1");
}

static int get_number(const char *variable, uint64_t min, uint64_t max, uint64_t *ret_value)
{
	const char *text = getenv(variable);

	return text ? parse_u64(text, min, max, ret_value) : -ENOENT;
}

/* The variables reach the children of a service too: they name the process that is meant. */
static int is_for_us(const char *variable)
{
	uint64_t pid;
	int r = get_number(variable, 1, INT_MAX, &pid);

	return r < 0 ? r : pid == (uint64_t)getpid();
}

uint64_t notify_watchdog_interval_ns(void)
{
	uint64_t us;
	int r = is_for_us("WATCHDOG_PID");

	/* Without a process id it is for whoever has the variable. */
	if (r != 1 && r != -ENOENT)
		return 0;
	if (get_number("WATCHDOG_USEC", 2, UINT64_MAX / NS_PER_US, &us) < 0)
		return 0;
	return us * NS_PER_US / 2;
}

static int set_cloexec(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0 ? -errno : 0;
}

static int take_fds(void)
{
	uint64_t count;
	int r = is_for_us("LISTEN_PID");

	if (r == -ENOENT || r == 0)
		return 0;
	if (r < 0)
		return r;
	r = get_number("LISTEN_FDS", 0, INT_MAX - NOTIFY_LISTEN_FDS_START, &count);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (int i = 0; i < (int)count; i++) {
		r = set_cloexec(NOTIFY_LISTEN_FDS_START + i);
		if (r < 0)
			return r;
	}
	return count;
}

int notify_listen_fds(void)
{
	int r = take_fds();

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return r;
}
