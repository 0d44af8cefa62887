/*
 * Long output on a terminal; see pager.h.
 */
#include "leo/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "leo/start.h"

/* Ends when all fits one screen, passes colours, leaves the text where it was. */
#define FALLBACK "less -FRX"

static int feed(char **words, const char *text, size_t len)
{
	_cleanup_close_ int from = -1, to = -1;
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	from = ends[0];
	to = ends[1];
	r = start_program(
		&(struct start){.argv = (const char *const *)words, .in = from, .out = -1}, &pid);
	if (r < 0)
		return -ENOENT;
	close(take_fd(&from));
	/* Ctrl-C is the pager's while it runs. */
	signal(SIGINT, SIG_IGN);
	r = io_write_all(to, text, len);
	close(take_fd(&to));
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

int pager_show(const char *text, size_t len)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	const char *command = getenv("PAGER");
	int r = str_split(command ? command : FALLBACK, &words);

	if (r < 0)
		return r;
	if (!words[0] || str_equal(words[0], "cat"))
		return -ENOENT;
	return feed(words, text, len);
}
