/*
 * Copying between the host and a guest; see copy.h.
 */
#include "lab/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "lab/spawn.h"

/* $1: the destination, $2: the name in the archive. Unpacked beside it, then renamed. */
static const char unpack_script[] =
	"d=$1; n=$2\n"
	"case $d in */) mkdir -p \"$d\" || exit;; esac\n"
	"if [ -d \"$d\" ]; then exec tar -xf - -C \"$d\"; fi\n"
	"t=$d.lab-copy.$$\n"
	"mkdir -p \"$t\" && tar -xf - -C \"$t\" && mv \"$t/$n\" \"$d\" && rmdir \"$t\" && exit\n"
	"rm -rf \"$t\"; exit 1\n";

/* Splits a path in the directory and the last name, "./name" so that no tool sees an option. */
static int split(const char *path, char **ret_directory, char **ret_name)
{
	_cleanup_free_ char *copy = strdup(path), *directory = NULL, *name = NULL;
	char *slash;

	if (!copy)
		return -ENOMEM;
	while ((slash = strrchr(copy, '/')) && slash[1] == '\0' && slash != copy)
		*slash = '\0';
	if (!slash || slash[1] == '\0' || strcmp(slash, "/.") == 0 || strcmp(slash, "/..") == 0)
		return -EINVAL;
	if (asprintf(&name, "./%s", slash + 1) < 0)
		return -ENOMEM;
	slash[1] = '\0';
	directory = take_ptr(copy);
	*ret_directory = take_ptr(directory);
	*ret_name = take_ptr(name);
	return 0;
}

/* Runs a tar of the host that reads from us (@channel 0) or writes to us (1). */
static int spawn_tar(const char *const *argv, int channel, int *ret_fd, pid_t *ret_pid)
{
	_cleanup_close_ int ours = -1, theirs = -1, errors = fcntl(2, F_DUPFD_CLOEXEC, 3);
	struct spawn_helper h = {.argv = argv, .stdio = {-1, -1, errors}, .keep = {-1, -1, -1, -1}};
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	ours = ends[channel == 0];
	theirs = ends[channel != 0];
	h.stdio[channel] = theirs;
	r = spawn_helper(&h, ret_pid);
	if (r < 0)
		return r;
	*ret_fd = take_fd(&ours);
	return 0;
}

/* Runs the guest's half, joined to the host's half by @fds; both must end well. */
static int run_halves(struct loop *l, char *const *argv, int fds[LAB_CHANNEL_COUNT], pid_t pid)
{
	struct lab_exec e = {.argv = (char **)argv, .cwd = (char *)"/"};
	int status, host, r;

	fds[2] = fcntl(2, F_DUPFD_CLOEXEC, 3);
	r = loop_run(l, &e, fds, &status);
	if (r < 0)
		kill(pid, SIGKILL);
	host = spawn_wait(pid);
	if (r < 0)
		return r;
	return status ? status : host;
}

int copy_in(struct loop *l, const char *source, const char *dest)
{
	_cleanup_free_ char *real = realpath(source, NULL), *directory = NULL, *name = NULL;
	int fds[LAB_CHANNEL_COUNT] = {-1, -1, -1};
	pid_t pid;
	int r;

	if (!real)
		return -errno;
	r = split(real, &directory, &name);
	if (r < 0)
		return r;
	/* The guest's tar may be a small one: the plain format, and nobody's numbers of owners. */
	r = spawn_tar((const char *const[]){"tar", "--create", "--file=-", "--format=gnu",
					    "--owner=0", "--group=0", "--numeric-owner", "-C",
					    directory, "--", name, NULL},
		      1, &fds[0], &pid);
	if (r < 0)
		return r;
	return run_halves(l,
			  (char *const[]){(char *)"sh", (char *)"-c", (char *)unpack_script,
					  (char *)"lab-copy", (char *)dest, name + 2, NULL},
			  fds, pid);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	remove(path);
	return 0;
}

static void cleanup_tree_p(char **path)
{
	if (*path)
		nftw(*path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(*path);
}

/* Where the copy goes, and the new directory beside it in which it is unpacked. */
static int make_target(const char *dest, const char *name, char **ret_target, char **ret_temporary)
{
	_cleanup_free_ char *target = NULL, *temporary = NULL;
	struct stat st;
	bool inside = stat(dest, &st) == 0 && S_ISDIR(st.st_mode);

	if (asprintf(&target, "%s%s%s", dest, inside ? "/" : "", inside ? name : "") < 0 ||
	    asprintf(&temporary, "%s%s.lab-XXXXXX", dest, inside ? "/" : "") < 0)
		return -ENOMEM;
	if (!mkdtemp(temporary))
		return -errno;
	*ret_target = take_ptr(target);
	*ret_temporary = take_ptr(temporary);
	return 0;
}

static int unpack(struct loop *l, char *directory, char *name, const char *temporary)
{
	int fds[LAB_CHANNEL_COUNT] = {-1, -1, -1};
	pid_t pid;
	int r;

	r = spawn_tar((const char *const[]){"tar", "--extract", "--file=-", "--no-same-owner",
					    "--no-same-permissions", "-C", temporary, NULL},
		      0, &fds[1], &pid);
	if (r < 0)
		return r;
	return run_halves(l,
			  (char *const[]){(char *)"tar", (char *)"-cf", (char *)"-", (char *)"-C",
					  directory, (char *)"--", name, NULL},
			  fds, pid);
}

int copy_out(struct loop *l, const char *source, const char *dest)
{
	_cleanup_free_ char *directory = NULL, *name = NULL, *target = NULL, *unpacked = NULL;
	_cleanup_(cleanup_tree_p) char *temporary = NULL;
	int r = split(source, &directory, &name);

	if (r == 0)
		r = make_target(dest, name + 2, &target, &temporary);
	if (r == 0)
		r = unpack(l, directory, name, temporary);
	if (r != 0)
		return r;
	if (asprintf(&unpacked, "%s/%s", temporary, name + 2) < 0)
		return -ENOMEM;
	return rename(unpacked, target) < 0 ? -errno : 0;
}
