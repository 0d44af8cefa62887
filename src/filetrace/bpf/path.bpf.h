/*
 * Paths, put together from their end: of an executable, over directories and mounts, and of a
 * control group. What does not fit is cut in front. Each is walked twice, for its length and then
 * for its names. Nothing is locked: a rename in the very moment may give a mixture of both paths.
 */
#ifndef FILETRACE_PATH_BPF_H
#define FILETRACE_PATH_BPF_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

enum {
	PATH_STEPS = 128, /* names and mounts */
	PATH_GROUP_STEPS = 24,
	PATH_NAME_MAX = 255,
};

struct path_walk {
	/* Where names go, from the end on: bytes[left] is the first of those that are there. NULL:
	 * they are only counted. PATH_NAME_MAX bytes behind the last one are there for the
	 * verifier, who cannot know that left and a name's length go together. */
	char *bytes;
	__u32 left, total;
	struct dentry *dentry;
	struct mount *mount;
	struct kernfs_node *node;
};

static inline struct mount *path_mount_of(struct vfsmount *mnt)
{
	return (void *)((char *)mnt - bpf_core_field_offset(struct mount, mnt));
}

/* Puts "/NAME" in front of what is there; 1 when there is no room for more. */
static __always_inline long path_put(struct path_walk *w, const unsigned char *name, __u32 len,
				     __u32 size)
{
	__u32 left = w->left;

	if (len > PATH_NAME_MAX || left == 0 || left >= size)
		return 1;
	if (left < len + 1) {
		bpf_probe_read_kernel(w->bytes, left & PATH_NAME_MAX, name + len - left);
		w->left = 0;
		return 1;
	}
	left -= len + 1;
	if (left >= size)
		return 1;
	w->bytes[left] = '/';
	bpf_probe_read_kernel(w->bytes + left + 1, len, name);
	w->left = left;
	return 0;
}

static long path_exe_step(__u32 i, struct path_walk *w)
{
	struct dentry *dentry = w->dentry, *parent = BPF_CORE_READ(dentry, d_parent);
	struct mount *mount = w->mount, *up;
	__u32 len;

	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		up = BPF_CORE_READ(mount, mnt_parent);
		w->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		if (up == mount)
			return 1;
		w->mount = up;
		return 0;
	}
	if (dentry == parent)
		return 1;
	w->dentry = parent;
	len = BPF_CORE_READ(dentry, d_name.len);
	w->total += len + 1;
	return w->bytes ? path_put(w, BPF_CORE_READ(dentry, d_name.name), len, FT_EXE_BYTES) : 0;
}

/* Writes the path of @file to @bytes; how many there are then, with the NUL. */
static __noinline __u32 path_exe(struct file *file, char *bytes, bool *ret_cut)
{
	struct path_walk w = {
		.dentry = BPF_CORE_READ(file, f_path.dentry),
		.mount = path_mount_of(BPF_CORE_READ(file, f_path.mnt)),
	};
	__u32 len;

	bpf_loop(PATH_STEPS, path_exe_step, &w, 0);
	len = w.total < FT_EXE_BYTES ? w.total : FT_EXE_BYTES - 1;
	*ret_cut = len < w.total;
	w.bytes = bytes;
	w.left = len;
	w.dentry = BPF_CORE_READ(file, f_path.dentry);
	w.mount = path_mount_of(BPF_CORE_READ(file, f_path.mnt));
	bpf_loop(PATH_STEPS, path_exe_step, &w, 0);
	bytes[len & (FT_EXE_BYTES - 1)] = '\0';
	/* Something was renamed between the two walks. */
	if (w.left)
		bytes[0] = '\0';
	return w.left ? 1 : len + 1;
}

/* Paths of control groups do not change while they live, and ids are not used again. */
struct path_group {
	char path[FT_CGROUP_BYTES];
	char name[FT_CGROUP_BYTES];
	__u32 len; /* 0: not there yet */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct path_group);
} groups SEC(".maps");

static const struct path_group path_group_blank;

struct path_group_walk {
	struct path_group *group;
	struct kernfs_node *node;
	__u32 left, total;
	bool writes;
};

static struct kernfs_node *path_group_parent(struct kernfs_node *node)
{
	struct kernfs_node___later *later = (void *)node;

	if (bpf_core_field_exists(node->parent))
		return BPF_CORE_READ(node, parent);
	return BPF_CORE_READ(later, __parent);
}

static long path_group_step(__u32 i, struct path_group_walk *w)
{
	struct kernfs_node *node = w->node, *parent = path_group_parent(node);
	struct path_group *group = w->group;
	__u32 left = w->left;
	long len;

	if (!parent)
		return 1;
	len = bpf_probe_read_kernel_str(group->name, sizeof(group->name),
					BPF_CORE_READ(node, name));
	w->node = parent;
	if (len <= 0 || len > FT_CGROUP_BYTES)
		return 1;
	w->total += len;
	if (!w->writes)
		return 0;
	if (left == 0 || left >= FT_CGROUP_BYTES)
		return 1;
	/* len counts the NUL, in whose place the slash goes. */
	if (left < len) {
		bpf_probe_read_kernel(group->path, left & PATH_NAME_MAX,
				      group->name + ((len - 1 - left) & PATH_NAME_MAX));
		w->left = 0;
		return 1;
	}
	left -= len;
	if (left >= FT_CGROUP_BYTES)
		return 1;
	group->path[left] = '/';
	bpf_probe_read_kernel(group->path + left + 1, (len - 1) & PATH_NAME_MAX, group->name);
	w->left = left;
	return 0;
}

static __noinline long path_group_fill(struct path_group *group, struct kernfs_node *node)
{
	struct path_group_walk w = {.group = group, .node = node};
	__u32 len;

	bpf_loop(PATH_GROUP_STEPS, path_group_step, &w, 0);
	len = w.total < FT_CGROUP_BYTES ? w.total : FT_CGROUP_BYTES - 1;
	w.node = node;
	w.left = len;
	w.writes = true;
	bpf_loop(PATH_GROUP_STEPS, path_group_step, &w, 0);
	group->path[len & (FT_CGROUP_BYTES - 1)] = '\0';
	if (!len) {
		group->path[0] = '/';
		group->path[1] = '\0';
	}
	group->len = len ? len : 1;
	return 0;
}

/* The path of the control group of @task, in the unified hierarchy; "" when memory is short. */
static __noinline long path_group(struct task_struct *task, char *ret_path)
{
	struct kernfs_node *node = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);
	__u64 id = BPF_CORE_READ(node, id);
	struct path_group *group = bpf_map_lookup_elem(&groups, &id);

	ret_path[0] = '\0';
	if (!group) {
		bpf_map_update_elem(&groups, &id, &path_group_blank, BPF_NOEXIST);
		group = bpf_map_lookup_elem(&groups, &id);
	}
	if (!group)
		return 0;
	if (!group->len)
		path_group_fill(group, node);
	bpf_probe_read_kernel_str(ret_path, FT_CGROUP_BYTES, group->path);
	return 0;
}

#endif
