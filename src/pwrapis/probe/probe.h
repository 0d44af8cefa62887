/*
 * What the files of leonhard-pwrapis-probe share. It opens what takes a capability and hands it to
 * the daemon (pwrapis/probeproto.h); it reads nothing that the daemon sends.
 */
#ifndef PWRAPIS_PROBE_PROBE_H
#define PWRAPIS_PROBE_PROBE_H

#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

#include "base/daemon.h"
#include "pwrapis/probe/ends.h"
#include "pwrapis/probeproto.h"

/* A message and the descriptors that go with it, which belong to whoever has it. */
struct parcel {
	struct probe_message message;
	int fds[PROBE_FDS_MAX];
	unsigned fd_count;
};

struct probe {
	struct daemon *daemon;
	uid_t client_uid;
	int listen_fd, client_fd; /* -1: none */
	uv_poll_t listener, client;
	bool watching; /* the listener's handle is there */
	/* Of the connection. */
	bool on_line[PROBE_CPUS_MAX];
	unsigned next_cpu;
	enum probe_kind next; /* PROBE_KINDS: all is sent */
	struct parcel parcel; /* the one that the socket has not taken yet */
	struct ends *ends; /* NULL: not loaded */
};

/* serve.c */
int serve_watch(struct probe *p);
void serve_stop(struct probe *p);

/* counters.c: fails with an errno when there is not even a first counter. */
int counters_open(unsigned cpu, struct parcel *parcel);
/* Which processors are on line; none that has a number over the bound. */
int counters_processors(int root_fd, bool on_line[PROBE_CPUS_MAX]);

/* pressure.c */
int pressure_open(int root_fd, int *ret_fd);

#endif
