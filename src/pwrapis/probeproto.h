/*
 * Between leonhard-pwrapis and leonhard-pwrapis-probe, which opens what only a capability opens and
 * hands the descriptors over: messages of fixed size on a SOCK_SEQPACKET socket, of one direction.
 *
 * To connect is to ask: the probe opens everything anew and sends it, in this order: a message of
 * each processor on line, one of the pressure, one of the ends, one that says that this was all.
 * Each has its descriptors with it, or an error and none. The probe reads nothing from the socket;
 * whoever wants to ask again (processors have come or gone) connects again. The program that tells
 * of ends is in the kernel as long as the connection lasts; all else lives as long as its
 * descriptors.
 *
 * Numbers are those of the machine, in its byte order: both ends are of one package.
 */
#ifndef PWRAPIS_PROBEPROTO_H
#define PWRAPIS_PROBEPROTO_H

#include <stddef.h>
#include <stdint.h>

#include "pwrapis/endrecord.h"

#define PROBE_SOCKET_PATH "/run/leonhard/pwrapis-probe"

enum {
	PROBE_MAGIC = 0x4c50524f, /* "LPRO" */
	PROBE_CPUS_MAX = 512, /* processors with higher numbers are left out */
	PROBE_FDS_MAX = 4, /* of a message */
	PROBE_RING_BYTES = 512 * 1024,
};

enum probe_kind {
	PROBE_COUNTERS = 1, /* of the processor @cpu */
	PROBE_PRESSURE, /* a PSI trigger: readable with priority (POLLPRI) when it fires */
	PROBE_ENDS, /* the map of a BPF ring buffer of @bytes, with records of struct probe_end */
	PROBE_COMPLETE, /* no descriptor */
	PROBE_KINDS,
};

/* "some" of /proc/pressure/cpu: so long within so long. */
enum { PROBE_PRESSURE_STALL_US = 20000, PROBE_PRESSURE_WINDOW_US = 500000 };

/* What a processor's counters count, in the order of their descriptors. */
enum probe_counter {
	PROBE_CYCLES,
	PROBE_INSTRUCTIONS,
	PROBE_LLC_REFERENCES, /* to the last cache */
	PROBE_LLC_MISSES,
	PROBE_COUNTER_KINDS,
};

enum probe_flag {
	PROBE_INJECTED = 1, /* a test's: nothing of this was counted by hardware */
};

struct probe_message {
	uint32_t magic;
	uint16_t kind;
	uint16_t flags;
	int32_t error; /* 0, or a negative errno: then there are no descriptors */
	uint32_t cpu;
	uint32_t counters; /* bits of enum probe_counter: those that there are */
	uint32_t bytes;
};

_Static_assert(sizeof(struct probe_message) == 24, "both halves mean one message");

/*
 * What a read of the first descriptor of a processor gives: perf_event_open(2) with
 * PERF_FORMAT_GROUP and both times. The numbers are of the counters that there are, in their order.
 * The further descriptors are only kept: closed, their counter leaves the group.
 */
struct probe_counts {
	uint64_t count;
	uint64_t enabled_ns, running_ns;
	uint64_t numbers[PROBE_COUNTER_KINDS];
};

#endif
