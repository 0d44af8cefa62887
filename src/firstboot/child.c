/*
 * Runs one program to its end; see child.h.
 */
#include "firstboot/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/io.h"

/* What we were started with is no business of the tools; messages stay in one language. */
static const char *const environment[] = {
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C",
	"HOME=/",
	NULL,
};

/*
 * The reading end of a pipe that already holds all of @input. It fits, since a pipe takes
 * PIPE_BUF bytes: nobody has to feed it while the program runs, and no SIGPIPE can come of it.
 */
static int filled_pipe(const char *input, int *ret_fd)
{
	_cleanup_close_ int from = -1, to = -1;
	int ends[2], r;

	if (strlen(input) > PIPE_BUF)
		return -E2BIG;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	from = ends[0];
	to = ends[1];
	r = io_write_all(to, input, strlen(input));
	if (r < 0)
		return r;
	*ret_fd = take_fd(&from);
	return 0;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* posix_spawn() and its helpers return positive error numbers. */
static int start(const char *const argv[], int in, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r)
		return -r;
	r = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	/* Among what we were started with may be descriptors that nobody closes for us. */
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	if (r == 0)
		r = posix_spawn(ret_pid, argv[0], &actions, NULL, (char *const *)argv,
				(char *const *)environment);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

int child_run(const char *const argv[], const char *input)
{
	_cleanup_close_ int in = -1;
	pid_t pid;
	int r = filled_pipe(input ? input : "", &in);

	if (r < 0)
		return r;
	r = start(argv, in, &pid);
	return r < 0 ? r : wait_for(pid);
}
