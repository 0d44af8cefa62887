/*
 * Names: what comes, goes and leads elsewhere in directories under watch, or to an inode under
 * watch.
 *
 * Of what goes or moves the kernel tells its cache of names, under the locks of the directories,
 * when the file system has succeeded and before anybody can find the difference: all names and
 * inodes are still what they were, and one look is enough.
 *
 * Of what is made, the event is made before the kernel acts and waits in a map, by task and entry
 * of the directory; it is sent when the kernel says that it has succeeded. What comes under watch
 * is put there before as well, so that nobody writes to it unseen, and taken back when it fails.
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
	event->mode = inode->i_mode;
}

/* Something comes to a place under watch: it is under watch itself from now on. */
static __noinline long name_adopt(struct pending *p, struct inode *inode, __u32 flags)
{
	if (inode_add(inode))
		key_of(inode, &p->added_inode);
	if ((inode->i_mode & S_IFMT) == S_IFDIR && dir_add(inode, flags))
		key_of(inode, &p->added_dir);
	return 0;
}

static __u32 name_flags(struct inode *dir, struct dentry *dentry)
{
	return filter_has(dir) ? place_flags(dir, dentry) : 0;
}

/* @dentry is about to be made in @dir. */
static __noinline long name_begin(struct inode *dir, struct dentry *dentry, __u32 op)
{
	__u32 flags = name_flags(dir, dentry);
	struct pending *p = flags ? name_new(dentry, op) : NULL;

	if (!p)
		return 0;
	p->flags = flags;
	p->event.event.size =
		offsetof(struct ft_name_event, place) + place_fill(&p->event.place, dentry);
	return 0;
}

static __noinline long name_begin_link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct inode *inode = old->d_inode;
	__u32 flags = name_flags(dir, new);
	/* A file of O_TMPFILE gets its first name. */
	bool first = !inode->i_nlink;
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

static void name_drop(const struct pending_key *key)
{
	if (bpf_map_delete_elem(&pending, key) == 0)
		__sync_fetch_and_add(&pending_count, -1);
}

/* Something began with @dentry, and the kernel has done it, or has not. */
static __noinline long name_settle(struct dentry *dentry, int result)
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
		inode = dentry->d_inode;
		if (!p->event.mode && inode)
			name_inode(&p->event, inode);
		name_send(&p->event);
	}
	name_drop(&key);
	return 0;
}

static __always_inline long name_end(struct dentry *dentry, int result)
{
	return pending_count ? name_settle(dentry, result) : 0;
}

/* ---- what is done in one step ---- */

/* Sends the event of @p, which nobody has to wait for. */
static void name_tell(struct pending *p, struct dentry *dentry)
{
	struct pending_key key;

	name_send(&p->event);
	pending_key(dentry, &key);
	name_drop(&key);
}

/* open(O_CREAT) has made @dentry; it has no function whose end could be waited for. */
static __noinline long name_created(struct dentry *dentry, struct inode *inode)
{
	struct pending *p = name_new(dentry, FT_NAME_CREATE);

	if (!p)
		return 0;
	name_inode(&p->event, inode);
	p->event.event.size =
		offsetof(struct ft_name_event, place) + place_fill(&p->event.place, dentry);
	name_tell(p, dentry);
	return 0;
}

/* The file system has removed @dentry from @dir. */
static __noinline long name_removed(struct inode *dir, struct dentry *dentry, struct inode *inode)
{
	bool is_dir = (inode->i_mode & S_IFMT) == S_IFDIR;
	struct pending *p;
	__u64 generation;

	if (!name_flags(dir, dentry) && !inode_watched(inode))
		return 0;
	inode_touch(inode, &generation);
	p = name_new(dentry, is_dir ? FT_NAME_RMDIR : FT_NAME_UNLINK);
	if (p) {
		name_inode(&p->event, inode);
		p->event.event.size =
			offsetof(struct ft_name_event, place) + place_fill(&p->event.place, dentry);
		if (is_dir)
			bpf_map_delete_elem(&dirs, &p->event.inode);
		name_tell(p, dentry);
	}
	return inode_forget(inode, 0);
}

/* What is under the name that another one takes, or exchanges for its own. */
static __noinline long name_victim(struct pending *p, struct inode *victim, __u32 from)
{
	__u64 generation;

	if (p->event.op == FT_NAME_EXCHANGE && from)
		name_adopt(p, victim, from);
	key_of(victim, &p->event.victim);
	inode_touch(victim, &generation);
	return 0;
}

