/*
 * Processes as /proc shows them when something happens; see fanproc.h.
 */
#include "filetrace/fanproc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/time.h"
#include "filetrace/fanread.h"

#define GONE_NS (2 * NS_PER_S) /* so long is a process remembered that is gone */

int fan_procs_init(struct fan_procs *p, int root_fd, int epoll_fd, struct eventqueue *queue)
{
	*p = (struct fan_procs){.root_fd = root_fd, .epoll_fd = epoll_fd, .queue = queue};
	list_init(&p->all);
	/* Above those of any daemon that ran before in this boot. */
	p->last_image = time_now_ns(CLOCK_BOOTTIME);
	return hashmap_init(&p->by_pid);
}

static uint64_t hash_pid(int32_t pid)
{
	return hashmap_hash(&pid, sizeof(pid), 0);
}

static void unwatch(struct fan_procs *p, struct fan_proc *proc)
{
	if (proc->pidfd < 0)
		return;
	close(proc->pidfd);
	proc->pidfd = -1;
	p->watched--;
}

static void drop(struct fan_procs *p, struct fan_proc *proc)
{
	unwatch(p, proc);
	hashmap_remove(&p->by_pid, &proc->by_pid);
	list_remove(&proc->link);
	p->count--;
	free(proc);
}

void fan_procs_deinit(struct fan_procs *p)
{
	struct fan_proc *proc;

	for (list_each(proc, &p->all, link))
		drop(p, proc);
	hashmap_deinit(&p->by_pid);
}

static struct fan_proc *find(struct fan_procs *p, int32_t pid)
{
	struct hashmap_link *l = hashmap_first(&p->by_pid, hash_pid(pid));

	for (; l; l = hashmap_next(l)) {
		struct fan_proc *proc = hashmap_item(l, struct fan_proc, by_pid);

		if (proc->pid == pid)
			return proc;
	}
	return NULL;
}

/* Forgets what nobody has asked for for long, and has no edit open. */
static void make_room(struct fan_procs *p)
{
	struct fan_proc *proc;

	for (list_each(proc, &p->all, link)) {
		bool idle = list_is_empty(&proc->edits);

		if (idle && p->count > FAN_PROCS_MAX)
			drop(p, proc);
		else if (idle && p->watched > FAN_PROCS_WATCHED)
			unwatch(p, proc);
	}
}

static struct fan_proc *add(struct fan_procs *p, int32_t pid)
{
	struct fan_proc *proc = calloc(1, sizeof(*proc));

	if (!proc)
		return NULL;
	proc->pid = pid;
	proc->pidfd = -1;
	list_init(&proc->edits);
	hashmap_add(&p->by_pid, &proc->by_pid, hash_pid(pid));
	list_add_last(&p->all, &proc->link);
	p->count++;
	return proc;
}

static void touch(struct fan_procs *p, struct fan_proc *proc)
{
	list_remove(&proc->link);
	list_add_last(&p->all, &proc->link);
}

/* ---- images ---- */

void fan_procs_send(struct fan_procs *p, const struct ft_image *image, const char *args)
{
	struct ft_image_event event = {
		.event = {.type = FT_IMAGE,
			  .size = offsetof(struct ft_image_event, image.exe) + strlen(image->exe) +
				  1,
			  .time_ns = time_now_ns(CLOCK_BOOTTIME)},
		.image = *image,
	};
	uint32_t chunk;

	eventqueue_add(p->queue, &event.event);
	for (uint32_t at = 0; at < image->args_bytes; at += chunk) {
		struct ft_args_event part = {
			.event = {.type = FT_ARGS, .time_ns = event.event.time_ns},
			.image = image->id,
			.offset = at,
		};

		chunk = image->args_bytes - at;
		chunk = chunk < FT_ARGS_CHUNK ? chunk : FT_ARGS_CHUNK;
		part.len = chunk;
		part.event.size = offsetof(struct ft_args_event, bytes) + chunk;
		memcpy(part.bytes, args + at, chunk);
		eventqueue_add(p->queue, &part.event);
	}
}

static struct fan_proc *remember(struct fan_procs *p, int32_t pid, unsigned depth);

/* The image of the process that started this one, as far as it is there: 0 for none. */
static uint64_t parent_image(struct fan_procs *p, struct fan_reading *r, unsigned depth)
{
	struct fan_proc *parent = NULL;

	if (r->text.parent > 0 && depth < FT_ANCESTRY)
		parent = remember(p, r->text.parent, depth + 1);
	if (!parent && r->text.parent > 0)
		r->image.flags |= FT_IMAGE_ORPHAN;
	return parent ? parent->actor.image : 0;
}

static void send_exit(struct fan_procs *p, uint64_t image, uint64_t next)
{
	struct ft_exit_event event = {
		.event = {.type = FT_EXIT,
			  .size = sizeof(event),
			  .time_ns = time_now_ns(CLOCK_BOOTTIME)},
		.image = image,
		.next = next,
	};

	eventqueue_add(p->queue, &event.event);
}

