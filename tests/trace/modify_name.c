/*
 * Ways to give names, to change and to take them.
 */
#include "modify.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/def.h"

/* A new file at @path, with content. */
static int create(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	return modify_whole(write(fd, MODIFY_TEXT, MODIFY_LEN), MODIFY_LEN);
}

static int by_unlink(const char *path, const char *other)
{
	return modify_result(unlink(path));
}

/* A file without a name is written in @other, a folder, and then named @path. */
static int by_tmpfile(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(other, O_TMPFILE | O_RDWR, 0644);
	char name[64];

	if (write(fd, MODIFY_TEXT, MODIFY_LEN) < 0)
		return -errno;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return modify_result(linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
}

static int by_rename(const char *path, const char *other)
{
	return modify_result(rename(other, path));
}

static int by_exchange(const char *path, const char *other)
{
	return modify_result(renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE));
}

static int by_link(const char *path, const char *other)
{
	return modify_result(link(other, path));
}

static int by_symlink(const char *path, const char *other)
{
	return modify_result(symlink(other, path));
}

/* Two new folders, the second in the first, and a file in it, with nothing in between. */
static int by_deep(const char *path, const char *other)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s/one", path);
	if (mkdir(path, 0755) < 0 || mkdir(folder, 0755) < 0)
		return -errno;
	snprintf(folder, sizeof(folder), "%s/one/file", path);
	return create(folder, NULL);
}

/* As careful programs do: a backup, a new file beside it, and that in its place. */
static int by_dance(const char *path, const char *other)
{
	char backup[PATH_MAX], fresh[PATH_MAX];
	int r;

	snprintf(backup, sizeof(backup), "%s.backup", path);
	snprintf(fresh, sizeof(fresh), "%s.fresh", path);
	if (link(path, backup) < 0)
		return -errno;
	r = create(fresh, NULL);
	if (r == 0)
		r = modify_result(rename(fresh, path));
	return r == 0 ? modify_result(unlink(backup)) : r;
}

const struct way name_ways[] = {
	{"create", create},	   {"unlink", by_unlink},
	{"tmpfile", by_tmpfile},   {"rename", by_rename},
	{"exchange", by_exchange}, {"link", by_link},
	{"symlink", by_symlink},   {"deep", by_deep},
	{"dance", by_dance},	   {},
};
