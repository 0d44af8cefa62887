/*
 * One lab; see lab.h.
 */
#include "lab/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/def.h"
#include "lab/accel.h"
#include "lab/names.h"
#include "lab/overlay.h"

enum { CONSOLE_LINES = 40, STARTS_MAX = 3, CRASH_WAIT_MS = 5000, BOOT_TIMEOUT_S = 180 };

static void poll_lab(void *data, struct pollset *ps)
{
	struct lab *lab = data;

	guest_poll(&lab->guest, ps);
	if (lab->relay)
		relay_poll(lab->relay, ps);
}

int lab_init(struct lab *lab, const struct options *o)
{
	int r;

	*lab = (struct lab){.options = o, .directory_fd = -1, .loop.signal_fd = -1};
	r = artifacts_init(&lab->artifacts, o);
	if (r == 0)
		r = loop_init(&lab->loop);
	if (r == 0)
		r = names_open_directory(&lab->directory_fd);
	return r;
}

void lab_deinit(struct lab *lab)
{
	/* The relay's clients belong to streams of the session: they go first. */
	relay_free(lab->relay);
	if (lab->started)
		guest_deinit(&lab->guest);
	if (lab->name)
		names_release(lab->directory_fd, lab->name);
	free(lab->name);
	cleanup_close_p(&lab->directory_fd);
	loop_deinit(&lab->loop);
	artifacts_deinit(&lab->artifacts);
}

/* Claims the lab's name before anything costly is done. */
static int claim_name(struct lab *lab)
{
	_cleanup_free_ char *name = NULL;
	int fd, r;

	if (lab->options->name)
		name = strdup(lab->options->name);
	else if (asprintf(&name, "lab-%d", getpid()) < 0)
		name = NULL;
	if (!name)
		return -ENOMEM;
	r = names_listen(lab->directory_fd, name, &fd);
	if (r == -EADDRINUSE)
		fprintf(stderr, "lab-run: a lab named %s is running\n", name);
	if (r < 0)
		return r;
	lab->name = take_ptr(name);
	r = relay_new(fd, &lab->guest.session, &lab->relay);
	if (r < 0)
		close(fd);
	return r;
}

static int require(const char *path)
{
	int r = access(path, R_OK) < 0 ? -errno : 0;

	if (r < 0)
		fprintf(stderr, "lab-run: %s: %s; \"make lab\" makes it\n", path, strerror(-r));
	return r;
}

static int require_artifacts(const struct lab *lab, const struct option_drive *image)
{
	const char *disk = image->write ? lab->artifacts.image : image->file;
	int r = require(lab->artifacts.kernel);

	if (r == 0)
		r = require(disk ? disk : lab->artifacts.initramfs);
	return r == 0 && lab->options->rig ? require(lab->artifacts.rig) : r;
}

