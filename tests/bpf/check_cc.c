/*
 * Group "struct_ops": a TCP congestion control made of BPF programs drives a real connection over
 * the loopback interface.
 *
 * Nothing gets lost on the loopback by itself. For the loss that ssthresh is asked about, the
 * receiving socket gets a packet filter that drops everything, until the sender's timer has run
 * out.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/def.h"
#include "base/io.h"
#include "cc.skel.h"
#include "probe.h"

static const char name[] = "leonhard_probe";

enum { CHUNK_BYTES = 16 * 1024, CHUNKS = 64, PATIENCE_MS = 20000 };

static void destroy(struct cc_bpf **skel)
{
	cc_bpf__destroy(*skel);
}

static void destroy_link(struct bpf_link **link)
{
	bpf_link__destroy(*link);
}

/* A socket that listens on a free port of the loopback interface. */
static int listen_somewhere(struct sockaddr_in *ret_address)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 1) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return -errno;
	*ret_address = address;
	return take_fd(&fd);
}

/* Connects a socket whose congestion control is ours; both ends belong to the caller. */
static int connect_pair(int *ret_sender, int *ret_receiver)
{
	struct sockaddr_in address = {0};
	_cleanup_close_ int listener = listen_somewhere(&address), sender = -1, receiver = -1;

	if (listener < 0)
		return listener;
	sender = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sender < 0 || setsockopt(sender, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name)) < 0 ||
	    connect(sender, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	receiver = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (receiver < 0)
		return -errno;
	*ret_sender = take_fd(&sender);
	*ret_receiver = take_fd(&receiver);
	return 0;
}

static int transfer(int sender, int receiver)
{
	static char out[CHUNK_BYTES], in[CHUNK_BYTES];
	int r = 0;

	for (int i = 0; i < CHUNKS && r == 0; i++) {
		memset(out, i + 1, sizeof(out));
		r = io_write_all(sender, out, sizeof(out));
		if (r == 0)
			r = io_read_exact(receiver, in, sizeof(in));
		if (r == 0 && memcmp(in, out, sizeof(in)))
			r = -EIO;
	}
	return r;
}

/* Sends a byte into the void and waits until ssthresh is asked; then lets it through. */
static int lose_something(struct cc_bpf *skel, int sender, int receiver)
{
	struct sock_filter drop = {.code = BPF_RET | BPF_K, .k = 0};
	struct sock_fprog filter = {.len = 1, .filter = &drop};
	char byte = 1;
	int r;

	if (setsockopt(receiver, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0)
		return -errno;
	r = io_write_all(sender, &byte, 1);
	for (int ms = 0; r == 0 && !skel->bss->ssthresh_calls; ms += 10) {
		if (ms >= PATIENCE_MS)
			r = -ETIMEDOUT;
		probe_pause();
	}
	if (setsockopt(receiver, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, sizeof(int)) < 0)
		return -errno;
	return r < 0 ? r : io_read_exact(receiver, &byte, 1);
}

static int select_cc(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name)) < 0)
		return -errno;
	return 0;
}

/* The connection lives and dies in here, so that release can be seen afterwards. */
static void check_connection(struct cc_bpf *skel)
{
	_cleanup_close_ int sender = -1, receiver = -1;
	char used[16] = "";
	socklen_t len = sizeof(used);

	if (!check_call(connect_pair(&sender, &receiver), "a connection selects it"))
		return;
	check(getsockopt(sender, IPPROTO_TCP, TCP_CONGESTION, used, &len) == 0 &&
		      !strcmp(used, name),
	      "the connection names it");
	check(skel->bss->init_calls >= 1, "its init is called");
	check_call(transfer(sender, receiver), "1 MiB arrives whole");
	check(skel->bss->cong_avoid_calls > 0 && skel->bss->acked_packets > 0,
	      "its cong_avoid is called");
	check_call(lose_something(skel, sender, receiver), "a lost packet is sent again");
	check(skel->bss->ssthresh_calls > 0, "its ssthresh is called");
}

void check_cc(void)
{
	_cleanup_(destroy) struct cc_bpf *skel = cc_bpf__open_and_load();
	_cleanup_(destroy_link) struct bpf_link *link = NULL;

	if (!check_call(skel ? 0 : -errno, "struct_ops congestion control loads"))
		return;
	check(select_cc() == -ENOENT, "it cannot be selected before it is attached");
	link = bpf_map__attach_struct_ops(skel->maps.cc);
	if (!check_call(link ? 0 : -errno, "it is registered"))
		return;
	check_connection(skel);
	check(skel->bss->release_calls >= 1, "its release is called");
	check_call(bpf_link__destroy(take_ptr(link)), "it is detached");
	check(select_cc() == -ENOENT, "it cannot be selected any more");
}
