/*
 * The cgroup of the probe; see cgroup.h.
 *
 * The hierarchy is mounted once more, where nobody sees it: it need not be at its usual place, and
 * on a machine with hierarchies of both versions it is not.
 */
#include "node/probe/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"

static const char leaf_name[] = "leonhard-node-probe";

enum { CGROUP_FILE_BYTES_MAX = 64 * 1024 };

static int mount_hierarchy(void)
{
	_cleanup_close_ int fs = fsopen("cgroup2", FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The path of this process's cgroup of version 2, in /proc/self/cgroup after "0::/". The caller's.
 */
static int own_path(char **ret_path)
{
	_cleanup_free_ char *text = NULL;
	char *line, *rest, *path;
	int r = io_read_file(AT_FDCWD, "/proc/self/cgroup", CGROUP_FILE_BYTES_MAX, &text, NULL);

	if (r < 0)
		return r;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (strncmp(line, "0::/", strlen("0::/")) != 0)
			continue;
		path = strdup(line[strlen("0::/")] ? line + strlen("0::/") : ".");
		if (!path)
			return -ENOMEM;
		*ret_path = path;
		return 0;
	}
	return -ENOENT;
}

int cgroup_make(struct cgroup *ret_cgroup)
{
	_cleanup_close_ int root = mount_hierarchy(), parent = -1, leaf = -1;
	_cleanup_free_ char *path = NULL;
	int r;

	if (root < 0)
		return root;
	r = own_path(&path);
	if (r < 0)
		return r;
	parent = openat(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0 || (mkdirat(parent, leaf_name, 0755) < 0 && errno != EEXIST))
		return -errno;
	leaf = openat(parent, leaf_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (leaf < 0)
		return -errno;
	*ret_cgroup = (struct cgroup){.parent = take_fd(&parent), .leaf = take_fd(&leaf)};
	return 0;
}

void cgroup_remove(struct cgroup *c)
{
	cleanup_close_p(&c->leaf);
	if (c->parent >= 0)
		unlinkat(c->parent, leaf_name, AT_REMOVEDIR);
	cleanup_close_p(&c->parent);
	*c = (struct cgroup){.parent = -1, .leaf = -1};
}
