/*
 * Reading fanotify, and what goes with it; see fan.h.
 *
 * One descriptor (epoll) is readable when the kernel has events, when a process with a recent event
 * has ended, when edits are to be looked at, and when events wait in our own queue.
 */
#include "filetrace/fan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/timerfd.h>

#include "base/def.h"
#include "base/time.h"

enum { QUEUE_MAX = 16384 };

#define CHECK_NS (NS_PER_S / 4)
#define CHECK_NS_MAX (32 * NS_PER_S)

static int watch_fd(struct fan *f, int *fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};

	return epoll_ctl(f->epoll_fd, EPOLL_CTL_ADD, *fd, &event) < 0 ? -errno : 0;
}

static int open_fanotify(struct fan *f, const char **ret_reason)
{
	unsigned flags = FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE |
			 FAN_UNLIMITED_MARKS | FAN_REPORT_DFID_NAME_TARGET | FAN_REPORT_PIDFD;

	f->fan_fd = fanotify_init(flags, O_RDONLY | O_CLOEXEC);
	if (f->fan_fd >= 0)
		return 0;
	if (errno == EPERM)
		*ret_reason = "fanotify needs CAP_SYS_ADMIN";
	else if (errno == EINVAL)
		*ret_reason =
			"the kernel's fanotify does not name files and processes (Linux 5.17)";
	else if (errno == ENOSYS)
		*ret_reason = "the kernel has no fanotify";
	else
		return -errno;
	return -EOPNOTSUPP;
}

int fan_init(struct fan *f, int root_fd, const char **ret_reason)
{
	int r;

	f->fan_fd = f->epoll_fd = f->ready_fd = f->timer_fd = -1;
	f->root_fd = root_fd;
	eventqueue_init(&f->queue);
	list_init(&f->nodes);
	list_init(&f->systems);
	list_init(&f->edits);
	f->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (f->epoll_fd < 0)
		return -errno;
	f->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->ready_fd < 0)
		return -errno;
	f->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (f->timer_fd < 0)
		return -errno;
	r = fan_procs_init(&f->procs, root_fd, f->epoll_fd, &f->queue);
	if (r == 0)
		r = hashmap_init(&f->by_handle);
	if (r == 0)
		r = hashmap_init(&f->by_key);
	if (r == 0)
		r = open_fanotify(f, ret_reason);
	if (r == 0)
		r = watch_fd(f, &f->fan_fd);
	if (r == 0)
		r = watch_fd(f, &f->ready_fd);
	return r < 0 ? r : watch_fd(f, &f->timer_fd);
}

static void free_edits(struct fan *f)
{
	struct fan_edit *edit;

	for (list_each(edit, &f->edits, in_fan)) {
		list_remove(&edit->in_node);
		list_remove(&edit->in_fan);
		if (edit->proc)
			list_remove(&edit->in_proc);
		free(edit);
	}
}

void fan_deinit(struct fan *f)
{
	int fds[] = {f->fan_fd, f->epoll_fd, f->ready_fd, f->timer_fd};
	struct fan_node *n;
	struct fan_fs *fs;

	free_edits(f);
	for (list_each(n, &f->nodes, link)) {
		n->dir_watched = n->watched = false;
		fan_forget(f, n);
	}
	for (list_each(fs, &f->systems, link)) {
		list_remove(&fs->link);
		close(fs->fd);
		free(fs);
	}
	fan_procs_deinit(&f->procs);
	eventqueue_deinit(&f->queue);
	hashmap_deinit(&f->by_handle);
	hashmap_deinit(&f->by_key);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* ---- reading ---- */

/* The size of one event, or what is left when it makes no sense. */
static size_t take_event(struct fan *f, const char *at, size_t len)
{
	struct fan_event e;
	size_t size = len;

	if (fan_event_decode(at, len, &e, &size) < 0 || (e.mask & FAN_Q_OVERFLOW))
		f->lost++;
	else
		fan_tell(f, &e);
	if (e.pidfd >= 0)
		close(e.pidfd);
	return size;
}

/* All that the kernel has, as long as there is room. 1 when there may be more. */
static int take_all(struct fan *f)
{
	while (f->queue.count < QUEUE_MAX) {
		ssize_t len = read(f->fan_fd, f->buf, sizeof(f->buf));

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return errno == EAGAIN ? 0 : -errno;
		for (ssize_t at = 0; at < len;)
			at += take_event(f, f->buf + at, len - at);
	}
	return 1;
}

/* Marks the processes that have ended. */
static void note_ended(struct fan *f)
{
	const void *ours[] = {&f->fan_fd, &f->ready_fd, &f->timer_fd};
	struct epoll_event events[32];
	int n = epoll_wait(f->epoll_fd, events, ARRAY_SIZE(events), 0);

	for (int i = 0; i < n; i++) {
		struct fan_proc *proc = events[i].data.ptr;

		if (proc != ours[0] && proc != ours[1] && proc != ours[2])
			proc->ended = true;
	}
}

static void tell_ended(struct fan *f)
{
	struct fan_edit *edit;
	struct fan_proc *proc;

	for (list_each(proc, &f->procs.all, link)) {
		if (!proc->ended)
			continue;
		proc->ended = false;
		for (list_each(edit, &proc->edits, in_proc))
			fan_end_edit(f, edit);
		fan_procs_ended(&f->procs, proc);
	}
}

/* An edit that goes on is asked about ever more rarely. */
static void set_timer(struct fan *f)
{
	struct itimerspec at = {}, now;

	if (list_is_empty(&f->edits) || timerfd_gettime(f->timer_fd, &now) < 0)
		return;
	if (f->check_ns && (now.it_value.tv_nsec || now.it_value.tv_sec))
		return;
	f->check_ns = f->check_ns ? 2 * f->check_ns : CHECK_NS;
	if (f->check_ns > CHECK_NS_MAX)
		f->check_ns = CHECK_NS_MAX;
	at.it_value.tv_sec = f->check_ns / NS_PER_S;
	at.it_value.tv_nsec = f->check_ns % NS_PER_S;
	timerfd_settime(f->timer_fd, 0, &at, NULL);
}

/*
 * Takes what there is. When a process is seen to have ended, all its events are in the kernel's
 * queue already: they are taken between seeing and telling, and so come before its end.
 */
static int pump(struct fan *f)
{
	uint64_t count;
	int r;

	note_ended(f);
	r = take_all(f);
	if (r == 0) {
		tell_ended(f);
		if (read(f->timer_fd, &count, sizeof(count)) == sizeof(count))
			fan_check_edits(f);
	}
	set_timer(f);
	return r < 0 ? r : 0;
}

/* What waits in our queue keeps the descriptor readable. */
static void set_ready(struct fan *f)
{
	uint64_t count = 1;
	ssize_t n;

	if (f->queue.count)
		n = write(f->ready_fd, &count, sizeof(count));
	else
		n = read(f->ready_fd, &count, sizeof(count));
	/* It is full already, or empty. */
	(void)n;
}

int fan_read(struct fan *f, unsigned max, source_fn fn, void *data)
{
	int r = pump(f), n;

	if (r < 0)
		return r;
	n = eventqueue_read(&f->queue, max, fn, data);
	set_ready(f);
	return n;
}

/* What was modified before this call is counted in what it returns. */
int fan_inode(struct fan *f, const struct ft_key *key, struct ft_inode *ret_inode)
{
	int r = pump(f);
	struct fan_node *n = fan_find_key(f, key);

	set_ready(f);
	if (r < 0)
		return r;
	if (!n || !n->watched)
		return -ENOENT;
	*ret_inode = n->info;
	return 0;
}
