/*
 * Long output on a terminal; see pager.h.
 */
#include "leo/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"

/* Ends when all fits one screen, passes colours, leaves the text where it was. */
#define FALLBACK "less -FRX"

/* Signals that we ignore, or handle, are the pager's business to decide anew. */
static int attributes(posix_spawnattr_t *a)
{
	sigset_t all;
	int r;

	sigemptyset(&all);
	sigaddset(&all, SIGPIPE);
	sigaddset(&all, SIGINT);
	r = posix_spawnattr_setsigdefault(a, &all);
	return r ? -r : -posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGDEF);
}

/* posix_spawn() and its helpers return positive error numbers. */
static int start(char **words, int in, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int r = -posix_spawn_file_actions_init(&actions);

	if (r < 0)
		return r;
	r = -posix_spawnattr_init(&attr);
	if (r == 0) {
		r = attributes(&attr);
		if (r == 0)
			r = -posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
		if (r == 0)
			r = -posix_spawnp(ret_pid, words[0], &actions, &attr, words, environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

static int feed(char **words, const char *text, size_t len)
{
	_cleanup_close_ int from = -1, to = -1;
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	from = ends[0];
	to = ends[1];
	r = start(words, from, &pid);
	if (r < 0)
		return -ENOENT;
	close(take_fd(&from));
	/* Ctrl-C is the pager's while it runs. */
	signal(SIGINT, SIG_IGN);
	r = io_write_all(to, text, len);
	close(take_fd(&to));
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

int pager_show(const char *text, size_t len)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	const char *command = getenv("PAGER");
	int r = str_split(command ? command : FALLBACK, &words);

	if (r < 0)
		return r;
	if (!words[0] || str_equal(words[0], "cat"))
		return -ENOENT;
	return feed(words, text, len);
}
