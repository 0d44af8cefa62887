/*
 * Names: what comes, goes and leads elsewhere in directories under watch, or to an inode under
 * watch.
 *
 * The event is made before the kernel acts, when all names and inodes are still what they were, and
 * waits in a map, by task and entry of the directory; it is sent when the kernel says that it has
 * succeeded. What comes under watch is put there before as well, so that nobody writes to it
 * unseen, and taken back when it fails.
 */
#ifndef FILETRACE_NAME_BPF_H
#define FILETRACE_NAME_BPF_H

#include "filetrace/bpf/edit.bpf.h"

struct pending_key {
	__u64 task; /* thread */
	__u64 dentry;
};

struct pending {
	struct ft_name_event event;
	struct ft_key added_inode, added_dir; /* by us; taken back on failure */
	__u32 flags; /* place_flags() of the place where something comes */
	__u32 zero;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct pending_key);
	__type(value, struct pending);
} pending SEC(".maps");

static const struct pending pending_blank;

/* How many there are: most of the time none, and nobody looks for one. */
__u32 pending_count;

static void pending_key(struct dentry *dentry, struct pending_key *ret_key)
{
	ret_key->task = bpf_get_current_pid_tgid();
	ret_key->dentry = (__u64)dentry;
}

static struct pending *name_pending(struct dentry *dentry, struct pending_key *ret_key)
{
	if (!pending_count)
		return NULL;
	pending_key(dentry, ret_key);
	return bpf_map_lookup_elem(&pending, ret_key);
}

/* Whether @inode is one of those under watch; it need not have passed the filter. */
static bool inode_watched(struct inode *inode)
{
	struct ft_key key;

	if (!inode || !filter_has(inode))
		return false;
	return inode_get(inode, &key) || bpf_map_lookup_elem(&dirs, &key);
}

static void inode_touch(struct inode *inode, __u64 *ret_generation)
{
	struct ft_key key;
	struct ft_inode *entry = inode_get(inode, &key);

	*ret_generation = entry ? __sync_fetch_and_add(&entry->generation, 1) + 1 : 0;
}

/* An event that waits; NULL when memory is short. */
static __noinline struct pending *name_new(struct dentry *dentry, __u32 op)
{
	struct pending_key key;
	struct pending *p;

	pending_key(dentry, &key);
	if (bpf_map_update_elem(&pending, &key, &pending_blank, BPF_NOEXIST) == 0)
		__sync_fetch_and_add(&pending_count, 1);
	p = bpf_map_lookup_elem(&pending, &key);
	if (!p) {
		count_lost(events);
		return NULL;
	}
	p->event.op = op;
	return p;
}

static void name_inode(struct ft_name_event *event, struct inode *inode)
{
	key_of(inode, &event->inode);
	event->mode = BPF_CORE_READ(inode, i_mode);
}

/* Something comes to a place under watch: it is under watch itself from now on. */
static __noinline long name_adopt(struct pending *p, struct inode *inode, __u32 flags)
{
	if (inode_add(inode))
		key_of(inode, &p->added_inode);
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFDIR && dir_add(inode, flags))
		key_of(inode, &p->added_dir);
	return 0;
}

static __u32 name_flags(struct inode *dir, struct dentry *dentry)
{
	return filter_has(dir) ? place_flags(dir, dentry) : 0;
}

/* @dentry is about to be made in @dir, or removed from it: @inode is what is there. */
static __noinline long name_begin(struct inode *dir, struct dentry *dentry, __u32 op)
{
	struct inode *inode = dentry->d_inode;
	__u32 flags = name_flags(dir, dentry);
	struct pending *p;
	__u64 generation;

	if (!flags && !(inode && inode_watched(inode)))
		return 0;
	p = name_new(dentry, op);
	if (!p)
		return 0;
	p->flags = flags;
	if (inode) {
		name_inode(&p->event, inode);
		inode_touch(inode, &generation);
	}
	p->event.event.size =
		offsetof(struct ft_name_event, place) + place_fill(&p->event.place, dentry);
	return 0;
}

