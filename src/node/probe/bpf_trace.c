/*
 * Programs that see what the kernel and processes do: tracepoints, probes, trampolines, iterators,
 * perf events.
 *
 * The function that is traced is vfs_fallocate(): exported, and therefore in every kernel and never
 * inlined; rarely called by others; called by this process at will.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/def.h"
#include "base/io.h"
#include "base/parse.h"
#include "node/probe/bpf.h"

static const char traced[] = "vfs_fallocate";

/* A file that holds one number. */
static int read_number(int dirfd, const char *path, uint64_t *ret_value)
{
	_cleanup_free_ char *text = NULL;
	int r = io_read_file(dirfd, path, 64, &text, NULL);

	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	return parse_u64(text, 0, UINT32_MAX, ret_value);
}

/* tracefs, mounted where nobody else sees it: /sys/kernel/tracing need not be there. */
static int open_tracefs(void)
{
	_cleanup_close_ int fs = fsopen("tracefs", FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	return fd < 0 ? -errno : fd;
}

/* An event of this process, or with @everywhere of all of them, seen on processor 0. */
static int open_event(struct perf_event_attr *attr, bool everywhere)
{
	int fd;

	attr->size = sizeof(*attr);
	attr->disabled = 1;
	fd = syscall(SYS_perf_event_open, attr, everywhere ? -1 : 0, everywhere ? 0 : -1, -1,
		     PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int bpf_attach_perf(struct bpf_run *run, int fd)
{
	if (fd < 0)
		return fd;
	run->link = fd;
	if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, run->prog) < 0 ||
	    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) < 0)
		return -errno;
	return 0;
}

static int attach_tracepoint(struct bpf_run *run)
{
	_cleanup_close_ int tracefs = open_tracefs();
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT};
	uint64_t id;
	int r;

	if (tracefs < 0)
		return tracefs;
	r = read_number(tracefs, "events/sched/sched_process_fork/id", &id);
	if (r < 0)
		return r;
	attr.config = id;
	return bpf_attach_perf(run, open_event(&attr, true));
}

static int attach_raw_tracepoint(struct bpf_run *run)
{
	run->link = bpf_raw_tracepoint_open("sched_process_fork", run->prog);
	return run->link < 0 ? run->link : 0;
}

/* An event of a source that says its number in /sys: kprobe, uprobe. */
static int open_probe(const char *source, const char *object, uint64_t offset)
{
	struct perf_event_attr attr = {.config1 = (uintptr_t)object, .config2 = offset};
	char path[64];
	uint64_t type;
	int r;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", source);
	r = read_number(AT_FDCWD, path, &type);
	if (r < 0)
		return r;
	attr.type = type;
	return open_event(&attr, true);
}

static int attach_kprobe(struct bpf_run *run)
{
	return bpf_attach_perf(run, open_probe("kprobe", traced, 0));
}

static int attach_kprobe_multi(struct bpf_run *run)
{
	const char *names[] = {traced};
	LIBBPF_OPTS(bpf_link_create_opts, opts, .kprobe_multi.syms = names,
		    .kprobe_multi.cnt = ARRAY_SIZE(names));

	run->link = bpf_link_create(run->prog, 0, BPF_TRACE_KPROBE_MULTI, &opts);
	return run->link < 0 ? run->link : 0;
}

/* What the uprobe sits on. */
static __attribute__((noinline)) void uprobe_place(void)
{
	__asm__ volatile("" ::: "memory");
}

/* Where in its file the code at an address stands. */
struct place {
	uintptr_t address;
	uint64_t offset;
};

static int find_place(struct dl_phdr_info *info, size_t size, void *data)
{
	struct place *place = data;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + h->p_vaddr;

		if (h->p_type != PT_LOAD || place->address < start ||
		    place->address - start >= h->p_filesz)
			continue;
		place->offset = place->address - start + h->p_offset;
		return 1;
	}
	return 0;
}

static int attach_uprobe(struct bpf_run *run)
{
	struct place place = {.address = (uintptr_t)uprobe_place};
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return -errno;
	path[n] = '\0';
	if (!dl_iterate_phdr(find_place, &place))
		return -ENOENT;
	return bpf_attach_perf(run, open_probe("uprobe", path, place.offset));
}

static int trigger_uprobe(struct bpf_run *run)
{
	uprobe_place();
	return 0;
}

