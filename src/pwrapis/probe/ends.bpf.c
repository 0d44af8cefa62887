/*
 * Tells of each process that has ended: who it was, and how long all its threads ran.
 *
 * It is told when the kernel lets go of it (sched_process_free), a moment after it was waited for,
 * and not when it ends (sched_process_exit): the time of a process that runs is only brought up to
 * date by ticks and switches, so that of one that lived shorter than a tick next to nothing would
 * be there. Here it has been switched out for the last time. Until then it is in /proc, as a
 * zombie; afterwards nowhere: it is never in both.
 *
 * The leader is let go of last. By then the kernel has added up what its threads ran.
 */
#include "pwrapis/probe/kernel.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "pwrapis/endrecord.h"

char _license[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* who loads it says how much */
} ring SEC(".maps");

__u32 lost;

/* What was added up when it was waited for lacks what it ran in its last moments, if it was waited
 * for at once; its own is whole. */
static __always_inline __u64 runtime_of(const struct task_struct *task)
{
	__u64 all = BPF_CORE_READ(task, signal, sum_sched_runtime);
	__u64 own = BPF_CORE_READ(task, se.sum_exec_runtime);

	return all > own ? all : own;
}

SEC("tp_btf/sched_process_free")
int BPF_PROG(process_free, struct task_struct *task)
{
	struct probe_end *e;

	if (task->pid != task->tgid)
		return 0;
	e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);
	if (!e) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	e->pid = task->tgid;
	e->uid = BPF_CORE_READ(task, cred, uid.val);
	e->start_ns = task->start_boottime;
	e->runtime_ns = runtime_of(task);
	e->cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	e->lost = lost;
	e->reserved = 0;
	bpf_core_read_str(e->comm, sizeof(e->comm), &task->comm);
	/* The daemon looks once a second, and is not woken up for each. */
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
	return 0;
}
