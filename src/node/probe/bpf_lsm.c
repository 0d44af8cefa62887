/*
 * Trials that see more than a count: an LSM program that refuses, a ring buffer that delivers, and
 * the kernel's BTF.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/def.h"
#include "node/probe/bpf.h"
#include "node/probe/trial.h"

enum { MAGIC = 0x1e0a4d, RING_BYTES = 64 * 1024 };

static void free_btf(struct btf **btf)
{
	btf__free(*btf);
}

static void free_ring(struct ring_buffer **ring)
{
	ring_buffer__free(*ring);
}

void bpf_trial_btf(struct finding *f, const void *data)
{
	_cleanup_(free_btf) struct btf *btf = btf__load_vmlinux_btf();

	finding_detail(f, "types of the running kernel (BTF)");
	if (!btf)
		trial_failed(f, -errno, "reading /sys/kernel/btf/vmlinux");
	else
		finding_set(f, POWER_YES, "read %u types from /sys/kernel/btf/vmlinux",
			    btf__type_cnt(btf));
}

/*
 * A program on the hook behind getsid(2), which refuses it to this process, known by its id in its
 * own namespace, and lets everybody else pass.
 */
static int load_lsm(int map, const struct stat *ns, char *log, unsigned size)
{
	const struct bpf_insn insns[] = {
		INSN_STORE64(BPF_REG_10, -8, 0),
		INSN_MOVE64(BPF_REG_1, ns->st_dev),
		INSN_MOVE64(BPF_REG_2, ns->st_ino),
		INSN_COPY(BPF_REG_3, BPF_REG_10),
		INSN_ADD(BPF_REG_3, -8),
		INSN_MOVE(BPF_REG_4, sizeof(struct bpf_pidns_info)),
		INSN_CALL(BPF_FUNC_get_ns_current_pid_tgid),
		INSN_LOAD32(BPF_REG_1, BPF_REG_10, -8 + offsetof(struct bpf_pidns_info, tgid)),
		INSN_MOVE(BPF_REG_0, 0),
		INSN_UNLESS(BPF_REG_1, getpid(), 5),
		INSN_MAP_VALUE(BPF_REG_1, map),
		INSN_MOVE(BPF_REG_2, 1),
		INSN_COUNT(BPF_REG_1, BPF_REG_2),
		INSN_MOVE(BPF_REG_0, -EPERM),
		INSN_EXIT,
	};
	int id = libbpf_find_vmlinux_btf_id("task_getsid", BPF_LSM_MAC);

	if (id < 0)
		return id;
	return bpf_load(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, id, insns, ARRAY_SIZE(insns), log, size);
}

static void try_lsm(struct finding *f, int prog, int map)
{
	_cleanup_close_ int link = bpf_raw_tracepoint_open(NULL, prog);
	bool refused;

	if (link < 0) {
		trial_failed(f, link, "loaded a program; attaching it to the hook task_getsid");
		return;
	}
	refused = getsid(getpid()) < 0 && errno == EPERM;
	close(take_fd(&link));
	if (refused && getsid(getpid()) >= 0)
		finding_set(f, POWER_YES,
			    "a program on the hook task_getsid refused getsid() to the probe, "
			    "and no more once it was detached");
	else
		finding_set(f, POWER_NO, "a program was attached to the hook task_getsid and %s",
			    bpf_counter_read(map) ? "ran, but could not refuse" : "did not run");
}

void bpf_trial_lsm(struct finding *f, const void *data)
{
	char log[FINDING_EVIDENCE_MAX / 2] = "";
	int map = bpf_counter(), prog;
	struct stat ns;

	finding_detail(f, "programs that allow or refuse (LSM)");
	if (map < 0 || stat("/proc/self/ns/pid", &ns) < 0) {
		trial_failed(f, map < 0 ? map : -errno, "preparing a program");
		return;
	}
	prog = load_lsm(map, &ns, log, sizeof(log));
	if (prog < 0)
		trial_failed(f, prog, "loading a program for the hook task_getsid%s%s",
			     *log ? ": " : "", log);
	else
		try_lsm(f, prog, map);
}

/* A socket filter that sends a number through the ring @map for each datagram. */
static int load_sender(int map, char *log, unsigned size)
{
	const struct bpf_insn insns[] = {
		INSN_STORE64(BPF_REG_10, -8, MAGIC),
		INSN_MAP(BPF_REG_1, map),
		INSN_COPY(BPF_REG_2, BPF_REG_10),
		INSN_ADD(BPF_REG_2, -8),
		INSN_MOVE(BPF_REG_3, 8),
		INSN_MOVE(BPF_REG_4, 0),
		INSN_CALL(BPF_FUNC_ringbuf_output),
		INSN_MOVE(BPF_REG_0, INT32_MAX),
		INSN_EXIT,
	};

	return bpf_load(BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, insns, ARRAY_SIZE(insns), log, size);
}

static int on_event(void *data, void *bytes, size_t len)
{
	uint64_t value;

	if (len == sizeof(value)) {
		memcpy(&value, bytes, sizeof(value));
		*(bool *)data = value == MAGIC;
	}
	return 0;
}

static int send_one(int prog)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) < 0 ||
	    setsockopt(ends[1], SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog)) < 0 ||
	    send(ends[0], "", 1, 0) < 0)
		return -errno;
	return 0;
}

void bpf_trial_ringbuf(struct finding *f, const void *data)
{
	_cleanup_(free_ring) struct ring_buffer *ring = NULL;
	char log[FINDING_EVIDENCE_MAX / 2] = "";
	bool arrived = false;
	int map, prog, r;

	finding_detail(f, "events from programs in order (ring buffer)");
	map = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "leonhard_probe", 0, 0, RING_BYTES, NULL);
	if (map < 0) {
		trial_failed(f, map, "making a ring of %d bytes", RING_BYTES);
		return;
	}
	prog = load_sender(map, log, sizeof(log));
	ring = ring_buffer__new(map, on_event, &arrived, NULL);
	r = prog < 0 ? prog : !ring ? -errno : send_one(prog);
	if (r < 0) {
		trial_failed(f, r, "made a ring; sending through it%s%s", *log ? ": " : "", log);
		return;
	}
	ring_buffer__consume(ring);
	finding_set(f, arrived ? POWER_YES : POWER_NO, "a program sent 8 bytes through a ring: %s",
		    arrived ? "they arrived" : "they did not arrive");
}
