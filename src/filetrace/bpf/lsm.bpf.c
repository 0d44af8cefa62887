/*
 * The programs of the source "lsm": all modifications of content, names and metadata under watch,
 * by whatever system call, and who makes them.
 *
 * Hooks of the security modules see content before it is modified; entry and exit of functions of
 * the VFS see names and metadata, and whether it was done. Nothing is ever refused. What is not
 * under watch costs a look at the filter.
 */
#include "filetrace/bpf/kernel.h"
#include "filetrace/bpf/abi.h"
#include "filetrace/bpf/filter.h"
#include "filetrace/bpf/name.bpf.h"

char _license[] SEC("license") = "GPL";

/* ---- the daemon asks for keys ---- */

__u64 show_token;
struct ft_shown shown;

/* F_GETFD has no argument, so that nobody else gives one; and it takes O_PATH, too. */
SEC("fentry/bpf_lsm_file_fcntl")
int BPF_PROG(file_fcntl, struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd != F_GETFD || !arg || arg != show_token)
		return 0;
	key_of(file->f_inode, &shown.key);
	shown.igeneration = file->f_inode->i_generation;
	shown.count++;
	return 0;
}

/* ---- content ---- */

static __noinline long modify_file(struct file *file, __u32 op)
{
	return edit_modify(file->f_inode, file->f_path.dentry, (__u64)file, op);
}

SEC("fentry/bpf_lsm_file_permission")
int BPF_PROG(file_permission, struct file *file, int mask)
{
	return mask & MAY_WRITE && filter_has(file->f_inode) ? modify_file(file, FT_OP_WRITE) : 0;
}

SEC("fentry/bpf_lsm_file_truncate")
int BPF_PROG(file_truncate, struct file *file)
{
	return filter_has(file->f_inode) ? modify_file(file, FT_OP_TRUNCATE) : 0;
}

/* truncate(2): the task stands for the file, until the function is over. */
SEC("fentry/bpf_lsm_path_truncate")
int BPF_PROG(path_truncate, const struct path *path)
{
	struct dentry *dentry = path->dentry;
	struct inode *inode = dentry->d_inode;

	if (filter_has(inode))
		edit_modify(inode, dentry, (__u64)bpf_get_current_task(), FT_OP_TRUNCATE);
	return 0;
}

SEC("fexit/vfs_truncate")
int BPF_PROG(truncate_end, const struct path *path, __s64 len, long result)
{
	if (filter_has(path->dentry->d_inode))
		edit_release((__u64)bpf_get_current_task());
	return 0;
}

static __noinline long modify_mapped(struct file *file)
{
	if (!(file->f_mode & FMODE_WRITE))
		return 0;
	return edit_modify(file->f_inode, file->f_path.dentry, (__u64)file, FT_OP_MMAP);
}

/* @file is NULL for memory without one. */
SEC("fentry/bpf_lsm_mmap_file")
int BPF_PROG(mmap_file, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags)
{
	return flags & MAP_SHARED && prot & PROT_WRITE && filter_has(file->f_inode)
		       ? modify_mapped(file)
		       : 0;
}

SEC("fentry/bpf_lsm_file_mprotect")
int BPF_PROG(file_mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot)
{
	return prot & PROT_WRITE && vma->vm_flags & VM_SHARED && filter_has(vma->vm_file->f_inode)
		       ? modify_mapped(vma->vm_file)
		       : 0;
}

static __noinline long opened(struct file *file, struct inode *inode)
{
	struct edit_key key = {0};
	struct dentry *dentry = file->f_path.dentry;
	struct inode *dir = dentry->d_parent->d_inode;
	struct edit *e;

	if (file->f_mode & FMODE_CREATED && (name_flags(dir, dentry) || inode_watched(inode)))
		name_created(dentry, inode);
	if (!(file->f_mode & FMODE_WRITE) || !inode_get(inode, &key.inode))
		return 0;
	key.pid = bpf_get_current_pid_tgid() >> 32;
	e = edit_get(&key);
	return e ? edit_hold(e, &key, (__u64)file) : 0;
}

