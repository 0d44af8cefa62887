/*
 * Process images: who runs what, and who started it.
 *
 * Each process has an entry that names its image. An image is counted by its process and by the
 * images it has forked, so that it lives as long as anybody asks for ancestors by it. fork() makes
 * an image that shares the arguments of the one it comes from; execve() makes one of its own, whose
 * parent is the old one's. Arguments and paths are taken at execve(), when nobody else can change
 * them. Processes that were there before are read by an iterator.
 *
 * Whoever includes this says in image_left() what is to be done when a process leaves its image.
 * Nothing here needs more than typed tracepoints.
 */
#ifndef FILETRACE_IMAGE_BPF_H
#define FILETRACE_IMAGE_BPF_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "filetrace/bpf/path.bpf.h"

enum {
	IMAGE_CHUNKS = FT_ARGS_BYTES / FT_ARGS_CHUNK,
	IMAGE_DEPTH = 2 * FT_ANCESTRY, /* a line of ancestors is cut to half of that */
	IMAGE_CASCADE = 2 * IMAGE_DEPTH,
};

struct process {
	__u64 image;
	__u64 recent_ns; /* its last edit or name event */
	__u32 edits; /* entries it has in the map of edits */
	__u32 zero;
};

struct image {
	struct ft_image_event send;
	char room[PATH_NAME_MAX + 1]; /* path.bpf.h; nothing is ever in it */
	__u64 args_of; /* the image whose arguments are its own, too */
	__u32 refs; /* its process, and images it has forked */
	__u32 sent;
	__u32 depth; /* ancestors, about */
	__u32 zero;
};

struct args_key {
	__u64 image;
	__u64 chunk;
};

struct args_chunk {
	char bytes[FT_ARGS_CHUNK];
};

/* The beginning of a struct ft_args_event. */
struct args_head {
	struct ft_event event;
	__u64 image;
	__u32 offset, len;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* the daemon says how much */
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, struct process);
} procs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, __u64);
	__type(value, struct image);
} images SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 262144);
	__type(key, struct args_key);
	__type(value, struct args_chunk);
} args SEC(".maps");

static const struct image image_blank;
static const struct args_chunk args_blank;

struct ft_counts counts;
__u64 last_image; /* the last id given */
__u32 late_links; /* the iterator: 0 makes images, 1 tells them their parents */
__u32 mount_namespace; /* of process 1 */

#define count_lost(what) __sync_fetch_and_add(&counts.lost_##what, 1)

static void image_left(struct process *p, __u32 pid, __u64 old, __u64 next);

static struct image *image_get(__u64 id)
{
	return id ? bpf_map_lookup_elem(&images, &id) : NULL;
}

static void image_ref(__u64 id)
{
	struct image *e = image_get(id);

	if (e)
		__sync_fetch_and_add(&e->refs, 1);
}

static long image_drop_chunk(__u32 i, struct args_key *key)
{
	key->chunk = i;
	return bpf_map_delete_elem(&args, key) ? 1 : 0;
}

static long image_put_step(__u32 i, __u64 *id)
{
	struct image *e = image_get(*id);
	struct args_key key = {.image = *id};
	__u64 parent;

	if (!e || __sync_fetch_and_add(&e->refs, -1) != 1)
		return 1;
	parent = e->send.image.parent;
	if (e->args_of == *id)
		bpf_loop(IMAGE_CHUNKS, image_drop_chunk, &key, 0);
	bpf_map_delete_elem(&images, id);
	*id = parent;
	return parent ? 0 : 1;
}

/* One reference less; the last one's end is one less for the parent. */
static __noinline long image_put(__u64 id)
{
	return bpf_loop(IMAGE_CASCADE, image_put_step, &id, 0);
}

/* A new one like @like, with one reference. NULL when memory is short. */
static struct image *image_new(const struct image *like, __u64 *ret_id)
{
	__u64 id = __sync_fetch_and_add(&last_image, 1) + 1;
	struct image *e;

	bpf_map_update_elem(&images, &id, like, BPF_NOEXIST);
	e = bpf_map_lookup_elem(&images, &id);
	if (!e) {
		count_lost(images);
		return NULL;
	}
	e->send.image.id = id;
	e->refs = 1;
	e->sent = 0;
	*ret_id = id;
	return e;
}

