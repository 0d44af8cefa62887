/*
 * Which files can be opened: a Landlock ruleset; see sandboxint.h and landlock(7).
 *
 * A right that the ruleset handles is denied everywhere but below the paths that grant it. The
 * numbers are written down here, for the kernel headers of Debian 12 are older than the kernels
 * that the programs run on.
 */
#include "base/sandboxint.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/def.h"
#include "base/fs.h"

#define RIGHT(n) (UINT64_C(1) << (n))

/* The first 13 came with the first version of the interface. */
enum {
	RIGHT_EXECUTE = 0,
	RIGHT_WRITE_FILE = 1,
	RIGHT_READ_FILE = 2,
	RIGHT_READ_DIR = 3,
	RIGHT_TRUNCATE = 14,
	RIGHT_IOCTL_DEV = 15,
};

/* How many rights each version of the kernel's interface knows, from the first on. */
static const uint8_t rights_of_abi[] = {13, 14, 15, 15, 16};

static const uint64_t read_rights = RIGHT(RIGHT_READ_FILE) | RIGHT(RIGHT_READ_DIR);
/* Those that a file can have; the others make sense for a directory only, and are refused. */
static const uint64_t file_rights = RIGHT(RIGHT_WRITE_FILE) | RIGHT(RIGHT_READ_FILE) |
				    RIGHT(RIGHT_TRUNCATE) | RIGHT(RIGHT_IOCTL_DEV);

/* Of the sixth version of the interface; a shorter one is what older kernels know. */
struct ruleset_attr {
	uint64_t fs, net, scoped;
};

enum { ABI_SCOPED = 6 };
#define SCOPE_ABSTRACT RIGHT(0)

static int handled_rights(const struct sandbox *s, struct ruleset_attr *attr, size_t *ret_size)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 1)
		return abi < 0 && errno != ENOSYS && errno != EOPNOTSUPP ? -errno : -EOPNOTSUPP;
	*ret_size = offsetof(struct ruleset_attr, net);
	if (s->no_abstract && abi >= ABI_SCOPED) {
		attr->scoped = SCOPE_ABSTRACT;
		*ret_size = sizeof(*attr);
	}
	if (abi > (long)ARRAY_SIZE(rights_of_abi))
		abi = ARRAY_SIZE(rights_of_abi);
	attr->fs = RIGHT(rights_of_abi[abi - 1]) - 1;
	return 0;
}

static int add_path(int ruleset_fd, int root_fd, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = rights};
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r = fs_open(root_fd, path, O_PATH, 0, &fd);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= file_rights;
	rule.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return -errno;
	return 0;
}

static int add_paths(int ruleset_fd, int root_fd, const char *const *paths, uint64_t rights)
{
	int r = 0;

	for (; paths && *paths && r == 0; paths++)
		r = add_path(ruleset_fd, root_fd, *paths, rights);
	return r;
}

int sandboxfs_prepare(const struct sandbox *s, int *ret_ruleset_fd)
{
	_cleanup_close_ int root_fd = -1, fd = -1;
	struct ruleset_attr attr = {};
	size_t size = 0;
	int r = handled_rights(s, &attr, &size);

	if (r < 0)
		return r;
	fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (fd < 0)
		return -errno;
	r = fs_open_root(s->root, &root_fd);
	if (r == 0)
		r = add_paths(fd, root_fd, s->read_paths, read_rights);
	if (r == 0)
		r = add_paths(fd, root_fd, s->write_paths, attr.fs & ~RIGHT(RIGHT_EXECUTE));
	if (r < 0)
		return r;
	*ret_ruleset_fd = take_fd(&fd);
	return 0;
}

int sandboxfs_enforce(int ruleset_fd)
{
	return syscall(SYS_landlock_restrict_self, ruleset_fd, 0) < 0 ? -errno : 0;
}
