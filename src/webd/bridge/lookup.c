/*
 * Looking up users; see lookup.h.
 *
 * The machine's own users come from the name services, those of a folder that plays a machine from
 * its /etc/passwd.
 */
#include "webd/bridge/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "webd/names.h"

/* Whether @pw is the one that is looked for. */
static bool is_wanted(const struct passwd *pw, const char *name, uid_t uid)
{
	return name ? str_equal(pw->pw_name, name) : pw->pw_uid == uid;
}

static const struct passwd *find_in_file(FILE *file, const char *name, uid_t uid)
{
	const struct passwd *pw;

	rewind(file);
	while ((pw = fgetpwent(file)) && !is_wanted(pw, name, uid))
		;
	return pw;
}

/* By @name, or where that is NULL by @uid; @file is NULL for the machine's own. */
static const struct passwd *find(FILE *file, const char *name, uid_t uid)
{
	if (file)
		return find_in_file(file, name, uid);
	return name ? getpwnam(name) : getpwuid(uid);
}

/* Whom nobody knows, and who has a name that cannot be said, is left out. */
static size_t answer(const struct names_question *q, FILE *file, char text[NAMES_ANSWER_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < (q->count ? q->count : 1); i++) {
		const struct passwd *pw = find(file, q->count ? NULL : q->name, q->uids[i]);

		if (pw)
			names_add(text, &len, pw->pw_uid, pw->pw_name);
	}
	return len + 1;
}

static int read_question(int fd, struct names_question *ret_question)
{
	char text[NAMES_QUESTION_MAX];
	size_t len = 0;

	while (len < sizeof(text)) {
		ssize_t n = read(fd, text + len, sizeof(text) - len);

		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		len += n;
		if (memchr(text, '\0', len))
			return names_parse_question(text, ret_question);
	}
	return -EMSGSIZE;
}

static int open_file(const char *root, FILE **ret_file)
{
	_cleanup_close_ int root_fd = -1, fd = -1;
	int r = fs_open_root(root, &root_fd);

	if (r == 0)
		r = fs_open(root_fd, "/etc/passwd", O_RDONLY, 0, &fd);
	if (r < 0)
		return r;
	*ret_file = fdopen(fd, "r");
	if (!*ret_file)
		return -errno;
	take_fd(&fd);
	return 0;
}

/* Nothing that the bridge has open stays open here, or an end would not be seen. */
_Noreturn static void run(int fd, const char *root)
{
	char text[NAMES_ANSWER_MAX] = "";
	struct names_question q;
	FILE *file = NULL;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(fd, STDIN_FILENO) < 0 || fcntl(STDIN_FILENO, F_SETFL, 0) < 0)
		_exit(EXIT_FAILURE);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	if ((root && open_file(root, &file) < 0) || read_question(STDIN_FILENO, &q) < 0)
		_exit(EXIT_FAILURE);
	_exit(io_write_all(STDIN_FILENO, text, answer(&q, file, text)) < 0 ? EXIT_FAILURE
									   : EXIT_SUCCESS);
}

int lookup_start(const char *root, int *ret_fd, pid_t *ret_pid)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		run(ends[1], root);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -EAGAIN;
	}
	*ret_fd = ends[0];
	*ret_pid = pid;
	return 0;
}

void lookup_end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
