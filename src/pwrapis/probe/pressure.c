/*
 * A trigger on the pressure of processors (Documentation/accounting/psi.rst): the descriptor is
 * readable with priority when somebody had to wait for a processor for so long within a window.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "base/fs.h"
#include "pwrapis/probe/probe.h"

#define PRESSURE_PATH "/proc/pressure/cpu"

int pressure_open(int root_fd, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	char text[64];
	int len = snprintf(text, sizeof(text), "some %d %d", PROBE_PRESSURE_STALL_US,
			   PROBE_PRESSURE_WINDOW_US);
	int r = fs_open(root_fd, PRESSURE_PATH, O_RDWR | O_NONBLOCK, 0, &fd);

	if (r < 0)
		return r;
	/* The kernel takes the NUL behind it as the end. */
	if (write(fd, text, len + 1) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}