/* What was made under a name under watch has passed the filter: see instantiate(). */
SEC("fentry/bpf_lsm_file_open")
int BPF_PROG(file_open, struct file *file)
{
	struct inode *inode = file->f_inode;

	return filter_has(inode) ? opened(file, inode) : 0;
}

static __noinline long released(struct file *file)
{
	edit_release((__u64)file);
	return file->f_mode & FMODE_WRITE ? inode_forget(file->f_inode, 1) : 0;
}

SEC("fentry/bpf_lsm_file_release")
int BPF_PROG(file_release, struct file *file)
{
	return filter_has(file->f_inode) ? released(file) : 0;
}

/* The same where the kernel has no such hook. */
SEC("fentry/bpf_lsm_file_free_security")
int BPF_PROG(file_free, struct file *file)
{
	if (!filter_has(file->f_inode))
		return 0;
	edit_release((__u64)file);
	return inode_forget(file->f_inode, 0);
}

/* What files are opened for matters no more when they are given to fallocate() and the like. */
static __noinline long allocated(struct file *file)
{
	struct edit_key key = {.pid = bpf_get_current_pid_tgid() >> 32};
	struct edit *e;

	key_of(file->f_inode, &key.inode);
	e = bpf_map_lookup_elem(&edits, &key);
	if (e)
		__sync_fetch_and_or(&e->ops, FT_OP_ALLOCATE);
	return 0;
}

SEC("fexit/vfs_fallocate")
int BPF_PROG(fallocate_end, struct file *file, int mode, __s64 offset, __s64 len, long result)
{
	return result || !filter_has(file->f_inode) ? 0 : allocated(file);
}

SEC("fexit/vfs_clone_file_range")
int BPF_PROG(clone_end, struct file *from, __s64 from_offset, struct file *file, __s64 offset,
	     __s64 len, unsigned int flags, __s64 result)
{
	return result < 0 || !filter_has(file->f_inode) ? 0 : allocated(file);
}

SEC("fexit/vfs_copy_file_range")
int BPF_PROG(copy_end, struct file *from, __s64 from_offset, struct file *file, __s64 offset,
	     unsigned long len, unsigned int flags, __s64 result)
{
	return result < 0 || !filter_has(file->f_inode) ? 0 : allocated(file);
}

/* ---- metadata ---- */

static __always_inline bool meta_matters(struct dentry *dentry)
{
	return filter_has(dentry->d_inode) || filter_has(dentry->d_parent->d_inode);
}

static __noinline long meta_touch(struct dentry *dentry)
{
	__u64 generation;

	inode_touch(dentry->d_inode, &generation);
	return 0;
}

static __always_inline long meta_begin(struct dentry *dentry)
{
	return filter_has(dentry->d_inode) ? meta_touch(dentry) : 0;
}

