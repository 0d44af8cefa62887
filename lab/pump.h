/*
 * One command in the guest, its three channels joined to three descriptors of the host.
 *
 * The descriptors may be anybody's: they are neither made non-blocking nor written to in pieces
 * that could block, so one that is never read holds up its own channel only.
 */
#ifndef LAB_PUMP_H
#define LAB_PUMP_H

#include <sys/types.h>

#include "lab/session.h"

struct pump {
	struct session *session; /* borrowed */
	struct stream *stream; /* the session's; NULL before the start and after the exit */
	int fds[LAB_CHANNEL_COUNT]; /* owned; -1 when closed */
	bool regular[LAB_CHANNEL_COUNT];
	struct queue out[LAB_CHANNEL_COUNT];
	uint32_t owed[LAB_CHANNEL_COUNT];
	bool exited;
	uint32_t exit_kind, exit_value;
};

/* Starts @e. @fds are taken: 0 is read from, 1 and 2 are written to, -1 is nothing. */
int pump_start(struct pump *p, struct session *s, const struct lab_exec *e,
	       const int fds[LAB_CHANNEL_COUNT]);
void pump_deinit(struct pump *p);

/* Whether the command has ended and everything it said has been written. */
bool pump_done(const struct pump *p);

/* As a shell's: the exit status, 128 + a signal, 127 for no such command, 126 for no start. */
int pump_status(const struct pump *p);

void pump_poll(struct pump *p, struct pollset *ps);

#endif
