/*
 * Programs attached to a cgroup: the one that the probe has made, which the trial joins.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/io.h"
#include "node/probe/bpf.h"

int bpf_cgroup_fd = -1, bpf_cgroup_error = -ENOENT;

static int join(struct bpf_run *run)
{
	_cleanup_close_ int fd = -1;

	if (bpf_cgroup_fd < 0)
		return bpf_cgroup_error;
	fd = openat(bpf_cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : io_write_all(fd, "0", 1);
}

static int join_with_network(struct bpf_run *run)
{
	int r = join(run);

	return r < 0 ? r : bpf_own_network();
}

static int attach(struct bpf_run *run)
{
	run->link = bpf_link_create(run->prog, bpf_cgroup_fd, run->kind->expected, NULL);
	return run->link < 0 ? run->link : 0;
}

static int open_and_close(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char byte;

	return fd < 0 || read(fd, &byte, 1) < 0 ? -errno : 0;
}

static int trigger_device(struct bpf_run *run)
{
	return open_and_close("/dev/null");
}

static int trigger_sysctl(struct bpf_run *run)
{
	return open_and_close("/proc/sys/kernel/ostype");
}

static int trigger_sock(struct bpf_run *run)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : 0;
}

const struct bpf_kind bpf_cgroup_skb = {
	.detail = "programs on a cgroup's packets",
	.where = "to what a cgroup sends",
	.type = BPF_PROG_TYPE_CGROUP_SKB,
	.expected = BPF_CGROUP_INET_EGRESS,
	.result = 1, /* allowed, here and below */
	.prepare = join_with_network,
	.attach = attach,
	.trigger = bpf_trigger_datagram,
};

const struct bpf_kind bpf_cgroup_device = {
	.detail = "programs on a cgroup's use of devices",
	.where = "to a cgroup's use of devices",
	.type = BPF_PROG_TYPE_CGROUP_DEVICE,
	.expected = BPF_CGROUP_DEVICE,
	.result = 1,
	.prepare = join,
	.attach = attach,
	.trigger = trigger_device,
};

const struct bpf_kind bpf_cgroup_sysctl = {
	.detail = "programs on a cgroup's use of sysctls",
	.where = "to a cgroup's use of sysctls",
	.type = BPF_PROG_TYPE_CGROUP_SYSCTL,
	.expected = BPF_CGROUP_SYSCTL,
	.result = 1,
	.prepare = join,
	.attach = attach,
	.trigger = trigger_sysctl,
};

const struct bpf_kind bpf_cgroup_sock = {
	.detail = "programs on a cgroup's new sockets",
	.where = "to a cgroup's new sockets",
	.type = BPF_PROG_TYPE_CGROUP_SOCK,
	.expected = BPF_CGROUP_INET_SOCK_CREATE,
	.result = 1,
	.prepare = join,
	.attach = attach,
	.trigger = trigger_sock,
};
