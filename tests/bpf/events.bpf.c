/*
 * One program for each other way to be called: a typed, a raw and a classic tracepoint, a kprobe,
 * and an iterator. Each keeps what it saw of the process @watched.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

__u32 watched;

__u32 forked_pid, exited_pid, umask_value, unlink_calls;
char unlinked_name[64];

static bool by_watched(void)
{
	return bpf_get_current_pid_tgid() >> 32 == watched;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	if (parent->tgid == watched)
		forked_pid = child->tgid;
	return 0;
}

SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[0];

	if (BPF_CORE_READ(task, real_parent, tgid) == watched)
		exited_pid = BPF_CORE_READ(task, tgid);
	return 0;
}

SEC("tp/syscalls/sys_enter_umask")
int on_umask(struct trace_event_raw_sys_enter *ctx)
{
	if (by_watched())
		umask_value = ctx->args[0];
	return 0;
}

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(on_unlinkat, int dirfd, struct filename *name)
{
	if (!by_watched())
		return 0;
	bpf_probe_read_kernel_str(unlinked_name, sizeof(unlinked_name), BPF_CORE_READ(name, name));
	__sync_fetch_and_add(&unlink_calls, 1);
	return 0;
}

SEC("iter/task")
int list_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && task->pid == task->tgid)
		BPF_SEQ_PRINTF(ctx->meta->seq, "%d %s\n", task->tgid, task->comm);
	return 0;
}
