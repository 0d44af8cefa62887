/*
 * Who does something, and where: the parts that events share.
 */
#ifndef FILETRACE_ACTOR_BPF_H
#define FILETRACE_ACTOR_BPF_H

#include "filetrace/bpf/process.bpf.h"

/* The process, its entry marked as one with a recent event. NULL when it is not known. */
static struct process *actor_process(struct task_struct *task)
{
	__u32 pid = task->tgid;
	struct process *p = bpf_map_lookup_elem(&procs, &pid);

	if (p)
		p->recent_ns = bpf_ktime_get_boot_ns();
	return p;
}

/* Who the current task is; its image was sent before. */
static __noinline long actor_fill(struct ft_actor *a, __u64 image)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);

	a->image = image;
	a->pid = task->tgid;
	a->tid = task->pid;
	a->uid = BPF_CORE_READ(task, cred, euid.val);
	a->login_uid = a->session = FT_UNSET;
	if (bpf_core_field_exists(task->loginuid))
		a->login_uid = BPF_CORE_READ(task, loginuid.val);
	if (bpf_core_field_exists(task->sessionid))
		a->session = BPF_CORE_READ(task, sessionid);
	a->zero = 0;
	a->tty[0] = '\0';
	if (tty)
		bpf_probe_read_kernel_str(a->tty, sizeof(a->tty), tty->name);
	return path_group(task, a->cgroup);
}

/* The image of the current process, which is in the ring now, if there was room. */
static __u64 actor_image(void)
{
	struct process *p = actor_process(bpf_get_current_task_btf());

	if (!p)
		return 0;
	image_send(p->image);
	return p->image;
}

static void key_of(struct inode *inode, struct ft_key *ret_key)
{
	ret_key->ino = inode->i_ino;
	ret_key->dev = inode->i_sb->s_dev;
	ret_key->zero = 0;
}

/* Where @dentry is; the bytes of the place that are used. */
static __noinline __u32 place_fill(struct ft_place *place, struct dentry *dentry)
{
	struct inode *dir = dentry->d_parent->d_inode;
	long len = bpf_probe_read_kernel_str(place->name, sizeof(place->name), dentry->d_name.name);

	if (len <= 0 || len > FT_NAME_BYTES) {
		place->name[0] = '\0';
		len = 1;
	}
	if (dir)
		key_of(dir, &place->dir);
	else
		place->dir.ino = place->dir.dev = place->dir.zero = 0;
	return offsetof(struct ft_place, name) + len;
}

#endif
