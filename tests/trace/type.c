/*
 * type COMMAND...: a person at a terminal.
 *
 * Runs COMMAND on a terminal of its own and does, line by line, what standard input says:
 *
 *	wait TEXT	until COMMAND has printed TEXT, from where the last wait ended; a minute at
 *most type TEXT	key by key, as quickly as a person types pause MS
 *
 * In TEXT, \r is the return key, \e escape, \n a new line, \\ a backslash. Behind the last line the
 * terminal stays until COMMAND ends, a minute at most. Prints what COMMAND printed; exits as it
 * does, and with 124 when it did not do what was waited for. Linked statically, to run in any
 * guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/def.h"
#include "base/io.h"
#include "base/parse.h"

enum {
	KEY_MS = 25,
	/* Editors tell a lone escape from the start of a function key by what follows at once. */
	ESCAPE_MS = 400,
	WAIT_MS = 60000,
	OUTPUT_MAX = 1024 * 1024,
	TIMED_OUT = 124,
};

struct terminal {
	int fd;
	pid_t pid;
	char output[OUTPUT_MAX];
	size_t len, seen; /* seen: what waits have gone past */
	bool ended;
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * UINT64_C(1000) + t.tv_nsec / 1000000;
}

/* Takes what there is, or comes, within @ms. */
static void take_output(struct terminal *t, int ms)
{
	struct pollfd p = {.fd = t->fd, .events = POLLIN};
	ssize_t n;

	if (t->ended || t->len == OUTPUT_MAX || poll(&p, 1, ms) <= 0)
		return;
	n = read(t->fd, t->output + t->len, OUTPUT_MAX - t->len);
	/* A terminal whose last process is gone gives EIO. */
	if (n <= 0) {
		t->ended = true;
		return;
	}
	(void)io_write_all(STDOUT_FILENO, t->output + t->len, n);
	t->len += n;
}

static void pause_ms(struct terminal *t, uint64_t ms)
{
	const struct timespec rest = {.tv_nsec = 1000000};
	const uint64_t end = now_ms() + ms;

	for (uint64_t now = now_ms(); now < end; now = now_ms())
		if (t->ended)
			nanosleep(&rest, NULL);
		else
			take_output(t, end - now);
}

/* The bytes that @text stands for, in place. */
static size_t unescape(char *text)
{
	static const char codes[][2] = {{'r', '\r'}, {'e', '\033'}, {'n', '\n'}, {'\\', '\\'}};
	char *out = text;

	for (const char *p = text; *p; p++) {
		*out = *p;
		for (size_t i = 0; *p == '\\' && i < ARRAY_SIZE(codes); i++)
			if (p[1] == codes[i][0]) {
				*out = codes[i][1];
				p++;
				break;
			}
		out++;
	}
	*out = '\0';
	return out - text;
}

static int do_wait(struct terminal *t, char *text)
{
	const uint64_t end = now_ms() + WAIT_MS;
	const size_t len = unescape(text);

	for (;;) {
		const char *found = memmem(t->output + t->seen, t->len - t->seen, text, len);

		if (found) {
			t->seen = found + len - t->output;
			return 0;
		}
		if (t->ended || t->len == OUTPUT_MAX || now_ms() >= end)
			return -ETIMEDOUT;
		take_output(t, 100);
	}
}

static int do_type(struct terminal *t, char *text)
{
	const size_t len = unescape(text);

	for (size_t i = 0; i < len; i++) {
		int r = io_write_all(t->fd, text + i, 1);

		if (r < 0)
			return r;
		pause_ms(t, text[i] == '\033' ? ESCAPE_MS : KEY_MS);
	}
	return 0;
}

static int do_pause(struct terminal *t, char *text)
{
	uint64_t ms;
	int r = parse_u64(text, 0, WAIT_MS, &ms);

	if (r == 0)
		pause_ms(t, ms);
	return r;
}

static const struct verb {
	const char *name;
	int (*run)(struct terminal *t, char *text);
} verbs[] = {{"wait ", do_wait}, {"type ", do_type}, {"pause ", do_pause}};

static int do_line(struct terminal *t, char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		size_t len = strlen(verbs[i].name);

		if (strncmp(line, verbs[i].name, len) == 0)
			return verbs[i].run(t, line + len);
	}
	return -EINVAL;
}

static int do_lines(struct terminal *t, FILE *lines)
{
	_cleanup_free_ char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, lines)) > 0) {
		int r;

		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		r = do_line(t, line);
		if (r < 0) {
			fprintf(stderr, "\ntype: %s: %s\n", line, strerror(-r));
			return r;
		}
	}
	return 0;
}

/* In the child: the other side of the terminal becomes its own, and all it has open. */
static void become(const char *name, char **command)
{
	static const struct winsize size = {.ws_row = 24, .ws_col = 100};
	int fd;

	setsid();
	fd = open(name, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) < 0 || ioctl(fd, TIOCSWINSZ, &size) < 0)
		_exit(126);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	setenv("TERM", "xterm", 1);
	execvp(*command, command);
	_exit(127);
}

static int start(struct terminal *t, char **command)
{
	char name[64];

	t->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->fd < 0 || grantpt(t->fd) < 0 || unlockpt(t->fd) < 0 ||
	    ptsname_r(t->fd, name, sizeof(name)) != 0)
		return -errno;
	t->pid = fork();
	if (t->pid < 0)
		return -errno;
	if (t->pid == 0)
		become(name, command);
	return 0;
}

/* The status of @t's command, as a shell has it. */
static int finish(struct terminal *t, bool hurry)
{
	const uint64_t end = now_ms() + (hurry ? 0 : WAIT_MS);
	int status;

	while (!t->ended && now_ms() < end)
		take_output(t, 100);
	if (!t->ended)
		kill(t->pid, SIGKILL);
	if (waitpid(t->pid, &status, 0) < 0)
		return 1;
	if (!t->ended)
		return TIMED_OUT;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	static struct terminal t;
	int r, status;

	if (argc < 2) {
		fprintf(stderr, "usage: type COMMAND... <STEPS\n");
		return 2;
	}
	r = start(&t, argv + 1);
	if (r < 0) {
		fprintf(stderr, "type: %s\n", strerror(-r));
		return 1;
	}
	r = do_lines(&t, stdin);
	status = finish(&t, r < 0);
	return r < 0 ? TIMED_OUT : status;
}
