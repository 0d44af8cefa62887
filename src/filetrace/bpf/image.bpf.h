/*
 * Process images: who runs what, and who started it.
 *
 * An image is counted by its process and by the images it has forked, so that it lives as long as
 * anybody asks for ancestors by it. What it has in common with those it forks is their program.
 */
#ifndef FILETRACE_IMAGE_BPF_H
#define FILETRACE_IMAGE_BPF_H

#include "filetrace/bpf/program.bpf.h"

enum {
	IMAGE_DEPTH = 2 * FT_ANCESTRY, /* a line of ancestors is cut to half of that */
	IMAGE_CASCADE = 2 * IMAGE_DEPTH,
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 262144);
	__type(key, __u64);
	__type(value, struct image);
} images SEC(".maps");

__u64 last_image; /* the last id given; set when the programs are loaded */

static struct image *image_get(__u64 id)
{
	return id ? bpf_map_lookup_elem(&images, &id) : NULL;
}

static inline void image_ref(__u64 id)
{
	struct image *e = image_get(id);

	if (e)
		__sync_fetch_and_add(&e->refs, 1);
}

static long image_put_step(__u32 i, __u64 *id)
{
	struct image *e = image_get(*id);
	__u64 parent;

	if (!e || __sync_fetch_and_add(&e->refs, -1) != 1)
		return 1;
	parent = e->parent;
	program_put(e->program);
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
static struct image *image_new(const struct image *like)
{
	__u64 id = __sync_fetch_and_add(&last_image, 1) + 1;
	struct image *e;

	bpf_map_update_elem(&images, &id, like, BPF_NOEXIST);
	e = bpf_map_lookup_elem(&images, &id);
	if (!e) {
		count_lost(images);
		return NULL;
	}
	e->id = id;
	e->refs = 1;
	e->sent = 0;
	return e;
}

/* A process is a child, with a program of its own or not, of this image. */
static void image_adopt(struct image *parent, struct image *child)
{
	child->parent = parent->id;
	child->depth = parent->depth + 1;
	__sync_fetch_and_add(&parent->refs, 1);
}

static void image_of_task(struct image *e, struct task_struct *task)
{
	e->pid = BPF_CORE_READ(task, tgid);
	e->uid = BPF_CORE_READ(task, cred, euid.val);
	e->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	bpf_probe_read_kernel_str(e->comm, sizeof(e->comm), task->comm);
}

/* ---- sending ---- */

static bool image_send_head(struct image *e, struct program *p)
{
	struct ft_event head = {.type = FT_IMAGE, .time_ns = bpf_ktime_get_boot_ns()};
	__u32 len = p->exe_len;
	struct bpf_dynptr to;
	bool lost;

	if (len > FT_EXE_BYTES)
		return true;
	head.size = sizeof(head) + IMAGE_HEAD + len;
	lost = bpf_ringbuf_reserve_dynptr(&ring, sizeof(head) + IMAGE_HEAD + len, 0, &to) ||
	       bpf_dynptr_write(&to, 0, &head, sizeof(head), 0) ||
	       bpf_dynptr_write(&to, sizeof(head), e, IMAGE_HEAD, 0) ||
	       bpf_dynptr_write(&to, sizeof(head) + IMAGE_HEAD, p->exe, len, 0);
	bpf_ringbuf_submit_dynptr(&to, BPF_RB_FORCE_WAKEUP);
	return !lost;
}

/* Whether it is in the ring now, with all its arguments. Two at once may both send it. */
static __always_inline bool image_send_one(__u64 id)
{
	struct image *e = image_get(id);
	struct program *p = e ? program_get(e->program) : NULL;
	struct args_send a = {.image = id};

	if (!e || e->sent || !p)
		return true;
	a.program = e->program;
	a.len = p->args_bytes;
	e->args_bytes = p->args_bytes;
	e->flags |= p->flags;
	a.lost = !image_send_head(e, p);
	if (!a.lost)
		bpf_loop(PROGRAM_CHUNKS, args_send_chunk, &a, 0);
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
	line->id = e->parent;
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

#endif
