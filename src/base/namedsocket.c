/*
 * Sockets with a name; see namedsocket.h.
 */
#include "base/namedsocket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/def.h"
#include "base/fs.h"

static int address_in(int dir_fd, const char *name, struct sockaddr_un *ret_address)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int n = snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir_fd,
			 name);

	if (n < 0 || (size_t)n >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	*ret_address = address;
	return 0;
}

/* Whether the name is free for us. */
static int check_free(int dir_fd, const char *name, int type)
{
	_cleanup_close_ int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	struct stat st;
	int r = address_in(dir_fd, name, &address);

	if (r < 0)
		return r;
	if (fd < 0)
		return -errno;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno == ECONNREFUSED)
		return 0;
	return -EADDRINUSE;
}

/* Replaces what has the name. */
static int bind_name(int dir_fd, const char *name, int type, int *ret_fd)
{
	_cleanup_close_ int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	int r = address_in(dir_fd, name, &address);

	if (r < 0)
		return r;
	if (fd < 0)
		return -errno;
	if (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	if (fchmodat(dir_fd, name, 0666, 0) < 0 || listen(fd, SOMAXCONN) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int take_lock(int dir_fd, const char *name, int *ret_fd)
{
	_cleanup_free_ char *lock_name = NULL;
	_cleanup_close_ int fd = -1;

	if (asprintf(&lock_name, ".%s.lock", name) < 0)
		return -ENOMEM;
	fd = openat(dir_fd, lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int make_in(int dir_fd, const char *name, int type, bool lock, int *ret_fd)
{
	_cleanup_free_ char *new_name = NULL;
	_cleanup_close_ int lock_fd = -1, fd = -1;
	int r;

	if (asprintf(&new_name, ".%s.new", name) < 0)
		return -ENOMEM;
	/* With the lock, what a killed starter left behind is nobody's. */
	r = lock ? take_lock(dir_fd, name, &lock_fd) : 0;
	if (r == 0)
		r = check_free(dir_fd, name, type);
	if (r == 0)
		r = bind_name(dir_fd, new_name, type, &fd);
	if (r < 0)
		return r;
	if (renameat(dir_fd, new_name, dir_fd, name) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

/* "/run/leonhard/name": its folder, and its name. */
static int split_path(const char *path, char **ret_dir, char **ret_name)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *dir = NULL, *name = NULL;

	if (!slash || slash == path || !slash[1])
		return -EINVAL;
	dir = strndup(path, slash - path);
	name = strdup(slash + 1);
	if (!dir || !name)
		return -ENOMEM;
	*ret_dir = take_ptr(dir);
	*ret_name = take_ptr(name);
	return 0;
}

int namedsocket_make(int root_fd, const char *path, int type, bool lock,
		     struct namedsocket *ret_socket, int *ret_fd)
{
	_cleanup_free_ char *dir = NULL, *name = NULL;
	_cleanup_close_ int dir_fd = -1, fd = -1;
	struct stat st;
	int r = split_path(path, &dir, &name);

	if (r == 0)
		r = fs_mkdir(root_fd, dir, 0755);
	if (r == 0)
		r = fs_open(root_fd, dir, O_PATH | O_DIRECTORY, 0, &dir_fd);
	if (r == 0)
		r = make_in(dir_fd, name, type, lock, &fd);
	if (r < 0)
		return r;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	*ret_socket = (struct namedsocket){take_fd(&dir_fd), take_ptr(name), st};
	*ret_fd = take_fd(&fd);
	return 0;
}

int namedsocket_connect(int root_fd, const char *path, int type, int *ret_fd)
{
	_cleanup_free_ char *dir = NULL, *name = NULL;
	_cleanup_close_ int dir_fd = -1, fd = -1;
	struct sockaddr_un address;
	int r = split_path(path, &dir, &name);

	if (r == 0)
		r = fs_open(root_fd, dir, O_PATH | O_DIRECTORY, 0, &dir_fd);
	if (r == 0)
		r = address_in(dir_fd, name, &address);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

void namedsocket_remove(struct namedsocket *s)
{
	struct stat st;

	if (s->dir_fd < 0)
		return;
	if (fstatat(s->dir_fd, s->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == s->stat.st_ino && st.st_dev == s->stat.st_dev)
		unlinkat(s->dir_fd, s->name, 0);
	close(take_fd(&s->dir_fd));
	free(take_ptr(s->name));
}
