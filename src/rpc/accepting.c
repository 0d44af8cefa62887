/*
 * Accepting; see accepting.h.
 */
#include "rpc/accepting.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/def.h"

enum {
	ACCEPT_BATCH = 16, /* connections taken in one turn of the loop */
	PAUSE_MS = 100, /* after accepting has failed for want of memory or descriptors */
};

static void on_connect(uv_poll_t *poll, int status, int events);

static void open_reserve(struct accepting *a)
{
	a->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/*
 * No descriptor is left, and the next connection would be announced again and again. A descriptor
 * kept for this is given up for as long as it takes to refuse that connection. False: not done.
 */
static bool refuse_one(struct accepting *a)
{
	int fd;

	if (a->reserve_fd < 0)
		return false;
	close(take_fd(&a->reserve_fd));
	fd = accept4(a->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		a->refuse(a->data, fd);
		close(fd);
	}
	open_reserve(a);
	return fd >= 0 && a->reserve_fd >= 0;
}

static void on_pause_over(uv_timer_t *timer)
{
	accepting_resume(timer->data);
}

static void pause_accepting(struct accepting *a)
{
	a->paused = true;
	uv_poll_stop(&a->poll);
	uv_timer_start(&a->pause, on_pause_over, PAUSE_MS, 0);
}

void accepting_resume(struct accepting *a)
{
	if (!a->paused || a->closed)
		return;
	a->paused = false;
	if (a->reserve_fd < 0)
		open_reserve(a);
	uv_timer_stop(&a->pause);
	uv_poll_start(&a->poll, UV_READABLE, on_connect);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_connect(uv_poll_t *poll, int status, int events)
{
	struct accepting *a = poll->data;

	for (int i = 0; i < ACCEPT_BATCH && !a->closed; i++) {
		int fd = accept4(a->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			a->accept(a->data, fd);
		else if (is_shortage(errno) && !refuse_one(a))
			pause_accepting(a);
		if (fd < 0)
			return;
	}
}

void accepting_init(struct accepting *a, uv_loop_t *loop, void (*accept)(void *data, int fd),
		    void (*refuse)(void *data, int fd), void *data)
{
	*a = (struct accepting){
		.fd = -1,
		.reserve_fd = -1,
		.accept = accept,
		.refuse = refuse,
		.data = data,
	};
	uv_timer_init(loop, &a->pause);
	a->pause.data = a;
}

int accepting_start(struct accepting *a, uv_loop_t *loop, int fd)
{
	int r = uv_poll_init(loop, &a->poll, fd);

	if (r < 0) {
		close(fd);
		return r;
	}
	a->fd = fd;
	a->started = true;
	a->poll.data = a;
	open_reserve(a);
	return uv_poll_start(&a->poll, UV_READABLE, on_connect);
}

void accepting_close(struct accepting *a, uv_close_cb closed)
{
	a->closed = true;
	a->pause.data = a->data;
	uv_close((uv_handle_t *)&a->pause, closed);
	cleanup_close_p(&a->reserve_fd);
	a->reserve_fd = -1;
	if (!a->started)
		return;
	a->poll.data = a->data;
	uv_close((uv_handle_t *)&a->poll, closed);
	close(take_fd(&a->fd));
}