static void image_of_task(struct image *e, struct task_struct *task)
{
	struct ft_image *image = &e->send.image;

	image->pid = BPF_CORE_READ(task, tgid);
	image->uid = BPF_CORE_READ(task, cred, euid.val);
	image->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	bpf_probe_read_kernel_str(image->comm, sizeof(image->comm), task->comm);
}

/* The path of its program; the event's size goes with it. */
static void image_read_exe(struct image *e, struct mm_struct *mm)
{
	struct file *file = mm ? BPF_CORE_READ(mm, exe_file) : NULL;
	__u32 len = 1;
	bool cut = false;

	if (file)
		len = path_exe(file, e->send.image.exe, &cut);
	if (cut)
		e->send.image.flags |= FT_IMAGE_EXE_CUT;
	if (!mm)
		e->send.image.flags |= FT_IMAGE_KERNEL;
	e->send.event.type = FT_IMAGE;
	e->send.event.size = offsetof(struct ft_image_event, image.exe) + len;
}

struct args_read {
	struct task_struct *task; /* NULL: the current one, which is in execve() */
	__u64 image, from;
	__u32 len, done;
};

/* Makes the chunk @i, of @ret_len bytes. */
static struct args_chunk *image_chunk(struct args_read *a, __u32 i, __u32 *ret_len)
{
	struct args_key key = {.image = a->image, .chunk = i};
	__u32 at = i * FT_ARGS_CHUNK;

	if (at >= a->len)
		return NULL;
	*ret_len = a->len - at < FT_ARGS_CHUNK ? a->len - at : FT_ARGS_CHUNK;
	bpf_map_update_elem(&args, &key, &args_blank, BPF_ANY);
	return bpf_map_lookup_elem(&args, &key);
}

static long image_read_chunk(__u32 i, struct args_read *a)
{
	__u32 len = 0;
	struct args_chunk *chunk = image_chunk(a, i, &len);

	if (!chunk || len > FT_ARGS_CHUNK ||
	    bpf_probe_read_user(chunk->bytes, len, (void *)(a->from + i * FT_ARGS_CHUNK)))
		return 1;
	if (a->done + len == FT_ARGS_BYTES)
		chunk->bytes[FT_ARGS_CHUNK - 1] = '\0';
	a->done += len;
	return a->done == a->len ? 1 : 0;
}

/* The size of what there is to read: @mm's arguments, up to the bound. */
static void image_args_begin(struct image *e, struct mm_struct *mm, struct args_read *a)
{
	__u64 from = BPF_CORE_READ(mm, arg_start), to = BPF_CORE_READ(mm, arg_end);

	a->image = e->send.image.id;
	a->from = from;
	a->len = to <= from ? 0 : to - from < FT_ARGS_BYTES ? to - from : FT_ARGS_BYTES;
	if (to > from && to - from > FT_ARGS_BYTES)
		e->send.image.flags |= FT_IMAGE_ARGS_CUT;
	e->args_of = a->image;
}

static void image_args_end(struct image *e, const struct args_read *a)
{
	e->send.image.args_bytes = a->done;
	if (a->done < a->len)
		e->send.image.flags |= a->done ? FT_IMAGE_ARGS_CUT : FT_IMAGE_NO_ARGS;
}

/* ---- sending ---- */

struct args_send {
	__u64 image, args_of;
	__u32 len;
	bool lost;
};

static long image_send_chunk(__u32 i, struct args_send *a)
{
	struct args_key key = {.image = a->args_of, .chunk = i};
	struct args_chunk *chunk = bpf_map_lookup_elem(&args, &key);
	__u32 at = i * FT_ARGS_CHUNK, len = a->len - at;
	struct args_head head = {.event.type = FT_ARGS, .image = a->image, .offset = at};
	struct bpf_dynptr to;
	long lost;

	if (at >= a->len || !chunk)
		return 1;
	if (len > FT_ARGS_CHUNK)
		len = FT_ARGS_CHUNK;
	head.len = len;
	head.event.size = sizeof(head) + len;
	head.event.time_ns = bpf_ktime_get_boot_ns();
	lost = bpf_ringbuf_reserve_dynptr(&ring, sizeof(head) + len, 0, &to) ||
	       bpf_dynptr_write(&to, 0, &head, sizeof(head), 0) ||
	       bpf_dynptr_write(&to, sizeof(head), chunk->bytes, len, 0);
	a->lost = lost;
	bpf_ringbuf_submit_dynptr(&to, BPF_RB_FORCE_WAKEUP);
	return lost;
}

