/*
 * A running guest: its QEMU, the session with its agent, and the last of what its console said.
 */
#ifndef LAB_GUEST_H
#define LAB_GUEST_H

#include <stdio.h>
#include <sys/types.h>

#include "lab/bmc.h"
#include "lab/qemu.h"
#include "lab/session.h"

enum { GUEST_CONSOLE_BYTES = 64 * 1024 };

struct guest {
	pid_t pid; /* of QEMU; 0 when there is none */
	struct session session;
	int console_fd, errors_fd; /* the serial console, and what QEMU itself says */
	int log_fd; /* --console, or -1 */
	int bmc_fd; /* --bmc, or -1 */
	struct bmc bmc;
	struct queue console; /* the last GUEST_CONSOLE_BYTES */
};

/* Starts QEMU. @setup gets its descriptors here. @log_fd is taken: the console's copy, or -1. */
int guest_start(struct guest *g, struct qemu_setup *setup, int log_fd);

/* Kills QEMU, if it still runs, and reads the rest of its console. */
void guest_kill(struct guest *g);

/* Waits until QEMU has ended by itself: its exit status as of spawn_wait(), or -ETIMEDOUT. */
int guest_wait(struct guest *g, int timeout_ms);

void guest_deinit(struct guest *g);

/* Adds the console and the board's controller; the session's link is added by the loop. */
void guest_poll(struct guest *g, struct pollset *ps);

/* Prints the last @lines of the console, with everything but text made visible. */
void guest_print_console(const struct guest *g, FILE *f, unsigned lines);

#endif
