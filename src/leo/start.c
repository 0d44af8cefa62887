/*
 * Starting another program; see start.h. posix_spawn() and its helpers return positive error
 * numbers.
 */
#include "leo/start.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static int set_attributes(const struct start *s, posix_spawnattr_t *a)
{
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGINT);
	r = -posix_spawnattr_setsigdefault(a, &set);
	if (r == 0 && s->apart)
		r = -posix_spawnattr_setpgroup(a, 0);
	if (r == 0)
		r = -posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGDEF |
							 (s->apart ? POSIX_SPAWN_SETPGROUP : 0));
	return r;
}

static int set_files(const struct start *s, posix_spawn_file_actions_t *f)
{
	int r = s->in < 0
			? -posix_spawn_file_actions_addopen(f, STDIN_FILENO, "/dev/null", O_RDWR, 0)
			: -posix_spawn_file_actions_adddup2(f, s->in, STDIN_FILENO);

	if (r == 0 && s->out >= 0)
		r = -posix_spawn_file_actions_adddup2(f, s->out, STDOUT_FILENO);
	if (r < 0 || !s->apart)
		return r;
	r = -posix_spawn_file_actions_addopen(f, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	return r < 0 ? r : -posix_spawn_file_actions_addclosefrom_np(f, STDERR_FILENO + 1);
}

int start_program(const struct start *s, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int r = -posix_spawn_file_actions_init(&files);

	if (r < 0)
		return r;
	r = -posix_spawnattr_init(&attr);
	if (r == 0) {
		r = set_attributes(s, &attr);
		if (r == 0)
			r = set_files(s, &files);
		if (r == 0)
			r = -posix_spawnp(ret_pid, s->argv[0], &files, &attr,
					  (char *const *)s->argv, environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&files);
	return r;
}
