/*
 * leonhard-pwrapis: the half of the power API that talks. It has no power; README.md tells of its
 * other half.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "pwrapis/front.h"
#include "pwrapis/items.h"
#include "pwrapis/pwrapis.h"

static struct log_limit problems = {.interval_ns = UINT64_C(60000000000), .burst = 30};

static void on_problem(const char *text)
{
	log_limited(&problems, LOG_LEVEL_WARNING, "%s", text);
}

/* The machine may be read; nothing may be written but the name of the socket, at the end. */
static int confine(const struct pwrapis *p)
{
	static const char *const read_paths[] = {"/dev", "/etc", "/proc", "/run", "/sys", NULL};
	_cleanup_free_ char *folder = strdup(pwrapis_settings(p)->sock_file);
	const char *const write_paths[] = {folder, NULL};
	const struct sandbox sandbox = {
		.user = "leonhard-pwrapis",
		.read_paths = read_paths,
		.write_paths = write_paths,
		.no_abstract = true,
	};

	if (!folder)
		return log_error_errno(-ENOMEM, "cannot start");
	*strrchr(folder, '/') = '\0';
	return daemon_confine_to(p->daemon, &sandbox);
}

static int start(struct daemon *d)
{
	struct pwrapis *p = d->data;
	const char *missing;
	int r;

	p->daemon = d;
	r = items_init(&missing);
	if (r < 0)
		return log_error_errno(r, "there is no item %s", missing);
	r = machine_new(d->root_fd, &p->machine);
	if (r < 0)
		return log_error_errno(r, "cannot look the machine over");
	loop_init(p);
	link_init(&p->writer, &d->loop, d->root_fd,
		  pwrapis_settings(p)->writer_timeout_ns / 1000000, control_lost, p);
	who_init(&p->who, d->root_fd, on_problem);
	who_load(&p->who, pwrapis_settings(p));
	probed_init(&p->probed, &d->loop, d->root_fd);
	counting_init(&p->counting, &p->probed);
	attributing_init(p);
	r = sched_new(p, &p->sched);
	if (r < 0)
		return log_error_errno(r, "cannot look the processors over");
	beat_start(p);
	p->started = true;
	r = listener_open(p);
	if (r == 0)
		r = front_open(p);
	if (r == 0)
		r = rings_open(p);
	return r < 0 ? r : confine(p);
}

static void stop(struct daemon *d)
{
	struct pwrapis *p = d->data;
	struct session *s;

	p->stopping = true;
	if (!p->started)
		return;
	listener_close(p);
	front_close(p);
	rings_close(p);
	/* With the link, the other half puts everything back. */
	link_close(&p->writer);
	while ((s = list_first(&p->sessions, struct session, link)))
		session_close(s);
	sched_close(p->sched);
	beat_close(p);
	counting_close(&p->counting);
	attributing_close(p);
	probed_close(&p->probed);
	loop_close(p);
}

static void reload(struct daemon *d, const void *old)
{
	struct pwrapis *p = d->data;

	who_load(&p->who, pwrapis_settings(p));
}

static const struct daemon_ops ops = {
	.name = "pwrapis",
	.summary = "Tells programs what this machine says about power, and sets what they may.",
	.conf = &settings_table,
	.start = start,
	.reload = reload,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct pwrapis pwrapis;
	int status = daemon_main(&ops, &pwrapis, argc, argv);

	front_free(&pwrapis);
	rings_free(&pwrapis);
	sched_free(pwrapis.sched);
	who_deinit(&pwrapis.who);
	machine_free(pwrapis.machine);
	return status;
}
