/*
 * The socket on which the daemon asks: SOCK_SEQPACKET, so that a record is whole or is none; mode
 * 0600, and the daemon's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/notify.h"
#include "pwrapis/writer/writer.h"

#define SOCKET_DIR "/run/leonhard"
#define SOCKET_NAME "pwrapis-writer"

_Static_assert(sizeof(SOCKET_DIR "/" SOCKET_NAME) == sizeof(WRITER_SOCKET_PATH),
	       "both halves mean one socket");

enum { BACKLOG = 4 };

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
static int bind_in(int dir_fd, int fd, uid_t owner)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	mode_t mask = umask(0177);
	int r = 0;

	snprintf(sa.sun_path, sizeof(sa.sun_path), "/proc/self/fd/%d/" SOCKET_NAME, dir_fd);
	unlinkat(dir_fd, SOCKET_NAME, 0);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    (owner != geteuid() &&
	     fchownat(dir_fd, SOCKET_NAME, owner, -1, AT_SYMLINK_NOFOLLOW) < 0) ||
	    listen(fd, BACKLOG) < 0)
		r = -errno;
	umask(mask);
	return r;
}

static int make(struct writer *w, int *ret_fd)
{
	_cleanup_close_ int dir_fd = -1, fd = -1;
	int r = fs_mkdir(w->daemon->root_fd, SOCKET_DIR, 0755);

	if (r == 0)
		r = fs_open(w->daemon->root_fd, SOCKET_DIR, O_PATH | O_DIRECTORY, 0, &dir_fd);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = bind_in(dir_fd, fd, w->client_uid);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

int writer_listen(struct writer *w, int *ret_fd)
{
	int count = notify_listen_fds();

	if (count < 0)
		return count;
	return count ? take_passed(count, ret_fd) : make(w, ret_fd);
}
