/*
 * lab-run: runs a command as root in a fresh QEMU guest. README.md tells the whole of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/def.h"
#include "base/io.h"
#include "lab/accel.h"
#include "lab/copy.h"
#include "lab/lab.h"

enum { POWEROFF_MS = 30000 };

/* @r as of copy.h. The guest itself is explained only when the copy failed through it. */
static int explain_copy(struct lab *lab, const struct option_copy *c, int r)
{
	if (r == 0)
		return 0;
	if (r == -ECONNRESET || r == -EPROTO || r == -ETIMEDOUT || r == -EINTR)
		return lab_explain(lab, r);
	fprintf(stderr, "lab-run: copying %s to %s: %s\n", c->source, c->dest,
		r < 0 ? strerror(-r) : "tar failed");
	return LAB_STATUS_KILLED;
}

static int copy_all_in(struct lab *lab)
{
	const struct options *o = lab->options;
	int status = 0;

	for (size_t i = 0; status == 0 && i < o->in_count; i++)
		status = explain_copy(lab, &o->in[i],
				      copy_in(&lab->loop, o->in[i].source, o->in[i].dest));
	return status;
}

/* Also after a command that failed, whose results say why. Its status is kept. */
static int copy_all_out(struct lab *lab, int status)
{
	const struct options *o = lab->options;

	for (size_t i = 0; i < o->out_count; i++) {
		int r = explain_copy(lab, &o->out[i],
				     copy_out(&lab->loop, o->out[i].source, o->out[i].dest));

		if (status == 0)
			status = r;
	}
	return status;
}

static int run_command(struct lab *lab)
{
	struct lab_exec e = {.argv = lab->options->command};
	int fds[LAB_CHANNEL_COUNT], status, r;

	for (int c = 0; c < LAB_CHANNEL_COUNT; c++)
		fds[c] = fcntl(c, F_DUPFD_CLOEXEC, 3);
	r = loop_run(&lab->loop, &e, fds, &status);
	if (r < 0)
		return lab_explain(lab, r);
	if (status == 127 || status == 126)
		fprintf(stderr, "lab-run: %s: status %d\n", *e.argv, status);
	return status;
}

/* A guest is thrown away, unless a file of the host is to keep what it wrote. */
static void let_go(struct lab *lab)
{
	if (!options_keep_writes(lab->options) || lab->loop.lost)
		return;
	loop_set_timeout(&lab->loop, POWEROFF_MS);
	if (link_send(&lab->guest.session.link, LAB_POWEROFF, 0, 0, NULL, 0) == 0)
		loop_wait_gone(&lab->loop);
	if (lab->loop.lost)
		guest_wait(&lab->guest, POWEROFF_MS);
}

static int run_in_guest(struct lab *lab)
{
	const struct options *o = lab->options;
	struct option_drive image = {.format = "qcow2"};
	int status, r;

	if (o->first_boot)
		image = (struct option_drive){.file = lab->artifacts.image, .format = "raw"};
	else if (!o->kernel_only)
		image.file = lab->artifacts.disk;
	r = lab_start(lab, &image);
	if (r < 0)
		return lab_explain(lab, r);
	status = copy_all_in(lab);
	if (status == 0) {
		status = run_command(lab);
		if (!lab->loop.lost)
			status = copy_all_out(lab, status);
	}
	let_go(lab);
	return status;
}

static int probe(struct lab *lab)
{
	int r = accel_probe(&lab->loop, &lab->artifacts);

	if (r == -EINTR)
		return 128 + lab->loop.signal;
	fprintf(stderr, "lab-run: guests %s under KVM here\n", r == 0 ? "run" : "do not run");
	return r == 0 ? 0 : 1;
}

static int run(const struct options *o)
{
	_cleanup_(lab_deinit) struct lab lab;
	int r = lab_init(&lab, o);

	if (r < 0) {
		fprintf(stderr, "lab-run: %s\n", strerror(-r));
		return LAB_STATUS_KILLED;
	}
	if (o->probe_kvm)
		return probe(&lab);
	return o->prepare ? lab_prepare(&lab) : run_in_guest(&lab);
}

int main(int argc, char **argv)
{
	_cleanup_(options_deinit) struct options o;
	_cleanup_free_ char *problem = NULL;

	if (io_open_streams() < 0)
		return LAB_STATUS_KILLED;
	if (options_parse(&o, argc, argv, &problem) < 0) {
		fprintf(stderr, "lab-run: %s; see lab-run --help\n",
			problem ? problem : "out of memory");
		return LAB_STATUS_USAGE;
	}
	if (o.help) {
		options_usage();
		return 0;
	}
	return run(&o);
}