static int open_log(const struct options *o, int *ret_fd)
{
	int fd = -1;

	if (o->console) {
		fd = open(o->console, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (fd < 0) {
			fprintf(stderr, "lab-run: %s: %s\n", o->console, strerror(errno));
			return -errno;
		}
	}
	*ret_fd = fd;
	return 0;
}

/* Whether QEMU itself crashed: its emulator sometimes does so while a guest starts. */
static bool emulator_crashed(struct lab *lab)
{
	int status = guest_wait(&lab->guest, CRASH_WAIT_MS);

	return status == 128 + SIGABRT || status == 128 + SIGSEGV;
}

static int start_guest(struct lab *lab, struct qemu_setup *setup)
{
	int log_fd = -1, r = open_log(lab->options, &log_fd);

	if (r < 0)
		return r;
	if (setup->image.write) {
		r = overlay_create(lab->artifacts.image, setup->image.file);
		if (r < 0) {
			fprintf(stderr, "lab-run: %s: %s\n", lab->artifacts.image, strerror(-r));
			cleanup_close_p(&log_fd);
			return r;
		}
	}
	r = guest_start(&lab->guest, setup, log_fd);
	if (r < 0)
		fprintf(stderr, "lab-run: qemu-system-x86_64: %s\n", strerror(-r));
	return r;
}

/*
 * A command finds the machine up, as a person who logs in does. How its boot ended is for the
 * command to judge; one that wants to see a first boot happen is not kept waiting.
 */
static int wait_up(struct lab *lab)
{
	struct lab_exec e = {.argv = (char *[]){(char *)"systemctl", (char *)"is-system-running",
						(char *)"--wait", NULL}};
	const struct options *o = lab->options;
	int status, r = loop_wait_ready(&lab->loop);

	if (r < 0 || o->kernel_only || o->first_boot || o->prepare)
		return r;
	return loop_run(&lab->loop, &e, (const int[]){-1, -1, -1}, &status);
}

static uint64_t boot_timeout_s(const struct lab *lab)
{
	return lab->options->boot_timeout_s ? lab->options->boot_timeout_s : BOOT_TIMEOUT_S;
}

/* As wait_up(), within the time of a boot: -EHOSTDOWN after it. That of the lab goes on. */
static int wait_up_in_time(struct lab *lab)
{
	const int64_t end_ms = lab->loop.deadline_ms;
	int r;

	loop_set_timeout(&lab->loop, boot_timeout_s(lab) * 1000);
	if (end_ms && end_ms < lab->loop.deadline_ms)
		lab->loop.deadline_ms = end_ms;
	r = wait_up(lab);
	if (r == -ETIMEDOUT && lab->loop.deadline_ms != end_ms)
		r = -EHOSTDOWN;
	lab->loop.deadline_ms = end_ms;
	return r;
}

/* The lines of the console are all that will ever be known of a guest that hung. */
static void print_console(struct lab *lab)
{
	if (!lab->started)
		return;
	guest_kill(&lab->guest);
	fprintf(stderr, "lab-run: the last lines of the console:\n");
	guest_print_console(&lab->guest, stderr, CONSOLE_LINES);
}

/* Whether the start failed through the emulator; that is said. */
static bool emulator_failed(struct lab *lab, int r)
{
	if (r == -EHOSTDOWN) {
		fprintf(stderr, "lab-run: the guest hung in its boot; starting it again\n");
		print_console(lab);
		return true;
	}
	if (r != -ECONNRESET || !emulator_crashed(lab))
		return false;
	fprintf(stderr, "lab-run: the emulator crashed before the guest was up; "
			"starting it again\n");
	return true;
}

static int start_until_up(struct lab *lab, struct qemu_setup *setup)
{
	for (int left = STARTS_MAX;; left--) {
		int r = start_guest(lab, setup);

		if (r < 0)
			return r;
		lab->started = true;
		lab->loop.lost = false;
		r = wait_up_in_time(lab);
		/* A disk that keeps what is written must not see two beginnings. */
		if (r == 0 || left == 1 || options_keep_writes(lab->options) ||
		    !emulator_failed(lab, r))
			return r;
		relay_drop_clients(lab->relay);
		guest_deinit(&lab->guest);
		lab->started = false;
	}
}

int lab_start(struct lab *lab, const struct option_drive *image)
{
	struct qemu_setup setup = {
		.options = lab->options,
		.kernel = lab->artifacts.kernel,
		.initramfs = image->file ? NULL : lab->artifacts.initramfs,
		.rig = lab->options->rig ? lab->artifacts.rig : NULL,
		.image = *image,
	};
	int r = require_artifacts(lab, image);

	if (r == 0)
		r = claim_name(lab);
	if (r == 0)
		r = accel_choose(&lab->loop, lab->options, &lab->artifacts, lab->directory_fd,
				 &setup.kvm);
	if (r < 0)
		return r;
	loop_set_timeout(&lab->loop, lab->options->timeout_s * 1000);
	lab->loop.session = &lab->guest.session;
	lab->loop.poll = poll_lab;
	lab->loop.data = lab;
	return start_until_up(lab, &setup);
}

int lab_explain(struct lab *lab, int r)
{
	if (r == -EINTR && lab->loop.signal)
		return 128 + lab->loop.signal;
	if (r == -ETIMEDOUT) {
		fprintf(stderr, "lab-run: no end after %" PRIu64 " seconds\n",
			lab->options->timeout_s);
		print_console(lab);
		return LAB_STATUS_TIMEOUT;
	}
	if (r == -ECONNRESET)
		fprintf(stderr, "lab-run: the guest was killed\n");
	else if (r == -EHOSTDOWN)
		fprintf(stderr, "lab-run: the guest was not up after %" PRIu64 " seconds\n",
			boot_timeout_s(lab));
	else if (r == -EPROTO)
		fprintf(stderr, "lab-run: the guest broke the protocol\n");
	else if (r == -EPROTONOSUPPORT)
		fprintf(stderr, "lab-run: the guest's agent is of another version\n");
	else if (lab->started)
		fprintf(stderr, "lab-run: %s\n", strerror(-r));
	print_console(lab);
	return LAB_STATUS_KILLED;
}
