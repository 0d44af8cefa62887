/*
 * Connecting to a service; see address.h.
 */
#include "rpc/address.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/def.h"
#include "rpc/client.h"
#include "rpc/message.h"

static const char unix_scheme[] = "unix:";

static int connect_to(const struct sockaddr_un *address, socklen_t len, int *ret_fd)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, len) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

/* A name that starts with "@" is in the kernel's own name space, and may use all of the room. */
static int connect_name(const char *path, size_t len, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	bool abstract = *path == '@';

	if (len == 0 || len + !abstract > sizeof(address.sun_path))
		return -EINVAL;
	memcpy(address.sun_path, path, len);
	if (abstract)
		address.sun_path[0] = '\0';
	return connect_to(&address, offsetof(struct sockaddr_un, sun_path) + len + !abstract,
			  ret_fd);
}

/* A path of any length: one that is too long for an address is reached through its directory. */
static int connect_path(const char *path, int *ret_fd)
{
	_cleanup_free_ char *dir = NULL, *near = NULL;
	_cleanup_close_ int dir_fd = -1;
	const char *slash = strrchr(path, '/');

	if (!slash || strlen(path) < sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return connect_name(path, strlen(path), ret_fd);
	dir = strndup(path, slash - path);
	if (!dir)
		return -ENOMEM;
	dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return -errno;
	if (asprintf(&near, "/proc/self/fd/%d%s", dir_fd, slash) < 0)
		return -ENOMEM;
	return connect_name(near, strlen(near), ret_fd);
}

static int connect_interface(const char *root, const char *name, int len, int *ret_fd)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s%s/%.*s", root ? root : "", RPC_SOCKET_DIR, len, name) < 0)
		return -ENOMEM;
	return connect_path(path, ret_fd);
}

int address_connect(const char *root, const char *address, int *ret_fd)
{
	const char *dot = strrchr(address, '.');
	int r;

	/* What stands behind a semicolon is for the server's side: "unix:/run/x;mode=0600". */
	if (strncmp(address, unix_scheme, strlen(unix_scheme)) == 0) {
		const char *path = address + strlen(unix_scheme);
		size_t len = strcspn(path, ";");

		return *path == '/' || *path == '@' ? connect_name(path, len, ret_fd) : -EINVAL;
	}
	if (!message_name_valid(address))
		return -EINVAL;
	/* Names do not tell an interface from a method, but a socket is there for one of them. */
	r = connect_interface(root, address, strlen(address), ret_fd);
	if (r == -ENOENT && memchr(address, '.', dot - address))
		return connect_interface(root, address, dot - address, ret_fd);
	return r;
}
