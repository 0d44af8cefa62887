/*
 * How many processors are used: light load is packed onto few of them, and gets more as soon as it
 * needs them. Arithmetic alone: time and what was seen are handed in.
 *
 * Processors have an order (topology.h), and so many of its beginning are active: the span. Spans
 *are where a group ends of a level that is a step. Two looks decide:
 *
 *	slow	after each interval, of the usage of the active ones in it:
 *			usage >= threshold			the next wider span
 *			usage * (span / lower + 1) < threshold	the lowest such lower span
 *	fast	at a sign of pressure, and some 50 ms after another while there is any: tasks wait
 *for an active processor, and they are all busy: twice the span, or one for each task
 *
 * The second rule of the slow look leaves room, so that what it has packed is below the threshold
 * afterwards; so a steady load settles. A load that comes and goes would be packed and unpacked for
 * ever: after each widening nothing is packed for a while, which doubles each time that it comes
 *soon after a packing, up to a minute.
 */
#ifndef PWRAPIS_SCHED_WATT_H
#define PWRAPIS_SCHED_WATT_H

#include <stdint.h>

#include "pwrapis/sched/topology.h"

enum {
	WATT_THRESHOLD_PERCENT = 85,
	WATT_INTERVAL_MS = 2000,
	WATT_LOOK_MS = 50, /* between two fast looks */
	WATT_BUSY_MS = 500, /* fast looks go on for so long after the last pressure */
	WATT_HOLD_MS = 4000, /* the shortest, and the longest time without packing */
	WATT_HOLD_MAX_MS = 60000,
};

struct watt_attrs {
	unsigned threshold_percent; /* 1 to 100 */
	unsigned mask; /* a bit for each level that is a step, 1 << TOPOLOGY_CORE; 0: all of them */
	uint64_t interval_ns;
};

/* Why the span is what it is. */
enum watt_reason {
	WATT_STARTED, /* all, until it is known what they do */
	WATT_BUSY, /* the slow look: over the threshold */
	WATT_ESCAPED, /* the fast look: tasks waited */
	WATT_PACKED, /* the slow look: fewer are enough */
	WATT_HOTPLUG, /* processors have come or gone */
	WATT_REASONS,
};

struct watt {
	struct watt_attrs attrs;
	const struct topology *topology; /* borrowed */
	unsigned count; /* of processors */
	unsigned span; /* of these, the active ones: 1 to count */
	enum watt_reason reason;
	uint64_t looked_ns; /* the last slow look, or the start */
	uint64_t packed_ns; /* the last packing */
	bool fresh; /* nothing was widened since */
	uint64_t hold_ns, hold_until_ns;
	uint64_t busy_until_ns; /* fast looks are wanted */
	uint64_t change_count;
};

/* All are active. */
void watt_start(struct watt *w, const struct topology *t, const struct watt_attrs *attrs,
		uint64_t now_ns);
/* Processors came or went, or are ordered otherwise: as many are active as before, at least. */
void watt_move(struct watt *w, const struct topology *t);

/* Whether a slow look is due, with the usage since the last one: 0 to 1, of the active ones. */
bool watt_is_due(const struct watt *w, uint64_t now_ns);
/* Both: whether the span is another one now. @usage is of the active ones since the last look of
 * its kind; @runnable counts tasks that run or wait. */
bool watt_slow(struct watt *w, uint64_t now_ns, double usage);
bool watt_fast(struct watt *w, uint64_t now_ns, double usage, unsigned runnable);

/* There is pressure, it was said: tasks have waited lately, even if usage does not show it. */
bool watt_pressed(struct watt *w, uint64_t now_ns, unsigned runnable);

/* Fewer than all are active. */
bool watt_is_packed(const struct watt *w);
/* There was pressure a short while ago: it is looked at again soon. */
bool watt_is_busy(const struct watt *w, uint64_t now_ns);

/* A few words for people. */
const char *watt_reason_text(enum watt_reason reason);

#endif