static __always_inline bool name_move_matters(struct dentry *old, struct dentry *new)
{
	return filter_has(old->d_parent->d_inode) ||
	       (new->d_parent != old->d_parent &&filter_has(new->d_parent->d_inode)) ||
	       filter_has(old->d_inode) || filter_has(new->d_inode);
}

/* The file system has given the name @new to what is @old; @op says what became of the other. */
static __noinline long name_moved(struct dentry *old, struct dentry *new, __u32 op)
{
	struct inode *inode = old->d_inode, *victim = new->d_inode;
	__u32 from = name_flags(old->d_parent->d_inode, old),
	      to = name_flags(new->d_parent->d_inode, new);
	struct pending *p;
	__u64 generation;

	if (!from && !to && !inode_watched(inode) && !inode_watched(victim))
		return 0;
	p = name_new(old, op);
	if (!p)
		return 0;
	if (to)
		name_adopt(p, inode, to);
	name_inode(&p->event, inode);
	inode_touch(inode, &generation);
	if (victim)
		name_victim(p, victim, from);
	place_fill(&p->event.place, old);
	p->event.event.size = offsetof(struct ft_name_event, to) + place_fill(&p->event.to, new);
	name_tell(p, old);
	return victim ? inode_forget(victim, 0) : 0;
}

SEC("fentry/d_delete")
int BPF_PROG(removed, struct dentry *dentry)
{
	struct inode *dir = dentry->d_parent->d_inode, *inode = dentry->d_inode;

	return filter_has(dir) || filter_has(inode) ? name_removed(dir, dentry, inode) : 0;
}

SEC("fentry/d_move")
int BPF_PROG(moved, struct dentry *old, struct dentry *new)
{
	return name_move_matters(old, new) ? name_moved(old, new, FT_NAME_RENAME) : 0;
}

SEC("fentry/d_exchange")
int BPF_PROG(exchanged, struct dentry *old, struct dentry *new)
{
	return name_move_matters(old, new) ? name_moved(old, new, FT_NAME_EXCHANGE) : 0;
}

/* ---- what is made ---- */

SEC("fentry/vfs_mkdir")
int BPF_PROG(mkdir_begin, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry)
{
	return filter_has(dir) ? name_begin(dir, dentry, FT_NAME_MKDIR) : 0;
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
	return filter_has(dir) ? name_begin(dir, dentry, FT_NAME_CREATE) : 0;
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
	return filter_has(dir) ? name_begin(dir, dentry, FT_NAME_CREATE) : 0;
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
	return filter_has(dir) ? name_begin(dir, dentry, FT_NAME_SYMLINK) : 0;
}

SEC("fexit/vfs_symlink")
int BPF_PROG(symlink_end, struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
	     const char *target, int result)
{
	return name_end(dentry, result);
}

SEC("fentry/vfs_link")
int BPF_PROG(link_begin, struct dentry *old, struct mnt_idmap *idmap, struct inode *dir,
	     struct dentry *new)
{
	return filter_has(dir) || filter_has(old->d_inode) ? name_begin_link(old, dir, new) : 0;
}

SEC("fexit/vfs_link")
int BPF_PROG(link_end, struct dentry *old, struct mnt_idmap *idmap, struct inode *dir,
	     struct dentry *new, struct inode **delegated, int result)
{
	return name_end(new, result);
}

/* ---- what is new is under watch before its name can be found ---- */

static __noinline long name_instantiate(struct inode *dir, struct dentry *dentry,
					struct inode *inode)
{
	__u32 flags = inode && dir ? place_flags(dir, dentry) : 0;
	struct pending_key key;
	struct pending *p = flags ? name_pending(dentry, &key) : NULL;

	if (!flags)
		return 0;
	if (p)
		return name_adopt(p, inode, flags);
	/* O_TMPFILE gives no name. */
	if (inode->i_nlink)
		inode_add(inode);
	return 0;
}

/*
 * An entry of the directory gets its inode: it was made, or found on the disk. All regular files
 * under a name under watch are put there, since open(O_CREAT) makes files without a function that
 * tells the one from the other. @inode may be NULL.
 */
SEC("fentry/bpf_lsm_d_instantiate")
int BPF_PROG(instantiate, struct dentry *dentry, struct inode *inode)
{
	struct inode *dir = dentry->d_parent->d_inode;

	return filter_has(dir) ? name_instantiate(dir, dentry, inode) : 0;
}

#endif