static __noinline long name_begin_link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct inode *inode = old->d_inode;
	__u32 flags = name_flags(dir, new);
	/* A file of O_TMPFILE gets its first name. */
	bool first = !BPF_CORE_READ(inode, i_nlink);
	struct pending *p;
	__u64 generation;

	if (!flags && !inode_watched(inode))
		return 0;
	p = name_new(new, first ? FT_NAME_CREATE : FT_NAME_LINK);
	if (!p)
		return 0;
	if (flags)
		name_adopt(p, inode, flags);
	name_inode(&p->event, inode);
	inode_touch(inode, &generation);
	if (first) {
		p->event.event.size =
			offsetof(struct ft_name_event, place) + place_fill(&p->event.place, new);
		return 0;
	}
	place_fill(&p->event.place, old);
	p->event.event.size = offsetof(struct ft_name_event, to) + place_fill(&p->event.to, new);
	return 0;
}

static __noinline long name_begin_rename(struct renamedata *rd)
{
	struct dentry *old = rd->old_dentry, *new = rd->new_dentry;
	struct inode *inode = old->d_inode, *victim = new->d_inode;
	__u32 from = name_flags(rd->old_dir, old), to = name_flags(rd->new_dir, new);
	bool exchange = rd->flags & RENAME_EXCHANGE;
	struct pending *p;
	__u64 generation;

	/* The kernel does nothing then. */
	if (inode == victim)
		return 0;
	if (!from && !to && !inode_watched(inode) && !inode_watched(victim))
		return 0;
	p = name_new(old, exchange ? FT_NAME_EXCHANGE : FT_NAME_RENAME);
	if (!p)
		return 0;
	if (to)
		name_adopt(p, inode, to);
	name_inode(&p->event, inode);
	inode_touch(inode, &generation);
	if (BPF_CORE_READ(victim, i_ino)) {
		if (exchange && from)
			name_adopt(p, victim, from);
		key_of(victim, &p->event.victim);
		inode_touch(victim, &generation);
	}
	place_fill(&p->event.place, old);
	p->event.event.size = offsetof(struct ft_name_event, to) + place_fill(&p->event.to, new);
	return 0;
}

/* What came under watch and did not come to be. */
static __noinline long name_undo(struct pending *p)
{
	if (p->added_inode.ino)
		bpf_map_delete_elem(&inodes, &p->added_inode);
	if (p->added_dir.ino)
		bpf_map_delete_elem(&dirs, &p->added_dir);
	return 0;
}

static __noinline long name_send(struct ft_name_event *event)
{
	struct ft_inode *entry = bpf_map_lookup_elem(&inodes, &event->inode);
	__u64 image = actor_image();
	__u32 size = event->event.size;

	event->event.type = FT_NAME;
	event->event.time_ns = bpf_ktime_get_boot_ns();
	event->generation = entry ? entry->generation : 0;
	actor_fill(&event->actor, image);
	if (size > sizeof(*event))
		return 0;
	if (bpf_ringbuf_output(&ring, event, size, BPF_RB_FORCE_WAKEUP))
		count_lost(events);
	return 0;
}

/* The kernel has done what began with @dentry, or has not. */
static __noinline long name_end(struct dentry *dentry, int result)
{
	struct pending_key key;
	struct pending *p = name_pending(dentry, &key);
	struct inode *inode;

	if (!p)
		return 0;
	if (result) {
		name_undo(p);
	} else {
		/* Of something new, the inode is there only now. */
		inode = BPF_CORE_READ(dentry, d_inode);
		if (!p->event.mode && inode)
			name_inode(&p->event, inode);
		if (p->event.op == FT_NAME_RMDIR)
			bpf_map_delete_elem(&dirs, &p->event.inode);
		name_send(&p->event);
	}
	if (bpf_map_delete_elem(&pending, &key) == 0)
		__sync_fetch_and_add(&pending_count, -1);
	return 0;
}

/* open(O_CREAT) has made @dentry; it has no function whose end could be waited for. */
static __noinline long name_created(struct dentry *dentry, struct inode *inode)
{
	struct pending_key key;
	struct pending *p = name_new(dentry, FT_NAME_CREATE);

	if (!p)
		return 0;
	name_inode(&p->event, inode);
	p->event.event.size =
		offsetof(struct ft_name_event, place) + place_fill(&p->event.place, dentry);
	name_send(&p->event);
	pending_key(dentry, &key);
	if (bpf_map_delete_elem(&pending, &key) == 0)
		__sync_fetch_and_add(&pending_count, -1);
	return 0;
}

/* ---- names of one directory ---- */

