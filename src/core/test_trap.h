/*
 * For tests of core: does a call stop, as it should for a bug of the caller?
 */
#ifndef CORE_TEST_TRAP_H
#define CORE_TEST_TRAP_H

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/def.h"

/* Whether @fn ends its process, a child of this one, by the trap of core_assert(). */
static inline bool traps(void (*fn)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		/* Neither cmocka's handlers nor those of the sanitizers. */
		signal(SIGILL, SIG_DFL);
		signal(SIGTRAP, SIG_DFL);
		setrlimit(RLIMIT_CORE, &(struct rlimit){});
		fn();
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
	       (WTERMSIG(status) == SIGILL || WTERMSIG(status) == SIGTRAP);
}

#endif
