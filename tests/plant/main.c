/*
 * plant: a machine's power files, served by a model of one; see README.md.
 *
 * One thread and one loop: requests of FUSE, signals, and a tick with which the model goes on while
 * nobody asks. All that it prints says "simulated plant".
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"
#include "base/time.h"
#include "mount.h"
#include "options.h"

enum {
	TICK_MS = 20,
	FAULTS_TEXT_MAX = 64 * 1024,
	LOG_EVERY_NS = 100 * 1000 * 1000,
	LOG_SCALE = 10
};

static int complain(int r, const char *what, const char *name)
{
	fprintf(stderr, "simulated plant: %s %s: %s\n", what, name, strerror(-r));
	return r;
}

static int read_faults(struct plant *p, const char *spec)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (!spec)
		return 0;
	if (*spec == '@')
		r = io_read_file(AT_FDCWD, spec + 1, FAULTS_TEXT_MAX, &text, NULL);
	else
		r = (text = strdup(spec)) ? 0 : -ENOMEM;
	if (r == 0)
		r = faults_parse(text, p->model.now_ns, &p->faults);
	if (r < 0)
		return complain(r, "faults", spec);
	printf("simulated plant: %u faults\n", p->faults.count);
	return 0;
}

static int open_log(struct plant *p, const char *name)
{
	_cleanup_close_ int fd = -1;

	if (!name)
		return 0;
	fd = strcmp(name, "-") == 0 ? dup(STDOUT_FILENO)
				    : open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return complain(-errno, "log", name);
	p->log = fdopen(fd, "w");
	if (!p->log)
		return -ENOMEM;
	take_fd(&fd);
	setlinebuf(p->log);
	p->log_every_ns = LOG_EVERY_NS * (p->scale > LOG_SCALE ? p->scale / LOG_SCALE : 1);
	return 0;
}

static int open_load(struct plant *p, const char *what)
{
	unsigned line;
	int r = what ? load_open(what, p->model.shape.cpus, &p->load, &line) : 0;

	if (r < 0 && line)
		fprintf(stderr, "simulated plant: %s: line %u is no load\n", what, line);
	else if (r < 0)
		complain(r, "load", what);
	return r;
}

static int add_throttles(struct plant *p, const struct options *o)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < o->throttle_count; i++) {
		r = throttle_add(&p->throttle, o->throttles[i], o->shape.cpus);
		if (r < 0)
			complain(r, "throttle", o->throttles[i]);
	}
	return r;
}

static int start(struct plant *p, struct options *o)
{
	int r;

	if (!o->seeded && getrandom(&o->shape.seed, sizeof(o->shape.seed), 0) < 0)
		return -errno;
	p->meters = o->meters;
	p->psys = o->psys;
	p->scale = o->scale;
	r = model_init(&p->model, &o->shape);
	if (r < 0)
		return complain(r, "processors", "do not divide into packages and policies");
	r = open_load(p, o->load);
	if (r == 0)
		r = read_faults(p, o->faults);
	if (r == 0)
		r = add_throttles(p, o);
	return r < 0 ? r : open_log(p, o->log);
}

static int run_steps(struct plant *p, double seconds)
{
	truth_begin(p);
	plant_run(p, (uint64_t)(seconds * NS_PER_S));
	truth_end(p, p->model.now_ns);
	return 0;
}

static int open_signals(sigset_t *set)
{
	int fd;

	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/* 1 to end. */
static int take_signal(struct plant *p, int fd, const char *faults)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (info.ssi_signo != SIGHUP)
		return 1;
	plant_catch_up(p, time_now_ns(CLOCK_MONOTONIC));
	/* A schedule that is wrong leaves the old one. */
	read_faults(p, faults);
	fflush(stdout);
	return 0;
}

static int serve(struct plant *p, struct mount *m, int signals, const char *faults)
{
	struct pollfd fds[] = {{.fd = mount_fd(m), .events = POLLIN},
			       {.fd = signals, .events = POLLIN}};
	int r = 0;

	while (r == 0) {
		int late = mount_late(m);

		if (poll(fds, 2, late >= 0 && late < TICK_MS ? late : TICK_MS) < 0)
			return errno == EINTR ? 0 : -errno;
		plant_catch_up(p, time_now_ns(CLOCK_MONOTONIC));
		if (fds[0].revents)
			r = mount_serve(m);
		if (r == 0 && fds[1].revents)
			r = take_signal(p, signals, faults);
	}
	return r == 1 || r == -ENODEV ? 0 : r;
}

static int run_mounted(struct plant *p, const struct options *o)
{
	_cleanup_(tree_deinit) struct tree tree = {};
	_cleanup_(mount_free_p) struct mount *m = NULL;
	_cleanup_close_ int signals = -1;
	sigset_t set;
	int r;

	signals = open_signals(&set);
	if (signals < 0)
		return signals;
	r = tree_new(p, &tree);
	if (r == 0)
		r = mount_new(&tree, o->mountpoint, &m);
	if (r < 0)
		return complain(r, "mount", o->mountpoint);
	p->start_ns = time_now_ns(CLOCK_MONOTONIC);
	truth_begin(p);
	printf("simulated plant: %u processors at %s\n", o->shape.cpus, o->mountpoint);
	fflush(stdout);
	r = serve(p, m, signals, o->faults);
	truth_end(p, time_now_ns(CLOCK_MONOTONIC));
	return r < 0 ? complain(r, "serving", o->mountpoint) : 0;
}

int main(int argc, char **argv)
{
	_cleanup_(plant_deinit) struct plant plant = {};
	struct options options;
	int r = options_parse(argc, argv, &options);

	if (r != 0)
		return r > 0 ? EXIT_SUCCESS : 2;
	r = start(&plant, &options);
	if (r == 0)
		r = options.mountpoint ? run_mounted(&plant, &options)
				       : run_steps(&plant, options.steps_s);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
