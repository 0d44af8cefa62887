/*
 * The socket that clients of the wire connect to. A socket that the service manager has passed is
 * that of the varlink front.
 *
 * It is made under another name and renamed, so that it appears when it can be connected to; what a
 * daemon that was killed has left there is replaced, a socket that somebody listens on is not.
 * Names are reached through a descriptor of their folder, so that no link leads out of the root.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/namedsocket.h"
#include "pwrapis/pwrapis.h"

enum { ACCEPT_BATCH = 16, PAUSE_MS = 100 };

static int make_named(int dir_fd, const char *name, int *ret_fd)
{
	_cleanup_free_ char *new_name = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	if (asprintf(&new_name, ".%s.new", name) < 0)
		return -ENOMEM;
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

static int make(struct pwrapis *p, const char *path, int *ret_fd)
{
	struct listener *l = &p->listener;
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
	r = fs_mkdir(p->daemon->root_fd, dir, 0755);
	if (r == 0)
		r = fs_open(p->daemon->root_fd, dir, O_PATH | O_DIRECTORY, 0, &dir_fd);
	if (r == 0)
		r = make_named(dir_fd, name, &fd);
	if (r < 0)
		return r;
	if (fstatat(dir_fd, name, &l->stat, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	l->dir_fd = take_fd(&dir_fd);
	l->name = take_ptr(name);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* ---- accepting ---- */

static void on_connect(uv_poll_t *poll, int status, int events);

static void open_reserve(struct listener *l)
{
	l->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/*
 * No descriptor is left, and the next connection would be announced again and again. A descriptor
 * kept for this is given up for as long as it takes to refuse that connection. False: not done.
 */
static bool refuse_one(struct listener *l)
{
	int fd;

	if (l->reserve_fd < 0)
		return false;
	close(take_fd(&l->reserve_fd));
	fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		session_refuse_socket(fd, 0, PWR_ERR_OVER_MAX_CONNECTION, "too many connections");
		close(fd);
	}
	open_reserve(l);
	return fd >= 0 && l->reserve_fd >= 0;
}

static void on_pause_over(uv_timer_t *timer)
{
	listener_resume(timer->data);
}

static void pause_accepting(struct pwrapis *p)
{
	p->listener.paused = true;
	uv_poll_stop(&p->listener.poll);
	uv_timer_start(&p->listener.pause, on_pause_over, PAUSE_MS, 0);
}

void listener_resume(struct pwrapis *p)
{
	struct listener *l = &p->listener;

	if (!l->paused || p->stopping)
		return;
	l->paused = false;
	if (l->reserve_fd < 0)
		open_reserve(l);
	uv_timer_stop(&l->pause);
	uv_poll_start(&l->poll, UV_READABLE, on_connect);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_connect(uv_poll_t *poll, int status, int events)
{
	struct pwrapis *p = poll->data;

	for (int i = 0; i < ACCEPT_BATCH && !p->stopping; i++) {
		int fd = accept4(p->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			session_accept(p, fd);
		else if (is_shortage(errno) && !refuse_one(&p->listener))
			pause_accepting(p);
		if (fd < 0)
			return;
	}
}

int listener_open(struct pwrapis *p)
{
	const char *path = pwrapis_settings(p)->sock_file;
	struct listener *l = &p->listener;
	_cleanup_close_ int fd = -1;
	int r;

	l->fd = l->reserve_fd = l->dir_fd = -1;
	r = make(p, path, &fd);
	if (r >= 0)
		r = uv_poll_init(&p->daemon->loop, &l->poll, fd);
	if (r < 0)
		return log_error_errno(r, "cannot listen on %s", path);
	uv_timer_init(&p->daemon->loop, &l->pause);
	l->fd = take_fd(&fd);
	l->opened = true;
	l->poll.data = l->pause.data = p;
	open_reserve(l);
	return uv_poll_start(&l->poll, UV_READABLE, on_connect);
}

/* The name is removed while it is still that of our socket. */
static void remove_socket(struct listener *l)
{
	struct stat st;

	if (l->dir_fd < 0)
		return;
	if (fstatat(l->dir_fd, l->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == l->stat.st_ino && st.st_dev == l->stat.st_dev)
		unlinkat(l->dir_fd, l->name, 0);
	close(take_fd(&l->dir_fd));
}

void listener_close(struct pwrapis *p)
{
	struct listener *l = &p->listener;

	if (!l->opened)
		return;
	l->opened = false;
	remove_socket(l);
	free(l->name);
	cleanup_close_p(&l->reserve_fd);
	uv_close((uv_handle_t *)&l->pause, NULL);
	uv_close((uv_handle_t *)&l->poll, NULL);
	close(take_fd(&l->fd));
}
