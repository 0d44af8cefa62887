/*
 * The smallest sched_ext scheduler: one queue for the whole machine, first come, first served.
 *
 * It notes which of the watched processes it has queued, and why it was unloaded.
 */
#define BPF_NO_KFUNC_PROTOTYPES
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "fifo.h"

char _license[] SEC("license") = "GPL";

/* Linux 6.13 renamed the function; the one that the running kernel lacks is never called. */
extern void scx_bpf_dispatch(struct task_struct *p, __u64 dsq, __u64 slice,
			     __u64 enq_flags) __weak __ksym;
extern void scx_bpf_dsq_insert(struct task_struct *p, __u64 dsq, __u64 slice,
			       __u64 enq_flags) __weak __ksym;

__u32 watched[FIFO_WATCHED];
__u32 queued[FIFO_WATCHED];
__u64 queued_total;
__s32 exit_kind;

static void note(const struct task_struct *p)
{
	__sync_fetch_and_add(&queued_total, 1);
	for (int i = 0; i < FIFO_WATCHED; i++)
		if (watched[i] == p->tgid)
			__sync_fetch_and_add(&queued[i], 1);
}

SEC("struct_ops/fifo_enqueue")
void BPF_PROG(fifo_enqueue, struct task_struct *p, __u64 enq_flags)
{
	note(p);
	if (bpf_ksym_exists(scx_bpf_dsq_insert))
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

SEC("struct_ops/fifo_exit")
void BPF_PROG(fifo_exit, struct scx_exit_info *info)
{
	exit_kind = info->kind;
}

SEC(".struct_ops.link")
struct sched_ext_ops fifo = {
	.enqueue = (void *)fifo_enqueue,
	.exit = (void *)fifo_exit,
	.name = "leonhard_fifo",
};
