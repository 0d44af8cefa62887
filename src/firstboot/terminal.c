/*
 * The terminal that shows the password; see terminal.h.
 */
#include "firstboot/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>

#include "base/def.h"
#include "base/io.h"

/* The last word of @text, which is cut off behind it; NULL when there is none. */
static char *last_word(char *text)
{
	char *word, *last = NULL, *rest = NULL;

	for (word = strtok_r(text, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest))
		last = word;
	return last;
}

int terminal_find(const char *root, char **ret_path)
{
	_cleanup_free_ char *list = NULL, *active = NULL;
	const char *name = NULL;
	char *path;

	if (asprintf(&list, "%s/sys/class/tty/console/active", root) < 0)
		return -ENOMEM;
	if (io_read_file(AT_FDCWD, list, 4096, &active, NULL) == 0)
		name = last_word(active);
	if (!name || strchr(name, '/'))
		name = "console";
	if (asprintf(&path, "%s/dev/%s", root, name) < 0)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}

int terminal_open(const char *path, int *ret_fd)
{
	/* O_NONBLOCK: a serial line must not make the open wait for a carrier. */
	_cleanup_close_ int fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int flags;

	if (fd < 0)
		return -errno;
	if (!isatty(fd))
		return -ENOTTY;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

int terminal_show(int fd, const char *text)
{
	int r = io_write_all(fd, text, strlen(text));

	if (r < 0)
		return r;
	while (tcdrain(fd) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}
