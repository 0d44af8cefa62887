/*
 * What every daemon does the same way around its loop; see daemon.h.
 */
#include "base/daemon.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/sandbox.h"
#include "base/str.h"
#include "base/time.h"

enum { EXIT_USAGE = 2 };

static const char usage[] =
	"Usage: %1$s [--root=DIR] [--log-level=LEVEL]\n"
	"       %1$s --check | --print-conf=man|example\n"
	"       %1$s --help | --version\n"
	"\n"
	"%2$s\n"
	"\n"
	"  --root=DIR           every path of the machine is looked up below DIR\n"
	"  --log-level=LEVEL    error, warning, notice, info or debug (info)\n"
	"  --check              validate the configuration and exit\n"
	"  --print-conf=man     the settings, as a section of a manual page\n"
	"  --print-conf=example the settings, as a file with every default\n"
	"  --help, --version\n"
	"\n"
	"SIGHUP reloads the configuration, SIGTERM and SIGINT end the daemon.\n"
	"\n"
	"Examples:\n"
	"  %1$s --check\n"
	"  %1$s --root=/srv/test --log-level=debug\n";

struct options {
	const char *root;
	enum log_level level;
	bool check;
	int (*print)(const struct conf_table *t, FILE *f);
	const char *show; /* "help" or "version" */
};

typedef int (*option_fn)(struct options *o, const char *argument);

static int take_root(struct options *o, const char *argument)
{
	o->root = argument;
	return *argument ? 0 : -EINVAL;
}

static int take_level(struct options *o, const char *argument)
{
	return log_level_parse(argument, &o->level);
}

static int take_check(struct options *o, const char *argument)
{
	o->check = true;
	return 0;
}

static int take_print(struct options *o, const char *argument)
{
	if (str_equal(argument, "man"))
		o->print = conf_print_man;
	else if (str_equal(argument, "example"))
		o->print = conf_print_example;
	else
		return -EINVAL;
	return 0;
}

static int take_help(struct options *o, const char *argument)
{
	o->show = "help";
	return 0;
}

static int take_version(struct options *o, const char *argument)
{
	o->show = "version";
	return 0;
}

/* What getopt returns for an option is its place in these two. */
static const struct option options[] = {
	{"root", required_argument, NULL, 0},
	{"log-level", required_argument, NULL, 1},
	{"check", no_argument, NULL, 2},
	{"print-conf", required_argument, NULL, 3},
	{"help", no_argument, NULL, 4},
	{"version", no_argument, NULL, 5},
	{},
};
static const struct {
	option_fn take;
	const char *wants;
} takers[] = {
	{take_root, "a folder"}, {take_level, "error, warning, notice, info or debug"},
	{take_check, NULL},	 {take_print, "man or example"},
	{take_help, NULL},	 {take_version, NULL},
};

/* One line that says what is wrong, and where to find what is right. */
__attribute__((format(printf, 2, 3))) static int refuse(const char *program, const char *format,
							...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	log_error("%s; see %s --help", text, program);
	return -EINVAL;
}

static int parse_options(const char *program, int argc, char **argv, struct options *o)
{
	int c;

	opterr = 0;
	/* No permutation: what is at optind is what the next call looks at. */
	for (int at = optind; (c = getopt_long(argc, argv, "+:", options, NULL)) >= 0;
	     at = optind) {
		if (c == '?')
			return refuse(program, "wrong option '%s'", argv[at]);
		if (c == ':')
			return refuse(program, "--%s wants %s", options[optopt].name,
				      takers[optopt].wants);
		if (takers[c].take(o, optarg) < 0)
			return refuse(program, "--%s wants %s, not '%s'", options[c].name,
				      takers[c].wants, optarg);
	}
	if (optind < argc)
		return refuse(program, "'%s' is not an option", argv[optind]);
	return 0;
}

static int show(const struct daemon_ops *ops, const char *program, const char *what)
{
	if (str_equal(what, "help"))
		printf(usage, program, ops->summary);
	else
		printf("%s %s\n", program, DAEMON_VERSION);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Logs what is wrong, after @what. */
static int load(struct daemon *d, void *ret_conf, const char *what)
{
	_cleanup_free_ char *problem = NULL;
	int r = conf_load(d->ops->conf, d->root_fd, ret_conf, &problem);

	if (r < 0)
		log_error("%s%s", what, problem ? problem : strerror(-r));
	return r;
}

static void tell(int (*notify)(void))
{
	int r = notify();

	if (r < 0)
		log_warning("cannot notify the service manager: %s", strerror(-r));
}

/* The old configuration is freed only when nobody looks at it any more. */
static void take_conf(struct daemon *d, void *fresh)
{
	_cleanup_free_ void *old = d->conf;

	d->conf = fresh;
	d->ops->reload(d, old);
	conf_deinit(d->ops->conf, old);
	log_notice("the configuration is reloaded");
}

static void reload(struct daemon *d)
{
	_cleanup_free_ void *fresh = malloc(d->ops->conf->size);

	if (!fresh) {
		log_error("the configuration stays as it was: %s", strerror(ENOMEM));
	} else if (load(d, fresh, "the configuration stays as it was: ") < 0) {
		return;
	} else if (d->ops->reload) {
		take_conf(d, take_ptr(fresh));
	} else {
		conf_deinit(d->ops->conf, fresh);
		log_notice("the configuration is valid, and takes effect with a restart");
	}
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *d = handle->data;

	if (number != SIGHUP) {
		daemon_exit(d, 0);
		return;
	}
	tell(notify_reloading);
	reload(d);
	if (!d->stopping)
		tell(notify_ready);
}

static int ping(void)
{
	return notify_send("WATCHDOG=1");
}

static void on_watchdog(uv_timer_t *handle)
{
	tell(ping);
}

/* Without a watchdog the timer never runs. */
static int start_watchdog(struct daemon *d)
{
	uint64_t ns = notify_watchdog_interval_ns();
	uint64_t ms = ns && ns < NS_PER_MS ? 1 : ns / NS_PER_MS;

	uv_timer_init(&d->loop, &d->watchdog);
	return ms ? uv_timer_start(&d->watchdog, on_watchdog, ms, ms) : 0;
}

static int watch_signal(struct daemon *d, uv_signal_t *handle, int number)
{
	int r = uv_signal_init(&d->loop, handle);

	if (r < 0)
		return r;
	handle->data = d;
	d->signal_count++;
	return uv_signal_start(handle, on_signal, number);
}

static int watch_signals(struct daemon *d)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	int r = 0;

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(numbers) && r == 0; i++)
		r = watch_signal(d, &d->signals[i], numbers[i]);
	return r;
}

