/*
 * The listening socket: passed by the service manager, or made here; and accepting from it.
 *
 * A socket made here appears under its name when it can be connected to, not before: it is bound
 * under another name, gets its mode, listens, and is renamed. A lock file beside it lets one
 * starter in at a time, so that of two that find a stale socket the second finds the live one of
 * the first. Names are reached through a descriptor of their directory, so that no link leads out
 * of the root, and a long root does not exceed the 107 bytes that an address may have.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/namedsocket.h"
#include "base/notify.h"
#include "rpc/serverint.h"

enum {
	ACCEPT_BATCH = 16, /* connections taken in one turn of the loop */
	PAUSE_MS = 100, /* after accepting has failed for want of memory or descriptors */
};

/* ---- sockets of the service manager ---- */

static bool has_option(int fd, int option, int expected)
{
	int value;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == expected;
}

static bool is_listening(int fd)
{
	return has_option(fd, SO_DOMAIN, AF_UNIX) && has_option(fd, SO_TYPE, SOCK_STREAM) &&
	       has_option(fd, SO_ACCEPTCONN, 1);
}

/* 1 and the first socket that can be served, 0 when none was passed, -EINVAL for others only. */
static int take_passed(int *ret_fd)
{
	int count = notify_listen_fds();

	for (int fd = NOTIFY_LISTEN_FDS_START; fd < NOTIFY_LISTEN_FDS_START + count; fd++) {
		if (!is_listening(fd))
			continue;
		if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
			return -errno;
		*ret_fd = fd;
		return 1;
	}
	return count ? -EINVAL : 0;
}

/* ---- sockets of our own ---- */

static int lock(int dir_fd, const char *name, int *ret_fd)
{
	_cleanup_close_ int fd =
		openat(dir_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int make_named(int dir_fd, const char *name, int *ret_fd)
{
	_cleanup_free_ char *lock_name = NULL, *new_name = NULL;
	_cleanup_close_ int lock_fd = -1, fd = -1;
	int r;

	if (asprintf(&lock_name, ".%s.lock", name) < 0 || asprintf(&new_name, ".%s.new", name) < 0)
		return -ENOMEM;
	/* With the lock, what a killed starter left behind is nobody's. */
	r = lock(dir_fd, lock_name, &lock_fd);
	if (r == 0)
		r = namedsocket_check_free(dir_fd, name);
	if (r == 0)
		r = namedsocket_bind(dir_fd, new_name, &fd);
	if (r < 0)
		return r;
	if (renameat(dir_fd, new_name, dir_fd, name) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int make_socket(struct rpc_server *s, const char *path, int *ret_fd)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *dir = NULL, *name = NULL;
	_cleanup_close_ int dir_fd = -1, fd = -1;
	int r;

	if (!slash || slash == path || !slash[1])
		return -EINVAL;
	dir = strndup(path, slash - path);
	name = strdup(slash + 1);
	if (!dir || !name)
		return -ENOMEM;
	r = fs_mkdir(s->config.root_fd, dir, 0755);
	if (r == 0)
		r = fs_open(s->config.root_fd, dir, O_PATH | O_DIRECTORY, 0, &dir_fd);
	if (r == 0)
		r = make_named(dir_fd, name, &fd);
	if (r < 0)
		return r;
	if (fstatat(dir_fd, name, &s->socket_stat, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	s->socket_dir_fd = take_fd(&dir_fd);
	s->socket_name = take_ptr(name);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* ---- accepting ---- */

static void on_connect(uv_poll_t *poll, int status, int events);

static void open_reserve(struct rpc_server *s)
{
	s->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/*
 * No descriptor is left, and the next connection would be announced again and again. A descriptor
 * kept for this is given up for as long as it takes to refuse that connection. False: not done.
 */
static bool refuse_one(struct rpc_server *s)
{
	int fd;

	if (s->reserve_fd < 0)
		return false;
	close(take_fd(&s->reserve_fd));
	fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		connection_refuse_socket(fd, s->connection_count);
		close(fd);
	}
	open_reserve(s);
	return fd >= 0 && s->reserve_fd >= 0;
}

static void on_pause_over(uv_timer_t *timer)
{
	listen_resume(timer->data);
}

static void pause_accepting(struct rpc_server *s)
{
	s->paused = true;
	uv_poll_stop(&s->listener);
	uv_timer_start(&s->listener_pause, on_pause_over, PAUSE_MS, 0);
}

void listen_resume(struct rpc_server *s)
{
	if (!s->paused || s->closing)
		return;
	s->paused = false;
	if (s->reserve_fd < 0)
		open_reserve(s);
	uv_timer_stop(&s->listener_pause);
	uv_poll_start(&s->listener, UV_READABLE, on_connect);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_connect(uv_poll_t *poll, int status, int events)
{
	struct rpc_server *s = poll->data;

	for (int i = 0; i < ACCEPT_BATCH && !s->closing; i++) {
		int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			connection_accept(s, fd);
		else if (is_shortage(errno) && !refuse_one(s))
			pause_accepting(s);
		if (fd < 0)
			return;
	}
}

int rpc_server_listen(struct rpc_server *s, const char *path)
{
	_cleanup_close_ int fd = -1;
	int r = take_passed(&fd);

	if (r == 0)
		r = make_socket(s, path, &fd);
	if (r < 0)
		return r;
	r = uv_poll_init(s->loop, &s->listener, fd);
	if (r < 0)
		return r;
	s->listen_fd = take_fd(&fd);
	s->listening = true;
	s->listener.data = s;
	server_handle_opened(s);
	open_reserve(s);
	return uv_poll_start(&s->listener, UV_READABLE, on_connect);
}

void listen_init(struct rpc_server *s)
{
	s->listen_fd = s->reserve_fd = s->socket_dir_fd = -1;
	uv_timer_init(s->loop, &s->listener_pause);
	s->listener_pause.data = s;
	server_handle_opened(s);
}

/* The name is removed while it is still that of our socket. */
static void remove_socket(struct rpc_server *s)
{
	struct stat st;

	if (s->socket_dir_fd < 0)
		return;
	if (fstatat(s->socket_dir_fd, s->socket_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == s->socket_stat.st_ino && st.st_dev == s->socket_stat.st_dev)
		unlinkat(s->socket_dir_fd, s->socket_name, 0);
	close(take_fd(&s->socket_dir_fd));
}

void listen_close(struct rpc_server *s)
{
	uv_close((uv_handle_t *)&s->listener_pause, server_on_handle_closed);
	remove_socket(s);
	cleanup_close_p(&s->reserve_fd);
	if (!s->listening)
		return;
	uv_close((uv_handle_t *)&s->listener, server_on_handle_closed);
	close(take_fd(&s->listen_fd));
}
