/*
 * The table of all trials. Every name is one of powers.c, where it has no reader.
 */
#include "base/def.h"
#include "node/probe/bpf.h"
#include "node/probe/kernel.h"
#include "node/probe/kvm.h"
#include "node/probe/trial.h"

const struct trial trials[] = {
	{"bpf.btf", bpf_trial_btf, NULL},
	{"bpf.socket_filter", bpf_trial, &bpf_socket_filter},
	{"bpf.tracepoint", bpf_trial, &bpf_tracepoint},
	{"bpf.raw_tracepoint", bpf_trial, &bpf_raw_tracepoint},
	{"bpf.btf_tracepoint", bpf_trial, &bpf_btf_tracepoint},
	{"bpf.kprobe", bpf_trial, &bpf_kprobe},
	{"bpf.kprobe_multi", bpf_trial, &bpf_kprobe_multi},
	{"bpf.uprobe", bpf_trial, &bpf_uprobe},
	{"bpf.fentry", bpf_trial, &bpf_fentry},
	{"bpf.fexit", bpf_trial, &bpf_fexit},
	{"bpf.lsm", bpf_trial_lsm, NULL},
	{"bpf.iterator", bpf_trial, &bpf_iterator},
	{"bpf.ring_buffer", bpf_trial_ringbuf, NULL},
	{"bpf.struct_ops", bpf_trial_struct_ops, NULL},
	{"bpf.sched_ext", bpf_trial_sched_ext, NULL},
	{"bpf.perf_event", bpf_trial, &bpf_perf_event},
	{"bpf.cgroup_skb", bpf_trial, &bpf_cgroup_skb},
	{"bpf.cgroup_device", bpf_trial, &bpf_cgroup_device},
	{"bpf.cgroup_sysctl", bpf_trial, &bpf_cgroup_sysctl},
	{"bpf.cgroup_sock", bpf_trial, &bpf_cgroup_sock},
	{"bpf.xdp", bpf_trial, &bpf_xdp},
	{"security.landlock", trial_landlock, NULL},
	{"security.fanotify", trial_fanotify, NULL},
	{"kernel.io_uring", trial_io_uring, NULL},
	{"kernel.userfaultfd", trial_userfaultfd, NULL},
	{"hardware.counters", trial_perf_cycles, NULL},
	{"kvm", kvm_trial_boot, NULL},
	{"kvm.dirty_ring", kvm_trial_dirty_ring, NULL},
	{"tun", trial_tun, NULL},
};
const unsigned trial_count = ARRAY_SIZE(trials);
