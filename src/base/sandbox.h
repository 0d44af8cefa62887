/*
 * Giving up what a daemon does not need, just before its loop: what its unit file does from outside,
 * again from inside, so that a daemon started from a shell is confined too.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>

struct sandbox {
	const char *user; /* become this user, when root; NULL: stay */
	/* NULL-terminated absolute paths; everything else cannot be opened (Landlock, where the kernel
	 * has it). Both NULL: no limit. A path that does not exist is skipped. */
	const char *const *read_paths;
	const char *const *write_paths;
	bool keep_network; /* else no new INET socket; what is open stays */
};

/*
 * In this order: core dumps off, supplementary groups, gid and uid of @user, all capabilities
 * dropped and none to come back (bounding set, no_new_privs), Landlock. A step that the kernel
 * cannot do (Landlock on an old one) is left out and reported in *@ret_missing as a static text,
 * else NULL; a step that fails fails the call, and the caller must not go on.
 */
int sandbox_enter(const struct sandbox *s, const char **ret_missing);

#endif
