/*
 * The programs of the source "tracepoint": who a process is and was, for a source that is told of
 * files by fanotify, later, and with no more than a process id.
 *
 * Nothing is sent from here; the daemon reads the maps when an event comes. Until then they keep
 * what ends: processes by their number, and images that are no process's any more, each of them the
 * latest so many. Who writes to an inode under watch is noted in his own context, so that it is
 * known which program a process ran then, when it has executed another one since.
 */
#include "filetrace/bpf/kernel.h"
#include "filetrace/bpf/tracepoint.h"
#include "filetrace/bpf/filter.h"

/* Sending is the part of these headers that is not used here. */
#pragma clang diagnostic ignored "-Wunused-function"
#include "filetrace/bpf/actor.bpf.h"

char _license[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FT_TOUCHES);
	__type(key, struct ft_touch_key);
	__type(value, struct ft_actor);
} touches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FT_GONE);
	__type(key, __u32);
	__type(value, struct ft_gone);
} gone SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FT_KEPT);
	__type(key, __u32);
	__type(value, __u64);
} kept SEC(".maps");

static const struct ft_actor actor_blank;
static const struct ft_gone gone_blank;

__u64 filter[FT_FILTER_WORDS];
__u32 kept_count;

/* Takes the place of the one that is kept longest. */
static __noinline long keep_image(__u64 id)
{
	__u32 at = __sync_fetch_and_add(&kept_count, 1) % FT_KEPT;
	__u64 *slot = bpf_map_lookup_elem(&kept, &at), old;
	struct image *e = image_get(id);

	if (!slot || !e)
		return 0;
	__sync_fetch_and_add(&e->refs, 1);
	old = __sync_lock_test_and_set(slot, id);
	return old ? image_put(old) : 0;
}

static __noinline long note_end(__u32 pid, __u64 image)
{
	struct ft_gone *g;

	bpf_map_update_elem(&gone, &pid, &gone_blank, BPF_ANY);
	g = bpf_map_lookup_elem(&gone, &pid);
	if (!g)
		return 0;
	actor_fill(&g->actor, image);
	g->end_ns = bpf_ktime_get_boot_ns();
	return 0;
}

static void process_left(struct process *p, __u32 pid, __u64 old, __u64 next)
{
	if (old)
		keep_image(old);
	if (!next)
		note_end(pid, old);
}

static __noinline long note_touch(struct inode *inode)
{
	struct ft_touch_key key = {.pid = bpf_get_current_pid_tgid() >> 32};
	struct process *p = bpf_map_lookup_elem(&procs, &key.pid);
	struct ft_actor *a;

	key_of(inode, &key.inode);
	if (!p)
		return 0;
	bpf_map_update_elem(&touches, &key, &actor_blank, BPF_ANY);
	a = bpf_map_lookup_elem(&touches, &key);
	return a ? actor_fill(a, p->image) : 0;
}

SEC("tp_btf/writeback_mark_inode_dirty")
int BPF_PROG(inode_dirty, struct inode *inode, int flags)
{
	return ft_filter_has(filter, inode->i_ino) ? note_touch(inode) : 0;
}
