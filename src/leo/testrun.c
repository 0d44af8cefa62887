/*
 * Runs a program for a test; see testrun.h.
 */
#include "leo/testrun.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"

enum { OUTPUT_MAX = 4 * 1024 * 1024, TIMEOUT_MS = 60 * 1000, INTERRUPT_MS = 300, NOBODY = 65534 };

/* The program's ends of what it is connected to, and ours. */
struct ends {
	int in[2], out[2], error[2]; /* [0] is read from */
};

static void check(int r, const char *what)
{
	if (r < 0)
		err(1, "testrun: %s", what);
}

/* A terminal that passes bytes on as they are; only Ctrl-C is obeyed. */
static void open_terminal(const struct testrun *t, int ends[2])
{
	struct winsize size = {.ws_col = t->columns, .ws_row = t->rows};
	struct termios mode;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	check(master, "posix_openpt");
	check(grantpt(master), "grantpt");
	check(unlockpt(master), "unlockpt");
	ends[0] = master;
	ends[1] = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	check(ends[1], "the terminal");
	check(ioctl(ends[1], TIOCSWINSZ, &size), "TIOCSWINSZ");
	check(tcgetattr(ends[1], &mode), "tcgetattr");
	mode.c_oflag &= ~OPOST;
	mode.c_lflag &= ~(ECHO | ICANON);
	check(tcsetattr(ends[1], TCSANOW, &mode), "tcsetattr");
}

static void open_ends(const struct testrun *t, struct ends *e)
{
	check(pipe2(e->in, O_CLOEXEC), "pipe");
	check(pipe2(e->error, O_CLOEXEC), "pipe");
	if (t->columns)
		open_terminal(t, e->out);
	else
		check(pipe2(e->out, O_CLOEXEC), "pipe");
}

static void drop_root(void)
{
	if (geteuid() != 0)
		return;
	check(setgroups(0, NULL), "setgroups");
	check(setgid(NOBODY), "setgid");
	check(setuid(NOBODY), "setuid");
}

static _Noreturn void exec(const struct testrun *t, const struct ends *e)
{
	setsid();
	/* A shell starts what runs in its background without Ctrl-C. */
	signal(SIGINT, SIG_DFL);
	if (t->columns)
		ioctl(e->out[1], TIOCSCTTY, 0);
	dup2(e->in[0], STDIN_FILENO);
	dup2(t->full ? open("/dev/full", O_WRONLY) : e->out[1], STDOUT_FILENO);
	dup2(e->error[1], STDERR_FILENO);
	check(chdir(t->directory), t->directory);
	if (t->unprivileged)
		drop_root();
	execve(t->argv[0], t->argv, t->environment);
	err(126, "testrun: %s", t->argv[0]);
}

static unsigned count_lines(const struct strbuf *b)
{
	unsigned lines = 0;

	for (size_t i = 0; i < b->len; i++)
		lines += b->text[i] == '\n';
	return lines;
}

/* False at the end; of a terminal whose other side has closed, that is EIO. */
static bool take(int fd, struct strbuf *b)
{
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n <= 0 || b->len > OUTPUT_MAX)
		return false;
	check(strbuf_add(b, bytes, n), "memory");
	return true;
}

static void close_end(struct pollfd *p)
{
	close(p->fd);
	p->fd = -1;
}

/* Once enough lines are there, does what the test wants. */
static void react(struct testrun *t, struct pollfd *out, const struct strbuf *b)
{
	if (t->interrupts && count_lines(b) >= t->interrupt_after) {
		t->interrupts = false;
		check(io_write_all(out->fd, "\x03", 1), "Ctrl-C");
	}
	if (t->hang_up_after && count_lines(b) >= t->hang_up_after)
		close_end(out);
}

static void collect(struct testrun *t, struct ends *e, struct strbuf *out, struct strbuf *error)
{
	struct pollfd p[] = {{.fd = e->out[0], .events = POLLIN},
			     {.fd = e->error[0], .events = POLLIN}};

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		bool waits = t->interrupts && t->interrupt_after == 0;
		int n = poll(p, ARRAY_SIZE(p), waits ? INTERRUPT_MS : TIMEOUT_MS);

		if (n == 0 && waits)
			react(t, &p[0], out);
		if ((n == 0 && waits) || (n < 0 && errno == EINTR))
			continue;
		if (n <= 0)
			errx(1, "testrun: %s hangs", t->argv[1] ? t->argv[1] : t->argv[0]);
		if (p[0].revents && !take(p[0].fd, out))
			close_end(&p[0]);
		else if (p[0].revents && !waits)
			react(t, &p[0], out);
		if (p[1].revents && !take(p[1].fd, error))
			close_end(&p[1]);
	}
}

/* Control characters are to be seen in what is compared. */
static char *visible(const struct strbuf *b)
{
	struct strbuf v = {};
	char *text;

	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = b->text[i];
		bool c1 = c == 0xc2 && i + 1 < b->len && (b->text[i + 1] & 0xe0) == 0x80;

		if (c1)
			check(strbuf_addf(&v, "<c2><%02x>", (unsigned char)b->text[++i]), "memory");
		else if ((c < 0x20 && c != '\n') || c == 0x7f)
			check(strbuf_addf(&v, "<%02x>", c), "memory");
		else
			check(strbuf_add(&v, &c, 1), "memory");
	}
	check(strbuf_steal(&v, &text), "memory");
	return text;
}

static int end_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "testrun: waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void testrun_do(struct testrun *t)
{
	_cleanup_(strbuf_deinit) struct strbuf out = {}, error = {};
	struct ends e;
	pid_t pid;

	open_ends(t, &e);
	pid = fork();
	check(pid, "fork");
	if (pid == 0)
		exec(t, &e);
	close(e.in[0]);
	close(e.out[1]);
	close(e.error[1]);
	/* Less than a pipe holds; a program that does not read it is not waited for. */
	signal(SIGPIPE, SIG_IGN);
	io_write_all(e.in[1], t->input, strlen(t->input));
	close(e.in[1]);
	collect(t, &e, &out, &error);
	t->status = end_of(pid);
	t->output = visible(&out);
	t->error = visible(&error);
}
