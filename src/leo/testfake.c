/*
 * A scripted varlink service for tests; see testfake.h.
 *
 * One process per socket accepts, and forks one per connection, which may then block as it likes.
 * What goes wrong in here ends the process with a message, and the test fails for want of answers.
 */
#include "leo/testfake.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/io.h"

enum { LINES_MAX = 200, SOCKETS_MAX = 8, MESSAGE_MAX = 2 * 1024 * 1024 };

static struct {
	char *lines[LINES_MAX + 1];
	const char *root, *calls;
	int sockets[SOCKETS_MAX], waiting[SOCKETS_MAX];
	size_t socket_count, waiting_count;
} fake;

/* ---- what a rule can do ---- */

struct act {
	int fd;
	const char *call; /* as received */
	const char *argument;
};

/* A client that has gone away ends the connection. */
static void put(int fd, const void *bytes, size_t len)
{
	if (io_write_all(fd, bytes, len) < 0)
		_exit(0);
}

static void put_json(int fd, json_t *message)
{
	_cleanup_free_ char *text = json_dumps(message, JSON_COMPACT);

	json_decref(message);
	if (!text)
		errx(1, "fake: a reply is no JSON");
	put(fd, text, strlen(text) + 1);
}

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_ALLOW_NUL, &error);

	if (!value)
		errx(1, "fake: %s: %s", text, error.text);
	return value;
}

static void act_reply(const struct act *a)
{
	put_json(a->fd, json_pack("{s:o}", "parameters", parse(a->argument)));
}

static void act_more(const struct act *a)
{
	put_json(a->fd, json_pack("{s:o, s:b}", "parameters", parse(a->argument), "continues", 1));
}

static void act_error(const struct act *a)
{
	const char *space = strchrnul(a->argument, ' ');
	_cleanup_free_ char *name = strndup(a->argument, space - a->argument);

	put_json(a->fd, json_pack("{s:s, s:o}", "error", name, "parameters",
				  *space ? parse(space + 1) : json_object()));
}

static void act_echo(const struct act *a)
{
	put_json(a->fd, json_pack("{s:o}", "parameters", parse(a->call)));
}

static void act_interface(const struct act *a)
{
	_cleanup_free_ char *path = NULL, *text = NULL;

	if (asprintf(&path, "%s/usr/share/leonhard/api/%s.varlink", fake.root, a->argument) < 0 ||
	    io_read_file(AT_FDCWD, path, MESSAGE_MAX, &text, NULL) < 0)
		errx(1, "fake: cannot read %s", path);
	put_json(a->fd, json_pack("{s:{s:s}}", "parameters", "description", text));
}

static void act_raw(const struct act *a)
{
	for (const char *p = a->argument; *p; p++) {
		unsigned byte;

		if (sscanf(p, "\\x%2x", &byte) == 1) {
			put(a->fd, &(char){byte}, 1);
			p += 3;
		} else {
			put(a->fd, p, 1);
		}
	}
}

static void act_flood(const struct act *a)
{
	for (long left = atol(a->argument); left > 0; left--)
		put(a->fd, "y", 1);
}

static void act_fill(const struct act *a)
{
	const char *space = strchrnul(a->argument, ' ');
	size_t bytes = atol(a->argument);
	_cleanup_free_ char *filling = malloc(bytes + 1), *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	memset(filling, 'x', bytes);
	for (const char *p = space; *p; p++)
		fwrite(*p == '@' ? filling : p, 1, *p == '@' ? bytes : 1, f);
	fclose(f);
	put_json(a->fd, json_pack("{s:o}", "parameters", parse(text)));
}

static void act_unlink(const struct act *a)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/run/leonhard/%s", fake.root, a->argument) < 0 || unlink(path) < 0)
		errx(1, "fake: cannot unlink %s", a->argument);
}

static void act_endless(const struct act *a)
{
	for (;;)
		act_more(a);
}

static void act_pause(const struct act *a)
{
	poll(NULL, 0, atoi(a->argument));
}

static void act_hang(const struct act *a)
{
	char byte;

	while (read(a->fd, &byte, 1) > 0)
		;
	_exit(0);
}

static void act_close(const struct act *a)
{
	_exit(0);
}

static const struct {
	const char *name;
	void (*act)(const struct act *a);
} acts[] = {
	{"reply", act_reply}, {"more", act_more},	    {"error", act_error},
	{"echo", act_echo},   {"interface", act_interface}, {"raw", act_raw},
	{"fill", act_fill},   {"unlink", act_unlink},	    {"endless", act_endless},
	{"flood", act_flood}, {"pause", act_pause},	    {"hang", act_hang},
	{"close", act_close},
};

static void do_line(const char *line, struct act *a)
{
	const char *space = strchrnul(line, ' ');

	a->argument = *space ? space + 1 : "";
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		if (strlen(acts[i].name) == space - line &&
		    strncmp(acts[i].name, line, space - line) == 0) {
			acts[i].act(a);
			return;
		}
	errx(1, "fake: cannot do: %s", line);
}

/* ---- a connection ---- */

static void note(const char *call)
{
	FILE *f = fopen(fake.calls, "a");

	if (!f)
		err(1, "fake: %s", fake.calls);
	fprintf(f, "%s\n", call);
	fclose(f);
}

