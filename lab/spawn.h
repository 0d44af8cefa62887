/*
 * Starting processes, in the guest and on the host.
 */
#ifndef LAB_SPAWN_H
#define LAB_SPAWN_H

#include <sys/types.h>

#include "lab/proto.h"

/*
 * Starts a guest's command as root in a session of its own, with pipes for its three channels.
 *
 * @ret_fds are our ends, non-blocking. Returns a negative errno also for what goes wrong in the
 * child up to its exec: ENOENT is a command that does not exist.
 */
int spawn_command(const struct lab_exec *e, int ret_fds[LAB_CHANNEL_COUNT], pid_t *ret_pid);

enum { SPAWN_KEEP_MAX = 4 };

/*
 * A helper of the host: QEMU, qemu-img, tar. It is killed when the caller dies, however the caller
 * dies. @stdio are the three standard descriptors, -1 for /dev/null; @keep are more descriptors
 * that it inherits under their own numbers, -1 for none.
 */
struct spawn_helper {
	const char *const *argv;
	int stdio[3];
	int keep[SPAWN_KEEP_MAX];
};

int spawn_helper(const struct spawn_helper *h, pid_t *ret_pid);

/* Waits for the end: the exit status, 128 + the signal, or a negative errno. */
int spawn_wait(pid_t pid);

#endif
