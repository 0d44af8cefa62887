/*
 * Programs that processes run: the path and the arguments, shared by all images between an execve()
 * and the next ones. They are taken at execve(), when nobody else can change them.
 */
#ifndef FILETRACE_PROGRAM_BPF_H
#define FILETRACE_PROGRAM_BPF_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "filetrace/bpf/image.h"
#include "filetrace/bpf/path.bpf.h"

enum { PROGRAM_CHUNKS = FT_ARGS_BYTES / FT_ARGS_CHUNK };

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
	__type(key, __u64);
	__type(value, struct program);
} programs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 262144);
	__type(key, struct args_key);
	__type(value, struct args_chunk);
} args SEC(".maps");

static const struct program program_blank;
static const struct args_chunk args_blank;

struct ft_counts counts;

#define count_lost(what) __sync_fetch_and_add(&counts.lost_##what, 1)

static struct program *program_get(__u64 id)
{
	return bpf_map_lookup_elem(&programs, &id);
}

static long program_drop_chunk(__u32 i, struct args_key *key)
{
	key->chunk = i;
	return bpf_map_delete_elem(&args, key) ? 1 : 0;
}

/* One image less runs it. */
static __noinline long program_put(__u64 id)
{
	struct program *p = program_get(id);
	struct args_key key = {.program = id};

	if (!p || __sync_fetch_and_add(&p->refs, -1) != 1)
		return 0;
	bpf_loop(PROGRAM_CHUNKS, program_drop_chunk, &key, 0);
	return bpf_map_delete_elem(&programs, &id);
}

/* A new one with one reference and the path of what @mm runs, NULL for a thread of the kernel. NULL
 * when memory is short. */
static struct program *program_new(__u64 id, struct mm_struct *mm)
{
	struct file *file = mm ? BPF_CORE_READ(mm, exe_file) : NULL;
	struct program *p;
	bool cut = false;

	bpf_map_update_elem(&programs, &id, &program_blank, BPF_NOEXIST);
	p = bpf_map_lookup_elem(&programs, &id);
	if (!p)
		return NULL;
	p->refs = 1;
	p->exe_len = file ? path_exe(file, p->exe, &cut) : 1;
	p->flags = (cut ? FT_IMAGE_EXE_CUT : 0) | (mm ? 0 : FT_IMAGE_KERNEL);
	return p;
}

/* ---- arguments ---- */

struct args_read {
	struct task_struct *task; /* NULL: the current one, which is in execve() */
	__u64 program, from;
	__u32 len, done;
};

/* Makes the chunk @i, of *@ret_len bytes. */
static struct args_chunk *args_make(struct args_read *a, __u32 i, __u32 *ret_len)
{
	struct args_key key = {.program = a->program, .chunk = i};
	__u32 at = i * FT_ARGS_CHUNK;

	if (at >= a->len)
		return NULL;
	*ret_len = a->len - at < FT_ARGS_CHUNK ? a->len - at : FT_ARGS_CHUNK;
	bpf_map_update_elem(&args, &key, &args_blank, BPF_ANY);
	return bpf_map_lookup_elem(&args, &key);
}

/* @len bytes were read; whether that was all. */
static long args_made(struct args_read *a, struct args_chunk *chunk, __u32 len)
{
	if (a->done + len == FT_ARGS_BYTES)
		chunk->bytes[FT_ARGS_CHUNK - 1] = '\0';
	a->done += len;
	return a->done == a->len ? 1 : 0;
}

static long args_read_own(__u32 i, struct args_read *a)
{
	__u32 len = 0;
	struct args_chunk *chunk = args_make(a, i, &len);

	if (!chunk || len > FT_ARGS_CHUNK ||
	    bpf_probe_read_user(chunk->bytes, len, (void *)(a->from + i * FT_ARGS_CHUNK)))
		return 1;
	return args_made(a, chunk, len);
}

/* Of another task; only where sleeping is allowed. */
static long args_read_other(__u32 i, struct args_read *a)
{
	__u32 len = 0;
	struct args_chunk *chunk = args_make(a, i, &len);

	if (!chunk || len > FT_ARGS_CHUNK || !a->task ||
	    bpf_copy_from_user_task(chunk->bytes, len, (void *)(a->from + i * FT_ARGS_CHUNK),
				    a->task, 0))
		return 1;
	return args_made(a, chunk, len);
}

/* What there is to read: @mm's arguments, up to the bound. */
static void args_begin(struct args_read *a, struct program *p, struct mm_struct *mm)
{
	__u64 from = BPF_CORE_READ(mm, arg_start), to = BPF_CORE_READ(mm, arg_end);

	a->from = from;
	a->len = to <= from ? 0 : to - from < FT_ARGS_BYTES ? to - from : FT_ARGS_BYTES;
	if (to > from && to - from > FT_ARGS_BYTES)
		p->flags |= FT_IMAGE_ARGS_CUT;
}

static void args_end(const struct args_read *a, struct program *p)
{
	p->args_bytes = a->done;
	if (a->done < a->len)
		p->flags |= a->done ? FT_IMAGE_ARGS_CUT : FT_IMAGE_NO_ARGS;
}

struct args_send {
	__u64 image, program;
	__u32 len;
	bool lost;
};

static long args_send_chunk(__u32 i, struct args_send *a)
{
	struct args_key key = {.program = a->program, .chunk = i};
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

#endif
