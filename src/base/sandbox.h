/*
 * Giving up what a daemon does not need, just before its loop: what its unit file does from
 * outside, again from inside, so that a daemon started from a shell is confined too.
 *
 * It binds the calling thread and all threads and programs that it starts from then on: a daemon
 * calls it while it has no other thread.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

struct sandbox {
	const char *user; /* become this user, when root; NULL: stay */
	const char *root; /* the paths below are below it, as of --root; NULL: the machine's own */
	/*
	 * NULL-terminated absolute paths: what is there and below may be read, or read and written.
	 * Everything else cannot be opened, and nothing can be executed (Landlock, where the kernel
	 * has it). Both NULL: no limit. A path that does not exist is skipped. Descriptors that are
	 * open already, and sockets that are connected to by a path, are not concerned.
	 */
	const char *const *read_paths;
	const char *const *write_paths;
	/*
	 * Else no new socket but Unix and netlink ones: socket(2) fails with EAFNOSUPPORT (seccomp;
	 * Landlock knows TCP only). io_uring, by which a socket could be had too, is not there
	 * then. What is open stays.
	 */
	bool keep_network;
	/* Capabilities that stay, a bit of each by its number (1 << CAP_BPF), as far as they are
	 * there. No program that is executed gets them. */
	uint64_t keep_capabilities;
	/* The only requests that ioctl(2) takes then, 0 at the end; of any other it says ENOTTY
	 * (seccomp). At most 32. NULL: no limit. */
	const uint32_t *ioctls;
	/* Unix sockets of others whose names are not paths cannot be connected to (Landlock, from
	 * Linux 6.12 on). Only where there is a limit of paths. */
	bool no_abstract;
};

/*
 * In this order: core dumps off, supplementary groups, gid and uid of @user, all capabilities
 * dropped but those that stay, and none to come back (bounding set, no_new_privs), Landlock, the
 * filters of sockets and of requests. A
 * step that the kernel cannot do is left out, and *@ret_missing is a static text that names what
 * the kernel lacks ("Landlock"), else NULL; a step that fails fails the call, and the caller must
 * not go on.
 * -ESRCH when there is no such user.
 */
int sandbox_enter(const struct sandbox *s, const char **ret_missing);

#endif
