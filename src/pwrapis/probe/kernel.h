/*
 * The kernel's types as far as the program reads them. Offsets are put in when it is loaded, from
 * the types of the kernel that runs (CO-RE); order and size mean nothing here.
 */
#ifndef PWRAPIS_PROBE_KERNEL_H
#define PWRAPIS_PROBE_KERNEL_H

#include "base/bpftypes.h"

/* linux/bpf.h */
enum bpf_map_type { BPF_MAP_TYPE_RINGBUF = 27 };
enum { BPF_RB_NO_WAKEUP = 1 };

#define KERNEL_TYPE __attribute__((preserve_access_index))

typedef struct {
	__u32 val;
} KERNEL_TYPE kuid_t;

struct cred {
	kuid_t uid;
} KERNEL_TYPE;

struct sched_entity {
	__u64 sum_exec_runtime;
} KERNEL_TYPE;

struct signal_struct {
	__u64 sum_sched_runtime;
} KERNEL_TYPE;

struct kernfs_node {
	__u64 id;
} KERNEL_TYPE;

struct cgroup {
	struct kernfs_node *kn;
} KERNEL_TYPE;

struct css_set {
	struct cgroup *dfl_cgrp;
} KERNEL_TYPE;

struct task_struct {
	int pid, tgid;
	const struct cred *cred;
	char comm[16];
	__u64 start_boottime;
	struct sched_entity se;
	struct signal_struct *signal;
	struct css_set *cgroups;
} KERNEL_TYPE;

#endif
