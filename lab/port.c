/*
 * The guest's end of the connection; see port.h.
 */
#include "lab/port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/def.h"
#include "base/io.h"

#define PORTS "/sys/class/virtio-ports"

enum { NAP_MS = 2 };

static bool is_named(int dirfd, const char *entry, const char *name)
{
	_cleanup_free_ char *path = NULL, *text = NULL;

	if (entry[0] == '.' || asprintf(&path, "%s/name", entry) < 0)
		return false;
	if (io_read_file(dirfd, path, 256, &text, NULL) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, name) == 0;
}

static int try_open(const char *name, int *ret_fd)
{
	_cleanup_closedir_ DIR *dir = opendir(PORTS);
	_cleanup_free_ char *path = NULL;
	struct dirent *entry;
	int fd;

	if (!dir)
		return -errno;
	do {
		entry = readdir(dir);
	} while (entry && !is_named(dirfd(dir), entry->d_name, name));
	if (!entry)
		return -ENOENT;
	if (asprintf(&path, "/dev/%s", entry->d_name) < 0)
		return -ENOMEM;
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/* A port whose other end the host has not opened yet says that it was hung up. */
static bool connected(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

	return poll(&p, 1, 0) >= 0 && !(p.revents & POLLHUP);
}

int port_open(const char *name, int timeout_ms, int *ret_fd)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * 1000000};
	_cleanup_close_ int fd = -1;

	for (int waited = 0; waited < timeout_ms; waited += NAP_MS) {
		if (fd < 0)
			try_open(name, &fd);
		if (fd >= 0 && connected(fd)) {
			*ret_fd = take_fd(&fd);
			return 0;
		}
		nanosleep(&nap, NULL);
	}
	return -ETIMEDOUT;
}
