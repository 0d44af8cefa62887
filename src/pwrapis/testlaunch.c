/*
 * The privileged half for tests; see testlaunch.h.
 */
#include "pwrapis/testlaunch.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define SOCKET "run/leonhard/pwrapis-writer"

enum { HANG_MS = 30 * 1000, LOOK_MS = 10 };

static pid_t writer;

/* As testrun launches the other half. */
pid_t launch_writer(const struct testroot *t)
{
	char root[64];

	snprintf(root, sizeof(root), "--root=%s", t->path);
	unlink(SOCKET);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		unsetenv("NOTIFY_SOCKET");
		execl(getenv("TEST_WRITER"), "writer", root, (char *)NULL);
		_exit(127);
	}
	for (int ms = 0; access(SOCKET, F_OK) < 0; ms += LOOK_MS) {
		assert_true(ms < HANG_MS);
		usleep(LOOK_MS * 1000);
	}
	return writer;
}

void end_writer(int number)
{
	if (!writer)
		return;
	kill(writer, number);
	waitpid(writer, NULL, 0);
	writer = 0;
}
