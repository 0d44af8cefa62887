/*
 * Processes: each has an entry that names its image, from its fork on until its end.
 *
 * fork() makes an image that shares the program of the one it comes from; execve() makes one whose
 * program is its own and whose parent is the old one's. Processes that were there before are read
 * by an iterator. Whoever includes this says in process_left() what is to be done when a process
 * leaves its image. Nothing here needs more than typed tracepoints.
 */
#ifndef FILETRACE_PROCESS_BPF_H
#define FILETRACE_PROCESS_BPF_H

#include <bpf/bpf_tracing.h>

#include "filetrace/bpf/image.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, __u32);
	__type(value, struct process);
} procs SEC(".maps");

static const struct image image_blank;

__u32 late_links; /* the iterator: 0 makes images, 1 tells them their parents */
__u32 mount_namespace; /* of process 1 */

static void process_left(struct process *p, __u32 pid, __u64 old, __u64 next);

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

static __noinline long process_add(__u32 pid, __u64 image)
{
	struct process p = {.image = image};

	if (bpf_map_update_elem(&procs, &pid, &p, BPF_NOEXIST) == 0)
		return 0;
	return image_put(image);
}

/* An image without a program, for which there was no memory. */
static long process_forget(struct image *e)
{
	if (!e)
		return 0;
	count_lost(images);
	image_put(e->id);
	return 0;
}

static long process_line_step(__u32 i, __u64 *id)
{
	struct image *e = image_get(*id);

	if (!e)
		return 1;
	*id = e->parent;
	return 0;
}

/* A line of processes each of which forks the next one and ends would be kept for ever: it is cut
 * where nobody asks any more. */
static __noinline long process_cut_line(__u64 id)
{
	struct image *e;
	__u64 parent;

	bpf_loop(FT_ANCESTRY, process_line_step, &id, 0);
	e = image_get(id);
	parent = e ? e->parent : 0;
	if (!e || !parent || !__sync_bool_compare_and_swap(&e->parent, parent, 0))
		return 0;
	e->flags |= FT_IMAGE_ORPHAN;
	return image_put(parent);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 pid = parent->tgid;
	struct process *p;
	struct program *program;
	struct image *from, *e;

	if (child->tgid == parent->tgid)
		return 0;
	p = bpf_map_lookup_elem(&procs, &pid);
	from = p ? image_get(p->image) : NULL;
	program = from ? program_get(from->program) : NULL;
	if (!from || !program)
		return 0;
	from->uid = BPF_CORE_READ(parent, cred, euid.val);
	e = image_new(from);
	if (!e)
		return 0;
	__sync_fetch_and_add(&program->refs, 1);
	e->flags = 0;
	image_adopt(from, e);
	image_of_task(e, child);
	if (e->depth >= IMAGE_DEPTH) {
		e->depth = FT_ANCESTRY;
		process_cut_line(e->id);
	}
	pid = child->tgid;
	process_drop(pid);
	process_add(pid, e->id);
	return 0;
}

/* The image of the program that the current process has just begun; 0 when memory is short. */
static __u64 process_begin(struct task_struct *task, __u64 old)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct image *e = image_new(&image_blank), *parent = image_get(old);
	struct program *program = e ? program_new(e->id, mm) : NULL;
	struct args_read a = {0};

	if (!e || !program)
		return process_forget(e);
	e->program = a.program = e->id;
	image_of_task(e, task);
	e->exec_ns = bpf_ktime_get_boot_ns();
	args_begin(&a, program, mm);
	bpf_loop(PROGRAM_CHUNKS, args_read_own, &a, 0);
	args_end(&a, program);
	parent = parent ? image_get(parent->parent) : NULL;
	if (parent)
		image_adopt(parent, e);
	return e->id;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task)
{
	__u32 pid = task->tgid;
	struct process *p = bpf_map_lookup_elem(&procs, &pid);
	__u64 old = p ? p->image : 0, id = process_begin(task, old);

	if (!p) {
		if (id)
			process_add(pid, id);
		return 0;
	}
	p->image = id;
	process_left(p, pid, old, id);
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
	process_left(p, pid, p->image, 0);
	return process_drop(pid);
}

/* ---- those that were there before ---- */

static long process_late(struct task_struct *task)
{
	struct mm_struct *mm = task->flags & PF_KTHREAD ? NULL : BPF_CORE_READ(task, mm);
	struct args_read a = {.task = task};
	__u32 pid = task->tgid;
	struct program *program;
	struct image *e;

	if (bpf_map_lookup_elem(&procs, &pid) || task->exit_state)
		return 0;
	e = image_new(&image_blank);
	program = e ? program_new(e->id, mm) : NULL;
	if (!e || !program)
		return process_forget(e);
	e->flags = FT_IMAGE_LATE;
	e->program = a.program = e->id;
	image_of_task(e, task);
	e->exec_ns = e->start_ns;
	if (mm) {
		args_begin(&a, program, mm);
		bpf_loop(PROGRAM_CHUNKS, args_read_other, &a, 0);
		args_end(&a, program);
	}
	return process_add(pid, e->id);
}

static long process_late_parent(struct task_struct *task)
{
	__u32 pid = task->tgid, parent = BPF_CORE_READ(task, real_parent, tgid);
	struct process *p = bpf_map_lookup_elem(&procs, &pid),
		       *q = bpf_map_lookup_elem(&procs, &parent);
	struct image *e = p ? image_get(p->image) : NULL, *up = q ? image_get(q->image) : NULL;

	if (e && up && e != up && !e->parent)
		image_adopt(up, e);
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
		process_late_parent(task);
	else
		process_late(task);
	return 0;
}

#endif
