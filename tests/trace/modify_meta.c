/*
 * Ways to change what is known of a file, and not its content.
 */
#include "modify.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/def.h"

static int by_chmod(const char *path, const char *other)
{
	return modify_result(chmod(path, 0600));
}

static int by_fchmod(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_RDONLY);

	return modify_result(fchmod(fd, 0640));
}

static int by_chown(const char *path, const char *other)
{
	return modify_result(chown(path, 1234, 2345));
}

static int by_xattr(const char *path, const char *other)
{
	return modify_result(setxattr(path, "user.colour", "green", 5, 0));
}

static int by_utimens(const char *path, const char *other)
{
	const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

	return modify_result(utimensat(AT_FDCWD, path, times, 0));
}

/* As "setfacl -m u:1234:rw" would: what the mode says, one user more, and a mask. */
static int by_acl(const char *path, const char *other)
{
	const struct {
		struct posix_acl_xattr_header header;
		struct posix_acl_xattr_entry entries[5];
	} acl = {
		.header = {htole32(POSIX_ACL_XATTR_VERSION)},
		.entries = {{htole16(ACL_USER_OBJ), htole16(ACL_READ | ACL_WRITE),
			     htole32(ACL_UNDEFINED_ID)},
			    {htole16(ACL_USER), htole16(ACL_READ | ACL_WRITE), htole32(1234)},
			    {htole16(ACL_GROUP_OBJ), htole16(ACL_READ), htole32(ACL_UNDEFINED_ID)},
			    {htole16(ACL_MASK), htole16(ACL_READ | ACL_WRITE),
			     htole32(ACL_UNDEFINED_ID)},
			    {htole16(ACL_OTHER), htole16(ACL_READ), htole32(ACL_UNDEFINED_ID)}},
	};

	return modify_result(setxattr(path, "system.posix_acl_access", &acl, sizeof(acl), 0));
}

/* As "chattr +d" does. */
static int by_flags(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_RDONLY);
	int flags;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return -errno;
	flags |= FS_NODUMP_FL;
	return modify_result(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

const struct way meta_ways[] = {
	{"chmod", by_chmod},	 {"fchmod", by_fchmod}, {"chown", by_chown}, {"xattr", by_xattr},
	{"utimens", by_utimens}, {"acl", by_acl},	{"flags", by_flags}, {},
};
