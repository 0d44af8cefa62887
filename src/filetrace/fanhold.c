/*
 * What files and mappings a process has; see fanproc.h.
 */
#include "filetrace/fanproc.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "filetrace/proctext.h"

enum { MAPS_MAX = 16 * 1024 * 1024, INFO_MAX = 64 * 1024 };

static int read_text(int dirfd, const char *name, size_t max, char **ret_text)
{
	_cleanup_close_ int fd = -1;
	int r = fs_open_beneath(dirfd, name, O_RDONLY, 0, &fd);

	return r < 0 ? r : io_read_fd(fd, max, ret_text, NULL);
}

static bool maps_it(int dirfd, const struct ft_key *key)
{
	_cleanup_free_ char *text = NULL;

	return read_text(dirfd, "maps", MAPS_MAX, &text) == 0 && proctext_maps(text, key);
}

static bool is_of(int dirfd, const char *name, const struct ft_key *key)
{
	struct stat st;

	return fstatat(dirfd, name, &st, 0) == 0 && st.st_ino == key->ino &&
	       (major(st.st_dev) << 20 | minor(st.st_dev)) == key->dev;
}

static bool can_write(int dirfd, const char *number)
{
	_cleanup_free_ char *text = NULL;
	char name[NAME_MAX + 16];

	snprintf(name, sizeof(name), "fdinfo/%s", number);
	return read_text(dirfd, name, INFO_MAX, &text) == 0 && proctext_writable(text);
}

/* True also when they cannot be listed. */
static bool has_open(int dirfd, const struct ft_key *key)
{
	_cleanup_closedir_ DIR *d = NULL;
	struct dirent *e;
	int fd;

	if (fs_open_beneath(dirfd, "fd", O_RDONLY | O_DIRECTORY, 0, &fd) < 0)
		return true;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return true;
	}
	while ((e = readdir(d)))
		if (*e->d_name != '.' && is_of(fd, e->d_name, key) && can_write(dirfd, e->d_name))
			return true;
	return false;
}

bool fan_proc_holds(int root_fd, const struct fan_proc *proc, const struct ft_key *key)
{
	_cleanup_close_ int dirfd = -1;
	_cleanup_free_ char *stat = NULL;
	struct proctext text;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", proc->pid);
	if (fs_open(root_fd, path, O_RDONLY | O_DIRECTORY, 0, &dirfd) < 0 ||
	    read_text(dirfd, "stat", INFO_MAX, &stat) < 0 || proctext_stat(stat, &text) < 0 ||
	    text.start_ticks != proc->start_ticks || text.state == 'Z')
		return false;
	return has_open(dirfd, key) || maps_it(dirfd, key);
}
