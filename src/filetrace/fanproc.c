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
#include "filetrace/proctext.h"

enum {
	TEXT_MAX = 64 * 1024, /* of a file in /proc */
	GONE_NS = 2000000000, /* so long is a process remembered that is gone */
};

/* All that is read of a process. */
struct reading {
	struct proctext text;
	struct ft_actor actor;
	struct ft_image image;
	char args[FT_ARGS_BYTES];
	uint64_t program;
};

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

/* ---- reading ---- */

static int read_text(int dirfd, const char *name, char **ret_text)
{
	_cleanup_close_ int fd = -1;
	int r = fs_open_beneath(dirfd, name, O_RDONLY, 0, &fd);

	return r < 0 ? r : io_read_fd(fd, TEXT_MAX, ret_text, NULL);
}

/* A number that may be "not set", which is how it is also told when it cannot be read. */
static uint32_t read_id(int dirfd, const char *name)
{
	_cleanup_free_ char *text = NULL;
	uint64_t v;

	if (read_text(dirfd, name, &text) < 0)
		return FT_UNSET;
	text[strcspn(text, "\n")] = '\0';
	return parse_u64(text, 0, UINT32_MAX, &v) < 0 ? FT_UNSET : v;
}

/* The name that sysfs has for a terminal that is no pseudo-terminal. */
static void read_tty(int root_fd, const struct proctext *text, char ret_name[FT_TTY_BYTES])
{
	_cleanup_close_ int fd = -1;
	char path[64], target[256];
	const char *name;
	ssize_t len;

	proctext_pts(text->tty_major, text->tty_minor, ret_name);
	if (*ret_name || !text->tty_major)
		return;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", text->tty_major, text->tty_minor);
	if (fs_open(root_fd, path, O_PATH | O_NOFOLLOW, 0, &fd) < 0)
		return;
	len = readlinkat(fd, "", target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	name = strrchr(target, '/');
	if (name)
		snprintf(ret_name, FT_TTY_BYTES, "%.*s", FT_TTY_BYTES - 1, name + 1);
}

static void read_cgroup(int dirfd, char ret_path[FT_CGROUP_BYTES])
{
	_cleanup_free_ char *text = NULL;

	if (read_text(dirfd, "cgroup", &text) == 0)
		proctext_cgroup(text, ret_path);
}

static void read_exe(int dirfd, char state, struct ft_image *image)
{
	char path[4096];
	ssize_t len = readlinkat(dirfd, "exe", path, sizeof(path));
	size_t cut;

	if (len < 0) {
		if (errno == ENOENT && state != 'Z')
			image->flags |= FT_IMAGE_KERNEL;
		return;
	}
	cut = len >= FT_EXE_BYTES ? len - (FT_EXE_BYTES - 1) : 0;
	if (cut)
		image->flags |= FT_IMAGE_EXE_CUT;
	memcpy(image->exe, path + cut, len - cut);
}

static void read_args(int dirfd, struct reading *r)
{
	_cleanup_close_ int fd = -1;
	size_t len = 0;
	char more;

	if (fs_open_beneath(dirfd, "cmdline", O_RDONLY, 0, &fd) < 0 ||
	    io_read_up_to(fd, r->args, sizeof(r->args), &len) < 0 || len == 0) {
		r->image.flags |= FT_IMAGE_NO_ARGS;
		return;
	}
	if (len == sizeof(r->args) && read(fd, &more, 1) == 1)
		r->image.flags |= FT_IMAGE_ARGS_CUT;
	r->args[len - (len == sizeof(r->args))] = '\0';
	r->image.args_bytes = len;
}

static uint64_t ticks_to_ns(uint64_t ticks)
{
	return ticks * (NS_PER_S / sysconf(_SC_CLK_TCK));
}

static int read_stat(struct fan_procs *p, int32_t pid, int *ret_dirfd, struct proctext *ret_text)
{
	_cleanup_close_ int dirfd = -1;
	_cleanup_free_ char *text = NULL;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	r = fs_open(p->root_fd, path, O_RDONLY | O_DIRECTORY, 0, &dirfd);
	if (r == 0)
		r = read_text(dirfd, "stat", &text);
	if (r == 0)
		r = proctext_stat(text, ret_text);
	if (r == 0)
		*ret_dirfd = take_fd(&dirfd);
	return r;
}

/* A descriptor of /proc/PID is of that process, whoever has its number later. */
static int read_process(struct fan_procs *p, int32_t pid, struct reading *r)
{
	_cleanup_close_ int dirfd = -1;
	_cleanup_free_ char *status = NULL;
	int e = read_stat(p, pid, &dirfd, &r->text);

	if (e == 0)
		e = read_text(dirfd, "status", &status);
	if (e == 0)
		e = proctext_euid(status, &r->actor.uid);
	if (e < 0)
		return e;
	r->actor.pid = r->actor.tid = pid;
	r->actor.login_uid = read_id(dirfd, "loginuid");
	r->actor.session = read_id(dirfd, "sessionid");
	read_tty(p->root_fd, &r->text, r->actor.tty);
	read_cgroup(dirfd, r->actor.cgroup);
	r->image.flags = FT_IMAGE_LATE;
	read_exe(dirfd, r->text.state, &r->image);
	read_args(dirfd, r);
	r->image.pid = pid;
	r->image.uid = r->actor.uid;
	r->image.start_ns = r->image.exec_ns = ticks_to_ns(r->text.start_ticks);
	memcpy(r->image.comm, r->text.comm, sizeof(r->image.comm));
	r->program = hashmap_hash(r->image.exe, strlen(r->image.exe), 0);
	r->program = hashmap_hash(r->args, r->image.args_bytes, r->program);
	return 0;
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
static uint64_t parent_image(struct fan_procs *p, struct reading *r, unsigned depth)
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
static void renew(struct fan_procs *p, struct fan_proc *proc, struct reading *r, unsigned depth)
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
	_cleanup_free_ struct reading *r = calloc(1, sizeof(*r));
	struct fan_proc *proc;

	if (!r || read_process(p, pid, r) < 0)
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

/* Whether the process of @pidfd has still its number: it lives, or nobody has waited for it. */
static bool is_there(int32_t pid, int pidfd)
{
	_cleanup_free_ char *text = NULL;
	char path[64];
	int32_t now;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	return io_read_file(AT_FDCWD, path, TEXT_MAX, &text, NULL) == 0 &&
	       proctext_pid(text, &now) == 0 && now == pid;
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
	_cleanup_free_ struct reading *r = calloc(1, sizeof(*r));
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
	alive = pidfd >= 0 && read_process(p, pid, r) == 0 && is_there(pid, pidfd);
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
		if (!now || !is_there(pid, pidfd))
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
