/*
 * leonhard-filetrace: sees what is done to watched files, and writes it down.
 *
 * It reads what the kernel says, the watched files, its configuration, and one file of the half
 * that answers (request.h). It listens to nobody. Stopped, it takes its programs out of the kernel;
 * killed, it leaves them, and the next one goes on where the store says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "filetrace/capture/capture.h"

static int read_boot_id(struct capture *c)
{
	_cleanup_free_ char *line = NULL;
	int r = fs_read_line(c->daemon->root_fd, "/proc/sys/kernel/random/boot_id", &line);

	if (r == 0 && strlen(line) >= sizeof(c->boot_id))
		r = -EBADMSG;
	if (r < 0)
		return log_error_errno(r, "cannot read the id of this boot");
	memcpy(c->boot_id, line, strlen(line) + 1);
	return 0;
}

/* Who holds the lock is the writer; that there is one is what the other half looks at. */
static int lock(struct capture *c)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int r = fs_mkdir(c->daemon->root_fd, STORE_DIR, 0750);

	if (r == 0)
		r = fs_open(c->daemon->root_fd, STORE_DIR, O_RDONLY | O_DIRECTORY, 0, &c->store_fd);
	if (r == 0)
		r = fs_open_beneath(c->store_fd, "lock", O_RDWR | O_CREAT, 0640, &c->lock_fd);
	if (r < 0)
		return log_error_errno(r, "cannot open the store in " STORE_DIR);
	if (fcntl(c->lock_fd, F_OFD_SETLK, &whole) < 0) {
		log_error("another leonhard-filetrace writes to " STORE_DIR);
		return -EBUSY;
	}
	return 0;
}

static int start(struct daemon *d)
{
	struct capture *c = d->data;
	int r;

	c->daemon = d;
	c->settings = d->conf;
	r = read_boot_id(c);
	if (r == 0)
		r = lock(c);
	if (r < 0)
		return r;
	capture_init(c);
	r = capture_open(c);
	if (r == -ENOSPC) {
		/* That can pass; the half that answers says what is wrong meanwhile. */
		capture_fail(c, r, "cannot begin");
		return 0;
	}
	return r;
}

static void stop(struct daemon *d)
{
	struct capture *c = d->data;

	/* After a failure the next one goes on; so it does after a kill. */
	capture_deinit(c, d->status != 0);
}

/* Paths, limits and the source may all be others: from the beginning, without a gap where the
 * programs stay in the kernel. */
static void reload(struct daemon *d, const void *old)
{
	struct capture *c = d->data;

	c->settings = d->conf;
	capture_restart(c);
}

static const struct daemon_ops ops = {
	.name = "filetrace",
	.summary = "Records who changes which watched file, with what, and what changed in it.",
	.conf = &settings_table,
	.start = start,
	.reload = reload,
	.stop = stop,
};

/* The service manager says this also after a failure, or when the daemon was killed: then the next
 * one goes on with what is pinned. */
static bool is_failure(void)
{
	const char *result = getenv("SERVICE_RESULT");

	return result && !str_equal(result, "success");
}

static int unpin(void)
{
	int r = is_failure() ? 0 : source_unpin(CAPTURE_PIN_DIR);

	if (r < 0)
		fprintf(stderr, "leonhard-filetrace: cannot remove what is pinned in %s: %s\n",
			CAPTURE_PIN_DIR, strerror(-r));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct capture capture = {.store_fd = -1, .lock_fd = -1};

	/* For a stop and for the removal of the package, when no daemon runs that could do it. */
	if (argc == 2 && str_equal(argv[1], "--unpin"))
		return unpin();
	return daemon_main(&ops, &capture, argc, argv);
}