static int attach_iterator(struct bpf_run *run)
{
	run->link = bpf_link_create(run->prog, 0, BPF_TRACE_ITER, NULL);
	return run->link < 0 ? run->link : 0;
}

static int trigger_iterator(struct bpf_run *run)
{
	_cleanup_close_ int fd = bpf_iter_create(run->link);
	char bytes[256];

	if (fd < 0)
		return fd;
	return read(fd, bytes, sizeof(bytes)) < 0 ? -errno : 0;
}

/* The processor's clock in software, which every machine has. */
static int attach_perf_event(struct bpf_run *run)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 100 * 1000,
	};

	return bpf_attach_perf(run, open_event(&attr, false));
}

static int trigger_perf_event(struct bpf_run *run)
{
	clock_t end = clock() + CLOCKS_PER_SEC / 5;

	while (clock() < end && bpf_counter_read(run->map) == 0)
		;
	return 0;
}

const struct bpf_kind bpf_tracepoint = {
	.detail = "programs at tracepoints",
	.where = "to the tracepoint sched_process_fork",
	.type = BPF_PROG_TYPE_TRACEPOINT,
	.attach = attach_tracepoint,
	.trigger = bpf_trigger_fork,
};

const struct bpf_kind bpf_raw_tracepoint = {
	.detail = "programs at raw tracepoints",
	.where = "to the raw tracepoint sched_process_fork",
	.type = BPF_PROG_TYPE_RAW_TRACEPOINT,
	.attach = attach_raw_tracepoint,
	.trigger = bpf_trigger_fork,
};

const struct bpf_kind bpf_btf_tracepoint = {
	.detail = "programs at tracepoints with typed arguments",
	.where = "to the typed tracepoint sched_process_fork",
	.type = BPF_PROG_TYPE_TRACING,
	.expected = BPF_TRACE_RAW_TP,
	.target = "sched_process_fork",
	.attach = bpf_attach_tracing,
	.trigger = bpf_trigger_fork,
};

const struct bpf_kind bpf_kprobe = {
	.detail = "programs at any instruction of the kernel",
	.where = "by a kprobe to vfs_fallocate",
	.type = BPF_PROG_TYPE_KPROBE,
	.attach = attach_kprobe,
	.trigger = bpf_trigger_fallocate,
};

const struct bpf_kind bpf_kprobe_multi = {
	.detail = "programs at many kernel functions at once",
	.where = "by a link for many functions to vfs_fallocate",
	.type = BPF_PROG_TYPE_KPROBE,
	.expected = BPF_TRACE_KPROBE_MULTI,
	.attach = attach_kprobe_multi,
	.trigger = bpf_trigger_fallocate,
};

const struct bpf_kind bpf_uprobe = {
	.detail = "programs at functions of processes",
	.where = "by a uprobe to a function of the probe itself",
	.type = BPF_PROG_TYPE_KPROBE,
	.attach = attach_uprobe,
	.trigger = trigger_uprobe,
};

const struct bpf_kind bpf_fentry = {
	.detail = "programs at the entry of kernel functions",
	.where = "to the entry of vfs_fallocate",
	.type = BPF_PROG_TYPE_TRACING,
	.expected = BPF_TRACE_FENTRY,
	.target = traced,
	.attach = bpf_attach_tracing,
	.trigger = bpf_trigger_fallocate,
};

const struct bpf_kind bpf_fexit = {
	.detail = "programs at the return of kernel functions",
	.where = "to the return of vfs_fallocate",
	.type = BPF_PROG_TYPE_TRACING,
	.expected = BPF_TRACE_FEXIT,
	.target = traced,
	.attach = bpf_attach_tracing,
	.trigger = bpf_trigger_fallocate,
};

const struct bpf_kind bpf_iterator = {
	.detail = "programs that walk over the kernel's objects",
	.where = "to the list of tasks",
	.type = BPF_PROG_TYPE_TRACING,
	.expected = BPF_TRACE_ITER,
	.target = "task",
	.attach = attach_iterator,
	.trigger = trigger_iterator,
};

const struct bpf_kind bpf_perf_event = {
	.detail = "programs at performance counters and clocks",
	.where = "to a clock of the probe itself",
	.type = BPF_PROG_TYPE_PERF_EVENT,
	.attach = attach_perf_event,
	.trigger = trigger_perf_event,
};