/* Whether it is in the ring now, with all its arguments. Two at once may both send it. */
static __always_inline bool image_send_one(__u64 id)
{
	struct image *e = image_get(id);
	struct args_send a = {.image = id};
	__u32 size;

	if (!e || e->sent)
		return true;
	size = e->send.event.size;
	if (size > sizeof(e->send))
		return true;
	e->send.event.time_ns = bpf_ktime_get_boot_ns();
	if (bpf_ringbuf_output(&ring, &e->send, size, BPF_RB_FORCE_WAKEUP)) {
		count_lost(events);
		return false;
	}
	a.args_of = e->args_of;
	a.len = e->send.image.args_bytes;
	bpf_loop(IMAGE_CHUNKS, image_send_chunk, &a, 0);
	if (a.lost) {
		count_lost(events);
		return false;
	}
	e->sent = 1;
	return true;
}

struct image_line {
	__u64 id, top;
};

static long image_line_step(__u32 i, struct image_line *line)
{
	struct image *e = image_get(line->id);

	if (!e || e->sent)
		return 1;
	line->top = line->id;
	line->id = e->send.image.parent;
	return 0;
}

/* The outermost of those ancestors of @id that were not sent yet, or @id itself. There are few, and
 * no room on the stack to remember them. */
static long image_line_send(__u32 i, __u64 *id)
{
	struct image_line line = {.id = *id, .top = *id};

	bpf_loop(FT_ANCESTRY + 1, image_line_step, &line, 0);
	return !image_send_one(line.top) || line.top == *id ? 1 : 0;
}

/* Sends what was not yet sent of @id and its ancestors, the outermost first. */
static __noinline long image_send(__u64 id)
{
	struct image *e = image_get(id);

	if (!e || e->sent)
		return 0;
	return bpf_loop(FT_ANCESTRY + 1, image_line_send, &id, 0);
}

/* ---- processes come, change and go ---- */

static __noinline long process_drop(__u32 pid)
{
	struct process *p = bpf_map_lookup_elem(&procs, &pid);
	__u64 image;

	if (!p)
		return 0;
	image = p->image;
	if (bpf_map_delete_elem(&procs, &pid) == 0)
		image_put(image);
	return 0;
}

static int process_add(__u32 pid, __u64 image)
{
	struct process p = {.image = image};

	if (bpf_map_update_elem(&procs, &pid, &p, BPF_NOEXIST) == 0)
		return 0;
	image_put(image);
	return -1;
}

struct image_cut {
	__u64 id;
};

static long image_cut_step(__u32 i, __u64 *id)
{
	struct image *e = image_get(*id);

	if (!e)
		return 1;
	*id = e->send.image.parent;
	return 0;
}

/* A line of processes each of which forks the next one and ends would be kept for ever: it is cut
 * where nobody asks any more. */
static __noinline long image_cut_line(__u64 id)
{
	struct image *e;
	__u64 parent;

	bpf_loop(FT_ANCESTRY, image_cut_step, &id, 0);
	e = image_get(id);
	parent = e ? e->send.image.parent : 0;
	if (!e || !parent || !__sync_bool_compare_and_swap(&e->send.image.parent, parent, 0))
		return 0;
	e->send.image.flags |= FT_IMAGE_ORPHAN;
	return image_put(parent);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 pid = parent->tgid;
	struct process *p;
	struct image *from, *e;
	__u64 id;

	if (child->tgid == parent->tgid)
		return 0;
	p = bpf_map_lookup_elem(&procs, &pid);
	from = p ? image_get(p->image) : NULL;
	if (!from)
		return 0;
	from->send.image.uid = BPF_CORE_READ(parent, cred, euid.val);
	e = image_new(from, &id);
	if (!e)
		return 0;
	e->send.image.parent = p->image;
	e->send.image.flags &= ~(FT_IMAGE_LATE | FT_IMAGE_ORPHAN);
	image_of_task(e, child);
	__sync_fetch_and_add(&from->refs, 1);
	e->depth = from->depth + 1;
	if (e->depth >= IMAGE_DEPTH) {
		e->depth = FT_ANCESTRY;
		image_cut_line(id);
	}
	pid = child->tgid;
	process_drop(pid);
	process_add(pid, id);
	return 0;
}

