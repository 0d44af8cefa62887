/*
 * The socket of a privileged half; see halfsocket.h.
 */
#include "base/halfsocket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/notify.h"

static int take_passed(int count, int *ret_fd)
{
	int type;
	socklen_t len = sizeof(type);

	if (count != 1 ||
	    getsockopt(NOTIFY_LISTEN_FDS_START, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
	    type != SOCK_SEQPACKET)
		return -EINVAL;
	*ret_fd = NOTIFY_LISTEN_FDS_START;
	return 0;
}

/* Bound by way of its directory, so that no link leads out of the root. */
static int bind_in(int dir_fd, const char *name, int fd, uid_t owner, int backlog)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	mode_t mask = umask(0177);
	int r = 0;

	snprintf(sa.sun_path, sizeof(sa.sun_path), "/proc/self/fd/%d/%s", dir_fd, name);
	unlinkat(dir_fd, name, 0);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    (owner != geteuid() && fchownat(dir_fd, name, owner, -1, AT_SYMLINK_NOFOLLOW) < 0) ||
	    listen(fd, backlog) < 0)
		r = -errno;
	umask(mask);
	return r;
}

static int make(int root_fd, const char *dir, const char *name, uid_t owner, int backlog,
		int *ret_fd)
{
	_cleanup_close_ int dir_fd = -1, fd = -1;
	int r = fs_mkdir(root_fd, dir, 0755);

	if (r == 0)
		r = fs_open(root_fd, dir, O_PATH | O_DIRECTORY, 0, &dir_fd);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = bind_in(dir_fd, name, fd, owner, backlog);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

int halfsocket_listen(int root_fd, const char *dir, const char *name, uid_t owner, int backlog,
		      int *ret_fd)
{
	int count = notify_listen_fds();

	if (count < 0)
		return count;
	return count ? take_passed(count, ret_fd)
		     : make(root_fd, dir, name, owner, backlog, ret_fd);
}
