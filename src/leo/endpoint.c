/*
 * The socket of a service, looked at from outside; see endpoint.h.
 */
#include "leo/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/def.h"
#include "base/fs.h"
#include "rpc/client.h"

static int look_at_folder(int root_fd, struct endpoint *e, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r = fs_open(root_fd, RPC_SOCKET_DIR, O_PATH | O_DIRECTORY, 0, &fd);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	e->folder_mode = st.st_mode & 07777;
	e->folder_uid = st.st_uid;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int look_at_file(int folder_fd, const char *interface, struct endpoint *e)
{
	struct stat st;

	if (fstatat(folder_fd, interface, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	e->mode = st.st_mode & 07777;
	e->uid = st.st_uid;
	return S_ISSOCK(st.st_mode) ? 0 : -ENOTSOCK;
}

/* Through /proc, since an address has 107 bytes and a root may be deep. */
static int connect_to(int folder_fd, const char *interface, pid_t *ret_pid)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t len = sizeof(peer);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", folder_fd,
		     interface) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0)
		*ret_pid = peer.pid;
	return 0;
}

void endpoint_look(int root_fd, const char *interface, bool try_connect,
		   struct endpoint *ret_endpoint)
{
	_cleanup_close_ int fd = -1;
	struct endpoint e = {.file = -ENOENT, .connected = -ENOTCONN};

	e.folder = look_at_folder(root_fd, &e, &fd);
	if (e.folder == 0)
		e.file = look_at_file(fd, interface, &e);
	if (e.file == 0 && try_connect)
		e.connected = connect_to(fd, interface, &e.pid);
	*ret_endpoint = e;
}
