/*
 * Trials of BPF: one small program, loaded as each kind, attached, made to run, and asked whether
 * it has run.
 *
 * The program is an array of instructions that adds one to a number in a map and returns; so it
 * needs no compiler, and neither the kernel's types nor its structures. Everything is held by
 * descriptors of the trial's process.
 */
#ifndef NODE_PROBE_BPF_H
#define NODE_PROBE_BPF_H

#include <linux/bpf.h>
#include <stdint.h>

#include "node/finding.h"

/* Instructions, for initializers. Registers are numbers: r0 result, r1 to r5 arguments. */
#define INSN_MOVE(to, value) {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (to), .imm = (value)}
#define INSN_COPY(to, from) \
	{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (to), .src_reg = (from)}
#define INSN_ADD(to, value) {.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (to), .imm = (value)}
/* Two slots: 64 bits. */
#define INSN_MOVE64(to, value)                                                          \
	{.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = (to), .imm = (uint32_t)(value)}, \
		{.imm = (uint64_t)(value) >> 32}
/* Two slots: the map behind a descriptor, and the first value of an array. */
#define INSN_MAP(to, fd)                    \
	{.code = BPF_LD | BPF_DW | BPF_IMM, \
	 .dst_reg = (to),                   \
	 .src_reg = BPF_PSEUDO_MAP_FD,      \
	 .imm = (fd)},                      \
	{                                   \
	}
#define INSN_MAP_VALUE(to, fd)              \
	{.code = BPF_LD | BPF_DW | BPF_IMM, \
	 .dst_reg = (to),                   \
	 .src_reg = BPF_PSEUDO_MAP_VALUE,   \
	 .imm = (fd)},                      \
	{                                   \
	}
#define INSN_COUNT(to, from) \
	{.code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = (to), .src_reg = (from), .imm = BPF_ADD}
#define INSN_LOAD32(to, from, offset_bytes) \
	{.code = BPF_LDX | BPF_MEM | BPF_W, \
	 .dst_reg = (to),                   \
	 .src_reg = (from),                 \
	 .off = (int16_t)(offset_bytes)}
#define INSN_STORE64(to, offset_bytes, value) \
	{.code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = (to), .off = (offset_bytes), .imm = (value)}
#define INSN_CALL(function) {.code = BPF_JMP | BPF_CALL, .imm = (function)}
/* Jumps over @count instructions. */
#define INSN_UNLESS(reg, value, count) \
	{.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = (reg), .off = (count), .imm = (value)}
#define INSN_EXIT {.code = BPF_JMP | BPF_EXIT}

struct bpf_run;

struct bpf_kind {
	const char *detail; /* what it is for: "programs at the entry of kernel functions" */
	const char *where; /* to what it is attached: "to vfs_fallocate" */
	enum bpf_prog_type type;
	enum bpf_attach_type expected;
	const char
		*target; /* a name in the kernel's BTF, without the prefix of its kind; or NULL */
	int32_t result; /* what the program returns */
	/* Steps; each 0 or a negative errno. @prepare, which may be NULL, comes before loading. */
	int (*prepare)(struct bpf_run *run);
	int (*attach)(struct bpf_run *run);
	int (*trigger)(struct bpf_run *run);
};

/* What the steps share. Descriptors are closed by the end of the process. */
struct bpf_run {
	const struct bpf_kind *kind;
	int map, prog;
	int link; /* of attach, for trigger */
	int ends[2]; /* of attach, for trigger */
};

/* A trial's function; @data is a struct bpf_kind. */
void bpf_trial(struct finding *f, const void *data);

/* Loads @count instructions; the descriptor, or a negative errno with the verifier's last word, as
 * much as fits, in @log of @size bytes. */
int bpf_load(enum bpf_prog_type type, enum bpf_attach_type expected, uint32_t btf_id,
	     const struct bpf_insn *insns, unsigned count, char *log, unsigned size);

/* A map of one number; and that number. Descriptor or negative errno; a failed read is 0. */
int bpf_counter(void);
uint64_t bpf_counter_read(int map);

/* Common triggers: a call of vfs_fallocate(); a child that does nothing. */
int bpf_trigger_fallocate(struct bpf_run *run);
int bpf_trigger_fork(struct bpf_run *run);
/* Common ways to attach: a link of BTF kinds; a perf event @fd. */
int bpf_attach_tracing(struct bpf_run *run);
int bpf_attach_perf(struct bpf_run *run, int fd);

/* A network namespace of this process with its loopback interface up. */
int bpf_own_network(void);
/* One datagram to a socket of this process by way of the loopback interface. */
int bpf_trigger_datagram(struct bpf_run *run);

/* Kinds of bpf_trace.c, bpf_net.c and bpf_cgroup.c. */
extern const struct bpf_kind bpf_tracepoint, bpf_raw_tracepoint, bpf_btf_tracepoint, bpf_kprobe,
	bpf_kprobe_multi, bpf_uprobe, bpf_fentry, bpf_fexit, bpf_iterator, bpf_perf_event;
extern const struct bpf_kind bpf_socket_filter, bpf_xdp;
extern const struct bpf_kind bpf_cgroup_skb, bpf_cgroup_device, bpf_cgroup_sysctl, bpf_cgroup_sock;

/* Trials that do more than count; @data is NULL. */
void bpf_trial_btf(struct finding *f, const void *data);
void bpf_trial_lsm(struct finding *f, const void *data);
void bpf_trial_ringbuf(struct finding *f, const void *data);
void bpf_trial_struct_ops(struct finding *f, const void *data);
void bpf_trial_sched_ext(struct finding *f, const void *data);

/* The cgroup that the probe makes for its trials, held open by main; -1 when there is none, with
 * the reason. */
extern int bpf_cgroup_fd, bpf_cgroup_error;

#endif
