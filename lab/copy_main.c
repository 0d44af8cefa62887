/*
 * lab-copy: copies a file or a directory between the host and the guest of a running lab.
 *
 *	lab-copy SOURCE NAME:/DEST
 *	lab-copy NAME:/SOURCE DEST
 *
 * Exit status: 0 done, 1 failed, 2 wrong usage, 3 no lab of this name, 128 + a signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/def.h"
#include "lab/copy.h"
#include "lab/names.h"

enum { STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_NO_LAB = 3 };

/* One side in a guest: the name is cut out of @text. NULL when it is a path of the host. */
static char *guest_path(char *text)
{
	char *colon = strchr(text, ':');

	if (!colon || colon[1] != '/')
		return NULL;
	*colon = '\0';
	if (names_valid(text))
		return colon + 1;
	*colon = ':';
	return NULL;
}

static int connect_lab(const char *name, struct session *s)
{
	_cleanup_close_ int directory = -1, fd = -1;
	int r = names_open_directory(&directory);

	if (r == 0)
		r = names_connect(directory, name, &fd);
	return r < 0 ? r : session_init(s, take_fd(&fd));
}

/* @source or @dest is in the guest, as @in says. */
static int copy(const char *name, const char *source, const char *dest, bool in, int *ret_signal)
{
	static struct session s = {.link.fd = -1};
	_cleanup_(loop_deinit) struct loop l = {.signal_fd = -1};
	int r = connect_lab(name, &s);

	if (r < 0)
		return r;
	r = loop_init(&l);
	l.session = &s;
	if (r == 0)
		r = loop_wait_ready(&l);
	if (r == 0)
		r = in ? copy_in(&l, source, dest) : copy_out(&l, source, dest);
	session_deinit(&s);
	*ret_signal = l.signal;
	return r;
}

int main(int argc, char **argv)
{
	char *source = argc == 3 ? guest_path(argv[1]) : NULL;
	char *dest = argc == 3 ? guest_path(argv[2]) : NULL;
	const char *name = source ? argv[1] : argv[2];
	int r, stopped_by = 0;

	if (!source == !dest) {
		fprintf(stderr, "Usage: lab-copy SOURCE NAME:/DEST\n"
				"       lab-copy NAME:/SOURCE DEST\n");
		return STATUS_USAGE;
	}
	r = copy(name, source ? source : argv[1], dest ? dest : argv[2], dest, &stopped_by);
	if (r == -EINTR && stopped_by)
		return 128 + stopped_by;
	if (r < 0)
		fprintf(stderr, "lab-copy: %s: %s\n", name,
			r == -ENOENT ? "no such file, or no running lab of this name"
				     : strerror(-r));
	return r == 0 ? 0 : r == -ENOENT ? STATUS_NO_LAB : STATUS_FAILED;
}
