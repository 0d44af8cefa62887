/*
 * A running guest; see guest.h.
 *
 * QEMU is connected by socket pairs, and for the board's controller by a connection that is there
 * before it starts: nobody else can connect, nothing has to be cleaned up, and the end of either
 * side is seen by the other at once.
 */
#include "lab/guest.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "base/def.h"
#include "base/io.h"
#include "lab/spawn.h"

enum { WAIT_STEP_MS = 10 };

static int socket_pair(int *ret_ours, int *ret_theirs)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	*ret_ours = ends[0];
	*ret_theirs = ends[1];
	return 0;
}

static int spawn_qemu(struct guest *g, struct qemu_setup *setup, int errors_fd)
{
	char **argv;
	int r = qemu_arguments(setup, &argv);

	if (r < 0)
		return r;
	r = spawn_helper(&(struct spawn_helper){.argv = (const char *const *)argv,
						.stdio = {-1, errors_fd, errors_fd},
						.keep = {setup->port_fd, setup->console_fd,
							 setup->bmc_fd, -1}},
			 &g->pid);
	qemu_arguments_free(argv);
	return r;
}

/*
 * The board's controller is a part of ours. QEMU's end has to be connected when its machine is made
 * and not before: it gets a socket on which we are the first in the queue. The name is the
 * kernel's.
 */
static int connect_bmc(struct guest *g, struct qemu_setup *setup, int *ret_theirs)
{
	_cleanup_close_ int listener = -1;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(sa_family_t);

	setup->bmc_fd = -1;
	if (!setup->options->bmc)
		return 0;
	if (bmc_init(&g->bmc) < 0)
		return -ENOMEM;
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) < 0)
		return -errno;
	len = sizeof(address);
	if (getsockname(listener, (struct sockaddr *)&address, &len) < 0 || listen(listener, 1) < 0)
		return -errno;
	g->bmc_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (g->bmc_fd < 0 || connect(g->bmc_fd, (struct sockaddr *)&address, len) < 0)
		return -errno;
	*ret_theirs = take_fd(&listener);
	return 0;
}

static int connect_and_spawn(struct guest *g, struct qemu_setup *setup)
{
	_cleanup_close_ int port = -1, qemu_port = -1, qemu_console = -1, qemu_errors = -1;
	_cleanup_close_ int qemu_bmc = -1;
	int r = socket_pair(&port, &qemu_port);

	if (r == 0)
		r = session_init(&g->session, port);
	if (r < 0)
		return r;
	port = -1;
	r = socket_pair(&g->console_fd, &qemu_console);
	if (r == 0)
		r = socket_pair(&g->errors_fd, &qemu_errors);
	if (r == 0)
		r = connect_bmc(g, setup, &qemu_bmc);
	if (r < 0)
		return r;
	setup->port_fd = qemu_port;
	setup->console_fd = qemu_console;
	setup->bmc_fd = qemu_bmc;
	return spawn_qemu(g, setup, qemu_errors);
}

int guest_start(struct guest *g, struct qemu_setup *setup, int log_fd)
{
	int r;

	*g = (struct guest){.session.link.fd = -1,
			    .console_fd = -1,
			    .errors_fd = -1,
			    .log_fd = log_fd,
			    .bmc_fd = -1};
	r = connect_and_spawn(g, setup);
	if (r < 0)
		guest_deinit(g);
	return r;
}

static void keep_console(struct guest *g, const uint8_t *bytes, size_t len)
{
	if (g->log_fd >= 0 && io_write_all(g->log_fd, bytes, len) < 0)
		close(take_fd(&g->log_fd));
	if (queue_append(&g->console, bytes, len) < 0)
		return;
	if (g->console.len > GUEST_CONSOLE_BYTES)
		queue_consume(&g->console, g->console.len - GUEST_CONSOLE_BYTES);
}

