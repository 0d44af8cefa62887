/*
 * Faults from a schedule: files that refuse, lie, or are not there for a while.
 *
 * A schedule is lines, or parts between ";": FROM-TO KIND PATTERN [MS]. FROM and TO are seconds of
 * the plant since the schedule was read; PATTERN is a shell pattern of paths in the tree, in which
 * "*" takes slashes, too ("*energy_uj"). Where several hold, the first counts.
 *
 *	ebusy, eio	reading and writing fail
 *	deaf	a write succeeds, and nothing happens
 *	stuck	what is read stays as it was read last
 *	vanish	the file or folder is not there; what is open fails with ENODEV
 *	slow	an answer takes MS milliseconds, 2,000 at most
 *	empty, garbage, zero, negative	what is read is that
 */
#ifndef PLANT_FAULTS_H
#define PLANT_FAULTS_H

#include <stdint.h>

enum fault_kind {
	FAULT_NONE,
	FAULT_EBUSY,
	FAULT_EIO,
	FAULT_DEAF,
	FAULT_STUCK,
	FAULT_VANISH,
	FAULT_SLOW,
	FAULT_EMPTY,
	FAULT_GARBAGE,
	FAULT_ZERO,
	FAULT_NEGATIVE,
};

enum { FAULTS_MAX = 64, FAULT_PATTERN_BYTES = 160, FAULT_SLOW_MAX_MS = 2000 };

struct fault {
	uint64_t from_ns, to_ns; /* of the plant */
	enum fault_kind kind;
	unsigned delay_ms;
	char pattern[FAULT_PATTERN_BYTES];
};

struct faults {
	struct fault list[FAULTS_MAX];
	unsigned count;
};

/* @now_ns: when it is read. Leaves @ret_faults alone with -EINVAL or -E2BIG. */
int faults_parse(const char *text, uint64_t now_ns, struct faults *ret_faults);
/* The fault of that path now; NULL for none. */
const struct fault *faults_find(const struct faults *f, const char *path, uint64_t now_ns);
/* What is read instead; NULL for kinds that do not make one. */
const char *fault_text(enum fault_kind kind);

#endif
