/*
 * Names of running labs; see names.h.
 */
#include "lab/names.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/def.h"

enum { NAME_MAX_BYTES = 64, BACKLOG = 16 };

bool names_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t n = strlen(name);

	return n > 0 && n <= NAME_MAX_BYTES && strspn(name, allowed) == n && name[0] != '.' &&
	       name[0] != '-';
}

static int directory_path(char **ret_path)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int r;

	if (runtime && runtime[0] == '/')
		r = asprintf(ret_path, "%s/leonhard-lab", runtime);
	else
		r = asprintf(ret_path, "/tmp/leonhard-lab-%u", geteuid());
	return r < 0 ? -ENOMEM : 0;
}

int names_open_directory(int *ret_fd)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r = directory_path(&path);

	if (r < 0)
		return r;
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & 077))
		return -EPERM;
	*ret_fd = take_fd(&fd);
	return 0;
}

/* A path through the descriptor: short enough for an address, and beneath the checked directory. */
static void set_address(struct sockaddr_un *address, int dirfd, const char *name)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s.sock", dirfd,
		 name);
}

static int new_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

int names_connect(int dirfd, const char *name, int *ret_fd)
{
	_cleanup_close_ int fd = new_socket();
	struct sockaddr_un address;

	if (fd < 0)
		return fd;
	set_address(&address, dirfd, name);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return errno == ECONNREFUSED ? -ENOENT : -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int listen_locked(int dirfd, const char *name, int *ret_fd)
{
	_cleanup_close_ int fd = new_socket(), other = -1;
	struct sockaddr_un address;
	int r = names_connect(dirfd, name, &other);

	if (fd < 0)
		return fd;
	if (r != -ENOENT)
		return r < 0 && r != -EAGAIN ? r : -EADDRINUSE;
	names_release(dirfd, name);
	set_address(&address, dirfd, name);
	if (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

int names_listen(int dirfd, const char *name, int *ret_fd)
{
	/* Of two that find a dead socket only one may replace it. */
	_cleanup_close_ int lock = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (lock < 0 || flock(lock, LOCK_EX) < 0)
		return -errno;
	return listen_locked(dirfd, name, ret_fd);
}

void names_release(int dirfd, const char *name)
{
	char entry[NAME_MAX_BYTES + sizeof(".sock")];

	snprintf(entry, sizeof(entry), "%s.sock", name);
	unlinkat(dirfd, entry, 0);
}