/* Reads a piece without waiting; closes the descriptor at the end. True while there is more. */
static bool read_console(struct guest *g, int *fd)
{
	uint8_t bytes[4096];
	ssize_t n = *fd < 0 ? -1 : recv(*fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0)
		keep_console(g, bytes, n);
	else if (*fd >= 0 && (n == 0 || (errno != EAGAIN && errno != EINTR)))
		close(take_fd(fd));
	return n > 0;
}

static int on_console(void *data, short revents)
{
	struct guest *g = data;

	read_console(g, &g->console_fd);
	return 0;
}

static int on_errors(void *data, short revents)
{
	struct guest *g = data;

	read_console(g, &g->errors_fd);
	return 0;
}

/* Does not wait for a guest that reads nothing. */
static int send_bmc(struct guest *g)
{
	ssize_t n = send(g->bmc_fd, queue_front(&g->bmc.out), g->bmc.out.len,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	queue_consume(&g->bmc.out, n);
	return 0;
}

static int on_bmc(void *data, short revents)
{
	struct guest *g = data;
	uint8_t bytes[512];
	ssize_t n;

	if (g->bmc.out.len < BMC_WAITING_MAX) {
		n = recv(g->bmc_fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ||
		    (n > 0 && bmc_feed(&g->bmc, bytes, n) < 0))
			close(take_fd(&g->bmc_fd));
	}
	if (g->bmc_fd >= 0 && g->bmc.out.len && send_bmc(g) < 0)
		close(take_fd(&g->bmc_fd));
	return 0;
}

static void poll_bmc(struct guest *g, struct pollset *ps)
{
	short events =
		(g->bmc.out.len < BMC_WAITING_MAX ? POLLIN : 0) | (g->bmc.out.len ? POLLOUT : 0);

	pollset_add(ps, g->bmc_fd, events, on_bmc, g);
}

void guest_poll(struct guest *g, struct pollset *ps)
{
	poll_bmc(g, ps);
	pollset_add(ps, g->console_fd, POLLIN, on_console, g);
	pollset_add(ps, g->errors_fd, POLLIN, on_errors, g);
}

int guest_wait(struct guest *g, int timeout_ms)
{
	const struct timespec step = {.tv_nsec = WAIT_STEP_MS * 1000000};
	int status;

	for (int waited = 0; waited <= timeout_ms; waited += WAIT_STEP_MS) {
		if (waitpid(g->pid, &status, WNOHANG) == g->pid) {
			g->pid = 0;
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		}
		/* A console that nobody reads would hold the guest up. */
		read_console(g, &g->console_fd);
		read_console(g, &g->errors_fd);
		nanosleep(&step, NULL);
	}
	return -ETIMEDOUT;
}

void guest_kill(struct guest *g)
{
	if (g->pid > 0) {
		kill(g->pid, SIGKILL);
		spawn_wait(g->pid);
		g->pid = 0;
	}
	while (read_console(g, &g->console_fd))
		;
	while (read_console(g, &g->errors_fd))
		;
}

void guest_deinit(struct guest *g)
{
	guest_kill(g);
	session_deinit(&g->session);
	cleanup_close_p(&g->console_fd);
	cleanup_close_p(&g->errors_fd);
	cleanup_close_p(&g->log_fd);
	cleanup_close_p(&g->bmc_fd);
	g->console_fd = g->errors_fd = g->log_fd = g->bmc_fd = -1;
	bmc_deinit(&g->bmc);
	queue_deinit(&g->console);
}

/* A guest must not be able to drive the terminal. */
static void print_byte(FILE *f, uint8_t c)
{
	if (c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f && c < 0x80))
		fputc(c, f);
	else if (c != '\r')
		fprintf(f, "\\x%02x", c);
}

void guest_print_console(const struct guest *g, FILE *f, unsigned lines)
{
	const uint8_t *text = queue_front(&g->console);
	size_t len = g->console.len, start = len;
	unsigned newlines = 0;

	while (start > 0 && !(start < len && text[start - 1] == '\n' && ++newlines == lines))
		start--;
	for (size_t i = start; i < len; i++)
		print_byte(f, text[i]);
	if (len && text[len - 1] != '\n')
		fputc('\n', f);
}
