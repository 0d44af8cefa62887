/*
 * Programs on packets: socket filter, XDP. Traffic is the trial's own, in its own namespace.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/def.h"
#include "node/probe/bpf.h"

enum { LOOPBACK_INDEX = 1 };

int bpf_own_network(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	_cleanup_close_ int fd = -1;

	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

int bpf_trigger_datagram(struct bpf_run *run)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(to);

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&to, &len) < 0 ||
	    sendto(fd, "", 1, 0, (struct sockaddr *)&to, len) < 0)
		return -errno;
	return 0;
}

static int prepare_network(struct bpf_run *run)
{
	return bpf_own_network();
}

static int attach_filter(struct bpf_run *run)
{
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, run->ends) < 0 ||
	    setsockopt(run->ends[1], SOL_SOCKET, SO_ATTACH_BPF, &run->prog, sizeof(int)) < 0)
		return -errno;
	return 0;
}

static int trigger_filter(struct bpf_run *run)
{
	return send(run->ends[0], "", 1, 0) < 0 ? -errno : 0;
}

static int attach_xdp(struct bpf_run *run)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_SKB_MODE);

	run->link = bpf_link_create(run->prog, LOOPBACK_INDEX, BPF_XDP, &opts);
	return run->link < 0 ? run->link : 0;
}

const struct bpf_kind bpf_socket_filter = {
	.detail = "programs that filter what a socket receives",
	.where = "to a pair of sockets",
	.type = BPF_PROG_TYPE_SOCKET_FILTER,
	.result = INT32_MAX, /* bytes that may pass */
	.attach = attach_filter,
	.trigger = trigger_filter,
};

const struct bpf_kind bpf_xdp = {
	.detail = "programs on packets before the network stack (XDP)",
	.where = "to the loopback interface of a namespace of its own, in generic mode",
	.type = BPF_PROG_TYPE_XDP,
	.expected = BPF_XDP,
	.result = XDP_PASS,
	.prepare = prepare_network,
	.attach = attach_xdp,
	.trigger = bpf_trigger_datagram,
};
