/*
 * The kernel's types as far as the programs read them. Offsets are put in when the programs are
 * loaded, from the types of the kernel that runs (CO-RE), so that one object fits all of them;
 * order and size mean nothing here. Constants of the kernel are given for all its versions.
 */
#ifndef FILETRACE_KERNEL_H
#define FILETRACE_KERNEL_H

#include "base/bpftypes.h"

#define true 1
#define false 0
#define NULL ((void *)0)
#define offsetof(type, member) __builtin_offsetof(type, member)

/* linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_ANY, BPF_NOEXIST, BPF_EXIST };
enum { BPF_F_NO_PREALLOC = 1 };
enum { BPF_RB_FORCE_WAKEUP = 2 };

struct bpf_dynptr {
	__u64 opaque[2];
} __attribute__((aligned(8)));

#define KERNEL_TYPE __attribute__((preserve_access_index))

/* include/linux/fs.h, stat.h, mman.h, sched.h */
enum {
	MAY_WRITE = 2,
	PROT_WRITE = 2,
	MAP_SHARED = 1, /* MAP_SHARED_VALIDATE is 3 */
	VM_SHARED = 8,
	FMODE_WRITE = 2,
	FMODE_CREATED = 0x100000,
	S_IFMT = 0170000,
	S_IFREG = 0100000,
	S_IFDIR = 0040000,
	F_GETFD = 1,
	PF_KTHREAD = 0x200000,
	ATTR_MODE = 1,
	ATTR_UID = 2,
	ATTR_GID = 4,
	ATTR_SIZE = 8,
	ATTR_ATIME = 16,
	ATTR_MTIME = 32,
};

struct qstr {
	__u32 len;
	const unsigned char *name;
} KERNEL_TYPE;

struct super_block {
	__u32 s_dev;
} KERNEL_TYPE;

typedef struct {
	int counter;
} KERNEL_TYPE atomic_t;

struct inode {
	__u16 i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	const unsigned int i_nlink;
	__s64 i_size;
	atomic_t i_writecount;
	__u32 i_generation;
} KERNEL_TYPE;

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
} KERNEL_TYPE;

struct vfsmount {
	struct dentry *mnt_root;
} KERNEL_TYPE;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
} KERNEL_TYPE;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} KERNEL_TYPE;

struct file {
	unsigned int f_mode;
	struct path f_path;
	struct inode *f_inode;
} KERNEL_TYPE;

struct vm_area_struct {
	const unsigned long vm_flags;
	struct file *vm_file;
} KERNEL_TYPE;

struct mm_struct {
	unsigned long arg_start, arg_end;
	struct file *exe_file;
} KERNEL_TYPE;

typedef struct {
	__u32 val;
} KERNEL_TYPE kuid_t;

struct cred {
	kuid_t euid;
} KERNEL_TYPE;

struct tty_struct {
	char name[64];
} KERNEL_TYPE;

struct signal_struct {
	atomic_t live;
	struct tty_struct *tty;
} KERNEL_TYPE;

struct ns_common {
	unsigned int inum;
} KERNEL_TYPE;

struct mnt_namespace {
	struct ns_common ns;
} KERNEL_TYPE;

struct nsproxy {
	struct mnt_namespace *mnt_ns;
} KERNEL_TYPE;

struct kernfs_node {
	struct kernfs_node *parent;
	const char *name;
	__u64 id;
} KERNEL_TYPE;

/* Its name since 6.15. */
struct kernfs_node___later {
	struct kernfs_node *__parent;
} KERNEL_TYPE;

struct cgroup {
	struct kernfs_node *kn;
} KERNEL_TYPE;

struct css_set {
	struct cgroup *dfl_cgrp;
} KERNEL_TYPE;

struct task_struct {
	unsigned int flags;
	int pid, tgid, exit_state;
	struct task_struct *group_leader, *real_parent;
	struct mm_struct *mm;
	const struct cred *cred;
	char comm[16];
	__u64 start_boottime;
	struct signal_struct *signal;
	struct nsproxy *nsproxy;
	struct css_set *cgroups;
	kuid_t loginuid;
	unsigned int sessionid;
} KERNEL_TYPE;

struct iattr {
	unsigned int ia_valid;
} KERNEL_TYPE;

struct bpf_iter__task {
	struct task_struct *task;
} KERNEL_TYPE;

/* Only pointers to these are passed on. */
struct fileattr;
struct linux_binprm;
struct mnt_idmap;
struct posix_acl;

#endif
