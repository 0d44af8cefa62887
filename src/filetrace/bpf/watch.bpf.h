/*
 * What is under watch: the filter, and the maps behind it.
 */
#ifndef FILETRACE_WATCH_BPF_H
#define FILETRACE_WATCH_BPF_H

#include "filetrace/bpf/actor.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct ft_key);
	__type(value, struct ft_dir);
} dirs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct ft_name_key);
	__type(value, struct ft_name);
} names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 262144);
	__type(key, struct ft_key);
	__type(value, struct ft_inode);
} inodes SEC(".maps");

__u64 filter[FT_FILTER_WORDS];

/* Whether @inode, or the directory it is, may be under watch. It may be NULL. */
static __always_inline bool filter_has(struct inode *inode)
{
	return ft_filter_has(filter, inode->i_ino);
}

/* The entry of @inode, which has passed the filter; NULL when it is not under watch. One whose
 * number was used again is another inode. */
static struct ft_inode *inode_get(struct inode *inode, struct ft_key *ret_key)
{
	struct ft_inode *entry;

	key_of(inode, ret_key);
	entry = bpf_map_lookup_elem(&inodes, ret_key);
	return entry && entry->igeneration == inode->i_generation ? entry : NULL;
}

/* Puts a regular file under watch. Whether it is new. */
static __noinline bool inode_add(struct inode *inode)
{
	struct ft_inode entry = {.generation = 1, .igeneration = inode->i_generation};
	struct ft_key key;

	if ((inode->i_mode & S_IFMT) != S_IFREG || inode_get(inode, &key))
		return false;
	ft_filter_add(filter, key.ino);
	if (bpf_map_update_elem(&inodes, &key, &entry, BPF_ANY) == 0)
		return true;
	count_lost(inodes);
	return false;
}

/* Forgets @inode when its last name is gone and nobody is left who could write to it, but the file
 * that is being released when @releasing is 1. */
static __noinline long inode_forget(struct inode *inode, int releasing)
{
	struct ft_key key;

	if (inode->i_nlink || inode->i_writecount.counter > releasing)
		return 0;
	key_of(inode, &key);
	bpf_map_delete_elem(&dirs, &key);
	bpf_map_delete_elem(&inodes, &key);
	return 0;
}

struct name_walk {
	const unsigned char *name;
	__u32 len;
	__u64 hash;
};

static long name_hash_step(__u32 i, struct name_walk *w)
{
	__u32 at = i * 8, len = w->len - at;
	unsigned char part[8];

	if (at >= w->len)
		return 1;
	if (len > sizeof(part))
		len = sizeof(part);
	bpf_probe_read_kernel(part, len, w->name + at);
	for (__u32 j = 0; j < sizeof(part); j++)
		if (j < len)
			w->hash = (w->hash ^ part[j]) * 0x100000001b3ULL;
	return 0;
}

/* ft_name_hash() of a name that only the kernel can read. */
static __noinline __u64 name_hash(struct dentry *dentry)
{
	struct name_walk w = {
		.name = dentry->d_name.name,
		.len = dentry->d_name.len,
		.hash = 0xcbf29ce484222325ULL,
	};

	bpf_loop(FT_NAME_BYTES / 8, name_hash_step, &w, 0);
	return w.hash;
}

/* The entry is under watch; beside FT_DIR_*, of a directory that comes there. */
#define PLACE_WATCHED 0x80000000U

/* Of the entry of @dir, which has passed the filter, that is or will be @dentry's; 0 when it is not
 * under watch. */
static __noinline __u32 place_flags(struct inode *dir, struct dentry *dentry)
{
	struct ft_name_key key = {0};
	struct ft_name *name;
	struct ft_dir *d;

	key_of(dir, &key.dir);
	d = bpf_map_lookup_elem(&dirs, &key.dir);
	if (!d)
		return 0;
	if (d->flags & FT_DIR_ALL)
		return PLACE_WATCHED | (d->flags & FT_DIR_DEEP ? d->flags : 0);
	key.hash = name_hash(dentry);
	name = bpf_map_lookup_elem(&names, &key);
	return name ? PLACE_WATCHED | name->flags : 0;
}

/* Puts the directory @inode under watch. Whether it is new. */
static __noinline bool dir_add(struct inode *inode, __u32 flags)
{
	struct ft_dir d = {.flags = flags & ~PLACE_WATCHED};
	struct ft_key key;

	key_of(inode, &key);
	if (!d.flags || bpf_map_lookup_elem(&dirs, &key))
		return false;
	ft_filter_add(filter, key.ino);
	if (bpf_map_update_elem(&dirs, &key, &d, BPF_NOEXIST) == 0)
		return true;
	count_lost(inodes);
	return false;
}

#endif
