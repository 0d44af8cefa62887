/*
 * What every daemon does the same way around its loop: options, signals, readiness, watchdog.
 *
 *	--root=DIR	every path of the machine below DIR
 *	--check		validate the configuration and exit: 0, or 1 with the problem
 *	--log-level=L	error, warning, notice, info, debug
 *	--print-conf=man|example	for the build: the table as roff, or as a file
 *	--help, --version
 *
 * SIGTERM and SIGINT stop the loop, SIGHUP reloads: a configuration that does not load is logged,
 * and the old one stays. One thread; the loop is libuv's. The watchdog is fed from the loop itself,
 * so that a loop that hangs is seen; without a watchdog nothing here ever wakes the process up.
 * A standard stream that is missing is /dev/null.
 * Needs base_dep and daemon_dep (src/base/meson.build): base itself is free of libuv.
 */
#ifndef BASE_DAEMON_H
#define BASE_DAEMON_H

#include <stdbool.h>
#include <uv.h>

#include "base/conf.h"
#include "base/sandbox.h"

struct daemon;

struct daemon_ops {
	const char *name; /* "node": the program is leonhard-node */
	const char *summary; /* one line for --help */
	const struct conf_table *conf;
	/* Everything before the loop runs: sockets, files, sandbox. Logs its own failures. */
	int (*start)(struct daemon *d);
	/*
	 * A new configuration is in d->conf; @old is freed afterwards. May be NULL: then a new
	 * configuration is only validated, and a restart applies it.
	 */
	void (*reload)(struct daemon *d, const void *old);
	/*
	 * Closes every handle, so that the loop ends. Called once, also when start() has failed:
	 * then for what it had made until there.
	 */
	void (*stop)(struct daemon *d);
};

struct daemon {
	const struct daemon_ops *ops;
	uv_loop_t loop;
	const char *root; /* NULL: the machine's own */
	int root_fd;
	void *conf; /* ops->conf->size bytes */
	void *data; /* the daemon's own */
	/* owned by daemon.c */
	uv_signal_t signals[3];
	uv_timer_t watchdog;
	unsigned signal_count;
	bool started, stopping;
	int status;
};

/* The whole life of a daemon; what main() returns: 0, 1 failed, 2 wrong usage. */
int daemon_main(const struct daemon_ops *ops, void *data, int argc, char **argv);

/*
 * The end of start(): becomes @user and may open only what is at these paths (base/sandbox.h), and
 * logs what did not work. A folder that plays a machine is a test's, which runs as whoever it is.
 */
int daemon_confine(const struct daemon *d, const char *user, const char *const *read_paths,
		   const char *const *write_paths);
/* The same with more to it: @sandbox but for its root, which is the daemon's. */
int daemon_confine_to(const struct daemon *d, const struct sandbox *sandbox);

/* Ends the loop as a signal would; @r < 0 makes the exit status 1. */
void daemon_exit(struct daemon *d, int r);

#endif
