/*
 * Process ids of other namespaces; see ownpid.h.
 */
#include "pwrapis/ownpid.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/parse.h"

/* Since Linux 6.5; not in older headers. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

enum { STATUS_MAX = 64 * 1024 };

/* The kernel writes a line end in a process's name as "\n" of two characters: no line is forged. */
int ownpid_parse(const char *text, pid_t *ret_pid)
{
	static const char key[] = "\nNSpid:";
	const char *p = strstr(text, key);
	uint64_t number = 0;

	if (!p)
		return -EBADMSG;
	for (p += strlen(key); *p == '\t';) {
		p++;
		if (parse_digits(&p, &number) < 0 || number > INT_MAX)
			return -EBADMSG;
	}
	if (!number || *p != '\n')
		return -EBADMSG;
	*ret_pid = number;
	return 0;
}

/* An older kernel tells the process of a number, which may be another one already. */
static int open_peer(int fd, pid_t pid, int *ret_pidfd)
{
	int pidfd = -1;
	socklen_t len = sizeof(pidfd);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) < 0) {
		if (errno != ENOPROTOOPT)
			return -errno;
		pidfd = syscall(SYS_pidfd_open, pid, 0);
	}
	if (pidfd < 0)
		return -errno;
	*ret_pidfd = pidfd;
	return 0;
}

static bool has_ended(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, 0) != 0;
}

/* That it has not ended behind the look shows that the number was its own at the look. */
int ownpid_read(int root_fd, int fd, pid_t pid, pid_t *ret_pid)
{
	_cleanup_close_ int pidfd = -1;
	_cleanup_free_ char *text = NULL;
	char path[32];
	pid_t own;
	int r = open_peer(fd, pid, &pidfd);

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	r = fs_read(root_fd, path, STATUS_MAX, &text, NULL);
	if (r == 0)
		r = ownpid_parse(text, &own);
	if (r < 0)
		return r;
	if (has_ended(pidfd))
		return -ESRCH;
	*ret_pid = own;
	return 0;
}
