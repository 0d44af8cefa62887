/*
 * The files of the store: their modes and group, and space that is set aside; see store.h.
 *
 * SQLite makes the files beside a database (-wal, -shm) with the database's own mode and, as root,
 * its owner. So it is enough that the databases themselves are right before SQLite sees them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/def.h"
#include "filetrace/storeint.h"

#define RESERVE "reserve"

enum {
	/*
	 * To drop something, SQLite first writes what changes to the log, and the log can only
	 * begin anew when all in it has found a place in the database. So that this is possible on
	 * a full disk, there is a file that can go: larger than the log usually is.
	 */
	RESERVE_BYTES = 8 * 1024 * 1024,
};

/*
 * The group of a file is the folder's. Without the right to give files away the folder's
 * set-group-ID bit does the same; where that is missing too, the writer still works.
 */
static int set_group(int dirfd, const char *name)
{
	struct stat dir, file;

	if (fstat(dirfd, &dir) < 0 || fstatat(dirfd, name, &file, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (dir.st_gid == file.st_gid ||
	    fchownat(dirfd, name, -1, dir.st_gid, AT_SYMLINK_NOFOLLOW) == 0 || errno == EPERM)
		return 0;
	return -errno;
}

/* A file that exists is not opened: closing it would drop the locks of a connection. */
static int make_file(int dirfd, const char *name, mode_t mode)
{
	_cleanup_close_ int fd =
		openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 && errno != EEXIST)
		return -errno;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	if ((st.st_mode & 07777) != mode && fchmodat(dirfd, name, mode, 0) < 0)
		return -errno;
	return 0;
}

int store_make_files(int dirfd)
{
	int r = make_file(dirfd, SQL_SECRET, 0600);

	if (r == 0)
		r = make_file(dirfd, SQL_MAIN, 0640);
	return r < 0 ? r : set_group(dirfd, SQL_MAIN);
}

int store_free_bytes(int dirfd, uint64_t *ret_bytes)
{
	struct statvfs fs;

	if (fstatvfs(dirfd, &fs) < 0)
		return -errno;
	*ret_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}

int64_t store_missing_reserve(int dirfd)
{
	return faccessat(dirfd, RESERVE, F_OK, AT_SYMLINK_NOFOLLOW) < 0 ? RESERVE_BYTES : 0;
}

/* Only where more than @free_bytes are left then. */
void store_make_reserve(int dirfd, uint64_t free_bytes)
{
	_cleanup_close_ int fd = -1;
	uint64_t free_now = 0;

	if (store_free_bytes(dirfd, &free_now) < 0 || free_now < RESERVE_BYTES ||
	    free_now - RESERVE_BYTES < free_bytes)
		return;
	fd = openat(dirfd, RESERVE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 && fallocate(fd, 0, 0, RESERVE_BYTES) < 0)
		unlinkat(dirfd, RESERVE, 0);
}

bool store_drop_reserve(int dirfd)
{
	return unlinkat(dirfd, RESERVE, 0) == 0;
}

int store_set_aside(int dirfd)
{
	static const char *const names[] = {SQL_MAIN,	SQL_MAIN "-wal",   SQL_MAIN "-shm",
					    SQL_SECRET, SQL_SECRET "-wal", SQL_SECRET "-shm"};
	char aside[SQL_PATH_BYTES];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(aside, sizeof(aside), "damaged-%s", names[i]);
		if (renameat(dirfd, names[i], dirfd, aside) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}