int daemon_confine_to(const struct daemon *d, const struct sandbox *sandbox)
{
	struct sandbox own = *sandbox;
	const char *missing;
	int r;

	own.root = d->root;
	own.user = d->root ? NULL : sandbox->user;
	/* A test may be told that we are ready by a socket of that kind; systemd has a path. */
	own.no_abstract = sandbox->no_abstract && !d->root;
	r = sandbox_enter(&own, &missing);
	if (r == -ESRCH)
		log_error("there is no user %s; systemd-sysusers makes it", sandbox->user);
	else if (r < 0)
		log_error_errno(r, "cannot give up privileges");
	else if (missing)
		log_info("confined as far as the kernel can: it has no %s", missing);
	return r;
}

int daemon_confine(const struct daemon *d, const char *user, const char *const *read_paths,
		   const char *const *write_paths)
{
	const struct sandbox sandbox = {
		.user = user,
		.read_paths = read_paths,
		.write_paths = write_paths,
	};

	return daemon_confine_to(d, &sandbox);
}

void daemon_exit(struct daemon *d, int r)
{
	if (r < 0)
		d->status = EXIT_FAILURE;
	if (d->stopping)
		return;
	d->stopping = true;
	tell(notify_stopping);
	/* From here on a second signal ends the process at once. */
	for (unsigned i = 0; i < d->signal_count; i++)
		uv_close((uv_handle_t *)&d->signals[i], NULL);
	uv_close((uv_handle_t *)&d->watchdog, NULL);
	if (d->started)
		d->ops->stop(d);
}

/* From the loop's first handle to its last. */
static void run(struct daemon *d)
{
	int r = start_watchdog(d);

	if (r == 0)
		r = watch_signals(d);
	if (r < 0) {
		log_error_errno(r, "cannot watch for signals");
	} else {
		d->started = true;
		r = d->ops->start(d);
	}
	if (r < 0)
		daemon_exit(d, r);
	else if (!d->stopping)
		tell(notify_ready);
	uv_run(&d->loop, UV_RUN_DEFAULT);
}

static int run_loop(struct daemon *d)
{
	int r = uv_loop_init(&d->loop);

	if (r < 0) {
		log_error_errno(r, "cannot set up the event loop");
		return EXIT_FAILURE;
	}
	run(d);
	if (uv_loop_close(&d->loop) == 0)
		return d->status;
	log_error("a handle is still open at the end");
	return EXIT_FAILURE;
}

static int run_with_conf(struct daemon *d, bool check)
{
	int status;

	d->conf = malloc(d->ops->conf->size);
	if (!d->conf) {
		log_error_errno(-ENOMEM, "cannot start");
		return EXIT_FAILURE;
	}
	if (load(d, d->conf, "") < 0) {
		free(d->conf);
		return EXIT_FAILURE;
	}
	if (!check)
		status = run_loop(d);
	else if (puts("configuration is valid") < 0 || fflush(stdout))
		status = EXIT_FAILURE;
	else
		status = EXIT_SUCCESS;
	conf_deinit(d->ops->conf, d->conf);
	free(d->conf);
	return status;
}

static int run_in_root(struct daemon *d, bool check)
{
	_cleanup_close_ int root_fd = -1;
	int r = fs_open_root(d->root, &root_fd);

	if (r < 0) {
		log_error_errno(r, "cannot open the root %s", d->root ? d->root : "/");
		return EXIT_FAILURE;
	}
	d->root_fd = root_fd;
	return run_with_conf(d, check);
}

int daemon_main(const struct daemon_ops *ops, void *data, int argc, char **argv)
{
	struct options o = {.level = LOG_LEVEL_INFO};
	struct daemon d = {.ops = ops, .data = data};
	static char program[64]; /* the log keeps it */

	if (io_open_streams() < 0)
		return EXIT_FAILURE;
	snprintf(program, sizeof(program), "leonhard-%s", ops->name);
	log_init(program);
	if (parse_options(program, argc, argv, &o) < 0)
		return EXIT_USAGE;
	if (o.show)
		return show(ops, program, o.show);
	if (o.print)
		return o.print(ops->conf, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	log_set_level(o.level);
	d.root = o.root;
	return run_in_root(&d, o.check);
}
