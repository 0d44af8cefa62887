/*
 * leonhard-webd-bridge: carries varlink between webd and the services, as the user who has logged
 * in, so that a service sees that user and nobody else.
 *
 * Its standard input is the socket to webd (frames.h); it ends with that. It looks into nothing
 * that it carries. What it may read is what the name services read, which a child of it asks
 * (lookup.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/io.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/str.h"
#include "webd/bridge/channels.h"

enum { WEBD_FD = STDIN_FILENO, EXIT_USAGE = 2 };

struct bridge {
	struct channels channels;
	struct frames from_webd;
};

/* 0, or 1 when webd has gone. */
static int read_webd(struct bridge *b)
{
	static uint8_t bytes[FRAMES_PAYLOAD_MAX];
	struct frames_one frame;
	ssize_t n = recv(WEBD_FD, bytes, sizeof(bytes), MSG_DONTWAIT);
	int r;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return 1;
	r = frames_add(&b->from_webd, bytes, n);
	if (r < 0)
		return r;
	while ((r = frames_next(&b->from_webd, &frame)) > 0) {
		r = channels_take(&b->channels, &frame);
		if (r < 0)
			return r;
	}
	return r;
}

static int turn(struct bridge *b)
{
	struct pollfd fds[1 + FRAMES_CHANNELS_MAX] = {{.fd = WEBD_FD, .events = POLLIN}};
	int r;

	if (b->channels.to_webd.len)
		fds[0].events |= POLLOUT;
	channels_wait(&b->channels, fds + 1);
	if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
		return errno == EINTR ? 0 : -errno;
	r = channels_move(&b->channels, fds + 1);
	if (r == 0 && fds[0].revents & (POLLIN | POLLHUP | POLLERR))
		r = read_webd(b);
	if (r != 0 || !b->channels.to_webd.len)
		return r;
	r = output_flush(&b->channels.to_webd, WEBD_FD);
	return r < 0 ? r : 0;
}

static int confine(const char *root)
{
	/* Accounts, which services to ask for them, their modules, and their sockets' folder. */
	static const char *const read_paths[] = {"/etc", "/usr/lib", "/run/systemd/userdb", NULL};
	static const char *const no_paths[] = {NULL};
	const struct sandbox sandbox = {
		.root = root, .read_paths = read_paths, .write_paths = no_paths};
	const char *missing;
	int r = sandbox_enter(&sandbox, &missing);

	return r < 0 ? log_error_errno(r, "cannot give up privileges") : 0;
}

static int run(struct bridge *b)
{
	int r = 0;

	while (r == 0)
		r = turn(b);
	if (r == -EPIPE || r == -ECONNRESET)
		r = 1;
	return r < 0 ? log_error_errno(r, "the connection to webd has ended") : 0;
}

int main(int argc, char **argv)
{
	static struct bridge bridge;
	int r;

	if (io_open_streams() < 0)
		return EXIT_FAILURE;
	log_init("leonhard-webd-bridge");
	if (argc > 2 || (argc == 2 && !str_starts(argv[1], "--root="))) {
		log_error("it is started by leonhard-webd-login, with a socket for standard input");
		return EXIT_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	channels_init(&bridge.channels, argc == 2 ? argv[1] + strlen("--root=") : NULL);
	r = confine(bridge.channels.root);
	if (r == 0)
		r = run(&bridge);
	channels_deinit(&bridge.channels);
	frames_deinit(&bridge.from_webd);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
