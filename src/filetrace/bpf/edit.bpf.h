/*
 * Edits: what a process does to the content of an inode under watch, from its first modification on
 * until no file is left through which it could go on.
 *
 * An edit has an entry as soon as its process opens the inode for writing, but begins, and is told
 * of, with the first modification. Files remember which processes have an edit through them; what
 * holds an edit during truncate(2), which has no file, is the task. A ninth process that writes
 * through one and the same file is not remembered there: its edit ends with the process.
 */
#ifndef FILETRACE_EDIT_BPF_H
#define FILETRACE_EDIT_BPF_H

#include "filetrace/bpf/watch.bpf.h"

enum { EDIT_SHARERS = 8 };

struct edit_key {
	struct ft_key inode;
	__u32 pid;
	__u32 zero;
};

struct edit {
	__u64 image, last_image;
	__u32 begun;
	__u32 ops, op_count;
	__s32 files;
};

/* By the address of a struct file, or of a task that truncates. */
struct edit_file {
	struct ft_key inode;
	__u32 pids[EDIT_SHARERS]; /* 0: free */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct edit_key);
	__type(value, struct edit);
} edits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct edit_file);
} files SEC(".maps");

/* The entry of the current process; NULL when memory is short. */
static struct edit *edit_get(const struct edit_key *key)
{
	struct edit *e = bpf_map_lookup_elem(&edits, key), blank = {0};
	struct process *p;
	__u32 pid = key->pid;

	if (e)
		return e;
	if (bpf_map_update_elem(&edits, key, &blank, BPF_NOEXIST) == 0) {
		p = bpf_map_lookup_elem(&procs, &pid);
		if (p)
			__sync_fetch_and_add(&p->edits, 1);
	}
	e = bpf_map_lookup_elem(&edits, key);
	if (!e)
		count_lost(edits);
	return e;
}

/* The file is one of those that the edit goes through. */
static __noinline long edit_hold(struct edit *e, const struct edit_key *key, __u64 holder)
{
	struct edit_file *f = bpf_map_lookup_elem(&files, &holder), blank = {.inode = key->inode};
	__u32 pid = key->pid;

	/* Of a file that was opened in vain nobody tells; its address is another file's now. */
	if (f && (f->inode.ino != key->inode.ino || f->inode.dev != key->inode.dev)) {
		bpf_map_delete_elem(&files, &holder);
		f = NULL;
	}
	if (!f) {
		bpf_map_update_elem(&files, &holder, &blank, BPF_NOEXIST);
		f = bpf_map_lookup_elem(&files, &holder);
	}
	if (!f) {
		count_lost(edits);
		return 0;
	}
	for (int i = 0; i < EDIT_SHARERS; i++)
		if (f->pids[i] == pid)
			return 0;
	for (int i = 0; i < EDIT_SHARERS; i++) {
		if (!f->pids[i] && __sync_bool_compare_and_swap(&f->pids[i], 0, pid)) {
			__sync_fetch_and_add(&e->files, 1);
			return 0;
		}
	}
	return 0;
}

static void edit_writer(struct ft_inode *inode, __u64 image)
{
	__u32 at = __sync_fetch_and_add(&inode->writer_count, 1);

	inode->writers[at % FT_WRITERS] = image;
}

static __noinline long edit_send_begin(struct ft_inode *entry, struct inode *inode,
				       struct dentry *dentry, __u32 op)
{
	__u64 image = actor_image();
	struct ft_begin_event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);

	if (!event) {
		count_lost(events);
		return 0;
	}
	event->event.type = FT_BEGIN;
	event->event.time_ns = bpf_ktime_get_boot_ns();
	actor_fill(&event->actor, image);
	key_of(inode, &event->inode);
	event->generation = entry->generation;
	event->size = inode->i_size;
	event->ops = op;
	event->zero = 0;
	event->event.size =
		offsetof(struct ft_begin_event, place) + place_fill(&event->place, dentry);
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/* The current process is about to modify @inode. */
static __noinline long edit_modify(struct inode *inode, struct dentry *dentry, __u64 holder,
				   __u32 op)
{
	struct edit_key key = {0};
	struct ft_inode *entry = inode_get(inode, &key.inode);
	struct process *p;
	struct edit *e;
	__u64 image;

	if (!entry)
		return 0;
	key.pid = bpf_get_current_pid_tgid() >> 32;
	p = actor_process(bpf_get_current_task_btf());
	image = p ? p->image : 0;
	e = edit_get(&key);
	if (!e) {
		__sync_fetch_and_add(&entry->generation, 1);
		return 0;
	}
	edit_hold(e, &key, holder);
	__sync_fetch_and_or(&e->ops, op);
	__sync_fetch_and_add(&e->op_count, 1);
	if (__sync_bool_compare_and_swap(&e->begun, 0, 1)) {
		e->image = e->last_image = image;
		__sync_fetch_and_add(&entry->edits, 1);
		edit_writer(entry, image);
		edit_send_begin(entry, inode, dentry, op);
	} else if (e->last_image != image) {
		e->last_image = image;
		edit_writer(entry, image);
	}
	__sync_fetch_and_add(&entry->generation, 1);
	return 0;
}

