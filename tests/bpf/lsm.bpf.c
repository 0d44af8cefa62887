/*
 * LSM hooks that refuse to open or to remove a marked file.
 *
 * A mark is an entry in the storage of the inode, put there by user space through a descriptor of
 * the file; all other files are left alone. What was refused is counted.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define EPERM 1

char _license[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} marks SEC(".maps");

__u32 opens_denied, unlinks_denied;

static int deny_marked(struct inode *inode, __u32 *denied_count)
{
	if (!inode || !bpf_inode_storage_get(&marks, inode, NULL, 0))
		return 0;
	__sync_fetch_and_add(denied_count, 1);
	return -EPERM;
}

/* @verdict is what the programs before this one said; a refusal stays one. */
SEC("lsm/file_open")
int BPF_PROG(deny_open, struct file *file, int verdict)
{
	return verdict ? verdict : deny_marked(file->f_inode, &opens_denied);
}

SEC("lsm/inode_unlink")
int BPF_PROG(deny_unlink, struct inode *dir, struct dentry *dentry, int verdict)
{
	return verdict ? verdict : deny_marked(dentry->d_inode, &unlinks_denied);
}
