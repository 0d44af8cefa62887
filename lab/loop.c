/*
 * The host's loop; see loop.h.
 */
#include "lab/loop.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>

#include "base/def.h"
#include "lab/pump.h"

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int loop_init(struct loop *l)
{
	sigset_t set;

	*l = (struct loop){.signal_fd = -1};
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(stop_signals); i++)
		sigaddset(&set, stop_signals[i]);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	l->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return l->signal_fd < 0 ? -errno : 0;
}

void loop_deinit(struct loop *l)
{
	cleanup_close_p(&l->signal_fd);
	l->signal_fd = -1;
}

void loop_set_timeout(struct loop *l, uint64_t timeout_ms)
{
	l->deadline_ms = timeout_ms ? now_ms() + (int64_t)timeout_ms : 0;
}

static int on_signal(void *data, short revents)
{
	struct loop *l = data;
	struct signalfd_siginfo info;

	if (read(l->signal_fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	l->signal = info.ssi_signo;
	return -EINTR;
}

static int timeout_ms(const struct loop *l)
{
	int64_t left = l->deadline_ms - now_ms();

	if (!l->deadline_ms)
		return -1;
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : left;
}

static int turn(struct loop *l, struct pump *p)
{
	static struct pollset ps;
	int r;

	pollset_init(&ps);
	pollset_add(&ps, l->signal_fd, POLLIN, on_signal, l);
	if (!l->lost)
		link_poll(&l->session->link, &ps);
	if (p)
		pump_poll(p, &ps);
	if (l->poll)
		l->poll(l->data, &ps);
	if (l->deadline_ms && now_ms() >= l->deadline_ms)
		return -ETIMEDOUT;
	r = pollset_turn(&ps, timeout_ms(l));
	/* What had already arrived can still be written out. */
	if (r == -ECONNRESET) {
		l->lost = true;
		return 0;
	}
	return r;
}

int loop_wait_ready(struct loop *l)
{
	int r = 0;

	while (r == 0 && !l->session->ready)
		r = l->lost ? -ECONNRESET : turn(l, NULL);
	return r;
}

int loop_wait_gone(struct loop *l)
{
	int r = 0;

	while (r == 0 && !l->lost)
		r = turn(l, NULL);
	return r;
}

/* Nothing more can come of it: the peer is gone and its last words are written. */
static bool lost(const struct loop *l, const struct pump *p)
{
	return l->lost && !p->exited && p->out[1].len == 0 && p->out[2].len == 0;
}

int loop_run(struct loop *l, const struct lab_exec *e, const int fds[LAB_CHANNEL_COUNT],
	     int *ret_status)
{
	_cleanup_(pump_deinit) struct pump p = {};
	int r = pump_start(&p, l->session, e, fds);

	while (r == 0 && !pump_done(&p))
		r = lost(l, &p) ? -ECONNRESET : turn(l, &p);
	if (r < 0)
		return r;
	*ret_status = pump_status(&p);
	return 0;
}