static __always_inline long edit_send_end(const struct edit_key *key, const struct edit *e)
{
	struct ft_inode *entry = bpf_map_lookup_elem(&inodes, &key->inode);
	__u32 pid = key->pid, others = 0;
	struct process *p = bpf_map_lookup_elem(&procs, &pid);
	__u64 last = p ? p->image : e->last_image;
	struct ft_end_event *event;

	/* The entry may be a younger one than the edit. */
	if (entry && entry->edits)
		others = __sync_fetch_and_add(&entry->edits, -1) - 1;
	if (p)
		p->recent_ns = bpf_ktime_get_boot_ns();
	if (last != e->image)
		image_send(last);
	event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	if (!event) {
		count_lost(events);
		return 0;
	}
	event->event.type = FT_END;
	event->event.size = sizeof(*event);
	event->event.time_ns = bpf_ktime_get_boot_ns();
	event->image = e->image;
	event->last_image = last != e->image ? last : 0;
	event->inode = key->inode;
	event->generation = entry ? entry->generation : 0;
	event->ops = e->ops;
	event->op_count = e->op_count;
	event->others = others;
	event->zero = 0;
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/* The edit is over; of several who say so, one tells it. */
static __noinline long edit_end(const struct edit_key *key)
{
	struct edit *e = bpf_map_lookup_elem(&edits, key), last;
	__u32 pid = key->pid;
	struct process *p;

	if (!e)
		return 0;
	last = *e;
	if (bpf_map_delete_elem(&edits, key) < 0)
		return 0;
	p = bpf_map_lookup_elem(&procs, &pid);
	if (p)
		__sync_fetch_and_add(&p->edits, -1);
	return last.begun ? edit_send_end(key, &last) : 0;
}

struct edit_release {
	struct edit_file file;
	struct edit_key key;
};

static long edit_release_step(__u32 i, struct edit_release *r)
{
	struct edit *e;

	if (i >= EDIT_SHARERS)
		return 1;
	r->key.pid = r->file.pids[i];
	if (!r->key.pid)
		return 0;
	e = bpf_map_lookup_elem(&edits, &r->key);
	if (e && __sync_fetch_and_add(&e->files, -1) <= 1)
		edit_end(&r->key);
	return 0;
}

/* The file, or the task that truncated, is done. */
static __noinline long edit_release(__u64 holder)
{
	struct edit_file *f = bpf_map_lookup_elem(&files, &holder);
	struct edit_release r = {0};

	if (!f)
		return 0;
	r.file = *f;
	r.key.inode = f->inode;
	bpf_map_delete_elem(&files, &holder);
	return bpf_loop(EDIT_SHARERS, edit_release_step, &r, 0);
}

struct edit_exit {
	__u32 pid, left;
};

static long edit_exit_step(void *map, struct edit_key *key, struct edit *e, struct edit_exit *x)
{
	struct edit_key copy = *key;

	if (copy.pid != x->pid)
		return 0;
	edit_end(&copy);
	return --x->left ? 0 : 1;
}

enum { RECENT_NS = 2000000000 };

/* A process ends, or begins another program: its edits go on then, and it is told only when some
 * event was about it lately. */
static void process_left(struct process *p, __u32 pid, __u64 old, __u64 next)
{
	struct edit_exit x = {.pid = pid, .left = p->edits};
	bool open = p->edits != 0;
	struct ft_exit_event *event;

	if (open && !next)
		bpf_for_each_map_elem(&edits, edit_exit_step, &x, 0);
	if (!p->recent_ns || (!open && bpf_ktime_get_boot_ns() - p->recent_ns > RECENT_NS))
		return;
	if (next)
		image_send(next);
	event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	if (!event) {
		count_lost(events);
		return;
	}
	event->event.type = FT_EXIT;
	event->event.size = sizeof(*event);
	event->event.time_ns = bpf_ktime_get_boot_ns();
	event->image = old;
	event->next = next;
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}

#endif