SEC("fentry/vfs_unlink")
int BPF_PROG(unlink_begin, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry)
{
	return name_begin(dir, dentry, FT_NAME_UNLINK);
}

SEC("fexit/vfs_unlink")
int BPF_PROG(unlink_end, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
	     struct inode **delegated, int result)
{
	return name_end(dentry, result);
}

SEC("fentry/vfs_rmdir")
int BPF_PROG(rmdir_begin, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry)
{
	return name_begin(dir, dentry, FT_NAME_RMDIR);
}

SEC("fexit/vfs_rmdir")
int BPF_PROG(rmdir_end, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
	     int result)
{
	return name_end(dentry, result);
}

SEC("fentry/vfs_mkdir")
int BPF_PROG(mkdir_begin, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry)
{
	return name_begin(dir, dentry, FT_NAME_MKDIR);
}

SEC("fexit/vfs_mkdir")
int BPF_PROG(mkdir_end, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
	     __u16 mode, int result)
{
	return name_end(dentry, result);
}

SEC("fentry/vfs_create")
int BPF_PROG(create_begin, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry)
{
	return name_begin(dir, dentry, FT_NAME_CREATE);
}

SEC("fexit/vfs_create")
int BPF_PROG(create_end, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
	     __u16 mode, bool exclusive, int result)
{
	return name_end(dentry, result);
}

SEC("fentry/vfs_mknod")
int BPF_PROG(mknod_begin, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry)
{
	return name_begin(dir, dentry, FT_NAME_CREATE);
}

SEC("fexit/vfs_mknod")
int BPF_PROG(mknod_end, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
	     __u16 mode, __u32 device, int result)
{
	return name_end(dentry, result);
}

SEC("fentry/vfs_symlink")
int BPF_PROG(symlink_begin, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry)
{
	return name_begin(dir, dentry, FT_NAME_SYMLINK);
}

SEC("fexit/vfs_symlink")
int BPF_PROG(symlink_end, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
	     const char *target, int result)
{
	return name_end(dentry, result);
}

/* ---- names of two ---- */

SEC("fentry/vfs_link")
int BPF_PROG(link_begin, struct dentry *old, struct mnt_idmap *idmap, struct inode *dir,
	     struct dentry *new)
{
	return name_begin_link(old, dir, new);
}

SEC("fexit/vfs_link")
int BPF_PROG(link_end, struct dentry *old, struct mnt_idmap *idmap, struct inode *dir,
	     struct dentry *new, struct inode **delegated, int result)
{
	return name_end(new, result);
}

SEC("fentry/vfs_rename")
int BPF_PROG(rename_begin, struct renamedata *rd)
{
	return name_begin_rename(rd);
}

SEC("fexit/vfs_rename")
int BPF_PROG(rename_end, struct renamedata *rd, int result)
{
	return name_end(rd->old_dentry, result);
}

/* ---- what is new is under watch before its name can be found ---- */

static __noinline long name_instantiate(struct dentry *dentry, struct inode *inode, __u32 flags)
{
	struct pending_key key;
	struct pending *p = name_pending(dentry, &key);

	if (p)
		return name_adopt(p, inode, flags);
	/* O_TMPFILE gives no name. */
	if (BPF_CORE_READ(inode, i_nlink))
		inode_add(inode);
	return 0;
}

/*
 * An entry of the directory gets its inode: it was made, or found on the disk. All regular files
 * under a name under watch are put there, since open(O_CREAT) makes files without a function that
 * tells the one from the other. @inode may be NULL.
 */
SEC("lsm/d_instantiate")
int BPF_PROG(d_instantiate, struct dentry *dentry, struct inode *inode)
{
	struct inode *dir = dentry->d_parent->d_inode;
	__u32 flags;

	if (!dir || !filter_has(dir) || !BPF_CORE_READ(inode, i_mode))
		return 0;
	flags = place_flags(dir, dentry);
	if (flags)
		name_instantiate(dentry, inode, flags);
	return 0;
}

/* The last name and the last file are gone. */
SEC("lsm/inode_free_security")
int BPF_PROG(inode_free, struct inode *inode)
{
	struct ft_key key;

	if (!filter_has(inode) || BPF_CORE_READ(inode, i_nlink))
		return 0;
	key_of(inode, &key);
	bpf_map_delete_elem(&inodes, &key);
	bpf_map_delete_elem(&dirs, &key);
	return 0;
}

#endif
