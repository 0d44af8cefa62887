/*
 * The time of a read over the published wire: pwrapis-bench SOCKET OPERATION COUNT [OTHERS]; of the
 * ring: pwrapis-bench --ring SOCKET PID SECONDS (bench_ring.c); or of what no service is below:
 * pwrapis-bench --echo COUNT, a process that waits as one does and sends back what it gets.
 *
 * OPERATION is a name of the table of operations that needs no data. OTHERS other clients ask the
 * same meanwhile, each twenty times a second at most; with them is one that sends a single byte
 * and one that asks and never reads.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/def.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"
#include "libpwrapi/wire.h"
#include "pwrapis/bench_ring.h"
#include "rpc/bench.h"

enum { PAUSE_US = 50000 };

struct client {
	int fd;
	struct wire_head request;
};

static int dial(const char *path, const struct wire_op *op, struct client *ret_client)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	*ret_client = (struct client){
		.fd = take_fd(&fd),
		.request = {.major = WIRE_MAJOR,
			    .minor = WIRE_MINOR,
			    .type = WIRE_REQUEST,
			    .operation = op->operation,
			    .system = getpid()},
	};
	return 0;
}

static int ask(void *data)
{
	static char reply[WIRE_REPLY_MAX];
	struct client *c = data;
	struct wire_head head;
	int r;

	c->request.sequence++;
	r = io_write_all(c->fd, &c->request, sizeof(c->request));
	if (r == 0)
		r = io_read_exact(c->fd, &head, sizeof(head));
	if (r == 0 && head.data_bytes > sizeof(reply))
		r = -EMSGSIZE;
	if (r == 0)
		r = io_read_exact(c->fd, reply, head.data_bytes);
	if (r == 0 && head.result)
		fprintf(stderr, "code %d\n", head.result);
	return r < 0 ? r : head.result ? -EIO : 0;
}

/* The first sends one byte, the second never reads; all others do as they should. */
static _Noreturn void be_other(const char *path, const struct wire_op *op, unsigned number)
{
	struct client c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dial(path, op, &c) < 0)
		_exit(1);
	if (number == 0 && send(c.fd, "", 1, MSG_NOSIGNAL) == 1)
		pause();
	while (number == 1 &&
	       send(c.fd, &c.request, sizeof(c.request), MSG_NOSIGNAL) == sizeof(c.request))
		;
	while (ask(&c) == 0)
		usleep(PAUSE_US);
	_exit(0);
}

static const struct wire_op *find(const char *name)
{
	size_t count;
	const struct wire_op *ops = wire_ops(&count);

	for (size_t i = 0; i < count; i++)
		if (str_equal(ops[i].name, name) && ops[i].request_min == 0)
			return &ops[i];
	return NULL;
}

static _Noreturn void be_echo(int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct wire_head head;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		_exit(1);
	while (epoll_wait(epoll_fd, &event, 1, -1) == 1 &&
	       io_read_exact(fd, &head, sizeof(head)) == 0 &&
	       io_write_all(fd, &head, sizeof(head)) == 0)
		;
	_exit(0);
}

static int bench_echo(const char *count_text)
{
	struct client c = {.request = {.major = WIRE_MAJOR}};
	uint64_t count;
	int ends[2];
	pid_t pid;

	if (parse_u64(count_text, 1, 10000000, &count) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return 2;
	pid = fork();
	if (pid == 0)
		be_echo(ends[1]);
	c.fd = ends[0];
	return pid < 0 || bench_calls(count, ask, &c) < 0;
}

int main(int argc, char **argv)
{
	const struct wire_op *op = argc >= 4 ? find(argv[2]) : NULL;
	uint64_t count, others = 0;
	struct client c;
	int r;

	if (argc == 3 && str_equal(argv[1], "--echo"))
		return bench_echo(argv[2]);
	if (argc == 5 && str_equal(argv[1], "--ring"))
		return bench_ring(argv[2], argv[3], argv[4]);
	if (!op || parse_u64(argv[3], 1, 10000000, &count) < 0 ||
	    (argc > 4 && parse_u64(argv[4], 0, 1000, &others) < 0)) {
		fprintf(stderr, "usage: pwrapis-bench SOCKET OPERATION COUNT [OTHERS]\n"
				"       pwrapis-bench --ring SOCKET PID SECONDS\n"
				"       pwrapis-bench --echo COUNT\n");
		return 2;
	}
	for (unsigned i = 0; i < others; i++)
		if (fork() == 0)
			be_other(argv[1], op, i);
	r = dial(argv[1], op, &c);
	if (r == 0)
		r = bench_calls(count, ask, &c);
	if (r < 0)
		fprintf(stderr, "pwrapis-bench: %s\n", strerror(-r));
	return r < 0;
}
