/*
 * Files that appear whole; see output.h.
 *
 * The signal handler needs the directory and the names without any memory of its own: that is
 * why there is one output at a time, and a variable for it.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/def.h"

static const struct {
	const char *temporary, *final;
} names[] = {
	[OUTPUT_MANIFEST] = {"image.manifest.tmp", "image.manifest"},
	[OUTPUT_IMAGE] = {"image.raw.tmp", "image.raw"},
};

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static volatile sig_atomic_t cleanup_dirfd = -1;

static void remove_temporaries(int dirfd)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlinkat(dirfd, names[i].temporary, 0);
}

/* Cleans up, then lets the signal do what it does: the handler is reset by SA_RESETHAND. */
static void on_signal(int signal)
{
	static const char message[] = "imager: interrupted: nothing was written\n";

	if (cleanup_dirfd >= 0) {
		remove_temporaries(cleanup_dirfd);
		if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
			cleanup_dirfd = -1;
	}
	raise(signal);
}

static void set_handlers(void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESETHAND};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction old;

		/* Who started us with a signal ignored wants it so. */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

int output_open(struct output *o, const char *path, struct err *err)
{
	_cleanup_close_ int dirfd = -1;

	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return err_errno(err, -errno, "cannot make the output directory %s", path);
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return err_errno(err, -errno, "cannot open the output directory %s", path);
	if (flock(dirfd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK
			       ? err_set(err, -EBUSY, "another build works in %s", path)
			       : err_errno(err, -errno, "cannot lock %s", path);
	o->dirfd = take_fd(&dirfd);
	return 0;
}

int output_create(struct output *o, struct err *err)
{
	remove_temporaries(o->dirfd);
	cleanup_dirfd = o->dirfd;
	set_handlers(on_signal);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		o->fds[i] = openat(o->dirfd, names[i].temporary,
				   O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (o->fds[i] < 0)
			return err_errno(err, -errno, "cannot create %s", names[i].temporary);
	}
	return 0;
}

static int rename_all(struct output *o, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (renameat(o->dirfd, names[i].temporary, o->dirfd, names[i].final) < 0)
			return err_errno(err, -errno, "cannot rename %s to %s", names[i].temporary,
					 names[i].final);
	if (fsync(o->dirfd) < 0)
		return err_errno(err, -errno, "cannot sync the output directory");
	return 0;
}

int output_publish(struct output *o, struct err *err)
{
	sigset_t blocked, old;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (fsync(o->fds[i]) < 0)
			return err_errno(err, -errno, "cannot sync %s", names[i].temporary);
	/* A signal comes before both names are there, or after. */
	sigemptyset(&blocked);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &blocked, &old);
	r = rename_all(o, err);
	if (r == 0)
		cleanup_dirfd = -1;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}

void output_close(struct output *o)
{
	if (cleanup_dirfd >= 0) {
		remove_temporaries(cleanup_dirfd);
		cleanup_dirfd = -1;
	}
	set_handlers(SIG_DFL);
	for (size_t i = 0; i < ARRAY_SIZE(o->fds); i++)
		if (o->fds[i] >= 0)
			close(o->fds[i]);
	if (o->dirfd >= 0)
		close(o->dirfd);
	*o = (struct output)OUTPUT_INIT;
}
