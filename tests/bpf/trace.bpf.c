/*
 * fentry and fexit of vfs_unlink(): who removes which file, and with what result.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "trace.h"

char _license[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

/* Events that found no room. */
__u32 lost;

static int send(enum unlink_event_kind kind, struct dentry *dentry, int result)
{
	struct unlink_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);

	if (!event) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	event->kind = kind;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->result = result;
	bpf_probe_read_kernel_str(event->name, sizeof(event->name), name);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("fentry/vfs_unlink")
int BPF_PROG(unlink_entry, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry)
{
	return send(UNLINK_ENTRY, dentry, 0);
}

SEC("fexit/vfs_unlink")
int BPF_PROG(unlink_exit, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
	     struct inode **delegated, int result)
{
	return send(UNLINK_EXIT, dentry, result);
}
