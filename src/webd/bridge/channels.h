/*
 * The channels of a bridge: each a connection to the socket of one service, made as the user whose
 * bridge it is, or to a child that looks up users (lookup.h). A channel that nobody reads holds
 * what its credit allows, and stops no other.
 */
#ifndef WEBD_CHANNELS_H
#define WEBD_CHANNELS_H

#include <poll.h>

#include "rpc/output.h"
#include "webd/frames.h"

struct channel_end {
	bool used;
	uint32_t number;
	int fd; /* -1: it has ended, and webd has been told */
	pid_t lookup; /* the child behind it; 0: a service */
	uint32_t credit; /* bytes that may still go to webd */
	size_t taken; /* bytes that webd has sent for the service */
	struct output to_service;
};

struct channels {
	const char *root; /* as of --root, or NULL */
	struct channel_end all[FRAMES_CHANNELS_MAX];
	struct output to_webd;
};

void channels_init(struct channels *c, const char *root);
void channels_deinit(struct channels *c);

/* Takes a frame of webd. -EPROTO for what webd never sends; -ENOMEM. */
int channels_take(struct channels *c, const struct frames_one *frame);

/* Fills in what to wait for, one entry a channel; those at rest have the descriptor -1. */
void channels_wait(const struct channels *c, struct pollfd fds[FRAMES_CHANNELS_MAX]);
/* Moves what can be moved. -ENOMEM. */
int channels_move(struct channels *c, const struct pollfd fds[FRAMES_CHANNELS_MAX]);

#endif
