/*
 * One attempt to log in, in a process of its own: PAM, and when it agrees the bridge of that user.
 */
#ifndef WEBD_ATTEMPT_H
#define WEBD_ATTEMPT_H

#include <stdbool.h>

#include "webd/loginproto.h"

struct attempt_verdict {
	uint32_t result; /* enum login_result */
	char user[LOGIN_USER_MAX]; /* the account's own name */
};

struct attempt_world {
	const char *pam_dir; /* instead of the machine's, or NULL */
	const char *root; /* for the bridge, or NULL */
	bool allow_root;
	int bridge_dir_fd; /* where the program leonhard-webd-bridge is */
};

/*
 * In a child of its own. Writes one verdict to @verdict_fd; when it is good, stays as long as the
 * bridge, whose socket is @bridge_fd, and then ends the session with PAM. Never returns.
 */
_Noreturn void attempt_run(const struct attempt_world *w, struct login_request *request,
			   int bridge_fd, int verdict_fd);

/* Whether every text of the record ends within its field, and none is empty. */
bool attempt_request_valid(const struct login_request *request);

#endif