/* The entry is of this process now, which may be another one than before, or run something else. */
static void renew(struct fan_procs *p, struct fan_proc *proc, struct fan_reading *r, unsigned depth)
{
	bool same = proc->actor.image && proc->start_ticks == r->text.start_ticks;
	uint64_t old = same ? proc->actor.image : 0;

	if (same && proc->program == r->program) {
		r->actor.image = old;
		proc->actor = r->actor;
		return;
	}
	/* A process keeps the parent that it was found with: later its own may be gone. */
	if (!same)
		proc->parent_image = parent_image(p, r, depth);
	r->image.id = r->actor.image = ++p->last_image;
	r->image.parent = proc->parent_image;
	fan_procs_send(p, &r->image, r->args);
	proc->actor = r->actor;
	proc->start_ticks = r->text.start_ticks;
	proc->program = r->program;
	proc->dead_ns = 0;
	if (old)
		send_exit(p, old, r->image.id);
}

/* Reads the process and finds or makes its entry. NULL when it is not there. */
static struct fan_proc *remember(struct fan_procs *p, int32_t pid, unsigned depth)
{
	_cleanup_free_ struct fan_reading *r = calloc(1, sizeof(*r));
	struct fan_proc *proc;

	if (!r || fan_reading_read(p->root_fd, pid, r) < 0)
		return NULL;
	proc = find(p, pid);
	/* Edits of one that was here before are ended by its descriptor. */
	if (proc && proc->start_ticks != r->text.start_ticks && !list_is_empty(&proc->edits))
		return NULL;
	if (!proc)
		proc = add(p, pid);
	if (!proc)
		return NULL;
	/* Of a process that has ended, but is not yet taken away, much is gone. */
	if (r->text.state == 'Z' && proc->start_ticks == r->text.start_ticks && proc->actor.image)
		return proc;
	touch(p, proc);
	renew(p, proc, r, depth);
	return proc;
}

/* Wants to be told when it ends. */
static void watch(struct fan_procs *p, struct fan_proc *proc, int pidfd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = proc};
	int fd = proc->pidfd < 0 ? fcntl(pidfd, F_DUPFD_CLOEXEC, 0) : -1;

	if (fd < 0)
		return;
	if (epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		close(fd);
		return;
	}
	proc->pidfd = fd;
	p->watched++;
}

/* The entry of a process that @actor says all of. */
static struct fan_proc *enter(struct fan_procs *p, const struct ft_actor *actor, uint64_t start_ns)
{
	uint64_t start_ticks = start_ns / (NS_PER_S / sysconf(_SC_CLK_TCK));
	struct fan_proc *proc = find(p, actor->pid);
	bool same = proc && proc->start_ticks == start_ticks;

	if (proc && !same && !list_is_empty(&proc->edits))
		return NULL;
	if (!proc)
		proc = add(p, actor->pid);
	if (!proc)
		return NULL;
	touch(p, proc);
	/* An event of an earlier program may be read after one of a later one. */
	if (same && proc->actor.image < actor->image)
		send_exit(p, proc->actor.image, actor->image);
	if (!same)
		proc->dead_ns = 0;
	proc->start_ticks = start_ticks;
	proc->actor = *actor;
	return proc;
}

static struct fan_proc *get_identified(struct fan_procs *p, int32_t pid, int pidfd,
				       const struct ft_key *inode)
{
	_cleanup_free_ struct fan_reading *r = calloc(1, sizeof(*r));
	struct ft_actor gone = {.pid = pid,
				.tid = pid,
				.uid = FT_UNSET,
				.login_uid = FT_UNSET,
				.session = FT_UNSET};
	struct fan_proc *proc;
	uint64_t start_ns;
	bool alive;

	if (!r)
		return NULL;
	alive = pidfd >= 0 && fan_reading_read(p->root_fd, pid, r) == 0 &&
		fan_reading_is_of(pid, pidfd);
	if (!alive)
		r->actor = gone;
	if (p->identify(p->data, inode, &r->actor, &start_ns) < 0)
		return NULL;
	proc = enter(p, &r->actor, start_ns);
	if (proc && alive)
		watch(p, proc, pidfd);
	return proc;
}

struct fan_proc *fan_procs_get(struct fan_procs *p, int32_t pid, int pidfd,
			       const struct ft_key *inode)
{
	struct fan_proc *proc, *now;

	make_room(p);
	if (p->identify)
		return get_identified(p, pid, pidfd, inode);
	if (pidfd >= 0) {
		now = remember(p, pid, 0);
		/* When it is still there after it was read, it was read, and no other. */
		if (!now || !fan_reading_is_of(pid, pidfd))
			return NULL;
		watch(p, now, pidfd);
		return now;
	}
	proc = find(p, pid);
	if (!proc || (proc->dead_ns && time_now_ns(CLOCK_BOOTTIME) - proc->dead_ns > GONE_NS))
		return NULL;
	return proc;
}

void fan_procs_ended(struct fan_procs *p, struct fan_proc *proc)
{
	unwatch(p, proc);
	proc->dead_ns = time_now_ns(CLOCK_BOOTTIME);
	if (proc->actor.image)
		send_exit(p, proc->actor.image, 0);
}