/* Whether @line is "on METHOD" or "on METHOD with TEXT" of this call. */
static bool is_rule_for(const char *line, const char *method, const char *call)
{
	const char *name = line + 3, *with;
	size_t len;

	if (strncmp(line, "on ", 3) != 0)
		return false;
	with = strstr(name, " with ");
	len = with ? with - name : strlen(name);
	if (strncmp(name, "*", len) != 0 &&
	    (len != strlen(method) || strncmp(name, method, len) != 0))
		return false;
	return !with || strstr(call, with + strlen(" with "));
}

static void serve_call(int fd, const char *text)
{
	_cleanup_(json_decrefp) json_t *call = parse(text);
	const char *method = json_string_value(json_object_get(call, "method"));
	struct act a = {.fd = fd, .call = text};
	char **line = fake.lines;

	note(text);
	while (*line && !is_rule_for(*line, method ? method : "", text))
		line++;
	if (!*line) {
		a.argument = "org.varlink.service.MethodNotFound {\"method\":\"?\"}";
		act_error(&a);
		return;
	}
	for (line++; *line && **line == '\t'; line++)
		do_line(*line + 1, &a);
}

static _Noreturn void serve(int fd)
{
	_cleanup_free_ char *text = malloc(MESSAGE_MAX);
	size_t len = 0;

	for (;;) {
		ssize_t n = read(fd, text + len, 1);

		if (n <= 0 || len + 1 == MESSAGE_MAX)
			_exit(0);
		if (text[len++])
			continue;
		serve_call(fd, text);
		len = 0;
	}
}

/* ---- the sockets ---- */

static void put_path(const char *name, char *path, size_t size)
{
	if (snprintf(path, size, "%s/run/leonhard/%s", fake.root, name) >= size)
		errx(1, "fake: the path of %s is too long", name);
}

static void add_file(const char *name)
{
	char path[108];

	put_path(name, path, sizeof(path));
	close(open(path, O_WRONLY | O_CREAT, 0666));
}

static void add_socket(const char *name, int mode, bool listens)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	put_path(name, address.sun_path, sizeof(address.sun_path));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(address.sun_path, mode) < 0)
		err(1, "fake: %s", address.sun_path);
	if (!listens) {
		close(fd);
		return;
	}
	if (fake.socket_count == SOCKETS_MAX || listen(fd, 16) < 0)
		err(1, "fake: %s", address.sun_path);
	fake.sockets[fake.socket_count++] = fd;
}

/* Connects until nobody else can. */
static void add_full(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = server, r;

	put_path(name, address.sun_path, sizeof(address.sun_path));
	if (bind(server, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(server, 0) < 0 || chmod(address.sun_path, 0666) < 0)
		err(1, "fake: %s", address.sun_path);
	do {
		if (fake.waiting_count == SOCKETS_MAX)
			errx(1, "fake: the queue does not fill");
		fake.waiting[fake.waiting_count++] = fd;
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		r = connect(fd, (struct sockaddr *)&address, sizeof(address));
	} while (r == 0);
	close(fd);
}

static void set_up(void)
{
	for (char **line = fake.lines; *line; line++) {
		char name[80];
		int mode = 0666;

		if (sscanf(*line, "socket %79s %o", name, &mode) >= 1)
			add_socket(name, mode, true);
		else if (sscanf(*line, "dead %79s", name) == 1)
			add_socket(name, mode, false);
		else if (sscanf(*line, "full %79s", name) == 1)
			add_full(name);
		else if (sscanf(*line, "file %79s", name) == 1)
			add_file(name);
	}
}

static _Noreturn void accept_all(void)
{
	struct pollfd fds[SOCKETS_MAX];

	for (size_t i = 0; i < fake.socket_count; i++)
		fds[i] = (struct pollfd){.fd = fake.sockets[i], .events = POLLIN};
	for (;;) {
		if (poll(fds, fake.socket_count, -1) < 0 && errno != EINTR)
			err(1, "fake: poll");
		for (size_t i = 0; i < fake.socket_count; i++) {
			int fd = fds[i].revents ? accept(fds[i].fd, NULL, NULL) : -1;

			if (fd >= 0 && fork() == 0)
				serve(fd);
			cleanup_close_p(&fd);
		}
	}
}

static void split(const char *script)
{
	char *rest = strdup(script), *line;
	size_t count = 0;

	while ((line = strsep(&rest, "\n")))
		if (*line && *line != '#') {
			if (count == LINES_MAX)
				errx(1, "fake: the script is too long");
			fake.lines[count++] = line;
		}
	fake.lines[count] = NULL;
}

void testfake_start(const char *script, const char *root, const char *calls,
		    struct testfake *ret_fake)
{
	fake.root = root;
	fake.calls = calls;
	fake.socket_count = fake.waiting_count = 0;
	split(script);
	set_up();
	ret_fake->pid = fork();
	if (ret_fake->pid == 0) {
		setpgid(0, 0);
		signal(SIGPIPE, SIG_IGN);
		signal(SIGCHLD, SIG_IGN);
		accept_all();
	}
	setpgid(ret_fake->pid, ret_fake->pid);
	for (size_t i = 0; i < fake.socket_count; i++)
		close(fake.sockets[i]);
	for (size_t i = 0; i < fake.waiting_count; i++)
		close(fake.waiting[i]);
}

void testfake_stop(struct testfake *f)
{
	kill(-f->pid, SIGKILL);
	while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(fake.lines[0]);
	fake.lines[0] = NULL;
}