/* The image of the program that the current process has just begun. */
static struct image *image_of_exec(struct task_struct *task, __u64 old, __u64 *ret_id)
{
	struct image *e = image_new(&image_blank, ret_id), *before = image_get(old);
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct args_read a = {0};

	if (!e)
		return NULL;
	image_of_task(e, task);
	image_read_exe(e, mm);
	e->send.image.exec_ns = bpf_ktime_get_boot_ns();
	image_args_begin(e, mm, &a);
	bpf_loop(IMAGE_CHUNKS, image_read_chunk, &a, 0);
	image_args_end(e, &a);
	if (before) {
		e->send.image.parent = before->send.image.parent;
		e->depth = before->depth;
		image_ref(e->send.image.parent);
	}
	return e;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	__u32 pid = task->tgid;
	struct process *p = bpf_map_lookup_elem(&procs, &pid);
	__u64 old = p ? p->image : 0, id = 0;

	image_of_exec(task, old, &id);
	if (!p) {
		if (id)
			process_add(pid, id);
		return 0;
	}
	p->image = id;
	image_left(p, pid, old, id);
	image_put(old);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	__u32 pid = task->tgid;
	struct process *p;

	if (BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0;
	p = bpf_map_lookup_elem(&procs, &pid);
	if (!p)
		return 0;
	image_left(p, pid, p->image, 0);
	return process_drop(pid);
}

/* ---- those that were there before ---- */

static long image_copy_chunk(__u32 i, struct args_read *a)
{
	__u32 len = 0;
	struct args_chunk *chunk = image_chunk(a, i, &len);

	if (!chunk || len > FT_ARGS_CHUNK || !a->task ||
	    bpf_copy_from_user_task(chunk->bytes, len, (void *)(a->from + i * FT_ARGS_CHUNK),
				    a->task, 0))
		return 1;
	if (a->done + len == FT_ARGS_BYTES)
		chunk->bytes[FT_ARGS_CHUNK - 1] = '\0';
	a->done += len;
	return a->done == a->len ? 1 : 0;
}

static long image_late(struct task_struct *task)
{
	__u32 pid = task->tgid;
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct args_read a = {.task = task};
	struct image *e;
	__u64 id;

	if (bpf_map_lookup_elem(&procs, &pid) || task->exit_state)
		return 0;
	e = image_new(&image_blank, &id);
	if (!e)
		return 0;
	e->send.image.flags = FT_IMAGE_LATE;
	image_of_task(e, task);
	image_read_exe(e, task->flags & PF_KTHREAD ? NULL : mm);
	e->send.image.exec_ns = e->send.image.start_ns;
	if (mm) {
		image_args_begin(e, mm, &a);
		bpf_loop(IMAGE_CHUNKS, image_copy_chunk, &a, 0);
		image_args_end(e, &a);
	}
	return process_add(pid, id);
}

static long image_late_parent(struct task_struct *task)
{
	__u32 pid = task->tgid, parent = BPF_CORE_READ(task, real_parent, tgid);
	struct process *p = bpf_map_lookup_elem(&procs, &pid),
		       *q = bpf_map_lookup_elem(&procs, &parent);
	struct image *e = p ? image_get(p->image) : NULL, *up = q ? image_get(q->image) : NULL;

	if (!e || !up || e == up || e->send.image.parent)
		return 0;
	__sync_fetch_and_add(&up->refs, 1);
	e->send.image.parent = q->image;
	e->depth = 1;
	return 0;
}

SEC("iter.s/task")
int processes(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task || task->pid != task->tgid)
		return 0;
	if (task->tgid == 1)
		mount_namespace = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	if (late_links)
		image_late_parent(task);
	else
		image_late(task);
	return 0;
}

#endif
