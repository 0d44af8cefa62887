/*
 * Overlays, made by qemu-img; see overlay.h.
 */
#include "lab/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/def.h"
#include "lab/spawn.h"

int overlay_create(const char *image, const char *file)
{
	_cleanup_free_ char *real = realpath(image, NULL);
	_cleanup_close_ int errors = fcntl(2, F_DUPFD_CLOEXEC, 3);
	pid_t pid;
	int r;

	if (!real)
		return -errno;
	r = spawn_helper(
		&(struct spawn_helper){.argv = (const char *const[]){"qemu-img", "create", "-q",
								     "-f", "qcow2", "-F", "raw",
								     "-b", real, file, NULL},
				       .stdio = {-1, errors, errors},
				       .keep = {-1, -1, -1, -1}},
		&pid);
	if (r < 0)
		return r;
	return spawn_wait(pid) == 0 ? 0 : -EIO;
}
