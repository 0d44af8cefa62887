/*
 * Whether the half that captures runs; see capture.h.
 */
#include "filetrace/trace/capture.h"

#include <errno.h>
#include <fcntl.h>

#include "base/def.h"
#include "base/fs.h"
#include "filetrace/store.h"

int capture_runs(int root_fd)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	_cleanup_close_ int fd = -1;
	int r = fs_open(root_fd, STORE_DIR "/lock", O_RDONLY, 0, &fd);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return -errno;
	return lock.l_type != F_UNLCK;
}