static __noinline long meta_send(struct dentry *dentry, __u32 what)
{
	struct inode *inode = dentry->d_inode;
	struct ft_key key;
	struct ft_inode *entry = inode_get(inode, &key);
	struct ft_meta_event *event;
	__u64 image;

	if (!entry && !bpf_map_lookup_elem(&dirs, &key) &&
	    !name_flags(dentry->d_parent->d_inode, dentry))
		return 0;
	image = actor_image();
	event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	if (!event) {
		count_lost(events);
		return 0;
	}
	event->event.type = FT_META;
	event->event.time_ns = bpf_ktime_get_boot_ns();
	actor_fill(&event->actor, image);
	event->inode = key;
	event->generation = entry ? entry->generation : 0;
	event->what = what;
	event->zero = 0;
	event->event.size =
		offsetof(struct ft_meta_event, place) + place_fill(&event->place, dentry);
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/* A change of size is one of content, and touches the times by itself. */
static __u32 meta_of(unsigned int valid)
{
	__u32 what = 0;

	if (valid & ATTR_MODE)
		what |= FT_META_MODE;
	if (valid & (ATTR_UID | ATTR_GID))
		what |= FT_META_OWNER;
	if (valid & (ATTR_ATIME | ATTR_MTIME) && !(valid & ATTR_SIZE))
		what |= FT_META_TIMES;
	return what;
}

SEC("fentry/notify_change")
int BPF_PROG(attributes_begin, struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	return meta_begin(dentry);
}

SEC("fexit/notify_change")
int BPF_PROG(attributes_end, struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr,
	     struct inode **delegated, int result)
{
	__u32 what;

	if (result || !meta_matters(dentry))
		return 0;
	what = meta_of(attr->ia_valid);
	return what ? meta_send(dentry, what) : 0;
}

SEC("fentry/vfs_setxattr")
int BPF_PROG(setxattr_begin, struct mnt_idmap *idmap, struct dentry *dentry)
{
	return meta_begin(dentry);
}

SEC("fexit/vfs_setxattr")
int BPF_PROG(setxattr_end, struct mnt_idmap *idmap, struct dentry *dentry, const char *name,
	     const void *value, unsigned long size, int flags, int result)
{
	return result || !meta_matters(dentry) ? 0 : meta_send(dentry, FT_META_XATTR);
}

SEC("fentry/vfs_removexattr")
int BPF_PROG(removexattr_begin, struct mnt_idmap *idmap, struct dentry *dentry)
{
	return meta_begin(dentry);
}

SEC("fexit/vfs_removexattr")
int BPF_PROG(removexattr_end, struct mnt_idmap *idmap, struct dentry *dentry, const char *name,
	     int result)
{
	return result || !meta_matters(dentry) ? 0 : meta_send(dentry, FT_META_XATTR);
}

SEC("fentry/vfs_set_acl")
int BPF_PROG(set_acl_begin, struct mnt_idmap *idmap, struct dentry *dentry)
{
	return meta_begin(dentry);
}

SEC("fexit/vfs_set_acl")
int BPF_PROG(set_acl_end, struct mnt_idmap *idmap, struct dentry *dentry, const char *name,
	     struct posix_acl *acl, int result)
{
	return result || !meta_matters(dentry) ? 0 : meta_send(dentry, FT_META_ACL);
}

SEC("fentry/vfs_remove_acl")
int BPF_PROG(remove_acl_begin, struct mnt_idmap *idmap, struct dentry *dentry)
{
	return meta_begin(dentry);
}

SEC("fexit/vfs_remove_acl")
int BPF_PROG(remove_acl_end, struct mnt_idmap *idmap, struct dentry *dentry, const char *name,
	     int result)
{
	return result || !meta_matters(dentry) ? 0 : meta_send(dentry, FT_META_ACL);
}

SEC("fentry/vfs_fileattr_set")
int BPF_PROG(fileattr_begin, struct mnt_idmap *idmap, struct dentry *dentry)
{
	return meta_begin(dentry);
}

SEC("fexit/vfs_fileattr_set")
int BPF_PROG(fileattr_end, struct mnt_idmap *idmap, struct dentry *dentry, struct fileattr *fa,
	     int result)
{
	return result || !meta_matters(dentry) ? 0 : meta_send(dentry, FT_META_FLAGS);
}

/* ---- mounts ---- */

static __noinline long mounts_changed(__u32 unmount)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ft_mount_event *event;
	__u64 image;

	if (BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum) != mount_namespace)
		return 0;
	image = actor_image();
	event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	if (!event) {
		count_lost(events);
		return 0;
	}
	event->event.type = FT_MOUNT;
	event->event.size = sizeof(*event);
	event->event.time_ns = bpf_ktime_get_boot_ns();
	actor_fill(&event->actor, image);
	event->unmount = unmount;
	event->zero = 0;
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
	return 0;
}

SEC("fexit/path_mount")
int BPF_PROG(mount_end, const char *device, struct path *path, const char *type,
	     unsigned long flags, void *data, int result)
{
	return result ? 0 : mounts_changed(0);
}

SEC("fexit/path_umount")
int BPF_PROG(umount_end, struct path *path, int flags, int result)
{
	return result ? 0 : mounts_changed(1);
}

SEC("lsm/move_mount")
int BPF_PROG(move_mount, const struct path *from, const struct path *to, int result)
{
	mounts_changed(0);
	return result;
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(pivot_root, const struct path *old, const struct path *new, int result)
{
	mounts_changed(1);
	return result;
}
