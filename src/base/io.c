/*
 * Reading and writing whole things; see io.h.
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"

int io_write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		p += n;
		len -= n;
	}
	return 0;
}

int io_read_up_to(int fd, void *buf, size_t len, size_t *ret_len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)buf + done, len - done);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (n == 0)
			break;
		done += n;
	}
	*ret_len = done;
	return 0;
}

int io_read_exact(int fd, void *buf, size_t len)
{
	size_t n = 0;
	int r = io_read_up_to(fd, buf, len, &n);

	return r < 0 || n == len ? r : -ENODATA;
}

int io_read_fd(int fd, size_t max, char **ret_buf, size_t *ret_len)
{
	_cleanup_free_ char *buf = NULL;
	size_t size = 0, cap = 4096;

	/* Files in /proc and /sys tell no size: grow until a read comes back short. */
	for (;;) {
		char *grown = realloc(buf, cap + 1);
		size_t n = 0;
		int r;

		if (!grown)
			return -ENOMEM;
		buf = grown;
		r = io_read_up_to(fd, buf + size, cap - size, &n);
		if (r < 0)
			return r;
		size += n;
		if (size > max)
			return -EFBIG;
		if (size < cap)
			break;
		if (cap > SIZE_MAX / 4)
			return -EFBIG;
		cap *= 2;
	}
	buf[size] = '\0';
	*ret_buf = take_ptr(buf);
	if (ret_len)
		*ret_len = size;
	return 0;
}

int io_read_file(int dirfd, const char *path, size_t max, char **ret_buf, size_t *ret_len)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return io_read_fd(fd, max, ret_buf, ret_len);
}

/* Makes the rename of an entry durable: the directory that holds @path is synced. */
static int sync_parent(int dirfd, const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	_cleanup_close_ int fd = -1;

	if (!copy)
		return -ENOMEM;
	fd = openat(dirfd, dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int write_synced(int dirfd, const char *path, const void *buf, size_t len, unsigned mode)
{
	_cleanup_close_ int fd =
		openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = io_write_all(fd, buf, len);
	if (r < 0)
		return r;
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return -errno;
	return close(take_fd(&fd)) < 0 ? -errno : 0;
}

int io_replace_file(int dirfd, const char *path, const void *buf, size_t len, unsigned mode)
{
	_cleanup_free_ char *temporary = NULL;
	int r;

	if (asprintf(&temporary, "%s.new", path) < 0)
		return -ENOMEM;
	/* What a killed writer left behind is nobody's. */
	if (unlinkat(dirfd, temporary, 0) < 0 && errno != ENOENT)
		return -errno;
	r = write_synced(dirfd, temporary, buf, len, mode);
	if (r == 0 && renameat(dirfd, temporary, dirfd, path) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(dirfd, temporary, 0);
		return r;
	}
	return sync_parent(dirfd, path);
}

int io_open_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return -errno;
	} while (fd <= STDERR_FILENO);
	close(fd);
	return 0;
}
