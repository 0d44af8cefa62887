/*
 * The daemon's side of the probe (probeproto.h): the descriptors that it has handed over.
 *
 * There is a connection as long as somebody holds it. It begins with the next turn of the loop, and
 * when it is lost, with the next beat after a pause, which doubles up to a minute. After processors
 * have come or gone everything is asked for anew. What is sent is not trusted: a message that is
 * none ends the connection.
 *
 * Whoever is told of a change is told while the descriptors that go are still open, so that a poll
 * handle on one of them can be closed; when it returns, they are closed.
 */
#ifndef PWRAPIS_PROBED_H
#define PWRAPIS_PROBED_H

#include <stdbool.h>
#include <uv.h>

#include "pwrapis/probeproto.h"

enum {
	PROBED_LISTENERS_MAX = 4,
	PROBED_LIST_BYTES = 256,
	PROBED_PAUSE_MIN_MS = 1000,
	PROBED_PAUSE_MAX_MS = 60000,
};

struct probed_counters {
	int error; /* negative while there are none */
	uint16_t flags; /* enum probe_flag */
	uint32_t kinds; /* bits of enum probe_counter */
	int fds[PROBE_FDS_MAX]; /* -1: none */
};

/* What one connection has brought. */
struct probed_set {
	bool complete;
	struct probed_counters *cpus; /* PROBE_CPUS_MAX of them, or NULL; owned */
	unsigned cpu_count; /* behind the last one that was told of */
	int pressure_fd, pressure_error;
	int ends_fd, ends_error;
	uint32_t ends_bytes;
};

typedef void (*probed_fn)(void *data);

struct probed {
	uv_loop_t *loop;
	int root_fd; /* borrowed */
	uv_poll_t poll;
	int fd; /* -1: not connected */
	bool polling; /* the handle is not closed */
	bool closed; /* for good */
	unsigned hold_count;
	char on_line[PROBED_LIST_BYTES]; /* processors, when it was asked */
	uint64_t pause_ms, not_before_ms;
	struct probed_set set;
	struct {
		probed_fn fn;
		void *data;
	} listeners[PROBED_LISTENERS_MAX];
	unsigned listener_count;
};

void probed_init(struct probed *p, uv_loop_t *loop, int root_fd);
/* Before the loop ends. Nobody is told. */
void probed_close(struct probed *p);

/* @fn is called when descriptors have come or gone, until probed_close(). */
void probed_listen(struct probed *p, probed_fn fn, void *data);

/* Wants the descriptors, and connects; wants them no more. They count. */
void probed_hold(struct probed *p);
void probed_release(struct probed *p);
/* Once a second: connects again where that is due, or processors have come or gone. */
void probed_beat(struct probed *p);

/* The PSI trigger, borrowed; a negative errno while there is none: -ENOTCONN when the probe was not
 * asked or has not answered, else why it could not be had. Watch it for UV_PRIORITIZED. */
int probed_pressure_fd(const struct probed *p);
/* The map of the ring of ends, borrowed, the same way. */
int probed_ends_fd(const struct probed *p, uint32_t *ret_bytes);
/* Of a processor; NULL while nothing is known of it. */
const struct probed_counters *probed_counters(const struct probed *p, unsigned cpu);

#endif
