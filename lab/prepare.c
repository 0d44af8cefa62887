/*
 * lab-run --prepare: an image is booted once, and what that made of its disk is kept.
 *
 * The disk is an overlay over the image, so it is small and the image stays as it was. It appears
 * under its name only after the guest has powered off by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "base/def.h"
#include "lab/lab.h"

enum { POWEROFF_MS = 180000 };

static const char settle_script[] =
	"state=$(systemctl is-system-running --wait)\n"
	"case $state in\n"
	"running) ;;\n"
	"degraded) echo 'lab-run: units that failed in the first boot:' >&2\n"
	"	systemctl --failed --plain --no-legend >&2;;\n"
	"*) echo \"lab-run: the first boot ended as: $state\" >&2; exit 1;;\n"
	"esac\n"
	"sync\n";

/* Runs a script in the guest; its words go to standard error. */
static int run_script(struct lab *lab, const char *script, int *ret_status)
{
	struct lab_exec e = {
		.argv = (char *[]){(char *)"/bin/sh", (char *)"-c", (char *)script, NULL}};
	const int fds[] = {-1, fcntl(2, F_DUPFD_CLOEXEC, 3), fcntl(2, F_DUPFD_CLOEXEC, 3)};

	return loop_run(&lab->loop, &e, fds, ret_status);
}

/* The guest goes down in good order. That its agent goes with it is no failure. */
static int poweroff(struct lab *lab)
{
	int status, r = run_script(lab, "systemctl poweroff", &status);

	if (r == 0 && status == 0)
		r = loop_wait_gone(&lab->loop);
	else if (r == 0)
		return -EIO;
	if (r < 0 && r != -ECONNRESET)
		return r;
	status = guest_wait(&lab->guest, POWEROFF_MS);
	return status < 0 ? status : status == 0 ? 0 : -EIO;
}

static int boot_once(struct lab *lab, char *file)
{
	struct option_drive disk = {.file = file, .format = "qcow2", .write = true};
	int status, r = lab_start(lab, &disk);

	if (r == 0)
		r = run_script(lab, settle_script, &status);
	if (r == 0 && status != 0)
		r = -EIO;
	return r < 0 ? r : poweroff(lab);
}

static int sync_file(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int lab_prepare(struct lab *lab)
{
	const char *output = lab->options->output;
	_cleanup_free_ char *file = NULL;
	int r;

	if (asprintf(&file, "%s.tmp", output) < 0)
		return LAB_STATUS_KILLED;
	r = boot_once(lab, file);
	if (r == 0)
		r = sync_file(file);
	if (r == 0 && rename(file, output) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	unlink(file);
	return lab_explain(lab, r);
}
